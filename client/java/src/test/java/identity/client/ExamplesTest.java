package identity.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import identity.examples.PostsApplication;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** The example of Spring Boot, and the lines of the README in it. GrpcGuardTest runs the other example. */
class ExamplesTest {

  @Test
  void theLinesOfTheReadmeAreThoseOfTheExample() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    String section = readme.substring(readme.indexOf("## Protect an endpoint"));
    String lines = section.split("```(java)?\n")[1];
    String example = Files.readString(Path.of("examples/identity/examples/PostsApplication.java"));
    assertEquals(5, lines.lines().count());
    assertTrue(example.contains(lines.indent(2)), lines);
  }

  @Test
  @ExtendWith(World.Extension.class)
  void theLinesProtectAnEndpoint(World world) throws Exception {
    try (ConfigurableApplicationContext application = SpringApplication.run(PostsApplication.class,
        "--identity.address=" + world.address(), "--identity.service-key=" + world.serviceKey(), "--server.port=0",
        "--server.address=127.0.0.1", "--spring.main.banner-mode=off", "--logging.level.root=warn")) {
      int port = ((WebServerApplicationContext) application).getWebServer().getPort();
      URI post = URI.create("http://127.0.0.1:" + port + "/orgs/acme/posts/p1");
      assertEquals(401, send(HttpRequest.newBuilder(post)).statusCode());
      HttpResponse<String> seen =
          send(HttpRequest.newBuilder(post).header("Authorization", "Bearer " + world.robotKey));
      assertEquals(200, seen.statusCode());
      assertTrue(seen.body().contains("\"reader\":\"robot\""), seen.body());
      assertEquals(403, send(HttpRequest.newBuilder(post.resolve("/"))).statusCode());
    }
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
