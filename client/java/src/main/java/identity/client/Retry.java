package identity.client;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import identity.v1.AuthenticateRequest;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Whether a call may be repeated, and the pause before that. */
enum Retry {
  /** A second call could have another effect, or be a second guess of a password. */
  NEVER,
  /** For 10 seconds, a spent refresh token gives the same successor. */
  WHEN_UNAVAILABLE,
  SAFE;

  private static final int MAX_CALLS = 5;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
  private static final Set<String> SAFE_REASONS = Set.of("CONFLICT", "OVERLOADED", "COMMIT_IN_DOUBT");
  private static final Pattern READS = Pattern.compile("(Get|List|Check|BatchCheck).*");

  /** {@code method}: its name without that of its service. */
  static Retry of(String method, Message request) {
    if (method.equals("Refresh")) return WHEN_UNAVAILABLE;
    boolean safe = READS.matcher(method).matches() || method.equals("Revoke") || hasRequestId(request)
        || request instanceof AuthenticateRequest login && login.hasApiKey();
    return safe ? SAFE : NEVER;
  }

  /** {@code made}: the number of calls so far. */
  boolean allows(IdentityException error, int made) {
    if (made >= MAX_CALLS) return false;
    if (isRefusedByShutdown(error)) return true;
    return switch (this) {
      case NEVER -> false;
      case WHEN_UNAVAILABLE -> error.code() == Status.Code.UNAVAILABLE;
      case SAFE -> error.code() == Status.Code.UNAVAILABLE || SAFE_REASONS.contains(error.reason());
    };
  }

  /** The pause after {@code made} calls. {@code random} is from 0 to 1: clients should not retry together. */
  static Duration pause(IdentityException error, int made, double random) {
    Duration pause = scale(min(FIRST_PAUSE.multipliedBy(1L << (made - 1)), LONGEST_PAUSE), 1 - random / 2);
    Optional<Duration> asked = error.retryDelay();
    if (asked.isEmpty() || asked.get().compareTo(pause) < 0) return pause;
    // The service asks all clients for the same delay.
    return asked.get().plus(scale(FIRST_PAUSE, random));
  }

  // gRPC's C++ server answers this to a call that arrives while it shuts down. No handler has seen the call.
  private static boolean isRefusedByShutdown(IdentityException error) {
    return error.code() == Status.Code.CANCELLED && "CANCELLED".equals(error.getMessage());
  }

  private static boolean hasRequestId(Message request) {
    FieldDescriptor field = request.getDescriptorForType().findFieldByName("request_id");
    return field != null && request.getField(field) instanceof String id && !id.isEmpty();
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static Duration scale(Duration span, double factor) {
    return Duration.ofNanos((long) (span.toNanos() * factor));
  }
}
