package identity.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import identity.v1.TokenSet;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SessionTest {
  private final FakeClock clock = new FakeClock();
  private final List<String> spent = new ArrayList<>();
  private IdentityException error;

  private static TokenSet tokens(int number, Duration lifetime) {
    return TokenSet.newBuilder()
        .setAccessToken("access" + number)
        .setRefreshToken("refresh" + number)
        .setExpiresIn(com.google.protobuf.Duration.newBuilder().setSeconds(lifetime.toSeconds()))
        .build();
  }

  private TokenSet refresh(String token) {
    spent.add(token);
    if (error != null) throw error;
    return tokens(spent.size(), Duration.ofMinutes(15));
  }

  private Session session(Duration lifetime) {
    return new Session(this::refresh, tokens(0, lifetime), clock);
  }

  @Test
  void refreshesAMinuteBeforeTheTokenExpires() {
    Session session = session(Duration.ofMinutes(15));
    clock.advance(Duration.ofMinutes(14).minusSeconds(1));
    assertEquals("access0", session.token());
    clock.advance(Duration.ofSeconds(1));
    assertEquals("access1", session.token());
    assertEquals(List.of("refresh0"), spent);
  }

  @Test
  void refreshesAfterHalfOfAShortLifetime() {
    Session session = session(Duration.ofSeconds(30));
    clock.advance(Duration.ofSeconds(14));
    assertEquals("access0", session.token());
    clock.advance(Duration.ofSeconds(1));
    assertEquals("access1", session.token());
  }

  @Test
  void eachRefreshTokenIsSpentOnce() {
    Session session = session(Duration.ofMinutes(15));
    for (int i = 0; i < 3; ++i) {
      clock.advance(Duration.ofMinutes(20));
      session.token();
    }
    assertEquals(List.of("refresh0", "refresh1", "refresh2"), spent);
  }

  @Test
  void afterAFailureTheOldTokenServesAndTheNextTryWaitsASecond() {
    Session session = session(Duration.ofMinutes(15));
    error = new IdentityException(Status.Code.UNAVAILABLE, "", "unreachable");
    clock.advance(Duration.ofMinutes(14));
    assertEquals("access0", session.token());
    assertEquals("access0", session.token());
    assertEquals(1, spent.size());
    error = null;
    clock.advance(Duration.ofSeconds(1));
    assertEquals("access2", session.token());
  }

  @Test
  void afterAFailureAnExpiredTokenIsNotReturned() {
    Session session = session(Duration.ofMinutes(15));
    error = new IdentityException(Status.Code.UNAVAILABLE, "", "unreachable");
    clock.advance(Duration.ofMinutes(15));
    assertEquals(Status.Code.UNAVAILABLE, assertThrows(IdentityException.class, session::token).code());
    assertEquals(Status.Code.UNAVAILABLE, assertThrows(IdentityException.class, session::token).code());
    assertEquals(1, spent.size());
  }

  @Test
  void unauthenticatedEndsTheSession() {
    Session session = session(Duration.ofMinutes(15));
    error = new IdentityException(Status.Code.UNAUTHENTICATED, "REFRESH_TOKEN_REUSED", "refused");
    clock.advance(Duration.ofMinutes(14));
    for (int i = 0; i < 2; ++i) {
      assertEquals("REFRESH_TOKEN_REUSED", assertThrows(IdentityException.class, session::token).reason());
      clock.advance(Duration.ofMinutes(1));
    }
    assertEquals(1, spent.size());
  }

  @Test
  void anAnswerWithoutTokensIsAFailure() {
    Session session = new Session(token -> {
      spent.add(token);
      return TokenSet.getDefaultInstance();
    }, tokens(0, Duration.ofMinutes(15)), clock);
    clock.advance(Duration.ofMinutes(14));
    assertEquals("access0", session.token());
    clock.advance(Duration.ofMinutes(1));
    assertEquals(Status.Code.INTERNAL, assertThrows(IdentityException.class, session::token).code());
    assertEquals(List.of("refresh0", "refresh0"), spent);
  }

  @Test
  void tokensWithoutAnAccessTokenMakeNoSession() {
    TokenSet none = TokenSet.newBuilder().setRefreshToken("refresh0").build();
    assertThrows(IllegalArgumentException.class, () -> new Session(this::refresh, none, clock));
  }

  @Test
  void theTokenOfAnApiKeyIsNotRefreshed() {
    TokenSet tokens = tokens(0, Duration.ofMinutes(15)).toBuilder().clearRefreshToken().build();
    Session session = new Session(this::refresh, tokens, clock);
    clock.advance(Duration.ofMinutes(14));
    assertEquals("access0", session.token());
    clock.advance(Duration.ofMinutes(1));
    assertEquals(Status.Code.UNAUTHENTICATED, assertThrows(IdentityException.class, session::token).code());
    assertEquals(List.of(), spent);
  }

  @Test
  void manyCallersShareOneRefresh() throws Exception {
    int callers = 20;
    CountDownLatch arrived = new CountDownLatch(callers);
    Session session = new Session(token -> {
      awaitQuietly(arrived);
      return refresh(token);
    }, tokens(0, Duration.ofMinutes(15)), clock);
    clock.advance(Duration.ofMinutes(15));
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    List<Future<String>> answers = threads.invokeAll(Collections.nCopies(callers, () -> {
      arrived.countDown();
      return session.token();
    }));
    HashSet<String> tokens = new HashSet<>();
    for (Future<String> answer : answers) tokens.add(answer.get());
    threads.shutdown();
    assertEquals(List.of("access1"), List.copyOf(tokens));
    assertEquals(List.of("refresh0"), spent);
  }

  @Test
  void aTokenThatHasNotExpiredServesDuringARefresh() throws Exception {
    CountDownLatch refreshing = new CountDownLatch(1);
    CountDownLatch answered = new CountDownLatch(1);
    Session session = new Session(token -> {
      refreshing.countDown();
      awaitQuietly(answered);
      return refresh(token);
    }, tokens(0, Duration.ofMinutes(15)), clock);
    clock.advance(Duration.ofMinutes(14));
    ExecutorService thread = Executors.newSingleThreadExecutor();
    Future<String> first = thread.submit(session::token);
    refreshing.await();
    assertEquals("access0", session.token());
    answered.countDown();
    assertEquals("access1", first.get());
    thread.shutdown();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
