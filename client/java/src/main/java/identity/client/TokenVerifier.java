package identity.client;

import io.grpc.Status;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Verifies access tokens (RFC 9068) with the published keys alone. Thread-safe.
 *
 * <p><b>It knows no revocation, no disabled principal and no permission.</b> Until it expires, a token of a thief
 * passes. Ask the service where that matters.
 */
public final class TokenVerifier {
  private static final Duration TOLERANCE = Duration.ofSeconds(30);  // how far clocks may differ
  // A media type, whose "application/" may be left out (RFC 7515, section 4.1.9).
  private static final Pattern TYPE = Pattern.compile("(application/)?at\\+jwt", Pattern.CASE_INSENSITIVE);
  private static final int MAX_TOKEN_LENGTH = 8 * 1024;
  private static final long LATEST_TIME = 253_402_300_799L;  // the end of the year 9999

  private final PublishedKeys keys;
  private final String issuer;
  private final String audience;
  private final InstantSource clock;

  /**
   * Fetches nothing yet.
   *
   * @param keys the JWKS address: https, or http of this machine
   * @param issuer what {@code iss} must be
   * @param audience what {@code aud} must be or have
   */
  public TokenVerifier(URI keys, String issuer, String audience) {
    this(keys, issuer, audience, InstantSource.system());
  }

  /** With a clock that tests can set. */
  public TokenVerifier(URI keys, String issuer, String audience, InstantSource clock) {
    this.keys = new PublishedKeys(keys, clock);
    this.issuer = issuer;
    this.audience = audience;
    this.clock = clock;
  }

  /**
   * Returns what the token says.
   *
   * @throws IdentityException UNAUTHENTICATED / CREDENTIAL_INVALID if the token is not valid; UNAVAILABLE if the keys
   *     cannot be fetched
   */
  public VerifiedToken verify(String token) {
    if (token.length() > MAX_TOKEN_LENGTH) throw invalid("it is too long");
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) throw invalid("it is not a JWT");
    verifySignature(parts);
    return verifyClaims(parse(parts[1]));
  }

  private void verifySignature(String[] parts) {
    Map<String, Object> header = parse(parts[0]);
    if (!TYPE.matcher(text(header, "typ")).matches()) throw invalid("typ");
    if (header.containsKey("crit")) throw invalid("crit");  // RFC 7515, section 4.1.11
    VerificationKey key = keyOf(text(header, "kid"));
    // The key says the algorithm. The token must not choose another one.
    if (!key.algorithm().equals(header.get("alg"))) throw invalid("alg");
    byte[] message = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
    if (!key.verifies(message, decode(parts[2]))) throw invalid("the signature");
  }

  private VerifiedToken verifyClaims(Map<String, Object> claims) {
    Instant now = clock.instant();
    Instant expireTime = time(claims, "exp");
    if (!issuer.equals(claims.get("iss"))) throw invalid("iss");
    if (!isForAudience(claims.get("aud"))) throw invalid("aud");
    if (!now.isBefore(expireTime.plus(TOLERANCE))) throw invalid("exp");
    if (time(claims, "iat").isAfter(now.plus(TOLERANCE))) throw invalid("iat");
    if (claims.containsKey("nbf") && time(claims, "nbf").isAfter(now.plus(TOLERANCE))) throw invalid("nbf");
    return new VerifiedToken(
        text(claims, "sub"), text(claims, "client_id"), text(claims, "jti"), scopesOf(claims), expireTime);
  }

  private boolean isForAudience(Object claim) {
    return audience.equals(claim) || claim instanceof List<?> list && list.contains(audience);
  }

  private static List<String> scopesOf(Map<String, Object> claims) {
    if (!claims.containsKey("scope") || "".equals(claims.get("scope"))) return List.of();
    return List.of(text(claims, "scope").split(" "));
  }

  private VerificationKey keyOf(String id) {
    try {
      return keys.find(id).orElseThrow(() -> invalid("kid"));
    } catch (IOException e) {
      throw new IdentityException(Status.Code.UNAVAILABLE, "", e.getMessage());
    }
  }

  private static Map<String, Object> parse(String part) {
    try {
      return StrictJson.parseObject(decode(part));
    } catch (IOException e) {
      throw invalid("it is not a JWT");
    }
  }

  private static byte[] decode(String part) {
    try {
      return Base64Url.decode(part);
    } catch (IllegalArgumentException e) {
      throw invalid("it is not a JWT");
    }
  }

  private static String text(Map<String, Object> object, String name) {
    if (object.get(name) instanceof String text && !text.isEmpty()) return text;
    throw invalid(name);
  }

  private static Instant time(Map<String, Object> claims, String name) {
    if (claims.get(name) instanceof Double seconds && seconds >= 0 && seconds <= LATEST_TIME) {
      return Instant.ofEpochSecond(seconds.longValue());
    }
    throw invalid(name);
  }

  private static IdentityException invalid(String what) {
    return new IdentityException(Status.Code.UNAUTHENTICATED, "CREDENTIAL_INVALID", "the token is refused: " + what);
  }
}
