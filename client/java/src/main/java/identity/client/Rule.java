package identity.client;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A permission and a template of a resource, such as {@code orgs/{org}/posts/{id}}. */
final class Rule {
  private static final Pattern PERMISSION = Pattern.compile("[a-z0-9_-]{1,64}(:[a-z0-9_-]{1,64}){0,7}");
  private static final Pattern SEGMENT = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._~@-]{1,128}");
  private static final Pattern FIELD = Pattern.compile("\\{([A-Za-z_][A-Za-z0-9_]*(?:\\.[A-Za-z_][A-Za-z0-9_]*)*)}");

  private final String permission;
  private final List<String> segments;

  Rule(String permission, String resource) {
    if (!PERMISSION.matcher(permission).matches()) {
      throw new IllegalArgumentException("not a permission: " + permission);
    }
    this.permission = permission;
    this.segments = resource.isEmpty() ? List.of() : List.of(resource.split("/", -1));
    for (String segment : segments) {
      if (!FIELD.matcher(segment).matches() && !SEGMENT.matcher(segment).matches()) {
        throw new IllegalArgumentException("not a resource: " + resource);
      }
    }
  }

  String permission() {
    return permission;
  }

  /** The names in braces. */
  Stream<String> fields() {
    return segments.stream().map(FIELD::matcher).filter(Matcher::matches).map(match -> match.group(1));
  }

  /** Puts the values into the template. Refuses one that is no segment: a slash in it would name another resource. */
  String resource(UnaryOperator<String> valueOf) throws Refusal {
    StringBuilder resource = new StringBuilder();
    for (String segment : segments) {
      if (!resource.isEmpty()) resource.append('/');
      Matcher field = FIELD.matcher(segment);
      resource.append(field.matches() ? valueIn(field.group(1), valueOf) : segment);
    }
    return resource.toString();
  }

  private static String valueIn(String name, UnaryOperator<String> valueOf) throws Refusal {
    String value = valueOf.apply(name);
    if (!SEGMENT.matcher(value).matches()) throw Refusal.invalidField(name);
    return value;
  }
}
