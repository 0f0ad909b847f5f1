#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/base/secret.h"
#include "server/domain/opaque_token.h"
#include "tests/fuzz/fuzz.h"

// Input: the text of a token. When it is long enough, its beginning also becomes a token, and the rest edits its text.
namespace identity {
namespace {

using Kind = OpaqueToken::Kind;
constexpr Kind kKinds[] = {Kind::kRefreshToken, Kind::kApiKey, Kind::kMfaChallenge, Kind::kMailedToken};

// Returns the number of kinds that accept `text`.
int CheckOpaqueText(absl::string_view text) {
  int kinds = 0;
  for (const Kind kind : kKinds) {
    const absl::optional<OpaqueToken> token = OpaqueToken::Parse(kind, text);
    if (!token) continue;
    ++kinds;
    Require(token->ToText().Reveal() == text, "a token has one text");
    Require(token->secret().size() == kTokenSecretBytes, "the secret is whole");
    Require(LooksLikeApiKey(text) == (kind == Kind::kApiKey), "only API keys look like API keys");
  }
  Require(kinds <= 1, "a text is of one kind");
  return kinds;
}

void CheckToken(absl::string_view bytes) {
  constexpr size_t kIdBytes = 16;
  std::array<uint8_t, kIdBytes> id;
  std::copy_n(bytes.begin() + 1, kIdBytes, id.begin());
  const absl::string_view secret = bytes.substr(1 + kIdBytes, kTokenSecretBytes);
  const Kind kind = kKinds[static_cast<uint8_t>(bytes[0]) % 4];
  const std::string text(OpaqueToken(kind, Uuid(id), Secret(secret)).ToText().Reveal());
  const absl::optional<OpaqueToken> parsed = OpaqueToken::Parse(kind, text);
  Require(parsed && parsed->id() == Uuid(id) && parsed->secret().Reveal() == secret, "what is printed is parsed");
  const absl::string_view edits = bytes.substr(1 + kIdBytes + kTokenSecretBytes);
  CheckOpaqueText(Edited(text, edits));
  const std::string one_edit = Edited(text, edits.substr(0, 3));
  Require(one_edit == text || CheckOpaqueText(one_edit) == 0, "the checksum finds a wrong character");
}

void FuzzOpaqueToken(absl::string_view input) {
  CheckOpaqueText(input);
  if (input.size() >= 49) CheckToken(input);
}

}  // namespace
}  // namespace identity

IDENTITY_FUZZ_TARGET(opaque_token, identity::FuzzOpaqueToken)
