import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.server.resource.introspection.BadOpaqueTokenException;
import org.springframework.security.oauth2.server.resource.introspection.OpaqueTokenIntrospector;
import org.springframework.security.oauth2.server.resource.introspection.SpringOpaqueTokenIntrospector;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers a request that has a valid token with the subject and the authorities of the token. */
@SpringBootConfiguration
@EnableAutoConfiguration
@RestController
public class ResourceServer {

    @GetMapping("/")
    Map<String, Object> caller(Authentication caller) {
        List<String> authorities = caller.getAuthorities().stream().map(GrantedAuthority::getAuthority).toList();
        return Map.of("name", caller.getName(), "authorities", authorities);
    }

    @Bean
    JwtTypeValidator accessTokensOnly() {
        return new JwtTypeValidator("at+jwt");
    }

    @ConditionalOnProperty("spring.security.oauth2.resourceserver.opaquetoken.introspection-uri")
    @Bean
    OpaqueTokenIntrospector introspector(OAuth2ResourceServerProperties properties) {
        var settings = properties.getOpaquetoken();
        var identity = SpringOpaqueTokenIntrospector.withIntrospectionUri(settings.getIntrospectionUri())
            .clientId(settings.getClientId()).clientSecret(settings.getClientSecret()).build();
        return token -> {
            var caller = identity.introspect(token);
            if (!List.of("orders").equals(caller.getAttribute("aud"))) {
                throw new BadOpaqueTokenException("The token is for another audience");
            }
            return caller;
        };
    }

    /** Starts one server for each configuration file. */
    public static void main(String[] files) {
        for (String file : files) {
            new SpringApplicationBuilder(ResourceServer.class).run("--spring.config.location=" + file);
        }
    }
}
