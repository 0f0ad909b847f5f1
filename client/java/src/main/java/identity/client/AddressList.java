package identity.client;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.Status;
import io.grpc.StatusOr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Resolves a fixed list of addresses, for which gRPC has no scheme. Each name may have several IP addresses. */
final class AddressList extends NameResolverProvider {
  private static final String SCHEME = "identity-list";
  static final String TARGET = SCHEME + ":///";

  private record Address(String host, int port) {
    static Address parse(String text) {
      try {
        int colon = text.lastIndexOf(':');
        return new Address(text.substring(0, colon), Integer.parseUnsignedInt(text.substring(colon + 1)));
      } catch (IndexOutOfBoundsException | NumberFormatException e) {
        throw new IllegalArgumentException("not HOST:PORT: " + text, e);
      }
    }

    String authority() {
      return host + ":" + port;
    }

    EquivalentAddressGroup resolve(InetAddress ip) {
      // The certificate must be that of this host, not of the first one in the list.
      return new EquivalentAddressGroup(new InetSocketAddress(ip, port),
          Attributes.newBuilder().set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, authority()).build());
    }
  }

  private final List<Address> addresses;

  /** {@code text}: HOST:PORT,HOST:PORT,… */
  AddressList(String text) {
    addresses = Stream.of(text.split(",", -1)).map(String::strip).map(Address::parse).toList();
  }

  @Override
  public NameResolver newNameResolver(URI target, NameResolver.Args args) {
    return new NameResolver() {
      private Listener2 listener;

      @Override
      public String getServiceAuthority() {
        return addresses.get(0).authority();
      }

      @Override
      public void start(Listener2 listener) {
        this.listener = listener;
        refresh();
      }

      @Override
      public void refresh() {
        args.getOffloadExecutor().execute(() -> listener.onResult(
            ResolutionResult.newBuilder().setAddressesOrError(resolve()).build()));
      }

      @Override
      public void shutdown() {}
    };
  }

  private StatusOr<List<EquivalentAddressGroup>> resolve() {
    List<EquivalentAddressGroup> found = new ArrayList<>();
    Status error = Status.UNAVAILABLE;
    for (Address address : addresses) {
      try {
        for (InetAddress ip : InetAddress.getAllByName(address.host())) found.add(address.resolve(ip));
      } catch (UnknownHostException e) {
        error = Status.UNAVAILABLE.withDescription("unknown host " + address.host()).withCause(e);
      }
    }
    return found.isEmpty() ? StatusOr.fromStatus(error) : StatusOr.fromValue(found);
  }

  @Override
  public String getDefaultScheme() {
    return SCHEME;
  }

  @Override
  public List<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
    return List.of(InetSocketAddress.class);
  }

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    return 5;  // as for the resolvers of gRPC itself
  }
}
