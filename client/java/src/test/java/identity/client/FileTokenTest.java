package identity.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTokenTest {
  private final FakeClock clock = new FakeClock();

  @TempDir
  Path folder;

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("token"), content);
  }

  @Test
  void aChangedFileIsReadAfterTenSeconds() throws IOException {
    FileToken source = new FileToken(file("old\n"), clock);
    assertEquals("old", source.token());
    file("new\n");
    clock.advance(Duration.ofSeconds(9));
    assertEquals("old", source.token());
    clock.advance(Duration.ofSeconds(1));
    assertEquals("new", source.token());
  }

  @Test
  void theFormerTokenServesWhileTheFileCannotBeRead() throws IOException {
    FileToken source = new FileToken(file("old"), clock);
    assertEquals("old", source.token());
    file("");
    clock.advance(Duration.ofSeconds(10));
    assertEquals("old", source.token());
    file("new");
    clock.advance(Duration.ofSeconds(10));
    assertEquals("new", source.token());
  }

  @Test
  void aFileMayAppearLater() throws IOException {
    FileToken source = new FileToken(folder.resolve("token"), clock);
    assertEquals(Status.Code.UNAVAILABLE, assertThrows(IdentityException.class, source::token).code());
    file("new");
    assertEquals("new", source.token());
  }
}
