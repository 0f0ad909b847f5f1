package identity.examples;

import identity.client.Decision;
import identity.client.HttpGuard;
import identity.client.IdentityClient;
import identity.client.TokenSource;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** A guarded application of Spring Boot, in plain text. It takes --identity.address and --identity.service-key. */
@SpringBootConfiguration
@EnableAutoConfiguration(exclude = UserDetailsServiceAutoConfiguration.class)
@RestController
public class PostsApplication {

  @Bean
  IdentityClient identity(@Value("${identity.address}") String address, @Value("${identity.service-key}") String key) {
    return IdentityClient.to(address).plaintext().credential(TokenSource.of(key)).build();
  }

  @Bean
  SecurityFilterChain guard(HttpSecurity http, IdentityClient identity) {
    return HttpGuard.with(identity)
        .rule(HttpMethod.GET, "/orgs/{org}/posts/{id}", "posts:read", "orgs/{org}/posts/{id}").chain(http);
  }

  @GetMapping("/orgs/{org}/posts/{id}")
  Map<String, String> post(@PathVariable("id") String id, @AuthenticationPrincipal Decision decision) {
    return Map.of("post", id, "reader", decision.principal().getUsername());
  }

  public static void main(String[] arguments) {
    SpringApplication.run(PostsApplication.class, arguments);
  }
}
