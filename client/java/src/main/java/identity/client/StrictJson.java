package identity.client;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON as RFC 8259 defines it, in UTF-8. An object that has a name twice is refused. */
final class StrictJson {
  private final JsonReader reader;

  private StrictJson(String text) {
    reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
  }

  /** The values are Map, List, String, Double, Boolean, or null. */
  static Map<String, Object> parseObject(byte[] text) throws IOException {
    try {
      StrictJson json = new StrictJson(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString());
      Map<String, Object> object = json.object();
      if (json.reader.peek() != JsonToken.END_DOCUMENT) throw new MalformedJsonException("more than one value");
      return object;
    } catch (IllegalStateException | NumberFormatException e) {  // how the reader says that the type is another one
      throw new MalformedJsonException(e.getMessage(), e);
    }
  }

  private Map<String, Object> object() throws IOException {
    Map<String, Object> object = new LinkedHashMap<>();
    reader.beginObject();
    while (reader.hasNext()) {
      String name = reader.nextName();
      if (object.containsKey(name)) throw new MalformedJsonException("a name is there twice");
      object.put(name, value());
    }
    reader.endObject();
    return object;
  }

  private List<Object> array() throws IOException {
    List<Object> array = new ArrayList<>();
    reader.beginArray();
    while (reader.hasNext()) array.add(value());
    reader.endArray();
    return array;
  }

  private Object value() throws IOException {
    return switch (reader.peek()) {
      case BEGIN_OBJECT -> object();
      case BEGIN_ARRAY -> array();
      case STRING -> reader.nextString();
      case NUMBER -> reader.nextDouble();
      case BOOLEAN -> reader.nextBoolean();
      default -> {
        reader.nextNull();
        yield null;
      }
    };
  }
}
