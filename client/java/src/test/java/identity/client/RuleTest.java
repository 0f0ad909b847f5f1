package identity.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Status;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuleTest {
  private static final Rule RULE = new Rule("posts:read", "orgs/{org}/posts/{post.id}");

  @Test
  void valuesReplaceTheFields() throws Refusal {
    assertEquals(List.of("org", "post.id"), RULE.fields().toList());
    assertEquals("orgs/acme/posts/p1", RULE.resource(Map.of("org", "acme", "post.id", "p1")::get));
    assertEquals("", new Rule("posts:read", "").resource(Map.<String, String>of()::get));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "a b", "a%2fb", "ä", "a\n", "{org}", "*"})
  void aValueThatIsNoSegmentIsRefused(String value) {
    Refusal refusal = assertThrows(Refusal.class, () -> RULE.resource(field -> value));
    assertEquals(Status.Code.INVALID_ARGUMENT, refusal.code());
    assertEquals("INVALID_FIELD", refusal.reason());
  }

  @Test
  void aValueHasAtMost128Characters() throws Refusal {
    assertEquals("orgs/" + "a".repeat(128), new Rule("posts:read", "orgs/{org}").resource(field -> "a".repeat(128)));
    assertThrows(Refusal.class, () -> RULE.resource(field -> "a".repeat(129)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/orgs", "orgs/", "orgs//posts", "orgs/{}", "orgs/{org", "orgs/x{org}", "orgs/..", "orgs/*"})
  void aMalformedTemplateIsRefusedAtTheStart(String template) {
    assertThrows(IllegalArgumentException.class, () -> new Rule("posts:read", template));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "posts:*", "posts:", "Posts:read", "posts read"})
  void aMalformedPermissionIsRefusedAtTheStart(String permission) {
    assertThrows(IllegalArgumentException.class, () -> new Rule(permission, "orgs"));
  }
}
