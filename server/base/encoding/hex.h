#ifndef IDENTITY_BASE_ENCODING_HEX_H_
#define IDENTITY_BASE_ENCODING_HEX_H_

namespace identity {

// The value of a hexadecimal digit, in upper or lower case. -1 for any other character.
constexpr int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace identity

#endif  // IDENTITY_BASE_ENCODING_HEX_H_
