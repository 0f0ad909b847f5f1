package identity.client;

import java.nio.file.Path;
import java.time.InstantSource;

/**
 * Where a client gets the credential of its calls: an API key, an access token, or the token of a workload. A {@link
 * Session} is one, too. Implementations must be safe for use by several threads.
 */
@FunctionalInterface
public interface TokenSource {

  /** Returns the credential for one call. May wait, but not for long. */
  String token();

  /** A text that never changes. */
  static TokenSource of(String text) {
    String token = text.strip();
    if (token.isEmpty()) throw new IllegalArgumentException("the credential is empty");
    return () -> token;
  }

  /**
   * A file whose content is renewed, such as the token of a Kubernetes service account. It is read for the first call,
   * and then at most once in 10 seconds. Calls fail with UNAVAILABLE as long as it has never been read.
   */
  static TokenSource ofFile(Path file) {
    return new FileToken(file, InstantSource.system());
  }
}
