#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/app/admin/paging.h"
#include "server/base/sealed_box.h"
#include "server/base/secret.h"
#include "tests/fuzz/fuzz.h"

// Input: the name of a list, a cursor, and the rest, each on its line. The rest is taken for a token, and edits the
// real token.
namespace identity {
namespace {

using Cursors = absl::StatusOr<std::vector<std::string>>;

const PageTokens& Tokens() {
  static const auto* const tokens = new PageTokens(Secret(std::string(kSealKeyBytes, 'k')));
  return *tokens;
}

// Makes no token. libFuzzer watches comparisons, so it would learn the tokens of the other key.
const PageTokens& ReaderWithOtherKey() {
  static const auto* const tokens = new PageTokens(Secret(std::string(kSealKeyBytes, 'o')));
  return *tokens;
}

std::string CursorOfItem(const std::string& item) { return item; }

// A token that points behind the item `cursor`.
std::string TokenFor(absl::string_view list, absl::string_view cursor) {
  const auto read = [&](const std::string&) -> Cursors { return std::vector<std::string>{std::string(cursor), ""}; };
  return Tokens().ReadPage(list, {1, ""}, read, CursorOfItem)->next_page_token;
}

// The cursor that a list gets for `token`.
absl::StatusOr<std::string> CursorIn(absl::string_view list, absl::string_view token,
                                     const PageTokens& tokens = Tokens()) {
  const auto read = [](const std::string& cursor) -> Cursors { return std::vector<std::string>{cursor}; };
  const auto page = tokens.ReadPage(list, {1, std::string(token)}, read, CursorOfItem);
  if (!page.ok()) return page.status();
  return page->items.at(0);
}

void FuzzPageToken(absl::string_view input) {
  const absl::string_view list = TakeUntil('\n', input);
  const absl::string_view cursor = TakeUntil('\n', input);
  const std::string token = TokenFor(list, cursor);
  const auto read = CursorIn(list, token);
  Require(read.ok() && *read == cursor, "a token leads back to its cursor");
  Require(!CursorIn(absl::StrCat(list, "x"), token).ok(), "a token is valid for its list only");
  const std::string edited = Edited(token, input);
  Require(edited == token || !CursorIn(list, edited).ok(), "an edited token is refused");
  Require(input.empty() || !CursorIn(list, input, ReaderWithOtherKey()).ok(), "only the key's holder makes tokens");
}

}  // namespace
}  // namespace identity

IDENTITY_FUZZ_TARGET(page_token, identity::FuzzPageToken)
