package identity.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import guestbook.v1.CountRequest;
import guestbook.v1.GuestbookGrpc;
import guestbook.v1.GuestbookGrpc.GuestbookBlockingStub;
import guestbook.v1.Post;
import guestbook.v1.PostRequest;
import guestbook.v1.Seen;
import identity.examples.GuestbookServer;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The guard of the example, in front of a running identity service. */
@ExtendWith(World.Extension.class)
class GrpcGuardTest {
  private static final PostRequest POST = post("acme", "p1");

  private final World world;
  private Server server;
  private ManagedChannel channel;

  GrpcGuardTest(World world) {
    this.world = world;
  }

  @BeforeEach
  void begin() throws IOException {
    serve(world.backend());
  }

  @AfterEach
  void end() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  private void serve(IdentityClient client) throws IOException {
    server = GuestbookServer.start(client);
    connect();
  }

  private void connect() {
    channel =
        Grpc.newChannelBuilder("127.0.0.1:" + server.getPort(), InsecureChannelCredentials.create()).build();
  }

  private static PostRequest post(String org, String id) {
    return PostRequest.newBuilder().setOrg(org).setPost(Post.newBuilder().setId(id)).build();
  }

  /** A caller that sends these headers: name, value, … */
  private GuestbookBlockingStub caller(String... headers) {
    Metadata metadata = new Metadata();
    for (int i = 0; i < headers.length; i += 2) {
      metadata.put(Metadata.Key.of(headers[i], Metadata.ASCII_STRING_MARSHALLER), headers[i + 1]);
    }
    return GuestbookGrpc.newBlockingStub(channel).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
  }

  private static IdentityException assertRefused(Status.Code code, String reason, Runnable call) {
    IdentityException error = IdentityException.from(assertThrows(StatusRuntimeException.class, call::run));
    assertEquals(code + " / " + reason, error.code() + " / " + error.reason());
    return error;
  }

  @Test
  void theHandlerGetsTheDecision() {
    Seen seen = caller("x-api-key", world.robotKey).read(POST);
    assertEquals("robot", seen.getUsername());
    assertEquals(List.of("*"), seen.getScopesList());
    assertFalse(seen.getPrincipalId().isEmpty());
    assertFalse(seen.getConsistencyToken().isEmpty());
    assertEquals("robot", caller("authorization", "Bearer " + world.robotToken()).update(POST).getUsername());
  }

  @Test
  void aMethodWithoutARuleIsRefused() {
    assertRefused(Status.Code.PERMISSION_DENIED, "METHOD_WITHOUT_RULE",
        () -> caller("x-api-key", world.robotKey).forgotten(POST));
  }

  @Test
  void aPublicMethodGetsNoDecision() {
    assertEquals(Seen.getDefaultInstance(), caller("authorization", "Basic YTpi").ping(POST));
  }

  @Test
  void whatTheServiceDeniesIsRefused() {
    assertRefused(Status.Code.UNAUTHENTICATED, "CREDENTIAL_REQUIRED", () -> caller().read(POST));
    assertRefused(Status.Code.UNAUTHENTICATED, "CREDENTIAL_INVALID",
        () -> caller("authorization", "Bearer nothing").read(POST));
    assertRefused(Status.Code.PERMISSION_DENIED, "NO_BINDING",
        () -> caller("x-api-key", world.strangerKey).read(POST));
    assertRefused(Status.Code.PERMISSION_DENIED, "NO_BINDING",
        () -> caller("x-api-key", world.robotKey).read(post("other", "p1")));
    assertRefused(Status.Code.PERMISSION_DENIED, "SCOPE_INSUFFICIENT",
        () -> caller("x-api-key", world.narrowKey).update(POST));
  }

  @Test
  void aQuotaThatIsUsedUpSaysWhenToRetry() {
    GuestbookBlockingStub caller = caller("x-api-key", world.keyForOneRequest());
    caller.read(POST);
    assertTrue(assertRefused(Status.Code.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED", () -> caller.read(POST))
        .retryDelay().isPresent());
  }

  @Test
  void aValueThatIsNoSegmentIsRefused() {
    assertRefused(Status.Code.INVALID_ARGUMENT, "INVALID_FIELD",
        () -> caller("x-api-key", world.robotKey).read(post("acme/posts", "p1")));
    assertRefused(Status.Code.INVALID_ARGUMENT, "INVALID_FIELD",
        () -> caller("x-api-key", world.robotKey).read(PostRequest.newBuilder().setOrg("acme").build()));
  }

  @Test
  void anIntegerIsAValue() {
    assertRefused(Status.Code.PERMISSION_DENIED, "NO_BINDING",
        () -> caller("x-api-key", world.robotKey).count(CountRequest.newBuilder().setNumber(-7).build()));
  }

  @Test
  void withoutADecisionACallIsRefused() throws IOException {
    end();
    serve(world.backend().withCredential(TokenSource.of("idk_wrong")));
    IdentityException error = assertRefused(Status.Code.UNAVAILABLE, "UNDECIDED",
        () -> caller("x-api-key", world.robotKey).read(POST));
    assertTrue(error.retryDelay().isPresent());
    assertEquals("this request cannot be decided now", error.getMessage());
  }

  @Test
  void aHandlerThatWaitsForItsStreamIsTold() throws IOException {
    MethodDescriptor<PostRequest, Seen> watch = GuestbookGrpc.getReadMethod().toBuilder()
        .setFullMethodName("guestbook.v1.Guestbook/Watch").setType(MethodType.SERVER_STREAMING).build();
    ServerServiceDefinition service = ServerServiceDefinition.builder("guestbook.v1.Guestbook")
        .addMethod(watch, ServerCalls.asyncServerStreamingCall((request, response) -> {
          ((ServerCallStreamObserver<Seen>) response).setOnReadyHandler(response::onCompleted);
        }))
        .build();
    GrpcGuard guard = GrpcGuard.with(world.backend()).rule(watch, "posts:read", "orgs/{org}").build();
    end();
    server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
        .addService(service).intercept(guard).build().start();
    connect();
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.MINUTES);
    assertFalse(ClientCalls.blockingServerStreamingCall(
        caller("x-api-key", world.robotKey).getChannel(), watch, options, POST).hasNext());
  }

  @Test
  void mistakesInRulesAreFoundAtTheStart() {
    GrpcGuard.Builder rules = GrpcGuard.with(world.backend());
    for (String template : List.of("orgs/{organization}", "orgs/{post}", "orgs/{org.id}", "orgs/{post.number}")) {
      assertThrows(IllegalArgumentException.class,
          () -> rules.rule(GuestbookGrpc.getReadMethod(), "posts:read", template));
    }
    rules.publicMethod(GuestbookGrpc.getReadMethod());
    assertThrows(IllegalArgumentException.class, () -> rules.rule(GuestbookGrpc.getReadMethod(), "posts:read", ""));
    MethodDescriptor<PostRequest, Seen> upload =
        GuestbookGrpc.getUpdateMethod().toBuilder().setType(MethodType.CLIENT_STREAMING).build();
    assertThrows(IllegalArgumentException.class, () -> rules.rule(upload, "posts:update", "orgs/{org}"));
  }
}
