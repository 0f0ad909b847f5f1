package identity.client;

import java.util.Base64;

/** Base64url without padding (RFC 7515, section 2). */
final class Base64Url {
  private Base64Url() {}

  /** @throws IllegalArgumentException for a text that is not the only encoding of its bytes */
  static byte[] decode(String text) {
    byte[] bytes = Base64.getUrlDecoder().decode(text);
    if (!Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(text)) {
      throw new IllegalArgumentException("not base64url");
    }
    return bytes;
  }
}
