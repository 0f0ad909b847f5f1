#include "server/http/oauth/form.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "server/base/encoding/hex.h"
#include "server/base/encoding/utf8.h"
#include "server/base/error.h"

namespace identity {
namespace {

constexpr absl::string_view kMediaType = "application/x-www-form-urlencoded";
constexpr size_t kUsualParameters = 4;

// Without its parameters, such as a charset.
bool IsForm(absl::string_view content_type) {
  const absl::string_view media_type = content_type.substr(0, content_type.find(';'));
  return media_type == kMediaType || absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(media_type), kMediaType);
}

absl::Status Malformed(absl::string_view rule) { return InvalidField("request", rule); }

}  // namespace

absl::optional<std::string> DecodeFormText(absl::string_view text) {
  if (!absl::StrContains(text, '%') && !absl::StrContains(text, '+')) return std::string(text);
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    if (text.size() - i < 3) return absl::nullopt;
    const int high = HexValue(text[i + 1]);
    const int low = HexValue(text[i + 2]);
    if (high < 0 || low < 0) return absl::nullopt;
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return decoded;
}

absl::StatusOr<Form> Form::Parse(absl::string_view content_type, absl::string_view body) {
  if (!IsForm(content_type)) return Malformed("must have the Content-Type application/x-www-form-urlencoded");
  Form form;
  form.parameters_.reserve(kUsualParameters);
  for (const absl::string_view part : absl::StrSplit(body, '&', absl::SkipEmpty())) {
    if (form.parameters_.size() == kMaxParameters) return Malformed("has more than 50 parameters");
    const size_t equals = part.find('=');
    absl::optional<std::string> name = DecodeFormText(part.substr(0, equals));
    absl::optional<std::string> value =
        DecodeFormText(equals == absl::string_view::npos ? "" : part.substr(equals + 1));
    if (!name || !value || !IsUtf8(*name) || !IsUtf8(*value)) return Malformed("is not a form of UTF-8 text");
    const bool known = std::any_of(form.parameters_.begin(), form.parameters_.end(),
                                   [&](const auto& parameter) { return parameter.first == *name; });
    if (known) return Malformed("has a parameter twice");
    form.parameters_.emplace_back(*std::move(name), Secret(*std::move(value)));
  }
  return form;
}

absl::optional<absl::string_view> Form::Find(absl::string_view name) const {
  for (const auto& [known, value] : parameters_) {
    if (known == name && !value.empty()) return value.Reveal();
  }
  return absl::nullopt;
}

absl::StatusOr<absl::string_view> Form::Require(absl::string_view name) const {
  const absl::optional<absl::string_view> value = Find(name);
  if (!value) return InvalidField(name, "is required");
  return *value;
}

}  // namespace identity
