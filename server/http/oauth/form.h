#ifndef IDENTITY_HTTP_OAUTH_FORM_H_
#define IDENTITY_HTTP_OAUTH_FORM_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/base/secret.h"

namespace identity {

// The parameters of a request to an OAuth endpoint (RFC 6749, appendix B). Move-only, since most of them are secrets.
class Form {
 public:
  static constexpr size_t kMaxParameters = 50;

  // INVALID_ARGUMENT:
  // - for another media type than application/x-www-form-urlencoded,
  // - for a malformed escape, or a text that is not UTF-8,
  // - for a parameter that is given twice (RFC 6749, section 3.1), or more than kMaxParameters.
  static absl::StatusOr<Form> Parse(absl::string_view content_type, absl::string_view body);

  // nullopt when it was not given, or is empty, which means the same (RFC 6749, section 3.1).
  absl::optional<absl::string_view> Find(absl::string_view name) const;
  // INVALID_ARGUMENT with the field `name` when it was not given.
  absl::StatusOr<absl::string_view> Require(absl::string_view name) const;

 private:
  std::vector<std::pair<std::string, Secret>> parameters_;
};

// Decodes "+" and percent-escapes. nullopt when an escape is malformed.
absl::optional<std::string> DecodeFormText(absl::string_view text);

}  // namespace identity

#endif  // IDENTITY_HTTP_OAUTH_FORM_H_
