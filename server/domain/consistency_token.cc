#include "server/domain/consistency_token.h"

#include "server/base/encoding/base64url.h"

namespace identity {
namespace {

constexpr size_t kBytes = 20;
constexpr size_t kTokenTextBytes = 27;

// Appends the lowest `count` bytes of `value`, big-endian.
void Append(uint64_t value, size_t count, std::string& out) {
  for (size_t i = count; i-- > 0;) out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
}

uint64_t ReadNumber(absl::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = (value << 8) | static_cast<uint8_t>(c);
  return value;
}

}  // namespace

std::string ConsistencyToken::ToText() const {
  std::string bytes;
  Append(history.system_identifier, 8, bytes);
  Append(history.timeline, 4, bytes);
  Append(static_cast<uint64_t>(revision), 8, bytes);
  return Base64UrlEncode(bytes);
}

absl::optional<ConsistencyToken> ConsistencyToken::Parse(absl::string_view text) {
  std::string decoded;
  if (text.size() != kTokenTextBytes || !Base64UrlDecode(text, &decoded) || decoded.size() != kBytes)
    return absl::nullopt;
  const absl::string_view bytes = decoded;
  ConsistencyToken token;
  token.history.system_identifier = ReadNumber(bytes.substr(0, 8));
  token.history.timeline = static_cast<uint32_t>(ReadNumber(bytes.substr(8, 4)));
  token.revision = static_cast<int64_t>(ReadNumber(bytes.substr(12)));
  if (token.revision < 0) return absl::nullopt;
  return token;
}

}  // namespace identity
