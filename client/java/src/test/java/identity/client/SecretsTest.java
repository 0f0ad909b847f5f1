package identity.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import identity.v1.TokenSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {
  private static final String SECRET = "idk_secret";

  @TempDir
  Path folder;

  @Test
  void noTextOfAnObjectShowsASecret() throws Exception {
    TokenSource text = TokenSource.of(SECRET);
    Session session = new Session(token -> null,
        TokenSet.newBuilder().setAccessToken(SECRET).setRefreshToken(SECRET).build(), InstantSource.system());
    TokenSource file = TokenSource.ofFile(Files.writeString(folder.resolve("token"), SECRET));
    assertEquals(SECRET, file.token());
    IdentityClient.Builder builder = IdentityClient.to("127.0.0.1:1").plaintext().credential(text);
    try (IdentityClient client = builder.build()) {
      Stream.of(
          text,
          file,
          Credential.from(List.of("Bearer " + SECRET), List.of()),
          session,
          builder,
          client,
          GrpcGuard.with(client).build(),
          HttpGuard.with(client)
      ).forEach(object -> assertFalse(object.toString().contains("secret"), () -> object.getClass().getName()));
    }
  }
}
