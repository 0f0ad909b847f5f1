#include "server/http/oauth/oauth_error.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "server/base/error.h"
#include "server/http/http_call.h"

namespace identity {
namespace {

struct ErrorRow {
  ErrorReason reason;
  const char* error;
  int status;
};

// The reasons that OAuth has a name for.
constexpr ErrorRow kErrors[] = {
    {ErrorReason::kInvalidField, "invalid_request", 400},
    {ErrorReason::kRequestTooLarge, "invalid_request", 400},
    {ErrorReason::kInvalidScope, "invalid_scope", 400},
    {ErrorReason::kInvalidCredentials, "invalid_client", 401},
    {ErrorReason::kCallerUnknown, "invalid_client", 401},
    {ErrorReason::kCallerInvalid, "invalid_client", 401},
    {ErrorReason::kRefreshTokenInvalid, "invalid_grant", 400},
    {ErrorReason::kRefreshTokenReused, "invalid_grant", 400},
    {ErrorReason::kEmailNotVerified, "invalid_grant", 400},
    {ErrorReason::kPermissionDenied, "insufficient_scope", 403},
    {ErrorReason::kNotImplemented, "unsupported_grant_type", 400},
};

// RFC 8693, section 2.2.2: the server gives no token for this audience.
bool IsAboutTarget(const absl::Status& error) {
  const std::vector<FieldViolation> violations = FieldViolationsOf(error);
  return std::any_of(violations.begin(), violations.end(), [](const FieldViolation& violation) {
    return violation.field == "audience" || violation.field == "resource";
  });
}

ErrorRow RowOf(const absl::Status& error) {
  const ErrorReason reason = *ReasonOf(error);
  if (IsAboutTarget(error)) return {reason, "invalid_target", 400};
  for (const ErrorRow& row : kErrors) {
    if (row.reason == reason) return row;
  }
  const int status = HttpStatusOf(error.code());
  if (IsTemporary(status)) return {reason, "temporarily_unavailable", status};
  if (status < 500) return {reason, "invalid_request", 400};  // RFC 6749, section 5.2
  return {reason, "server_error", status};
}

// A description has only printable ASCII, without quotes and backslashes.
std::string DescriptionOf(absl::string_view message) {
  std::string text(message);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~' || c == '"' || c == '\\'; }, '?');
  return text;
}

HttpResponse ResponseOf(const ErrorRow& row, const absl::Status& error, absl::string_view request_id) {
  nlohmann::ordered_json body = {{"error", row.error},
                                 {"error_description", DescriptionOf(error.message())},
                                 {"reason", std::string(ErrorReasonName(row.reason))}};
  if (!request_id.empty()) body["request_id"] = std::string(request_id);
  HttpResponse response;
  response.status = row.status;
  response.content_type = "application/json";
  response.body = body.dump();
  if (row.status == 401) response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"identity\"");
  return response;
}

}  // namespace

HttpResponse OAuthErrorOf(const absl::Status& error, absl::string_view request_id) {
  return ResponseOf(RowOf(error), error, request_id);
}

HttpResponse GrantErrorOf(const absl::Status& error, absl::string_view request_id) {
  ErrorRow row = RowOf(error);
  if (row.reason == ErrorReason::kInvalidCredentials) row = {row.reason, "invalid_grant", 400};
  return ResponseOf(row, error, request_id);
}

}  // namespace identity
