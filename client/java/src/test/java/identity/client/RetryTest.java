package identity.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Message;
import identity.v1.ApiKeyCredential;
import identity.v1.AuthenticateRequest;
import identity.v1.CreateUserRequest;
import identity.v1.PasswordCredential;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import com.google.protobuf.Any;
import com.google.protobuf.Empty;
import com.google.rpc.RetryInfo;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryTest {
  private static final Message NOTHING = Empty.getDefaultInstance();

  private static IdentityException error(Status.Code code, String reason) {
    return new IdentityException(code, reason, "refused");
  }

  private static IdentityException errorWithDelay(int milliseconds) {
    StatusRuntimeException error = StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
        .setCode(Status.Code.UNAVAILABLE.value())
        .addDetails(Any.pack(RetryInfo.newBuilder()
            .setRetryDelay(com.google.protobuf.Duration.newBuilder().setNanos(milliseconds * 1_000_000)).build()))
        .build());
    return IdentityException.from(error);
  }

  @Test
  void lostConnectionIsUnavailable() {
    Status lost = Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());
    assertEquals(Status.Code.UNAVAILABLE, IdentityException.from(lost.asRuntimeException()).code());
    assertEquals(Status.Code.UNKNOWN, IdentityException.from(Status.UNKNOWN.asRuntimeException()).code());
  }

  @ParameterizedTest
  @ValueSource(strings = {"GetUser", "ListUsers", "CheckPermission", "BatchCheckPermissions", "Revoke"})
  void readsAndRevocationsAreSafe(String method) {
    assertEquals(Retry.SAFE, Retry.of(method, NOTHING));
  }

  @ParameterizedTest
  @ValueSource(strings = {"CreateUser", "RevokeExternal", "ResetPassword", "Forget"})
  void otherCallsAreNeverRepeated(String method) {
    assertEquals(Retry.NEVER, Retry.of(method, NOTHING));
  }

  @Test
  void requestIdMakesACallSafe() {
    CreateUserRequest request = CreateUserRequest.newBuilder().setRequestId("id").build();
    assertEquals(Retry.SAFE, Retry.of("CreateUser", request));
    assertEquals(Retry.NEVER, Retry.of("CreateUser", request.toBuilder().clearRequestId().build()));
  }

  @Test
  void onlyTheExchangeOfAnApiKeyIsASafeLogin() {
    AuthenticateRequest key =
        AuthenticateRequest.newBuilder().setApiKey(ApiKeyCredential.newBuilder().setKey("idk_1")).build();
    AuthenticateRequest password =
        AuthenticateRequest.newBuilder().setPassword(PasswordCredential.newBuilder().setLogin("ada")).build();
    assertEquals(Retry.SAFE, Retry.of("Authenticate", key));
    assertEquals(Retry.NEVER, Retry.of("Authenticate", password));
  }

  @ParameterizedTest
  @CsvSource({
      "SAFE, UNAVAILABLE, '', true",
      "SAFE, ABORTED, CONFLICT, true",
      "SAFE, RESOURCE_EXHAUSTED, OVERLOADED, true",
      "SAFE, UNKNOWN, COMMIT_IN_DOUBT, true",
      "SAFE, RESOURCE_EXHAUSTED, RATE_LIMITED, false",
      "SAFE, DEADLINE_EXCEEDED, '', false",
      "WHEN_UNAVAILABLE, UNAVAILABLE, '', true",
      "WHEN_UNAVAILABLE, ABORTED, CONFLICT, false",
      "NEVER, UNAVAILABLE, '', false",
  })
  void errorsThatAreRepeated(Retry retry, Status.Code code, String reason, boolean repeated) {
    assertEquals(repeated, retry.allows(error(code, reason), 1));
  }

  @Test
  void fiveCallsInAll() {
    assertTrue(Retry.SAFE.allows(error(Status.Code.UNAVAILABLE, ""), 4));
    assertFalse(Retry.SAFE.allows(error(Status.Code.UNAVAILABLE, ""), 5));
  }

  @Test
  void aCallThatAServerRefusedAtItsEndIsAlwaysRepeated() {
    assertTrue(Retry.NEVER.allows(new IdentityException(Status.Code.CANCELLED, "", "CANCELLED"), 1));
    assertFalse(Retry.NEVER.allows(new IdentityException(Status.Code.CANCELLED, "", "Thread interrupted"), 1));
  }

  @ParameterizedTest
  @CsvSource({"1, 0, 20", "1, 1, 10", "2, 0, 40", "4, 0.5, 120", "7, 0, 1000", "60, 1, 500"})
  void thePauseDoublesUpToASecondMinusARandomPart(int made, double random, int milliseconds) {
    assertEquals(Duration.ofMillis(milliseconds), Retry.pause(error(Status.Code.UNAVAILABLE, ""), made, random));
  }

  @Test
  void thePauseIsNeverShorterThanTheServiceAsks() {
    assertEquals(Duration.ofMillis(310), Retry.pause(errorWithDelay(300), 1, 0.5));
    assertEquals(Duration.ofMillis(40), Retry.pause(errorWithDelay(1), 2, 0));
  }
}
