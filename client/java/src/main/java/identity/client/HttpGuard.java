package identity.client;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher.MatchResult;

/**
 * Guards the routes of a servlet application with Spring Security. It refuses a request that no rule matches. The first
 * rule that matches counts. Thread-safe.
 *
 * <p>It decides each dispatch of a request: a forward, an include and the page of an error need a rule for their own
 * path. The filter of Spring Security must have all dispatcher types, as by default.
 *
 * <p>An allowed request has an {@code Authentication}: its principal is the {@link Decision}, its name is the id of the
 * principal, and it has no authorities.
 */
public final class HttpGuard implements Filter {

  /** A public route has no rule. */
  private record Route(RequestMatcher matcher, Optional<Rule> rule) {}

  /** What a request was allowed. */
  private record Admission(Rule rule, String resource, Decision decision) {}

  private static final String ADMISSION = HttpGuard.class.getName();  // an attribute of the request
  // The answer to these dispatches belongs to others: it is the rest of a page, or it already has its status.
  private static final Set<DispatcherType> PARTS = EnumSet.of(DispatcherType.INCLUDE, DispatcherType.ERROR);

  private static final class Allowed extends AbstractAuthenticationToken {
    private static final long serialVersionUID = 1;

    private final transient Decision decision;

    Allowed(Decision decision) {
      super(AuthorityUtils.NO_AUTHORITIES);
      this.decision = decision;
      setAuthenticated(true);
    }

    @Override
    public Object getPrincipal() {
      return decision;
    }

    @Override
    public String getName() {
      return decision.principal().getId();
    }

    @Override
    public Object getCredentials() {
      return "";
    }
  }

  private final Guard guard;
  private final List<Route> routes;

  private HttpGuard(Builder builder) {
    guard = new Guard(builder.client);
    routes = List.copyOf(builder.routes);
  }

  /** Begins the rules of a guard. {@code client} asks with its own credential, which needs {@code identity:check}. */
  public static Builder with(IdentityClient client) {
    return new Builder(client);
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    guard((HttpServletRequest) request, (HttpServletResponse) response, chain);
  }

  private void guard(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    SecurityContext before = SecurityContextHolder.getContext();
    try {
      decide(request);
      chain.doFilter(request, response);
    } catch (Refusal refusal) {
      if (!PARTS.contains(request.getDispatcherType())) write(refusal, response);
    } finally {
      SecurityContextHolder.setContext(before);
    }
  }

  private void decide(HttpServletRequest request) throws Refusal {
    for (Route route : routes) {
      MatchResult match = route.matcher().matcher(request);
      if (!match.isMatch()) continue;
      if (route.rule().isPresent()) keep(admit(route.rule().get(), match.getVariables(), request));
      return;
    }
    throw Refusal.withoutRule();
  }

  // Asks once for each resource: an asynchronous answer is dispatched to its path again.
  private Decision admit(Rule rule, Map<String, String> variables, HttpServletRequest request) throws Refusal {
    Credential credential = Credential.from(
        Collections.list(request.getHeaders("Authorization")), Collections.list(request.getHeaders("X-API-Key")));
    String resource = rule.resource(variables::get);
    if (request.getAttribute(ADMISSION) instanceof Admission former && former.rule() == rule
        && former.resource().equals(resource)) {
      return former.decision();
    }
    Decision decision = guard.ask(credential, rule.permission(), resource);
    request.setAttribute(ADMISSION, new Admission(rule, resource, decision));
    return decision;
  }

  private static void keep(Decision decision) {
    SecurityContext context = SecurityContextHolder.createEmptyContext();
    context.setAuthentication(new Allowed(decision));
    SecurityContextHolder.setContext(context);
  }

  // RFC 9457. None of the texts needs to be escaped.
  private static void write(Refusal refusal, HttpServletResponse response) throws IOException {
    HttpStatus status = HttpStatus.valueOf(refusal.httpStatus());
    String body = """
        {"type": "about:blank", "title": "%s", "status": %d, "detail": "%s", "reason": "%s"}
        """.formatted(status.getReasonPhrase(), status.value(), refusal.getMessage(), refusal.reason());
    response.setStatus(status.value());
    refusal.challenge().ifPresent(challenge -> response.setHeader(HttpHeaders.WWW_AUTHENTICATE, challenge));
    refusal.retryDelay().ifPresent(delay -> response.setHeader(HttpHeaders.RETRY_AFTER, secondsUp(delay)));
    response.setContentType("application/problem+json");
    response.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
  }

  private static String secondsUp(Duration delay) {
    return Long.toString(delay.plusNanos(999_999_999).getSeconds());
  }

  /** The rules of a guard. They are checked here, so that a typing error is found when the application starts. */
  public static final class Builder {
    private final IdentityClient client;
    private final List<Route> routes = new ArrayList<>();

    private Builder(IdentityClient client) {
      this.client = client;
    }

    /**
     * Requests of a route need a permission.
     *
     * @param path a pattern of Spring, such as {@code /orgs/{org}/posts/{id}}
     * @param resource a template; braces name a variable of the path: {@code orgs/{org}/posts/{id}}
     */
    public Builder rule(HttpMethod method, String path, String permission, String resource) {
      Rule rule = new Rule(permission, resource);
      rule.fields().forEach(name -> {
        if (!path.contains("{" + name + "}") && !path.contains("{" + name + ":")) {
          throw new IllegalArgumentException(path + " has no variable " + name);
        }
      });
      return add(method, path, Optional.of(rule));
    }

    /** Anyone may make requests of a route, and the service is not asked. */
    public Builder publicRoute(HttpMethod method, String path) {
      return add(method, path, Optional.empty());
    }

    /**
     * Makes a chain of Spring Security in which this guard decides alone. The chain has no HTTP session, no login and
     * no CSRF token: only a script can send the headers of this guard, and browsers let no foreign script do so.
     */
    public SecurityFilterChain chain(HttpSecurity http) {
      return http.csrf(AbstractHttpConfigurer::disable)
          .logout(AbstractHttpConfigurer::disable)
          .requestCache(AbstractHttpConfigurer::disable)
          .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
          .addFilterAt(new HttpGuard(this), AuthorizationFilter.class)
          .build();
    }

    private Builder add(HttpMethod method, String path, Optional<Rule> rule) {
      routes.add(new Route(PathPatternRequestMatcher.pathPattern(method, path), rule));
      return this;
    }
  }
}
