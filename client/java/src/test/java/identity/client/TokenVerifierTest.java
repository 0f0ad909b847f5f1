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
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
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
  private CountDownLatch arrived;  // of the request of a fetch, if a test wants to know
  private CountDownLatch release = new CountDownLatch(0);  // lets the answer go
  private int status = 200;
  private String cacheControl;
  private int fetches;

  @BeforeEach
  void begin() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      ++fetches;
      if (arrived != null) arrived.countDown();
      awaitQuietly(release);
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      if (cacheControl != null) exchange.getResponseHeaders().set("Cache-Control", cacheControl);
      if (status == 302) exchange.getResponseHeaders().set("Location", "/another.json");
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
  void theNumbersOfAnEcdsaSignatureAreInTheirRange() {
    publish("ES256");
    header.put("alg", "ES256");
    header.put("kid", "ES256");
    String good = token("ES256");
    String message = good.substring(0, good.lastIndexOf('.') + 1);
    String zero = "00".repeat(32);
    String one = "00".repeat(31) + "01";
    String order = ((ECPublicKey) KEYS.get("ES256").getPublic()).getParams().getOrder().toString(16);
    Security.insertProviderAt(new Credulous(), 1);
    try {
      verifier.verify(message + base64(HexFormat.of().parseHex(one + one)));  // so the provider is used
      for (String signature : List.of(zero + zero, zero + one, one + zero, order + one, one + order, "")) {
        assertRefused("the signature", message + base64(HexFormat.of().parseHex(signature)));
      }
    } finally {
      Security.removeProvider("Credulous");
    }
  }

  /** Accepts every signature of ES256, as early versions of JDK 17 accept zeros. */
  private static final class Credulous extends Provider {
    private static final long serialVersionUID = 1;

    Credulous() {
      super("Credulous", "1", "");
      putService(new Service(this, "Signature", ALGORITHMS.get("ES256"), "", null, null) {
        @Override
        public Object newInstance(Object parameter) {
          return new SignatureOfAnything();
        }
      });
    }
  }

  private static final class SignatureOfAnything extends Signature {
    SignatureOfAnything() {
      super(ALGORITHMS.get("ES256"));
    }

    @Override
    protected void engineInitVerify(PublicKey key) {}

    @Override
    protected void engineInitSign(PrivateKey key) {}

    @Override
    protected void engineUpdate(byte part) {}

    @Override
    protected void engineUpdate(byte[] part, int offset, int length) {}

    @Override
    protected byte[] engineSign() {
      return new byte[64];
    }

    @Override
    protected boolean engineVerify(byte[] signature) {
      return true;
    }

    @Override
    @Deprecated
    protected void engineSetParameter(String name, Object value) {}

    @Override
    @Deprecated
    protected Object engineGetParameter(String name) {
      return null;
    }
  }

  @Test
  void aTokenHasAtMost8KiB() {
    claims.put("padding", "");
    int room = (8 * 1024 - token("EdDSA").length()) / 4 * 3;
    claims.put("padding", "x".repeat(room - 3));
    verifier.verify(token("EdDSA"));
    claims.put("padding", "x".repeat(room + 3));
    assertRefused("it is too long", token("EdDSA"));
  }

  @Test
  void aKeyThatIsNotForTokensHidesNoOther() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(1024);
    KEYS.put("short", generator.generateKeyPair());
    Map<String, String> shortKey = jwk("short");
    shortKey.put("alg", "RS256");
    List<Object> keys = new ArrayList<>(List.of(shortKey, 7, List.of(), Map.of(),
        Map.of("kid", "oct", "kty", "oct"), Map.of("kid", 7, "kty", "OKP", "crv", "Ed25519", "x", "AAAA"),
        Map.of("kid", "EC", "kty", "EC", "crv", "P-256", "x", "AAAA", "y", List.of()),
        Map.of("kid", "RSA", "kty", "RSA", "n", "=", "e", "")));
    keys.add(jwk("EdDSA"));
    body = new Gson().toJson(Map.of("keys", keys));
    verifier.verify(token("EdDSA"));
    header.putAll(Map.of("kid", "short", "alg", "RS256"));
    assertRefused("kid", signed("RS256", new Gson().toJson(header), new Gson().toJson(claims)));
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
  void maxAgeIsAtMostADay() {
    claims.put("exp", clock.instant().getEpochSecond() + 3 * 86_400);
    cacheControl = "max-age=999999999";
    verifier.verify(token("EdDSA"));
    clock.advance(Duration.ofDays(1).minusSeconds(1));
    verifier.verify(token("EdDSA"));
    assertEquals(1, fetches);
    clock.advance(Duration.ofSeconds(1));
    verifier.verify(token("EdDSA"));
    assertEquals(2, fetches);
  }

  @Test
  void anUnknownKeyFetchesThemAgainAtMostOnceInTenSeconds() {
    publish("ES256");
    assertRefused("kid", token("EdDSA"));
    assertRefused("kid", token("EdDSA"));
    assertEquals(2, fetches);  // The first fetch does not count.
    publish("EdDSA");
    clock.advance(Duration.ofSeconds(9));
    assertRefused("kid", token("EdDSA"));
    assertEquals(2, fetches);
    clock.advance(Duration.ofSeconds(1));
    verifier.verify(token("EdDSA"));
    assertEquals(3, fetches);
  }

  @Test
  void withoutKeysNothingIsVerified() {
    status = 503;
    for (int second = 0; second < 10; ++second) {
      assertUndecided(token("EdDSA"));
      clock.advance(Duration.ofSeconds(1));
    }
    assertEquals(1, fetches);
    status = 200;
    verifier.verify(token("EdDSA"));
  }

  private void assertUndecided(String token) {
    assertEquals(Status.Code.UNAVAILABLE, assertThrows(IdentityException.class, () -> verifier.verify(token)).code());
  }

  @Test
  void keysAreReadUpToALimit() {
    body += " ".repeat(256 * 1024 - body.length());
    verifier.verify(token("EdDSA"));
    body += " ";
    clock.advance(Duration.ofMinutes(5));
    assertUndecided(token("EdDSA"));
  }

  @Test
  void aRedirectIsNotFollowed() {
    status = 302;
    assertUndecided(token("EdDSA"));
    assertEquals(1, fetches);
  }

  @Test
  void theEndOfOneCallerDoesNotEndTheFetchOfOthers() throws Exception {
    String token = token("EdDSA");
    arrived = new CountDownLatch(1);
    release = new CountDownLatch(1);
    FutureTask<VerifiedToken> first = new FutureTask<>(() -> verifier.verify(token));
    FutureTask<VerifiedToken> second = new FutureTask<>(() -> verifier.verify(token));
    Thread caller = new Thread(first);
    caller.start();
    arrived.await();
    new Thread(second).start();
    caller.interrupt();
    assertThrows(ExecutionException.class, first::get);
    release.countDown();
    assertEquals("ada", second.get().subject());
    assertEquals(1, fetches);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
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
