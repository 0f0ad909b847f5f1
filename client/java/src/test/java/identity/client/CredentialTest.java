package identity.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import identity.v1.CheckPermissionRequest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialTest {
  private static CheckPermissionRequest subjectOf(List<String> authorization, List<String> apiKey) throws Refusal {
    CheckPermissionRequest.Builder request = CheckPermissionRequest.newBuilder();
    Credential.from(authorization, apiKey).addTo(request);
    return request.build();
  }

  @Test
  void withoutHeadersTheSubjectIsAnonymous() throws Refusal {
    assertEquals(CheckPermissionRequest.newBuilder().setAnonymous(true).build(), subjectOf(List.of(), List.of()));
    assertEquals(CheckPermissionRequest.newBuilder().setAnonymous(true).build(), subjectOf(null, null));
  }

  @Test
  void authorizationCountsBeforeTheApiKey() throws Refusal {
    assertEquals("token", subjectOf(List.of("Bearer token"), List.of("idk_1")).getAccessToken());
    assertEquals("idk_1", subjectOf(List.of("bearer idk_1"), List.of("idk_2")).getApiKey());
    assertEquals("idk_2", subjectOf(List.of(), List.of("idk_2")).getApiKey());
  }

  @Test
  void anEmptyCredentialIsACredential() throws Refusal {
    assertEquals(CheckPermissionRequest.newBuilder().setAccessToken("").build(),
        subjectOf(List.of("Bearer "), List.of()));
    assertEquals(CheckPermissionRequest.newBuilder().setApiKey("").build(), subjectOf(List.of(), List.of("")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic YTpi", "Bearer", "token", ""})
  void anotherSchemeIsRefused(String authorization) {
    Refusal refusal = assertThrows(Refusal.class, () -> subjectOf(List.of(authorization), List.of("idk_1")));
    assertEquals("CREDENTIAL_INVALID", refusal.reason());
  }

  @Test
  void twoValuesAreRefused() {
    assertThrows(Refusal.class, () -> subjectOf(List.of("Bearer a", "Bearer a"), List.of()));
    assertThrows(Refusal.class, () -> subjectOf(List.of(), List.of("idk_1", "idk_1")));
  }
}
