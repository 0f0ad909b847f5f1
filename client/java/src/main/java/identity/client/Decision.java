package identity.client;

import identity.v1.CheckPermissionResponse;
import identity.v1.Principal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a guard knows about the request that it allowed. A handler gets it from {@link GrpcGuard#decision}, or in Spring
 * as {@code @AuthenticationPrincipal Decision}.
 *
 * @param principal who makes the request
 * @param sessionId UUID; empty without a session
 * @param scopes those of the credential; {@code *} without one
 * @param consistencyToken the revision at which the decision is true
 * @param expireTime when the credential or the binding that allows the request expires; empty: never
 */
public record Decision(
    Principal principal,
    String sessionId,
    List<String> scopes,
    String consistencyToken,
    Optional<Instant> expireTime) {

  static Decision from(CheckPermissionResponse response) {
    return new Decision(
        response.getPrincipal(),
        response.getSessionId(),
        List.copyOf(response.getScopesList()),
        response.getConsistencyToken(),
        response.hasExpireTime()
            ? Optional.of(Instant.ofEpochSecond(response.getExpireTime().getSeconds(),
                response.getExpireTime().getNanos()))
            : Optional.empty());
  }
}
