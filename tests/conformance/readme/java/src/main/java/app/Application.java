package app;

import identity.client.Decision;
import identity.client.HttpGuard;
import identity.client.IdentityClient;
import identity.client.TokenSource;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class Application {

  // @LINES@

  @Bean
  IdentityClient identity(@Value("${identity.address}") String address, @Value("${identity.service-key}") String key) {
    return IdentityClient.to(address).plaintext().credential(TokenSource.of(key)).build();
  }

  @GetMapping("/orgs/{org}/posts/{id}")
  Map<String, String> read(@AuthenticationPrincipal Decision decision) {
    return Map.of("reader", decision.principal().getUsername());
  }

  @GetMapping("/forgotten")
  Map<String, String> forgotten() {
    return Map.of("reader", "everybody");
  }

  @EventListener
  void printPort(WebServerInitializedEvent event) {
    System.out.println("port " + event.getWebServer().getPort());
  }

  public static void main(String[] arguments) {
    SpringApplication.run(Application.class, arguments);
  }
}
