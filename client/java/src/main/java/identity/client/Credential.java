package identity.client;

import identity.v1.CheckPermissionRequest;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** The credential of a request that a guard sees. Not a record, whose text would show it. */
final class Credential {
  private static final String API_KEY_PREFIX = "idk_";
  private static final Pattern BEARER = Pattern.compile("bearer +(.*)", Pattern.CASE_INSENSITIVE);

  private enum Kind { NONE, ACCESS_TOKEN, API_KEY }

  private final Kind kind;
  private final String text;

  private Credential(Kind kind, String text) {
    this.kind = kind;
    this.text = text;
  }

  /** Reads the values of the two headers. If there is an {@code authorization}, only that counts. */
  static Credential from(Iterable<String> authorization, Iterable<String> apiKey) throws Refusal {
    List<String> bearers = listOf(authorization);
    List<String> keys = listOf(apiKey);
    if (bearers.isEmpty()) {
      if (keys.isEmpty()) return new Credential(Kind.NONE, "");
      return new Credential(Kind.API_KEY, single(keys));
    }
    Matcher bearer = BEARER.matcher(single(bearers));
    if (!bearer.matches()) throw Refusal.invalidCredential();
    String text = bearer.group(1);
    return new Credential(text.startsWith(API_KEY_PREFIX) ? Kind.API_KEY : Kind.ACCESS_TOKEN, text);
  }

  boolean isMissing() {
    return kind == Kind.NONE;
  }

  void addTo(CheckPermissionRequest.Builder request) {
    switch (kind) {
      case NONE -> request.setAnonymous(true);
      case ACCESS_TOKEN -> request.setAccessToken(text);
      case API_KEY -> request.setApiKey(text);
    }
  }

  private static List<String> listOf(Iterable<String> values) {
    return values == null ? List.of() : StreamSupport.stream(values.spliterator(), false).toList();
  }

  private static String single(List<String> values) throws Refusal {
    if (values.size() != 1) throw Refusal.invalidCredential();
    return values.get(0);
  }
}
