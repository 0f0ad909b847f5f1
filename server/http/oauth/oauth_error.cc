#include "server/http/oauth/oauth_error.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "server/base/error.h"
#include "server/http/http_call.h"

namespace identity {
namespace {

struct ErrorRow {
  ErrorReason reason;
  const char* error;
  int status;
};

// The reasons that OAuth has a name for. Others follow from their HTTP status.
constexpr ErrorRow kErrors[] = {
    {ErrorReason::kInvalidField, "invalid_request", 400},
    {ErrorReason::kRequestTooLarge, "invalid_request", 400},
    {ErrorReason::kInvalidScope, "invalid_scope", 400},
    {ErrorReason::kInvalidCredentials, "invalid_client", 401},
    {ErrorReason::kCallerUnknown, "invalid_client", 401},
    {ErrorReason::kCallerInvalid, "invalid_client", 401},
    {ErrorReason::kRefreshTokenInvalid, "invalid_grant", 400},
    {ErrorReason::kRefreshTokenReused, "invalid_grant", 400},
    {ErrorReason::kPermissionDenied, "insufficient_scope", 403},
    {ErrorReason::kNotImplemented, "unsupported_grant_type", 400},
};

ErrorRow RowOf(const absl::Status& error) {
  const ErrorReason reason = *ReasonOf(error);
  for (const ErrorRow& row : kErrors) {
    if (row.reason == reason) return row;
  }
  const int status = HttpStatusOf(error.code());
  const bool may_pass = status == 429 || status == 503 || status == 504;
  const char* const name = may_pass ? "temporarily_unavailable" : status < 500 ? "invalid_request" : "server_error";
  return {reason, name, status};
}

// A description has only printable ASCII, without quotes and backslashes.
std::string DescriptionOf(absl::string_view message) {
  std::string text(message);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~' || c == '"' || c == '\\'; }, '?');
  return text;
}

}  // namespace

HttpResponse OAuthErrorOf(const absl::Status& error, absl::string_view request_id) {
  const ErrorRow row = RowOf(error);
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

}  // namespace identity
