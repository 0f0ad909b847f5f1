package identity.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The keys of a JWKS address, as long as its server allows to keep them. Thread-safe. */
final class PublishedKeys {
  private static final Duration DEFAULT_MAX_AGE = Duration.ofMinutes(5);
  private static final Duration LONGEST_MAX_AGE = Duration.ofDays(1);
  private static final Duration PAUSE = Duration.ofSeconds(10);  // after a failure, and between unknown keys
  private static final long TIMEOUT_SECONDS = 10;
  private static final int MAX_BYTES = 256 * 1024;
  private static final Pattern MAX_AGE = Pattern.compile("(?:^|[,\\s])max-age=(\\d{1,9})(?:$|[,\\s])");
  private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

  private record Kept(Map<String, VerificationKey> keys, Instant expireTime) {}

  private final HttpClient http = HttpClient.newHttpClient();  // follows no redirects
  private final URI address;
  private final InstantSource clock;
  private Kept kept = new Kept(Map.of(), Instant.MIN);
  private CompletableFuture<Kept> lastFetch = CompletableFuture.completedFuture(kept);
  private Instant lastFetchTime = Instant.MIN;
  private Instant lastUnknownKeyTime = Instant.MIN;  // of the last fetch while the keys were fresh

  PublishedKeys(URI address, InstantSource clock) {
    boolean isPlainLoopback = "http".equals(address.getScheme()) && address.getHost() != null
        && LOOPBACK.matcher(address.getHost()).matches();
    if (!"https".equals(address.getScheme()) && !isPlainLoopback) {
      throw new IllegalArgumentException("the keys need https: " + address);
    }
    this.address = address;
    this.clock = clock;
  }

  /** Returns the key of that id, if it is published. Waits for a fetch only if it needs one. */
  Optional<VerificationKey> find(String id) throws IOException {
    try {
      return Optional.ofNullable(keysFor(id).get().keys().get(id));
    } catch (ExecutionException e) {
      throw new IOException("the keys could not be had: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private synchronized CompletableFuture<Kept> keysFor(String id) {
    Instant now = clock.instant();
    boolean isRunning = !lastFetch.isDone();
    boolean hasFailed = lastFetch.isCompletedExceptionally();
    if (!isRunning && !hasFailed) kept = lastFetch.join();
    boolean isFresh = now.isBefore(kept.expireTime());
    if (isFresh && kept.keys().containsKey(id)) return CompletableFuture.completedFuture(kept);
    boolean isTooEarly = hasFailed && now.isBefore(lastFetchTime.plus(PAUSE))
        || isFresh && now.isBefore(lastUnknownKeyTime.plus(PAUSE));
    if (isRunning || isTooEarly) return lastFetch;
    lastFetchTime = now;
    if (isFresh) lastUnknownKeyTime = now;
    lastFetch = fetch(now);
    return lastFetch;
  }

  // No thread of a caller does this: others wait for the same keys.
  private CompletableFuture<Kept> fetch(Instant now) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    CompletableFuture<HttpResponse<Void>> response = http.sendAsync(HttpRequest.newBuilder(address).build(),
        BodyHandlers.ofByteArrayConsumer(part -> part.ifPresent(bytes -> append(bytes, body))));
    return response.thenApply(answer -> read(answer, body.toByteArray(), now))
        .orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .whenComplete((keys, error) -> response.cancel(true));
  }

  private void append(byte[] part, ByteArrayOutputStream body) {
    if (body.size() + part.length > MAX_BYTES) throw new IllegalStateException(address + " answers too much");
    body.writeBytes(part);
  }

  private Kept read(HttpResponse<Void> response, byte[] body, Instant now) {
    if (response.statusCode() != 200) throw new IllegalStateException(address + " answers " + response.statusCode());
    Matcher maxAge = MAX_AGE.matcher(response.headers().firstValue("Cache-Control").orElse(""));
    Duration age = maxAge.find() ? Duration.ofSeconds(Long.parseLong(maxAge.group(1))) : DEFAULT_MAX_AGE;
    if (age.compareTo(LONGEST_MAX_AGE) > 0) age = LONGEST_MAX_AGE;
    try {
      return new Kept(parse(body), now.plus(age));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
