package identity.client;

import identity.v1.RefreshRequest;
import identity.v1.TokenSet;
import io.grpc.Context;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Function;

/**
 * A login that stays valid: it holds the tokens and refreshes them before they expire. Thread-safe.
 *
 * <p>At most one refresh runs at a time, because the first use of a refresh token spends it. For the same reason, two
 * sessions must never share one.
 */
public final class Session implements TokenSource {
  private static final Duration AHEAD = Duration.ofMinutes(1);
  // Well below the 10 seconds in which a spent refresh token gives the same successor.
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Function<String, TokenSet> refresher;
  private final InstantSource clock;
  private final String id;
  private final String principalId;

  private String accessToken;   // null: the session has ended
  private String refreshToken;
  private Instant expireTime;
  private Instant nextRefresh;  // Instant.MAX: never
  private IdentityException lastError;
  private boolean refreshing;

  /**
   * {@code tokens} are those of a login. The session refreshes them with {@code client}, which needs no credential.
   *
   * @throws IllegalArgumentException if there is no access token, as after a login that needs a second factor
   */
  public Session(IdentityClient client, TokenSet tokens) {
    this(client, tokens, InstantSource.system());
  }

  /** With a clock that tests can set. */
  public Session(IdentityClient client, TokenSet tokens, InstantSource clock) {
    this(
        token -> client.refresh(RefreshRequest.newBuilder().setRefreshToken(token).build()).getTokens(),
        tokens,
        clock);
  }

  Session(Function<String, TokenSet> refresher, TokenSet tokens, InstantSource clock) {
    if (tokens.getAccessToken().isEmpty()) {
      throw new IllegalArgumentException(
          "the tokens have no access token; a login that needs a second factor has none yet");
    }
    this.refresher = refresher;
    this.clock = clock;
    this.id = tokens.getSessionId();
    this.principalId = tokens.getPrincipalId();
    keep(tokens);
  }

  /** UUID. */
  public String id() {
    return id;
  }

  /** UUID. */
  public String principalId() {
    return principalId;
  }

  /**
   * Returns an access token that has not expired. Waits for a refresh of another thread only if there is no such token.
   *
   * @throws IdentityException of the refresh. A bad refresh token ends the session, and every later call throws it, too:
   *     log in again.
   */
  @Override
  public String token() {
    String spent = beginRefresh();
    if (spent != null) refresh(spent);
    return validToken();
  }

  // Returns the refresh token if this thread shall spend it, and null otherwise.
  private synchronized String beginRefresh() {
    while (refreshing && !isValid()) await();
    if (refreshing || clock.instant().isBefore(nextRefresh)) return null;
    refreshing = true;
    return refreshToken;
  }

  // Without the lock, so that other threads can have the old token meanwhile.
  private void refresh(String spent) {
    try {
      TokenSet tokens = refreshed(spent);
      synchronized (this) {
        keep(tokens);
      }
    } catch (IdentityException error) {
      fail(error);
    } finally {
      synchronized (this) {
        refreshing = false;
        notifyAll();
      }
    }
  }

  // Not in the context of the call that this thread serves: its end would lose the answer, which has the next token.
  private TokenSet refreshed(String spent) {
    Context served = Context.ROOT.attach();
    try {
      TokenSet tokens = refresher.apply(spent);
      if (!tokens.getAccessToken().isEmpty()) return tokens;
      throw new IdentityException(Status.Code.INTERNAL, "", "the answer of the refresh has no tokens");
    } finally {
      Context.ROOT.detach(served);
    }
  }

  private synchronized String validToken() {
    if (isValid()) return accessToken;
    if (lastError != null) throw IdentityException.again(lastError);
    throw new IdentityException(Status.Code.UNAUTHENTICATED, "", "the access token has expired");
  }

  private synchronized void keep(TokenSet tokens) {
    Instant now = clock.instant();
    Duration lifetime = IdentityException.toDuration(tokens.getExpiresIn());
    Duration half = lifetime.dividedBy(2);
    Duration untilAhead = lifetime.minus(AHEAD);
    accessToken = tokens.getAccessToken();
    refreshToken = tokens.getRefreshToken();
    expireTime = now.plus(lifetime);
    nextRefresh = now.plus(untilAhead.compareTo(half) > 0 ? untilAhead : half);
    if (refreshToken.isEmpty()) nextRefresh = Instant.MAX;  // the tokens of an API key
    lastError = null;
  }

  private synchronized void fail(IdentityException error) {
    lastError = error;
    nextRefresh = clock.instant().plus(PAUSE);
    if (!error.reason().startsWith("REFRESH_TOKEN_")) return;
    accessToken = null;
    nextRefresh = Instant.MAX;
  }

  private boolean isValid() {
    return accessToken != null && clock.instant().isBefore(expireTime);
  }

  private void await() {
    try {
      wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IdentityException(Status.Code.CANCELLED, "", "interrupted during a refresh");
    }
  }
}
