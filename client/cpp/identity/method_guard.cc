#include "identity/method_guard.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "identity/refusal.h"
#include "identity/token.h"

namespace identity {
inline namespace client {
namespace {

constexpr size_t kMaxPermissionSegments = 8;
constexpr size_t kMaxPermissionSegmentBytes = 64;

bool IsPermission(absl::string_view text) {
  const std::vector<absl::string_view> segments = absl::StrSplit(text, ':');
  const auto is_allowed = [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
           c == '_' || c == '-';
  };
  const auto is_segment = [&](absl::string_view segment) {
    return !segment.empty() && segment.size() <= kMaxPermissionSegmentBytes &&
           std::all_of(segment.begin(), segment.end(), is_allowed);
  };
  return segments.size() <= kMaxPermissionSegments && std::all_of(segments.begin(), segments.end(), is_segment);
}

std::vector<std::string> ValuesOf(const grpc::ServerContextBase& context, const char* name) {
  std::vector<std::string> values;
  const auto range = context.client_metadata().equal_range(name);
  for (auto it = range.first; it != range.second; ++it) values.emplace_back(it->second.data(), it->second.size());
  return values;
}

// The token of `Bearer <token>`. Empty: there is none.
absl::string_view BearerTokenOf(absl::string_view authorization) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(authorization, absl::MaxSplits(' ', 1));
  if (!absl::EqualsIgnoreCase(parts.first, "Bearer")) return "";
  return absl::StripLeadingAsciiWhitespace(parts.second);
}

// Sets the subject to the one whose credential the call has. False: the credential is not valid.
bool SetSubject(const grpc::ServerContextBase& context, v1::CheckPermissionRequest& question) {
  const std::vector<std::string> authorizations = ValuesOf(context, "authorization");
  const std::vector<std::string> keys = ValuesOf(context, "x-api-key");
  if (authorizations.empty() && keys.empty()) {
    question.set_anonymous(true);
    return true;
  }
  if ((authorizations.empty() ? keys : authorizations).size() != 1) return false;
  const absl::string_view credential = authorizations.empty() ? keys[0] : BearerTokenOf(authorizations[0]);
  if (!IsCredential(credential)) return false;
  if (authorizations.empty() || absl::StartsWith(credential, "idk_")) {
    question.set_api_key(std::string(credential));
  } else {
    question.set_access_token(std::string(credential));
  }
  return true;
}

Decision DecisionFrom(const v1::CheckPermissionResponse& answer) {
  Decision decision;
  decision.principal = answer.principal();
  decision.session_id = answer.session_id();
  decision.scopes.assign(answer.scopes().begin(), answer.scopes().end());
  decision.consistency_token = answer.consistency_token();
  if (answer.has_expire_time()) {
    decision.expire_time =
        absl::FromUnixSeconds(answer.expire_time().seconds()) + absl::Nanoseconds(answer.expire_time().nanos());
  }
  return decision;
}

}  // namespace

absl::StatusOr<MethodGuard> MethodGuard::Create(const Client& client, const Rule& rule,
                                                const google::protobuf::MethodDescriptor& method,
                                                const Guard::Log& log) {
  if (rule.is_public()) return MethodGuard(client, rule, ResourceTemplate(), log);
  if (!IsPermission(rule.permission())) {
    return absl::InvalidArgumentError(absl::StrCat("\"", rule.permission(), "\" is not a permission"));
  }
  absl::StatusOr<ResourceTemplate> resource = ResourceTemplate::Parse(rule.resource(), *method.input_type());
  if (!resource.ok()) return resource.status();
  if (resource->has_fields() && method.client_streaming()) {
    return absl::InvalidArgumentError("a stream of requests is decided before the first one, and so without fields");
  }
  return MethodGuard(client, rule, *std::move(resource), log);
}

MethodGuard::MethodGuard(const Client& client, const Rule& rule, ResourceTemplate resource, const Guard::Log& log)
    : client_(&client),
      is_public_(rule.is_public()),
      permission_(rule.permission()),
      resource_(std::move(resource)),
      log_(&log) {}

std::variant<v1::CheckPermissionRequest, Verdict> MethodGuard::QuestionAbout(
    const grpc::ServerContextBase& context, const google::protobuf::Message* request) const {
  if (is_public_) return Verdict();
  v1::CheckPermissionRequest question;
  if (!SetSubject(context, question)) {
    return Verdict{Refusal(grpc::StatusCode::UNAUTHENTICATED, "CREDENTIAL_INVALID", "the credential is not valid"),
                   absl::nullopt};
  }
  const absl::StatusOr<std::string> resource = resource_.Fill(request);
  if (!resource.ok()) {
    return Verdict{Refusal(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_FIELD", resource.status().message()),
                   absl::nullopt};
  }
  question.set_permission(permission_);
  question.set_resource(*resource);
  return question;
}

// The question must not outlive the call.
CallOptions MethodGuard::OptionsOf(const grpc::ServerContextBase& context) const {
  return {absl::nullopt, std::min(client_->deadline(), absl::FromChrono(context.deadline()) - absl::Now())};
}

Verdict MethodGuard::VerdictOf(const absl::StatusOr<v1::CheckPermissionResponse>& answer, bool anonymous) const {
  if (!answer.ok()) {
    if (*log_ != nullptr) (*log_)(answer.status());
    return {Undecided(answer.status()), absl::nullopt};
  }
  if (answer->decision() != v1::DECISION_ALLOWED) return {RefusalOf(*answer, anonymous), absl::nullopt};
  return {grpc::Status::OK, DecisionFrom(*answer)};
}

Verdict MethodGuard::Decide(const grpc::ServerContextBase& context, const google::protobuf::Message* request) const {
  std::variant<v1::CheckPermissionRequest, Verdict> question = QuestionAbout(context, request);
  if (Verdict* verdict = std::get_if<Verdict>(&question)) return std::move(*verdict);
  const auto& asked = std::get<v1::CheckPermissionRequest>(question);
  return VerdictOf(client_->Call(&IdentityRpc::CheckPermission, asked, OptionsOf(context)), asked.anonymous());
}

void MethodGuard::DecideAsync(const grpc::ServerContextBase& context, const google::protobuf::Message* request,
                              std::function<void(Verdict)> done) const {
  std::variant<v1::CheckPermissionRequest, Verdict> question = QuestionAbout(context, request);
  if (Verdict* verdict = std::get_if<Verdict>(&question)) return done(std::move(*verdict));
  auto& asked = std::get<v1::CheckPermissionRequest>(question);
  const bool anonymous = asked.anonymous();
  client_->CheckAsync(
      std::move(asked), OptionsOf(context),
      [this, anonymous, done = std::move(done)](const absl::StatusOr<v1::CheckPermissionResponse>& answer) {
        done(VerdictOf(answer, anonymous));
      });
}

}  // namespace client
}  // namespace identity
