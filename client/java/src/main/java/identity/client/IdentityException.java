package identity.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A call failed. For a check this means "not decided": deny. */
public final class IdentityException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Status.Code code;
  private final String reason;
  private final Duration retryDelay;
  private final List<BadRequest.FieldViolation> violations;

  IdentityException(Status.Code code, String reason, String message) {
    this(code, reason, message, null, List.of(), null);
  }

  private IdentityException(Status.Code code, String reason, String message, Duration retryDelay,
      List<BadRequest.FieldViolation> violations, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.reason = reason;
    this.retryDelay = retryDelay;
    this.violations = List.copyOf(violations);
  }

  static IdentityException from(StatusRuntimeException error) {
    com.google.rpc.Status details = detailsOf(error);
    ErrorInfo info = find(details, ErrorInfo.getDefaultInstance());
    RetryInfo retry = find(details, RetryInfo.getDefaultInstance());
    BadRequest request = find(details, BadRequest.getDefaultInstance());
    return new IdentityException(
        isLostConnection(error) ? Status.Code.UNAVAILABLE : error.getStatus().getCode(),
        info.getDomain().equals(Refusal.DOMAIN) ? info.getReason() : "",
        Objects.requireNonNullElse(error.getStatus().getDescription(), ""),
        retry.hasRetryDelay() ? toDuration(retry.getRetryDelay()) : null,
        request.getFieldViolationsList(),
        error);
  }

  // For a connection that ends at the wrong moment, gRPC's transport has no better word than UNKNOWN.
  private static boolean isLostConnection(StatusRuntimeException error) {
    return error.getStatus().getCode() == Status.Code.UNKNOWN
        && error.getStatus().getCause() instanceof ClosedChannelException;
  }

  /** The same error for another thread, which has a stack of its own. */
  static IdentityException again(IdentityException error) {
    return new IdentityException(
        error.code, error.reason, error.getMessage(), error.retryDelay, error.violations, error);
  }

  /** The code of gRPC. */
  public Status.Code code() {
    return code;
  }

  /**
   * The name of an {@link identity.v1.ErrorReason} without its prefix, such as "RATE_LIMITED". Empty if the error does
   * not come from the service, for example because the service is unreachable.
   */
  public String reason() {
    return reason;
  }

  /** How long the service asks to wait before a retry. */
  public Optional<Duration> retryDelay() {
    return Optional.ofNullable(retryDelay);
  }

  /** The fields of the request that the service refused, with the rule that each breaks. */
  public List<BadRequest.FieldViolation> violations() {
    return violations;
  }

  @Override
  public String toString() {
    return getClass().getName() + ": " + code + (reason.isEmpty() ? "" : " / " + reason) + ": " + getMessage();
  }

  static Duration toDuration(com.google.protobuf.Duration span) {
    return Duration.ofSeconds(span.getSeconds(), span.getNanos());
  }

  private static com.google.rpc.Status detailsOf(StatusRuntimeException error) {
    try {
      return StatusProto.fromStatusAndTrailers(error.getStatus(), error.getTrailers());
    } catch (IllegalArgumentException malformed) {
      return com.google.rpc.Status.getDefaultInstance();
    }
  }

  // Returns the empty one if there is no such detail, or a malformed one.
  @SuppressWarnings("unchecked")
  private static <T extends Message> T find(com.google.rpc.Status status, T empty) {
    try {
      for (Any detail : status.getDetailsList()) {
        if (detail.is(empty.getClass())) return (T) detail.unpack(empty.getClass());
      }
    } catch (InvalidProtocolBufferException malformed) {
      return empty;
    }
    return empty;
  }
}
