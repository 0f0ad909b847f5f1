package identity.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.Gson;
import com.sun.net.httpserver.HttpServer;
import io.grpc.Status;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenVerifierTest {
  private static final Map<String, String> ALGORITHMS =
      Map.of("EdDSA", "Ed25519", "ES256", "SHA256withECDSAinP1363Format", "RS256", "SHA256withRSA");
  private static final Map<String, KeyPair> KEYS = new HashMap<>();

  static {
    try {
      KEYS.put("EdDSA", KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
      KeyPairGenerator curve = KeyPairGenerator.getInstance("EC");
      curve.initialize(new ECGenParameterSpec("secp256r1"));
      KEYS.put("ES256", curve.generateKeyPair());
      KEYS.put("RS256", KeyPairGenerator.getInstance("RSA").generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final FakeClock clock = new FakeClock();
  private final Map<String, Object> header = new LinkedHashMap<>();
  private final Map<String, Object> claims = new LinkedHashMap<>();
  private HttpServer server;
  private TokenVerifier verifier;
  private String body;
  private int status = 200;
  private String cacheControl;
  private int fetches;

  @BeforeEach
  void begin() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      ++fetches;
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      if (cacheControl != null) exchange.getResponseHeaders().set("Cache-Control", cacheControl);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
      exchange.close();
    });
    server.start();
    publish("EdDSA", "ES256", "RS256");
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jwks.json");
    verifier = new TokenVerifier(address, "https://id.example", "shop", clock);
    long now = clock.instant().getEpochSecond();
    header.putAll(Map.of("alg", "EdDSA", "typ", "at+jwt", "kid", "EdDSA"));
    claims.putAll(Map.of("iss", "https://id.example", "aud", "shop", "sub", "ada", "client_id", "identity", "jti", "1",
        "iat", now, "exp", now + 900, "scope", "posts:read posts:update"));
  }

  @AfterEach
  void end() {
    server.stop(0);
  }

  private void publish(String... ids) {
    body = new Gson().toJson(Map.of("keys", Arrays.stream(ids).map(TokenVerifierTest::jwk).toList()));
  }

  private static Map<String, String> jwk(String id) {
    KeyPair pair = KEYS.get(id);
    Map<String, String> jwk = new LinkedHashMap<>(Map.of("kid", id, "alg", id, "use", "sig"));
    switch (id) {
      case "EdDSA" -> {
        byte[] encoded = pair.getPublic().getEncoded();
        jwk.putAll(Map.of("kty", "OKP", "crv", "Ed25519",
            "x", base64(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length))));
      }
      case "ES256" -> {
        ECPublicKey key = (ECPublicKey) pair.getPublic();
        jwk.putAll(Map.of("kty", "EC", "crv", "P-256",
            "x", number(key.getW().getAffineX()), "y", number(key.getW().getAffineY())));
      }
      default -> {
        RSAPublicKey key = (RSAPublicKey) pair.getPublic();
        jwk.putAll(Map.of("kty", "RSA", "n", number(key.getModulus()), "e", number(key.getPublicExponent())));
      }
    }
    return jwk;
  }

  private static String number(BigInteger number) {
    byte[] bytes = number.toByteArray();
    return base64(bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private String token(String key) {
    return signed(key, new Gson().toJson(header), new Gson().toJson(claims));
  }

  private static String signed(String key, String header, String claims) {
    String message = base64(header.getBytes(StandardCharsets.UTF_8)) + "."
        + base64(claims.getBytes(StandardCharsets.UTF_8));
    try {
      Signature signer = Signature.getInstance(ALGORITHMS.get(key));
      signer.initSign(KEYS.get(key).getPrivate());
      signer.update(message.getBytes(StandardCharsets.US_ASCII));
      return message + "." + base64(signer.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private void assertRefused(String what, String token) {
    IdentityException error = assertThrows(IdentityException.class, () -> verifier.verify(token));
    assertEquals("CREDENTIAL_INVALID", error.reason());
    assertEquals("the token is refused: " + what, error.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"EdDSA", "ES256", "RS256"})
  void aTokenOfEachAlgorithmIsVerified(String algorithm) {
    header.put("alg", algorithm);
    header.put("kid", algorithm);
    VerifiedToken token = verifier.verify(token(algorithm));
    assertEquals("ada", token.subject());
    assertEquals(List.of("posts:read", "posts:update"), token.scopes());
    assertEquals(clock.instant().plusSeconds(900), token.expireTime());
  }

  @Test
  void theAudienceMayBeAList() {
    claims.put("aud", List.of("blog", "shop"));
    verifier.verify(token("EdDSA"));
    claims.put("aud", List.of("blog"));
    assertRefused("aud", token("EdDSA"));
  }

  @ParameterizedTest
  @CsvSource({"iss, https://id.example/", "aud, blog", "sub, ''", "client_id, ''", "jti, ''", "iat, now", "exp, never"})
  void aWrongClaimIsRefused(String name, String value) {
    claims.put(name, value);
    assertRefused(name, token("EdDSA"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"iss", "aud", "sub", "client_id", "jti", "iat", "exp"})
  void aMissingClaimIsRefused(String name) {
    claims.remove(name);
    assertRefused(name, token("EdDSA"));
  }

  @Test
  void clocksMayDifferBy30Seconds() {
    String token = token("EdDSA");
    clock.advance(Duration.ofSeconds(929));
    verifier.verify(token);
    clock.advance(Duration.ofSeconds(1));
    assertRefused("exp", token);
  }

  @ParameterizedTest
  @ValueSource(strings = {"iat", "nbf"})
  void aTokenOfTheFutureIsRefused(String name) {
    claims.put(name, clock.instant().getEpochSecond() + 30);
    verifier.verify(token("EdDSA"));
    claims.put(name, clock.instant().getEpochSecond() + 31);
    assertRefused(name, token("EdDSA"));
  }

  @Test
  void aTimeThatIsNoTimeIsRefused() {
    claims.put("exp", 1e300);
    assertRefused("exp", token("EdDSA"));
  }

  @ParameterizedTest
  @CsvSource({"alg, none", "alg, HS256", "alg, ES256", "typ, JWT", "kid, unknown", "crit, exp"})
  void aWrongHeaderIsRefused(String name, String value) {
    header.put(name, value);
    assertRefused(name, token("EdDSA"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"AT+JWT", "application/at+jwt"})
  void theTypeIsAMediaType(String type) {
    header.put("typ", type);
    verifier.verify(token("EdDSA"));
  }

  @Test
  void theKeySaysTheAlgorithm() {
    header.put("kid", "RS256");
    assertRefused("alg", token("EdDSA"));
  }

  @Test
  void aChangedTokenIsRefused() {
    String[] parts = token("EdDSA").split("\\.");
    claims.put("sub", "eve");
    String[] forged = token("EdDSA").split("\\.");
    assertRefused("the signature", parts[0] + "." + forged[1] + "." + parts[2]);
    assertRefused("the signature", parts[0] + "." + parts[1] + ".");
  }

  @Test
  void onlyOneFormOfATokenIsAccepted() {
    String token = token("EdDSA");
    for (String other : List.of(token + "=", token + ".", " " + token, token.replace('.', ' '), "", "..")) {
      assertRefused("it is not a JWT", other);
    }
    String claims = new Gson().toJson(this.claims);
    for (String other : List.of(claims + "{}", claims.replace("{", "{\"sub\": \"eve\", "), "[]", "{'sub': 'ada'}")) {
      assertRefused("it is not a JWT", signed("EdDSA", new Gson().toJson(header), other));
    }
  }

  @Test
  void keysAreKeptForFiveMinutes() {
    claims.put("exp", clock.instant().getEpochSecond() + 3600);
    String token = token("EdDSA");
    verifier.verify(token);
    clock.advance(Duration.ofSeconds(299));
    verifier.verify(token);
    assertEquals(1, fetches);
    clock.advance(Duration.ofSeconds(1));
    verifier.verify(token);
    assertEquals(2, fetches);
  }

  @Test
  void maxAgeSaysHowLongKeysAreKept() {
    cacheControl = "public, max-age=60";
    verifier.verify(token("EdDSA"));
    clock.advance(Duration.ofSeconds(60));
    cacheControl = "max-age=0";
    verifier.verify(token("EdDSA"));
    verifier.verify(token("EdDSA"));
    assertEquals(3, fetches);
  }

  @Test
  void anUnknownKeyFetchesThemAgainAtMostOnceInTenSeconds() {
    publish("ES256");
    assertRefused("kid", token("EdDSA"));
    publish("EdDSA");
    clock.advance(Duration.ofSeconds(9));
    assertRefused("kid", token("EdDSA"));
    assertEquals(1, fetches);
    clock.advance(Duration.ofSeconds(1));
    verifier.verify(token("EdDSA"));
    assertEquals(2, fetches);
  }

  @Test
  void withoutKeysNothingIsVerified() {
    status = 503;
    for (int i = 0; i < 2; ++i) {
      IdentityException error = assertThrows(IdentityException.class, () -> verifier.verify(token("EdDSA")));
      assertEquals(Status.Code.UNAVAILABLE, error.code());
    }
    assertEquals(1, fetches);
    status = 200;
    clock.advance(Duration.ofSeconds(1));
    verifier.verify(token("EdDSA"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://id.example/jwks", "http://127.0.0.1.id.example/", "ftp://localhost/", "jwks.json"})
  void theAddressNeedsTlsBeyondThisMachine(String address) {
    assertThrows(IllegalArgumentException.class, () -> new TokenVerifier(URI.create(address), "i", "a"));
  }

  @Test
  void theTextOfATokenIsNoToken() {
    String token = token("EdDSA");
    assertFalse(verifier.verify(token).toString().contains(token.split("\\.")[2]));
  }
}
