package identity.client;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The keys of a JWKS address, as long as its server allows to keep them. Thread-safe. */
final class PublishedKeys {
  private static final Duration DEFAULT_MAX_AGE = Duration.ofMinutes(5);
  private static final Duration UNKNOWN_KEY_INTERVAL = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofSeconds(1);  // after a failure
  private static final long TIMEOUT_SECONDS = 2;
  private static final Pattern MAX_AGE = Pattern.compile("(?:^|[,\\s])max-age=(\\d{1,9})(?:$|[,\\s])");
  private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

  private record Kept(Map<String, VerificationKey> keys, Instant expireTime) {}

  private final HttpClient http = HttpClient.newHttpClient();  // follows no redirects
  private final URI address;
  private final InstantSource clock;
  private volatile Kept kept = new Kept(Map.of(), Instant.MIN);
  private Instant nextFetch = Instant.MIN;           // of all
  private Instant nextUnknownKeyFetch = Instant.MIN;  // for a key that is not among those that are kept

  PublishedKeys(URI address, InstantSource clock) {
    boolean isPlainLoopback = "http".equals(address.getScheme()) && address.getHost() != null
        && LOOPBACK.matcher(address.getHost()).matches();
    if (!"https".equals(address.getScheme()) && !isPlainLoopback) {
      throw new IllegalArgumentException("the keys need https: " + address);
    }
    this.address = address;
    this.clock = clock;
  }

  /** Returns the key of that id, if it is published. */
  Optional<VerificationKey> find(String id) throws IOException {
    Kept now = kept;
    boolean isKnown = isFresh(now) && now.keys().containsKey(id);
    return Optional.ofNullable((isKnown ? now : fetchFor(id)).keys().get(id));
  }

  private boolean isFresh(Kept keys) {
    return clock.instant().isBefore(keys.expireTime());
  }

  private synchronized Kept fetchFor(String id) throws IOException {
    Instant now = clock.instant();
    boolean isFresh = isFresh(kept);
    // Another thread may have fetched them meanwhile.
    if (isFresh && (kept.keys().containsKey(id) || now.isBefore(nextUnknownKeyFetch))) return kept;
    if (now.isBefore(nextFetch)) throw new IOException("the keys could not be had");
    nextFetch = now.plus(PAUSE);
    nextUnknownKeyFetch = now.plus(UNKNOWN_KEY_INTERVAL);
    kept = fetch(now);
    nextFetch = now;
    return kept;
  }

  private Kept fetch(Instant now) throws IOException {
    HttpResponse<byte[]> response = get();
    if (response.statusCode() != 200) throw new IOException(address + " answers " + response.statusCode());
    Matcher maxAge = MAX_AGE.matcher(response.headers().firstValue("Cache-Control").orElse(""));
    Duration age = maxAge.find() ? Duration.ofSeconds(Long.parseLong(maxAge.group(1))) : DEFAULT_MAX_AGE;
    return new Kept(parse(response.body()), now.plus(age));
  }

  private HttpResponse<byte[]> get() throws IOException {
    HttpRequest request = HttpRequest.newBuilder(address).build();
    CompletableFuture<HttpResponse<byte[]>> response =
        http.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
    try {
      return response.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException(address + " does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      response.cancel(true);
    }
  }

  private static Map<String, VerificationKey> parse(byte[] body) throws IOException {
    if (!(StrictJson.parseObject(body).get("keys") instanceof List<?> jwks)) throw new IOException("not a JWK set");
    Map<String, VerificationKey> keys = new HashMap<>();
    for (Object entry : jwks) {
      if (entry instanceof Map<?, ?> jwk && jwk.get("kid") instanceof String id) {
        VerificationKey.from(jwk).ifPresent(key -> keys.putIfAbsent(id, key));
      }
    }
    return keys;
  }
}
