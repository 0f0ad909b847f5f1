package identity.client;

import java.time.Instant;
import java.util.List;

/**
 * An access token that a {@link TokenVerifier} has verified. It knows no revocation, no disabled principal and no
 * permission.
 */
public final class VerifiedToken {
  private final String subject;
  private final String clientId;
  private final String id;
  private final List<String> scopes;
  private final Instant expireTime;

  VerifiedToken(String subject, String clientId, String id, List<String> scopes, Instant expireTime) {
    this.subject = subject;
    this.clientId = clientId;
    this.id = id;
    this.scopes = scopes;
    this.expireTime = expireTime;
  }

  /** The UUID of the principal. */
  public String subject() {
    return subject;
  }

  /** The UUID of the principal that got the token for the subject, or "identity". */
  public String clientId() {
    return clientId;
  }

  /** The {@code jti}. */
  public String id() {
    return id;
  }

  /** Permission patterns that limit what the token may be used for. */
  public List<String> scopes() {
    return scopes;
  }

  public Instant expireTime() {
    return expireTime;
  }

  @Override
  public String toString() {
    return "VerifiedToken[subject=" + subject + ", id=" + id + ", expireTime=" + expireTime + "]";
  }
}
