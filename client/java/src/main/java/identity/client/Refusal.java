package identity.client;

import identity.v1.CheckPermissionResponse;
import identity.v1.Decision;
import identity.v1.Reason;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;

/** Why a guard refuses a request. Nothing in it is secret: it is the answer to a stranger. */
final class Refusal extends Exception {
  static final String DOMAIN = "identity.v1";

  private static final long serialVersionUID = 1;
  private static final Duration DEFAULT_RETRY_DELAY = Duration.ofSeconds(1);
  private static final String CHALLENGE = "Bearer realm=\"identity\"";

  private final Status.Code code;
  private final String reason;
  private final String challenge;
  private final Duration retryDelay;

  private Refusal(Status.Code code, String reason, String message, String challenge, Duration retryDelay) {
    super(message, null, false, false);
    this.code = code;
    this.reason = reason;
    this.challenge = challenge;
    this.retryDelay = retryDelay;
  }

  static Refusal withoutRule() {
    return denied("METHOD_WITHOUT_RULE", "no rule allows this request");
  }

  static Refusal invalidCredential() {
    return invalidCredential("CREDENTIAL_INVALID");
  }

  static Refusal invalidField(String name) {
    return new Refusal(Status.Code.INVALID_ARGUMENT, "INVALID_FIELD", name + ": is not a segment of a resource", null,
        null);
  }

  /** The service did not decide: it is unreachable, or it refuses this backend itself. */
  static Refusal undecided(Optional<Duration> retryDelay) {
    return new Refusal(Status.Code.UNAVAILABLE, "UNDECIDED", "this request cannot be decided now", null,
        retryDelay.orElse(DEFAULT_RETRY_DELAY));
  }

  /** The answer to a check that does not allow the request. */
  static Refusal of(CheckPermissionResponse response, Credential credential, String permission) {
    if (response.getDecision() != Decision.DECISION_DENIED) return denied("UNDECIDED", "you may not do this");
    String reason = nameOf(response.getReason());
    return switch (response.getReason()) {
      case REASON_CREDENTIAL_INVALID, REASON_CREDENTIAL_EXPIRED, REASON_CREDENTIAL_REVOKED,
          REASON_PRINCIPAL_DISABLED -> invalidCredential(reason);
      case REASON_NO_BINDING -> credential.isMissing()
          ? unauthenticated("CREDENTIAL_REQUIRED", "this request needs an access token or an API key", CHALLENGE)
          : denied(reason, "you may not do this");
      case REASON_STEP_UP_REQUIRED -> unauthenticated(reason, "this request needs a more recent second factor",
          CHALLENGE + ", error=\"insufficient_user_authentication\"");  // RFC 9470, section 3
      case REASON_SCOPE_INSUFFICIENT -> new Refusal(Status.Code.PERMISSION_DENIED, reason,
          "the scopes of the credential do not allow this",
          CHALLENGE + ", error=\"insufficient_scope\", scope=\"" + permission + "\"", null);
      case REASON_QUOTA_EXCEEDED -> new Refusal(Status.Code.RESOURCE_EXHAUSTED, reason,
          "the API key has used up its requests", null, IdentityException.toDuration(response.getQuota().getReset()));
      default -> denied("UNDECIDED", "you may not do this");
    };
  }

  Status.Code code() {
    return code;
  }

  int httpStatus() {
    return switch (code) {
      case INVALID_ARGUMENT -> 400;
      case UNAUTHENTICATED -> 401;
      case PERMISSION_DENIED -> 403;
      case RESOURCE_EXHAUSTED -> 429;
      default -> 503;
    };
  }

  String reason() {
    return reason;
  }

  /** For WWW-Authenticate. */
  Optional<String> challenge() {
    return Optional.ofNullable(challenge);
  }

  Optional<Duration> retryDelay() {
    return Optional.ofNullable(retryDelay);
  }

  private static Refusal invalidCredential(String reason) {
    return unauthenticated(reason, "the access token or API key is not valid", CHALLENGE + ", error=\"invalid_token\"");
  }

  private static Refusal unauthenticated(String reason, String message, String challenge) {
    return new Refusal(Status.Code.UNAUTHENTICATED, reason, message, challenge, null);
  }

  private static Refusal denied(String reason, String message) {
    return new Refusal(Status.Code.PERMISSION_DENIED, reason, message, null, null);
  }

  private static String nameOf(Reason reason) {
    return reason.name().replaceFirst("^REASON_", "");
  }
}
