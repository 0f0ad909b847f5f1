package identity.examples;

import guestbook.v1.CountRequest;
import guestbook.v1.GuestbookGrpc;
import guestbook.v1.PostRequest;
import guestbook.v1.Seen;
import identity.client.Decision;
import identity.client.GrpcGuard;
import identity.client.IdentityClient;
import identity.client.TokenSource;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A guarded gRPC service. Its handlers answer with the decision that allowed the call. */
public final class GuestbookServer extends GuestbookGrpc.GuestbookImplBase {

  @Override
  public void read(PostRequest request, StreamObserver<Seen> response) {
    answer(response);
  }

  @Override
  public void update(PostRequest request, StreamObserver<Seen> response) {
    answer(response);
  }

  @Override
  public void count(CountRequest request, StreamObserver<Seen> response) {
    answer(response);
  }

  @Override
  public void ping(PostRequest request, StreamObserver<Seen> response) {
    answer(response);
  }

  @Override
  public void forgotten(PostRequest request, StreamObserver<Seen> response) {
    answer(response);
  }

  private static void answer(StreamObserver<Seen> response) {
    response.onNext(GrpcGuard.decision().map(GuestbookServer::seen).orElse(Seen.getDefaultInstance()));
    response.onCompleted();
  }

  private static Seen seen(Decision decision) {
    return Seen.newBuilder()
        .setPrincipalId(decision.principal().getId())
        .setUsername(decision.principal().getUsername())
        .setSessionId(decision.sessionId())
        .addAllScopes(decision.scopes())
        .setConsistencyToken(decision.consistencyToken())
        .build();
  }

  /** Starts the service on a free port of this machine. */
  public static Server start(IdentityClient identity) throws IOException {
    GrpcGuard guard = GrpcGuard.with(identity)
        .rule(GuestbookGrpc.getReadMethod(), "posts:read", "orgs/{org}/posts/{post.id}")
        .rule(GuestbookGrpc.getUpdateMethod(), "posts:update", "orgs/{org}/posts/{post.id}")
        .rule(GuestbookGrpc.getCountMethod(), "posts:read", "orgs/{number}")
        .publicMethod(GuestbookGrpc.getPingMethod())
        .build();  // The method Forgotten has no rule, so the guard refuses it.
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return NettyServerBuilder.forAddress(address, InsecureServerCredentials.create())
        .addService(new GuestbookServer())
        .intercept(guard)
        .build()
        .start();
  }

  /** Serves with the identity service at IDENTITY_ADDRESS, in plain text, and the key in IDENTITY_API_KEY. */
  public static void main(String[] arguments) throws Exception {
    TokenSource key = TokenSource.of(System.getenv("IDENTITY_API_KEY"));
    try (IdentityClient identity =
        IdentityClient.to(System.getenv("IDENTITY_ADDRESS")).plaintext().credential(key).build()) {
      Server server = start(identity);
      System.out.println("serving on port " + server.getPort());
      server.awaitTermination();
    }
  }
}
