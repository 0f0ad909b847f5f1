package identity.client;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import identity.examples.GuestbookServer;
import identity.v1.AdminServiceGrpc;
import identity.v1.AuthenticateRequest;
import identity.v1.AuthenticateResponse;
import identity.v1.CheckPermissionRequest;
import identity.v1.CheckPermissionResponse;
import identity.v1.CreateRoleRequest;
import identity.v1.PasswordCredential;
import identity.v1.Role;
import io.grpc.Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does with the client what tests/conformance tells it: a command a line, an answer a line. */
public final class Driver {
  private final Map<String, TokenVerifier> verifiers = new HashMap<>();
  private final List<Server> servers = new ArrayList<>();
  private IdentityClient client;
  private Session session;
  private volatile Duration ahead = Duration.ZERO;

  public static void main(String[] arguments) throws IOException {
    Driver driver = new Driver();
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      System.out.println(new Gson().toJson(driver.answerTo(JsonParser.parseString(line).getAsJsonObject())));
    }
    driver.close();
  }

  private Object answerTo(JsonObject command) {
    try {
      return run(command);
    } catch (IdentityException e) {
      return errorOf(e);
    } catch (Exception e) {
      e.printStackTrace();
      return Map.of("fault", e.toString());
    }
  }

  private Object run(JsonObject command) throws Exception {
    String name = text(command, "do");
    return switch (name) {
      case "connect" -> connect(command);
      case "check" -> check(requestOf(command));
      case "check_many" -> checkMany(command);
      case "create_role" -> createRole(command);
      case "log_in" -> logIn(command);
      case "advance_clock" -> {
        ahead = ahead.plusNanos((long) (command.get("seconds").getAsDouble() * 1e9));
        yield Map.of("ok", true);
      }
      case "use_session" -> useSession(command.get("parallel").getAsInt());
      case "serve" -> {
        servers.add(GuestbookServer.start(client));
        yield Map.of("port", servers.get(servers.size() - 1).getPort());
      }
      case "verify" -> verify(command);
      default -> throw new IllegalArgumentException("unknown command " + name);
    };
  }

  private Object connect(JsonObject command) {
    if (client != null) client.close();
    IdentityClient.Builder builder = IdentityClient.to(text(command, "address"));
    if (command.has("plaintext") && command.get("plaintext").getAsBoolean()) builder.plaintext();
    if (command.has("deadline_ms")) builder.deadline(Duration.ofMillis(command.get("deadline_ms").getAsLong()));
    if (command.has("credential") && command.get("credential").isJsonObject()) {
      JsonObject credential = command.getAsJsonObject("credential");
      builder.credential(credential.has("file")
          ? TokenSource.ofFile(Path.of(text(credential, "file")))
          : TokenSource.of(text(credential, "text")));
    }
    client = builder.build();
    return Map.of("ok", true);
  }

  private Map<String, Object> check(CheckPermissionRequest request) {
    CheckPermissionResponse response = client.checkPermission(request);
    Map<String, Object> answer = new TreeMap<>(Map.of(
        "decision", response.getDecision().name().replaceFirst("^DECISION_", ""),
        "reason", response.getReason().name().replaceFirst("^REASON_", ""),
        "username", response.getPrincipal().getUsername()));
    if (response.hasQuota() && response.getQuota().getRemaining() == 0) answer.put("retry", true);
    return answer;
  }

  private Object checkMany(JsonObject command) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < command.get("times").getAsInt(); ++i) {
      counts.merge(kindOf(requestOf(command)), 1, Integer::sum);
    }
    return counts;
  }

  private String kindOf(CheckPermissionRequest request) {
    try {
      Map<String, Object> answer = check(request);
      return answer.get("decision") + "/" + answer.get("reason");
    } catch (IdentityException e) {
      return e.code() + "/" + e.reason();
    }
  }

  private Object createRole(JsonObject command) {
    CreateRoleRequest.Builder request =
        CreateRoleRequest.newBuilder().setRole(Role.newBuilder().setName(text(command, "name")));
    if (command.has("request_id")) request.setRequestId(text(command, "request_id"));
    client.call(AdminServiceGrpc.getCreateRoleMethod(), request.build());
    return Map.of("ok", true);
  }

  private Object logIn(JsonObject command) {
    PasswordCredential password = PasswordCredential.newBuilder()
        .setLogin(text(command, "login")).setPassword(text(command, "password")).build();
    AuthenticateResponse response =
        client.authenticate(AuthenticateRequest.newBuilder().setPassword(password).build());
    session = new Session(client, response.getTokens(), () -> Instant.now().plus(ahead));
    return Map.of("ok", true, "principal_id", session.principalId(), "session_id", session.id());
  }

  private Object useSession(int parallel) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(parallel);
    try {
      Callable<String[]> use = this::useSession;
      Map<String, Integer> answers = new TreeMap<>();
      Map<String, Integer> tokens = new HashMap<>();
      for (Future<String[]> done : threads.invokeAll(java.util.Collections.nCopies(parallel, use))) {
        answers.merge(done.get()[0], 1, Integer::sum);
        if (done.get()[1] != null) tokens.merge(done.get()[1], 1, Integer::sum);
      }
      return Map.of("answers", answers, "tokens", tokens.size());
    } finally {
      threads.shutdown();
    }
  }

  // The kind of the answer, and the token.
  private String[] useSession() {
    String token;
    try {
      token = session.token();
    } catch (IdentityException e) {
      return new String[] {e.code() + "/" + e.reason(), null};
    }
    return new String[] {kindOf(CheckPermissionRequest.newBuilder()
        .setAccessToken(token).setPermission("posts:read").setResource("orgs/acme/posts/p1").build()), token};
  }

  private Object verify(JsonObject command) {
    String address = text(command, "jwks");
    TokenVerifier verifier = verifiers.computeIfAbsent(address + " " + text(command, "issuer") + " "
        + text(command, "audience"), key ->
        new TokenVerifier(URI.create(address), text(command, "issuer"), text(command, "audience")));
    try {
      return Map.of("subject", verifier.verify(text(command, "token")).subject());
    } catch (IdentityException e) {
      return Map.of("error", "INVALID");
    }
  }

  private void close() {
    if (client != null) client.close();
    servers.forEach(Server::shutdownNow);
  }

  private static CheckPermissionRequest requestOf(JsonObject command) {
    JsonObject subject = command.getAsJsonObject("subject");
    CheckPermissionRequest.Builder request = CheckPermissionRequest.newBuilder()
        .setPermission(text(command, "permission")).setResource(text(command, "resource"));
    for (String kind : subject.keySet()) {
      switch (kind) {
        case "access_token" -> request.setAccessToken(text(subject, kind));
        case "api_key" -> request.setApiKey(text(subject, kind));
        case "principal_id" -> request.setPrincipalId(text(subject, kind));
        case "anonymous" -> request.setAnonymous(true);
        case "self" -> request.setSelf(true);
        default -> throw new IllegalArgumentException("unknown subject " + kind);
      }
    }
    return request.build();
  }

  private static Map<String, Object> errorOf(IdentityException error) {
    Map<String, Object> answer = new TreeMap<>(Map.of("error", error.code().name(), "reason", error.reason()));
    if (error.retryDelay().isPresent()) answer.put("retry", true);
    return answer;
  }

  private static String text(JsonObject object, String name) {
    return object.get(name).getAsString();
  }
}
