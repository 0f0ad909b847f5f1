package identity.client;

import identity.v1.CheckPermissionRequest;
import identity.v1.CheckPermissionResponse;
import java.time.Duration;
import java.util.Optional;

/** Asks the service whether a request may be served. Whatever is not allowed is refused. */
final class Guard {
  private static final System.Logger LOG = System.getLogger(Guard.class.getName());

  private final IdentityClient client;

  Guard(IdentityClient client) {
    this.client = client;
  }

  Decision ask(Credential credential, String permission, String resource) throws Refusal {
    CheckPermissionRequest.Builder request =
        CheckPermissionRequest.newBuilder().setPermission(permission).setResource(resource);
    credential.addTo(request);
    CheckPermissionResponse response = check(request.build());
    if (response.getDecision() != identity.v1.Decision.DECISION_ALLOWED) {
      throw Refusal.of(response, credential, permission);
    }
    return Decision.from(response);
  }

  // A stranger learns nothing of the error, so the operator needs the log.
  private CheckPermissionResponse check(CheckPermissionRequest request) throws Refusal {
    try {
      return client.checkPermission(request);
    } catch (IdentityException e) {
      throw undecided(e, e.retryDelay());
    } catch (RuntimeException e) {  // of a token source
      throw undecided(e, Optional.empty());
    }
  }

  private static Refusal undecided(RuntimeException error, Optional<Duration> retryDelay) {
    LOG.log(System.Logger.Level.WARNING, "no decision: " + error);
    return Refusal.undecided(retryDelay);
  }
}
