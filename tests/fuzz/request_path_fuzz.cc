#include <algorithm>
#include <string>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/routes/request_host.h"
#include "server/routes/request_path.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/hex.h"

// Input: the host of a request in the first line, then its target.
namespace identity {
namespace {

// Decodes every escape once, and stops at the query. The input has only valid escapes.
std::string DecodedPath(absl::string_view target) {
  std::string decoded;
  for (size_t i = 0; i < target.size() && target[i] != '?'; ++i) {
    if (target[i] != '%') {
      decoded += target[i];
      continue;
    }
    decoded += FromHex(target.substr(i + 1, 2));
    i += 2;
  }
  return decoded;
}

void CheckPath(absl::string_view target) {
  const auto parsed = RequestPath::Parse(target);
  const auto* path = std::get_if<RequestPath>(&parsed);
  if (path == nullptr) return;
  const std::string& text = path->text();
  Require(absl::StartsWith(text, "/"), "a path is absolute");
  Require(text.size() <= RequestPath::kMaxBytes, "a path is short");
  Require(!absl::StrContains(text, "//"), "a path has no empty segment");
  Require(text == "/" || !absl::EndsWith(text, "/"), "a path has no slash at its end");
  for (const absl::string_view segment : path->Segments()) {
    Require(segment != "." && segment != "..", "a segment is a name and not a direction");
    Require(std::all_of(segment.begin(), segment.end(), IsPathCharacter), "a segment has only characters of paths");
  }
  Require(absl::StrCat("/", absl::StrJoin(path->Segments(), "/")) == text, "the segments are the path");
  const std::string decoded = DecodedPath(target);
  Require(decoded == text || decoded == text + "/", "escapes are decoded once, and nothing else changes");
  const auto again = RequestPath::Parse(text);
  const auto* same = std::get_if<RequestPath>(&again);
  Require(same != nullptr && same->text() == text, "a normalised path stays as it is");
}

void CheckHost(absl::string_view host) {
  const absl::optional<std::string> normalized = NormalizeHost(host);
  if (!normalized) return;
  Require(!normalized->empty() && normalized->size() <= 253, "a host is short and not empty");
  Require(normalized->find_first_of("@/\\?#%, \t\r\n*") == std::string::npos, "a host is a name or an address");
  Require(NormalizeHost(*normalized) == normalized, "a normalised host stays as it is");
}

void FuzzRequestPath(absl::string_view input) {
  CheckHost(TakeUntil('\n', input));
  CheckPath(input);
}

}  // namespace
}  // namespace identity

IDENTITY_FUZZ_TARGET(request_path, identity::FuzzRequestPath)
