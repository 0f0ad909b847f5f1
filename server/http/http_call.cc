#include "server/http/http_call.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/calls/caller_credential.h"

namespace identity {
namespace {

using Kind = PresentedCredential::Kind;
using Json = nlohmann::ordered_json;

struct StatusRow {
  absl::StatusCode code;
  int status;
  const char* title;
};

// As google.rpc.Code maps them, with one exception: FAILED_PRECONDITION is a conflict with the state of the service.
constexpr StatusRow kStatuses[] = {
    {absl::StatusCode::kInvalidArgument, 400, "Bad Request"},
    {absl::StatusCode::kOutOfRange, 400, "Bad Request"},
    {absl::StatusCode::kUnauthenticated, 401, "Unauthorized"},
    {absl::StatusCode::kPermissionDenied, 403, "Forbidden"},
    {absl::StatusCode::kNotFound, 404, "Not Found"},
    {absl::StatusCode::kAlreadyExists, 409, "Conflict"},
    {absl::StatusCode::kAborted, 409, "Conflict"},
    {absl::StatusCode::kFailedPrecondition, 409, "Conflict"},
    {absl::StatusCode::kResourceExhausted, 429, "Too Many Requests"},
    {absl::StatusCode::kCancelled, 499, "Client Closed Request"},
    {absl::StatusCode::kUnimplemented, 501, "Not Implemented"},
    {absl::StatusCode::kUnavailable, 503, "Service Unavailable"},
    {absl::StatusCode::kDeadlineExceeded, 504, "Gateway Timeout"},
    {absl::StatusCode::kInternal, 500, "Internal Server Error"},  // and all others
};

const StatusRow& RowOf(absl::StatusCode code) {
  for (const StatusRow& row : kStatuses) {
    if (row.code == code) return row;
  }
  return *(std::end(kStatuses) - 1);
}

const char* TitleOf(int status) {
  if (status == 405) return "Method Not Allowed";
  for (const StatusRow& row : kStatuses) {
    if (row.status == status) return row.title;
  }
  return "Internal Server Error";
}

void AddQuota(const RateLimiter::Outcome& quota, HttpResponse& response) {
  response.headers.emplace_back("RateLimit-Limit", absl::StrCat(quota.limit));
  response.headers.emplace_back("RateLimit-Remaining", absl::StrCat(quota.remaining));
  response.headers.emplace_back("RateLimit-Reset", absl::StrCat(SecondsUp(quota.reset)));
}

}  // namespace

PresentedCredential CredentialIn(const HttpRequest& request) {
  const auto values = [&request](absl::string_view name) {
    return HeaderValues{request.Count(name), request.Header(name).value_or("")};
  };
  return CredentialOf(values("authorization"), values("x-api-key"));
}

void HttpCall::UseApiKey(Secret key) { api_key_ = std::move(key); }

PresentedCredential HttpCall::credential() const {
  if (!api_key_) return CredentialIn(request());
  if (api_key_->empty()) return {};
  return {Kind::kApiKey, api_key_->Reveal()};
}

std::vector<absl::string_view> HttpCall::forwarded_for() const {
  std::vector<absl::string_view> values;
  for (const auto& [name, value] : request().headers) {
    if (name == "x-forwarded-for") values.push_back(value);
  }
  return values;
}

absl::optional<TraceContext> HttpCall::trace() const {
  const absl::optional<absl::string_view> parent = request().Header("traceparent");
  return parent ? TraceContext::Parse(*parent) : absl::nullopt;
}

void HttpCall::Finish(const CallOutcome& outcome) {
  HttpResponse response = outcome.status.ok() ? std::move(response_) : error_(outcome.status, outcome.request_id);
  if (outcome.quota && shows_quota_) AddQuota(*outcome.quota, response);
  if (const auto delay = RetryDelayOf(outcome.status)) {
    response.headers.emplace_back("Retry-After", absl::StrCat(SecondsUp(*delay)));
  }
  if (!outcome.request_id.empty()) response.headers.emplace_back("X-Request-Id", std::string(outcome.request_id));
  exchange_->Reply(std::move(response));
  delete this;
}

bool IsTemporary(int status) { return status == 429 || status == 503 || status == 504; }

int HttpStatusOf(absl::StatusCode code) { return RowOf(code).status; }

HttpResponse ProblemOf(const absl::Status& error, absl::string_view request_id) {
  return ProblemWith(HttpStatusOf(error.code()), error, request_id);
}

HttpResponse ProblemWith(int status, const absl::Status& error, absl::string_view request_id) {
  Json problem = {{"type", "about:blank"},
                  {"title", TitleOf(status)},
                  {"status", status},
                  {"detail", std::string(error.message())},
                  {"reason", std::string(ErrorReasonName(*ReasonOf(error)))}};
  if (!request_id.empty()) problem["request_id"] = std::string(request_id);
  for (const FieldViolation& violation : FieldViolationsOf(error)) {
    problem["errors"].push_back({{"field", violation.field}, {"rule", violation.rule}});
  }
  HttpResponse response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = problem.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"identity\"");
  return response;
}

}  // namespace identity
