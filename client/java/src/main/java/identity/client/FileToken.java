package identity.client;

import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The content of a file that is read again from time to time. */
final class FileToken implements TokenSource {
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final Path file;
  private final InstantSource clock;
  private String token;  // null: never read
  private Instant nextRead = Instant.MIN;

  FileToken(Path file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
  }

  @Override
  public synchronized String token() {
    Instant now = clock.instant();
    if (token != null && now.isBefore(nextRead)) return token;
    try {
      token = read();
    } catch (IOException e) {
      // The file may be in the middle of its renewal. The former token is still valid for some time.
      if (token == null) throw new IdentityException(Status.Code.UNAVAILABLE, "", "no credential: " + e);
    }
    nextRead = now.plus(INTERVAL);
    return token;
  }

  private String read() throws IOException {
    String text = Files.readString(file).strip();
    if (text.isEmpty()) throw new IOException(file + " is empty");
    return text;
  }
}
