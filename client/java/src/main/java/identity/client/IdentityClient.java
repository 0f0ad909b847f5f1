package identity.client;

import com.google.protobuf.Message;
import identity.v1.AuthenticateRequest;
import identity.v1.AuthenticateResponse;
import identity.v1.BatchCheckPermissionsRequest;
import identity.v1.BatchCheckPermissionsResponse;
import identity.v1.CheckPermissionRequest;
import identity.v1.CheckPermissionResponse;
import identity.v1.IdentityServiceGrpc;
import identity.v1.IssueApiKeyRequest;
import identity.v1.IssueApiKeyResponse;
import identity.v1.RefreshRequest;
import identity.v1.RefreshResponse;
import identity.v1.RevokeRequest;
import identity.v1.RevokeResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A client of the identity service. Thread-safe; make one and keep it.
 *
 * <p>Each call takes the request of its RPC. It returns the response or throws {@link IdentityException}. Calls that
 * are safe to repeat are repeated when the service is unreachable or asks for it. An error of a check means "not
 * decided": deny.
 */
public final class IdentityClient implements AutoCloseable {
  private static final int MAX_ANSWER_BYTES = 8 * 1024 * 1024;  // a batch of 1,000 with explanations
  private static final Pattern TOKEN = Pattern.compile("[!-~]+");
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final ManagedChannel channel;
  private final TokenSource credential;  // null: none
  private final Duration deadline;

  private IdentityClient(ManagedChannel channel, TokenSource credential, Duration deadline) {
    this.channel = channel;
    this.credential = credential;
    this.deadline = deadline;
  }

  /**
   * Begins the settings of a client.
   *
   * @param address HOST:PORT, a list of them separated by commas, or a target of gRPC such as {@code
   *     dns:///identity:50051}. Calls go to all addresses in turn. In Kubernetes, name a headless service.
   */
  public static Builder to(String address) {
    return new Builder(address);
  }

  /**
   * The same client with another credential. It shares the connections, and {@link #close} closes both.
   *
   * @param credential not null: calls without a credential would be those of the client's certificate. A client without
   *     one is built without {@link Builder#credential}.
   */
  public IdentityClient withCredential(TokenSource credential) {
    return new IdentityClient(channel, Objects.requireNonNull(credential, "credential"), deadline);
  }

  /** The same client with another deadline. It shares the connections, and {@link #close} closes both. */
  public IdentityClient withDeadline(Duration deadline) {
    return new IdentityClient(channel, credential, deadline);
  }

  public AuthenticateResponse authenticate(AuthenticateRequest request) {
    return call(IdentityServiceGrpc.getAuthenticateMethod(), request);
  }

  public RefreshResponse refresh(RefreshRequest request) {
    return call(IdentityServiceGrpc.getRefreshMethod(), request);
  }

  public RevokeResponse revoke(RevokeRequest request) {
    return call(IdentityServiceGrpc.getRevokeMethod(), request);
  }

  public CheckPermissionResponse checkPermission(CheckPermissionRequest request) {
    return call(IdentityServiceGrpc.getCheckPermissionMethod(), request);
  }

  public BatchCheckPermissionsResponse batchCheckPermissions(BatchCheckPermissionsRequest request) {
    return call(IdentityServiceGrpc.getBatchCheckPermissionsMethod(), request);
  }

  public IssueApiKeyResponse issueApiKey(IssueApiKeyRequest request) {
    return call(IdentityServiceGrpc.getIssueApiKeyMethod(), request);
  }

  /** Makes any call, such as {@code call(AdminServiceGrpc.getCreateRoleMethod(), request)}. */
  public <Q extends Message, R extends Message> R call(MethodDescriptor<Q, R> method, Q request) {
    Deadline end = deadlineOfCall();
    Channel authorized = authorizedChannel();
    Retry retry = Retry.of(method.getBareMethodName(), request);
    for (int made = 1;; ++made) {
      try {
        return ClientCalls.blockingUnaryCall(authorized, method, CallOptions.DEFAULT.withDeadline(end), request);
      } catch (StatusRuntimeException e) {
        IdentityException error = IdentityException.from(e);
        if (!retry.allows(error, made)) throw error;
        long pause = Retry.pause(error, made, ThreadLocalRandom.current().nextDouble()).toMillis();
        if (pause >= end.timeRemaining(TimeUnit.MILLISECONDS) || !sleep(pause)) throw error;
      }
    }
  }

  /** Lets running calls finish, and refuses new ones. Does not wait. */
  @Override
  public void close() {
    channel.shutdown();
  }

  // Not after the end of the call that this thread serves, if it serves one of gRPC.
  private Deadline deadlineOfCall() {
    Deadline own = Deadline.after(deadline.toNanos(), TimeUnit.NANOSECONDS);
    Deadline served = Context.current().getDeadline();
    return served == null ? own : own.minimum(served);
  }

  private Channel authorizedChannel() {
    if (credential == null) return channel;
    Metadata headers = new Metadata();
    String token = credential.token();
    // gRPC would log another text, and send the call without it.
    if (!TOKEN.matcher(token).matches()) {
      throw new IdentityException(Status.Code.FAILED_PRECONDITION, "", "the client's credential is no token");
    }
    headers.put(AUTHORIZATION, "Bearer " + token);
    return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  // False if the thread was interrupted.
  private static boolean sleep(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The settings of a client. Without {@link #plaintext} it uses TLS. */
  public static final class Builder {
    private final String address;
    private boolean plaintext;
    private boolean hasTlsFiles;
    private final TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder();
    private TokenSource credential;
    private Duration deadline = Duration.ofSeconds(2);

    private Builder(String address) {
      if (address.isBlank()) throw new IllegalArgumentException("the address is empty");
      this.address = address;
    }

    /** The credential of the calls. Without it they have none, or the client's certificate is the credential. */
    public Builder credential(TokenSource credential) {
      this.credential = Objects.requireNonNull(credential, "credential");
      return this;
    }

    /** The time for each call with all its retries. 2 seconds by default. */
    public Builder deadline(Duration deadline) {
      this.deadline = deadline;
      return this;
    }

    /** No TLS: anyone on the way can read the credentials. */
    public Builder plaintext() {
      plaintext = true;
      return this;
    }

    /** PEM. These roots replace those of the JDK. The file is read now. */
    public Builder roots(Path file) {
      hasTlsFiles = true;
      try {
        tls.trustManager(file.toFile());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return this;
    }

    /** PEM. The certificate of the client and its key (PKCS #8), for a server that demands one. Both are read now. */
    public Builder certificate(Path chain, Path key) {
      hasTlsFiles = true;
      try {
        tls.keyManager(chain.toFile(), key.toFile());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return this;
    }

    /**
     * Does not wait for a connection.
     *
     * @throws IllegalStateException if the client shall have files for TLS, and no TLS
     */
    public IdentityClient build() {
      if (plaintext && hasTlsFiles) throw new IllegalStateException("plaintext excludes roots and a certificate");
      ChannelCredentials transport = plaintext ? InsecureChannelCredentials.create() : tls.build();
      ManagedChannel channel = channelTo(address, transport)
          .defaultLoadBalancingPolicy("round_robin")
          .maxInboundMessageSize(MAX_ANSWER_BYTES)
          // Not more often than servers accept. Together they end a connection to a host that has vanished.
          .keepAliveTime(20, TimeUnit.SECONDS)
          .keepAliveTimeout(5, TimeUnit.SECONDS)
          .keepAliveWithoutCalls(true)
          .build();
      return new IdentityClient(channel, credential, deadline);
    }

    private static ManagedChannelBuilder<?> channelTo(String address, ChannelCredentials transport) {
      if (!address.contains(",")) return Grpc.newChannelBuilder(address, transport);
      NameResolverRegistry registry = new NameResolverRegistry();
      registry.register(new AddressList(address));
      return Grpc.newChannelBuilder(AddressList.TARGET, transport, registry);
    }
  }
}
