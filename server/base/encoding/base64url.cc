#include "server/base/encoding/base64url.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "server/base/secret.h"

namespace identity {
namespace {

// Abseil also accepts spaces, padding and left-over bits. Only the canonical text comes back from the bytes. `again`:
// the text of `bytes`, which may be a secret.
bool KeepIfCanonical(absl::string_view text, std::string again, std::string* bytes) {
  const bool same = again == text;
  Wipe(again);
  if (!same) Wipe(*bytes);
  return same;
}

bool Refuse(std::string* bytes) {
  Wipe(*bytes);
  return false;
}

}  // namespace

std::string Base64UrlEncode(absl::string_view bytes) { return absl::WebSafeBase64Escape(bytes); }

bool Base64UrlDecode(absl::string_view text, std::string* bytes) {
  if (!absl::WebSafeBase64Unescape(text, bytes)) return Refuse(bytes);
  return KeepIfCanonical(text, Base64UrlEncode(*bytes), bytes);
}

bool Base64Decode(absl::string_view text, Base64Padding padding, std::string* bytes) {
  if (!absl::Base64Unescape(text, bytes)) return Refuse(bytes);
  std::string again = absl::Base64Escape(*bytes);
  if (padding == Base64Padding::kNone) again.erase(std::min(again.size(), again.find('=')));
  return KeepIfCanonical(text, std::move(again), bytes);
}

}  // namespace identity
