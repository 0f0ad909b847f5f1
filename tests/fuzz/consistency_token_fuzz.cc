#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/base/encoding/base64url.h"
#include "server/domain/consistency_token.h"
#include "tests/fuzz/fuzz.h"

// Input: the text of a token. The target also takes it for the bytes that a text encodes.
namespace identity {
namespace {

void CheckTokenText(absl::string_view text) {
  const absl::optional<ConsistencyToken> token = ConsistencyToken::Parse(text);
  if (!token) return;
  Require(token->revision >= 0, "revisions count from 0");
  Require(token->ToText() == text, "a token has one text");
}

void FuzzConsistencyToken(absl::string_view input) {
  CheckTokenText(input);
  CheckTokenText(Base64UrlEncode(input));
}

}  // namespace
}  // namespace identity

IDENTITY_FUZZ_TARGET(consistency_token, identity::FuzzConsistencyToken)
