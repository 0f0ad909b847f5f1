package identity.client;

import identity.v1.AdminServiceGrpc;
import identity.v1.ApiKeyCredential;
import identity.v1.AuthenticateRequest;
import identity.v1.Binding;
import identity.v1.CreateBindingRequest;
import identity.v1.CreateRoleRequest;
import identity.v1.CreateServiceAccountRequest;
import identity.v1.IssueApiKeyRequest;
import identity.v1.PasswordCredential;
import identity.v1.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A running identity service, with a service account "robot" that may read and update the posts of the organization
 * acme. All tests share it.
 */
final class World implements AutoCloseable {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  private static final Path BINARY = Path.of(
      System.getenv().getOrDefault("IDENTITY_BINARY", ROOT.resolve("build/release/server/identityd").toString()));

  private final Path state;
  private final Map<String, String> environment;
  private final IdentityClient anyone;
  private final IdentityClient administrator;
  private final String robot;

  final String robotKey;
  final String narrowKey;  // of the robot; only for posts:read
  final String strangerKey;  // of an account without any permission

  private World() throws IOException {
    state = Files.createTempDirectory("identity-java");
    run("--detach", "--state", state.toString(), "--binary", BINARY.toString(), "--port", "0", "--",
        "--calls-per-minute=0", "--login-failures-per-minute=0");
    try (Stream<String> lines = Files.lines(state.resolve("env"))) {
      environment = lines.map(line -> line.split("=", 2)).collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }
    anyone = IdentityClient.to(address()).plaintext().build();
    administrator = anyone.withCredential(logIn());
    createRole("reader", "posts:read");
    createRole("writer", "posts:update");
    robot = createServiceAccount("robot");
    bind(robot, "reader");
    bind(robot, "writer");
    robotKey = issueKey(robot, 0);
    narrowKey = issueKey(robot, 0, "posts:read");
    strangerKey = issueKey(createServiceAccount("stranger"), 0);
  }

  String address() {
    return environment.get("IDENTITY_ADDRESS");
  }

  /** The key of a service account that may check. */
  String serviceKey() {
    return environment.get("IDENTITY_SERVICE_KEY");
  }

  /** A client as a backend has it. */
  IdentityClient backend() {
    return anyone.withCredential(TokenSource.of(serviceKey()));
  }

  /** A new key of the robot that may make one request a minute. */
  String keyForOneRequest() {
    return issueKey(robot, 1);
  }

  String robotToken() {
    ApiKeyCredential key = ApiKeyCredential.newBuilder().setKey(robotKey).build();
    return anyone.authenticate(AuthenticateRequest.newBuilder().setApiKey(key).build()).getTokens().getAccessToken();
  }

  private Session logIn() {
    PasswordCredential password = PasswordCredential.newBuilder()
        .setLogin(environment.get("IDENTITY_ADMIN_LOGIN"))
        .setPassword(environment.get("IDENTITY_ADMIN_PASSWORD"))
        .build();
    return new Session(
        anyone, anyone.authenticate(AuthenticateRequest.newBuilder().setPassword(password).build()).getTokens());
  }

  private void createRole(String name, String permission) {
    administrator.call(AdminServiceGrpc.getCreateRoleMethod(), CreateRoleRequest.newBuilder()
        .setRole(Role.newBuilder().setName(name).addPermissions(permission)).build());
  }

  private String createServiceAccount(String name) {
    return administrator.call(AdminServiceGrpc.getCreateServiceAccountMethod(),
        CreateServiceAccountRequest.newBuilder().setName(name).build()).getServiceAccount().getId();
  }

  private void bind(String principal, String role) {
    administrator.call(AdminServiceGrpc.getCreateBindingMethod(), CreateBindingRequest.newBuilder()
        .setBinding(Binding.newBuilder().setPrincipalId(principal).setRole(role).setResource("orgs/acme")).build());
  }

  private String issueKey(String owner, int requestsPerMinute, String... scopes) {
    return administrator.issueApiKey(IssueApiKeyRequest.newBuilder()
        .setOwnerId(owner)
        .setRequestsPerMinute(requestsPerMinute)
        .addAllScopes(List.of(scopes))
        .build()).getSecret();
  }

  @Override
  public void close() throws IOException {
    anyone.close();
    run("--reset", "--state", state.toString());
  }

  private static void run(String... arguments) throws IOException {
    Path log = Files.createTempFile("identity-java", ".log");
    List<String> command =
        Stream.concat(Stream.of(ROOT.resolve("scripts/run").toString()), Arrays.stream(arguments)).toList();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (process.onExit().join().exitValue() != 0) throw new IOException(Files.readString(log));
    Files.delete(log);
  }

  /** Gives tests the world. Without a server program these tests are skipped. */
  static final class Extension implements ExecutionCondition, ParameterResolver {

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return Files.isExecutable(BINARY)
          ? ConditionEvaluationResult.enabled("")
          : ConditionEvaluationResult.disabled("there is no server: " + BINARY);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == World.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context.getRoot().getStore(Namespace.GLOBAL).getOrComputeIfAbsent(World.class, type -> start());
    }

    private static World start() {
      try {
        return new World();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
