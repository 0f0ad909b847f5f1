package identity.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import identity.v1.AuthenticateRequest;
import identity.v1.AuthenticateResponse;
import identity.v1.CheckPermissionRequest;
import identity.v1.CheckPermissionResponse;
import identity.v1.IdentityServiceGrpc.IdentityServiceImplBase;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against servers that fail as a test says. */
class IdentityClientTest {
  private static final CheckPermissionRequest CHECK = CheckPermissionRequest.newBuilder().setSelf(true).build();
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** Answers with the errors that it is given, one after the other, and then well. */
  private static final class Failing extends IdentityServiceImplBase implements ServerInterceptor {
    private final Queue<com.google.rpc.Status> errors = new ArrayDeque<>();
    private final Queue<Optional<String>> credentials = new ConcurrentLinkedQueue<>();

    @Override
    public void checkPermission(CheckPermissionRequest request, StreamObserver<CheckPermissionResponse> response) {
      answer(CheckPermissionResponse.getDefaultInstance(), response);
    }

    @Override
    public void authenticate(AuthenticateRequest request, StreamObserver<AuthenticateResponse> response) {
      answer(AuthenticateResponse.getDefaultInstance(), response);
    }

    private synchronized <T> void answer(T answer, StreamObserver<T> response) {
      if (!errors.isEmpty()) {
        response.onError(StatusProto.toStatusRuntimeException(errors.remove()));
        return;
      }
      response.onNext(answer);
      response.onCompleted();
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      credentials.add(Optional.ofNullable(headers.get(AUTHORIZATION)));
      return next.startCall(call, headers);
    }

    int calls() {
      return credentials.size();
    }
  }

  @TempDir
  Path folder;

  private final List<AutoCloseable> resources = new ArrayList<>();
  private final Failing service = new Failing();

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable resource : resources) resource.close();
  }

  private int serve(Failing service, ServerCredentials credentials) throws IOException {
    Server server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0), credentials)
        .addService(service).intercept(service).build().start();
    resources.add(server::shutdownNow);
    return server.getPort();
  }

  private IdentityClient client(IdentityClient.Builder builder) {
    IdentityClient client = builder.build();
    resources.add(client);
    return client;
  }

  private IdentityClient client() throws IOException {
    return client(IdentityClient.to("127.0.0.1:" + serve(service, InsecureServerCredentials.create())).plaintext());
  }

  private static com.google.rpc.Status error(Status.Code code, com.google.protobuf.Message... details) {
    return com.google.rpc.Status.newBuilder()
        .setCode(code.value())
        .setMessage("refused")
        .addAllDetails(Arrays.stream(details).map(Any::pack).toList())
        .build();
  }

  private static ErrorInfo reason(String reason, String domain) {
    return ErrorInfo.newBuilder().setReason(reason).setDomain(domain).build();
  }

  @Test
  void aSafeCallIsRepeated() throws IOException {
    service.errors.add(error(Status.Code.UNAVAILABLE));
    service.errors.add(error(Status.Code.ABORTED, reason("CONFLICT", "identity.v1")));
    client().checkPermission(CHECK);
    assertEquals(3, service.calls());
  }

  @Test
  void aLoginIsNotRepeated() throws IOException {
    service.errors.add(error(Status.Code.UNAVAILABLE));
    IdentityClient client = client();
    assertThrows(IdentityException.class, () -> client.authenticate(AuthenticateRequest.getDefaultInstance()));
    assertEquals(1, service.calls());
  }

  @Test
  void aPauseThatEndsAfterTheDeadlineFailsAtOnce() throws IOException {
    RetryInfo later = RetryInfo.newBuilder()
        .setRetryDelay(com.google.protobuf.Duration.newBuilder().setSeconds(3600)).build();
    service.errors.add(error(Status.Code.UNAVAILABLE, later));
    IdentityClient client = client();
    IdentityException error = assertThrows(IdentityException.class, () -> client.checkPermission(CHECK));
    assertEquals(Optional.of(Duration.ofHours(1)), error.retryDelay());
    assertEquals(1, service.calls());
  }

  @Test
  void anErrorHasTheDetailsOfTheService() throws IOException {
    BadRequest.FieldViolation violation =
        BadRequest.FieldViolation.newBuilder().setField("permission").setDescription("is required").build();
    service.errors.add(error(Status.Code.INVALID_ARGUMENT, reason("INVALID_FIELD", "identity.v1"),
        BadRequest.newBuilder().addFieldViolations(violation).build()));
    IdentityClient client = client();
    IdentityException error = assertThrows(IdentityException.class, () -> client.checkPermission(CHECK));
    assertEquals(Status.Code.INVALID_ARGUMENT, error.code());
    assertEquals("INVALID_FIELD", error.reason());
    assertEquals("refused", error.getMessage());
    assertEquals(List.of(violation), error.violations());
  }

  @Test
  void theReasonOfAnotherServiceIsNone() throws IOException {
    service.errors.add(error(Status.Code.INTERNAL, reason("CONFLICT", "proxy.example")));
    IdentityClient client = client();
    assertEquals("", assertThrows(IdentityException.class, () -> client.checkPermission(CHECK)).reason());
  }

  @Test
  void theDeadlineEndsACall() throws IOException {
    IdentityClient client = client().withDeadline(Duration.ZERO);
    assertEquals(Status.Code.DEADLINE_EXCEEDED,
        assertThrows(IdentityException.class, () -> client.checkPermission(CHECK)).code());
  }

  @Test
  void theCredentialIsSentAsABearerToken() throws IOException {
    IdentityClient client = client();
    client.checkPermission(CHECK);
    client.withCredential(TokenSource.of(" idk_1\n")).checkPermission(CHECK);
    client.withCredential(() -> "token").withDeadline(Duration.ofMinutes(1)).checkPermission(CHECK);
    assertEquals(List.of(Optional.empty(), Optional.of("Bearer idk_1"), Optional.of("Bearer token")),
        List.copyOf(service.credentials));
  }

  @Test
  void callsGoToAllAddressesInTurn() throws IOException {
    Failing second = new Failing();
    int port = serve(service, InsecureServerCredentials.create());
    int secondPort = serve(second, InsecureServerCredentials.create());
    IdentityClient client =
        client(IdentityClient.to("127.0.0.1:" + port + ", localhost:" + secondPort + ",127.0.0.1:1").plaintext());
    // The first calls go to the address that is connected first.
    while (service.calls() == 0 || second.calls() == 0) client.checkPermission(CHECK);
    int before = second.calls();
    for (int i = 0; i < 10; ++i) client.checkPermission(CHECK);
    assertTrue(second.calls() > before);
  }

  @Test
  void eachAddressOfAListNeedsACertificateForItsOwnName() throws Exception {
    Path certificate = folder.resolve("certificate.pem");
    Path key = folder.resolve("key.pem");
    makeCertificateOfLocalhost(certificate, key);
    int port = serve(service, TlsServerCredentials.create(certificate.toFile(), key.toFile()));
    client(IdentityClient.to("127.0.0.1:1,localhost:" + port).roots(certificate)).checkPermission(CHECK);
    IdentityClient other = client(IdentityClient.to("localhost:1,127.0.0.1:" + port).roots(certificate));
    assertEquals(Status.Code.UNAVAILABLE,
        assertThrows(IdentityException.class, () -> other.checkPermission(CHECK)).code());
  }

  // The JDK makes certificates only with its program keytool, and only in a key store.
  private void makeCertificateOfLocalhost(Path certificate, Path key) throws Exception {
    Path store = folder.resolve("store");
    new ProcessBuilder(System.getProperty("java.home") + "/bin/keytool", "-genkeypair", "-keystore", store.toString(),
        "-storepass", "password", "-alias", "server", "-keyalg", "EC", "-dname", "CN=localhost",
        "-ext", "SAN=dns:localhost").redirectErrorStream(true).start().onExit().join();
    KeyStore made = KeyStore.getInstance(store.toFile(), "password".toCharArray());
    writePem(certificate, "CERTIFICATE", made.getCertificate("server").getEncoded());
    writePem(key, "PRIVATE KEY", made.getKey("server", "password".toCharArray()).getEncoded());
  }

  private static void writePem(Path file, String label, byte[] content) throws IOException {
    Files.writeString(file, "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(content)
        + "\n-----END " + label + "-----\n");
  }

  @Test
  void noCredentialIsNotNull() throws IOException {
    IdentityClient client = client();
    assertThrows(NullPointerException.class, () -> client.withCredential(null));
    assertThrows(NullPointerException.class, () -> IdentityClient.to("127.0.0.1:1").credential(null));
  }

  @Test
  void plaintextExcludesTheFilesOfTls() throws Exception {
    Path certificate = folder.resolve("certificate.pem");
    Path key = folder.resolve("key.pem");
    makeCertificateOfLocalhost(certificate, key);
    for (IdentityClient.Builder builder : List.of(
        IdentityClient.to("127.0.0.1:1").plaintext().roots(certificate),
        IdentityClient.to("127.0.0.1:1").certificate(certificate, key).plaintext())) {
      assertThrows(IllegalStateException.class, builder::build);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a:1,", "a:1,b", "a:1,b:x"})
  void aMalformedAddressIsRefused(String address) {
    assertThrows(IllegalArgumentException.class, () -> IdentityClient.to(address).plaintext().build());
  }
}
