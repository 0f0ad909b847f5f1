package identity.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.ModelAndView;

/** A guarded application of Spring Boot, in front of a running identity service. */
@ExtendWith(World.Extension.class)
class HttpGuardTest {
  private static final String POST = "/orgs/acme/posts/p1";

  @SpringBootConfiguration
  @EnableAutoConfiguration(exclude = UserDetailsServiceAutoConfiguration.class)
  @RestController
  static class Application {

    @Bean
    SecurityFilterChain guard(HttpSecurity http, IdentityClient identity) {
      return HttpGuard.with(identity)
          .rule(HttpMethod.GET, "/orgs/{org}/posts/{id}", "posts:read", "orgs/{org}/posts/{id}")
          .rule(HttpMethod.GET, "/later/{org}", "posts:read", "orgs/{org}")
          .rule(HttpMethod.PUT, "/orgs/{org}/posts/{id}", "posts:update", "orgs/{org}/posts/{id}")
          .rule(HttpMethod.GET, "/error", "posts:read", "orgs/acme")
          .publicRoute(HttpMethod.GET, "/ping")
          .publicRoute(HttpMethod.GET, "/forward")
          .publicRoute(HttpMethod.GET, "/include")
          .publicRoute(HttpMethod.GET, "/fail")
          .publicRoute(HttpMethod.PUT, "/fail")
          .chain(http);
    }

    @GetMapping("/orgs/{org}/posts/{id}")
    Map<String, Object> read(@AuthenticationPrincipal Decision decision, Authentication authentication) {
      return Map.of("username", decision.principal().getUsername(), "name", authentication.getName(),
          "id", decision.principal().getId());
    }

    @PutMapping("/orgs/{org}/posts/{id}")
    String update() {
      return "updated";
    }

    @GetMapping("/later/{org}")
    CompletableFuture<String> later() {
      return CompletableFuture.supplyAsync(() -> "later");
    }

    @GetMapping("/forward")
    ModelAndView forward(@RequestParam("to") String path) {
      return new ModelAndView("forward:" + path);
    }

    @GetMapping("/include")
    void include(HttpServletRequest request, HttpServletResponse response) throws Exception {
      response.getOutputStream().print("[");
      request.getRequestDispatcher(POST).include(request, response);
      response.getOutputStream().print("] " + SecurityContextHolder.getContext().getAuthentication().getName());
    }

    @RequestMapping("/fail")
    String fail() {
      throw new IllegalStateException("a fault");
    }

    @GetMapping({"/ping", "/forgotten"})
    String open() {
      return "open";
    }
  }

  private final World world;
  private final HttpClient http = HttpClient.newHttpClient();
  private ConfigurableApplicationContext application;

  HttpGuardTest(World world) {
    this.world = world;
    serve(world.backend());
  }

  private void serve(IdentityClient client) {
    application = new SpringApplicationBuilder(Application.class)
        .initializers(context -> context.getBeanFactory().registerSingleton("identity", client))
        .properties("server.port=0", "server.address=127.0.0.1", "spring.main.banner-mode=off",
            "logging.level.root=warn")
        .run();
  }

  @AfterEach
  void end() {
    application.close();
  }

  /** The answer to a request with these headers: name, value, … */
  private HttpResponse<String> send(String method, String path, String... headers) throws Exception {
    int port = ((WebServerApplicationContext) application).getWebServer().getPort();
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) request.headers(headers);
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static void assertProblem(int status, String reason, String challenge, HttpResponse<String> response) {
    assertEquals(status, response.statusCode());
    assertEquals(challenge, response.headers().firstValue("WWW-Authenticate").orElse(""));
    assertTrue(response.headers().firstValue("Content-Type").orElse("").startsWith("application/problem+json"));
    JsonObject problem = JsonParser.parseString(response.body()).getAsJsonObject();
    assertEquals(reason, problem.get("reason").getAsString());
    assertEquals(status, problem.get("status").getAsInt());
    assertEquals("about:blank", problem.get("type").getAsString());
  }

  @Test
  void theHandlerGetsTheDecision() throws Exception {
    HttpResponse<String> response = send("GET", POST, "X-API-Key", world.robotKey);
    assertEquals(200, response.statusCode());
    JsonObject seen = JsonParser.parseString(response.body()).getAsJsonObject();
    assertEquals("robot", seen.get("username").getAsString());
    assertEquals(seen.get("id"), seen.get("name"));
    assertEquals(200, send("GET", POST, "Authorization", "Bearer " + world.robotToken()).statusCode());
    assertEquals("updated", send("PUT", POST, "Authorization", "Bearer " + world.robotKey).body());
    assertEquals("later", send("GET", "/later/acme", "X-API-Key", world.robotKey).body());
  }

  @Test
  void aRouteWithoutARuleIsRefused() throws Exception {
    for (String path : new String[] {"/forgotten", "/", POST + "/", POST + "/x"}) {
      assertProblem(403, "METHOD_WITHOUT_RULE", "", send("GET", path, "X-API-Key", world.robotKey));
    }
    assertProblem(403, "METHOD_WITHOUT_RULE", "", send("DELETE", POST, "X-API-Key", world.robotKey));
  }

  @Test
  void aPublicRouteNeedsNoCredential() throws Exception {
    assertEquals("open", send("GET", "/ping", "Authorization", "Basic YTpi").body());
  }

  @Test
  void whatTheServiceDeniesIsRefused() throws Exception {
    assertProblem(401, "CREDENTIAL_REQUIRED", "Bearer realm=\"identity\"", send("GET", POST));
    assertProblem(401, "CREDENTIAL_INVALID", "Bearer realm=\"identity\", error=\"invalid_token\"",
        send("GET", POST, "Authorization", "Bearer nothing"));
    assertProblem(403, "NO_BINDING", "", send("GET", POST, "X-API-Key", world.strangerKey));
    assertProblem(403, "SCOPE_INSUFFICIENT",
        "Bearer realm=\"identity\", error=\"insufficient_scope\", scope=\"posts:update\"",
        send("PUT", POST, "X-API-Key", world.narrowKey));
  }

  @Test
  void aForwardNeedsTheRuleOfItsOwnPath() throws Exception {
    String path = "/forward?to=" + POST;
    assertProblem(401, "CREDENTIAL_REQUIRED", "Bearer realm=\"identity\"", send("GET", path));
    assertProblem(403, "NO_BINDING", "", send("GET", path, "X-API-Key", world.strangerKey));
    assertTrue(send("GET", path, "X-API-Key", world.robotKey).body().contains("robot"));
    assertProblem(403, "METHOD_WITHOUT_RULE", "",
        send("GET", "/forward?to=/forgotten", "X-API-Key", world.robotKey));
  }

  @Test
  void anIncludeNeedsTheRuleOfItsOwnPath() throws Exception {
    assertEquals("[] anonymousUser", send("GET", "/include").body());
    String page = send("GET", "/include", "X-API-Key", world.robotKey).body();
    assertTrue(page.contains("robot") && page.endsWith("] anonymousUser"), page);
  }

  @Test
  void thePageOfAnErrorNeedsARule() throws Exception {
    HttpResponse<String> refused = send("GET", "/fail", "X-API-Key", world.strangerKey);
    assertEquals("500 ", refused.statusCode() + " " + refused.body());
    for (String method : new String[] {"GET", "PUT"}) {
      HttpResponse<String> allowed = send(method, "/fail", "X-API-Key", world.robotKey);
      assertEquals(500, allowed.statusCode());
      assertTrue(allowed.body().contains("Internal Server Error"), allowed.body());
    }
  }

  @Test
  void anAsynchronousAnswerIsDecidedOnce() throws Exception {
    HttpResponse<String> response = send("GET", "/later/acme", "X-API-Key", world.keyForOneRequest());
    assertEquals("200 later", response.statusCode() + " " + response.body());
  }

  @Test
  void twoCredentialsAreRefused() throws Exception {
    String bearer = "Bearer " + world.robotKey;
    assertProblem(401, "CREDENTIAL_INVALID", "Bearer realm=\"identity\", error=\"invalid_token\"",
        send("GET", POST, "Authorization", bearer, "Authorization", bearer));
  }

  @Test
  void aQuotaThatIsUsedUpSaysWhenToRetry() throws Exception {
    String key = world.keyForOneRequest();
    assertEquals(200, send("GET", POST, "X-API-Key", key).statusCode());
    HttpResponse<String> response = send("GET", POST, "X-API-Key", key);
    assertProblem(429, "QUOTA_EXCEEDED", "", response);
    assertTrue(response.headers().firstValueAsLong("Retry-After").orElse(0) >= 1);
  }

  @Test
  void aValueThatIsNoSegmentIsRefused() throws Exception {
    assertProblem(400, "INVALID_FIELD", "", send("GET", "/orgs/ac%20me/posts/p1", "X-API-Key", world.robotKey));
    assertEquals(400, send("GET", "/orgs/acme%2Fposts/posts/p1", "X-API-Key", world.robotKey).statusCode());
  }

  @Test
  void withoutADecisionARequestIsRefused() throws Exception {
    end();
    serve(world.backend().withCredential(TokenSource.of("idk_wrong")));
    HttpResponse<String> response = send("GET", POST, "X-API-Key", world.robotKey);
    assertProblem(503, "UNDECIDED", "", response);
    assertEquals("1", response.headers().firstValue("Retry-After").orElse(""));
  }

  @Test
  void mistakesInRulesAreFoundAtTheStart() {
    HttpGuard.Builder rules = HttpGuard.with(world.backend());
    assertThrows(IllegalArgumentException.class,
        () -> rules.rule(HttpMethod.GET, "/orgs/{org}", "posts:read", "orgs/{organization}"));
  }
}
