#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/http/oauth/form.h"
#include "tests/fuzz/fuzz.h"

// Input: the body of a request.
namespace identity {
namespace {

// With every byte escaped.
std::string Escaped(absl::string_view text) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    escaped += {'%', kDigits[byte / 16], kDigits[byte % 16]};
  }
  return escaped;
}

void FuzzForm(absl::string_view body) {
  const absl::StatusOr<Form> form = Form::Parse("application/x-www-form-urlencoded", body);
  if (!form.ok()) return;
  for (const absl::string_view part : absl::StrSplit(body, '&', absl::SkipEmpty())) {
    absl::string_view value = part;
    const absl::optional<std::string> name = DecodeFormText(TakeUntil('=', value));
    const absl::optional<std::string> decoded = DecodeFormText(value);
    Require(name.has_value() && decoded.has_value(), "a form has no malformed escape");
    Require(DecodeFormText(Escaped(*decoded)) == decoded, "an escaped text is decoded to itself");
    Require(form->Find(*name).value_or("") == *decoded, "each parameter has its own value");
  }
}

}  // namespace
}  // namespace identity

IDENTITY_FUZZ_TARGET(form, identity::FuzzForm)
