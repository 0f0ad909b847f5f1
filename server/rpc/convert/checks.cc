#include "server/rpc/convert/checks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/rpc/convert/principals.h"
#include "server/rpc/convert/time.h"

namespace identity {
namespace {

absl::StatusOr<decltype(CheckQuery::subject)> ReadSubject(const v1::CheckPermissionRequest& request) {
  using Kind = v1::CheckPermissionRequest::SubjectCase;
  using Subject = decltype(CheckQuery::subject);
  switch (request.subject_case()) {
    case Kind::kAccessToken:
      return Subject(CheckQuery::AccessToken{request.access_token()});
    case Kind::kApiKey:
      return Subject(CheckQuery::ApiKey{request.api_key()});
    case Kind::kPrincipalId:
      return Subject(CheckQuery::ById{PrincipalId::Parse(request.principal_id())});
    case Kind::kAnonymous:
      if (!request.anonymous()) return InvalidField("anonymous", "must be true when set");
      return Subject(CheckQuery::Anonymous());
    case Kind::kSelf:
      if (!request.self()) return InvalidField("self", "must be true when set");
      return Subject(CheckQuery::Self());
    case Kind::SUBJECT_NOT_SET:
      break;
  }
  return InvalidField("subject", "is required: one of access_token, api_key, principal_id, anonymous, self");
}

void Write(const Explanation& from, v1::Explanation& explanation) {
  if (!from.binding.id.is_nil()) explanation.set_binding_id(from.binding.id.ToString());
  explanation.set_resource(from.binding.resource.text());
  explanation.mutable_role_chain()->Assign(from.grant.chain.begin(), from.grant.chain.end());
  explanation.set_pattern(from.grant.pattern.text());
}

void Write(const RateLimiter::Outcome& from, v1::Quota& quota) {
  quota.set_limit(from.limit);
  quota.set_remaining(from.remaining);
  *quota.mutable_reset() = ToProto(from.reset);
}

}  // namespace

v1::Reason ToProto(Reason reason) {
  switch (reason) {
    case Reason::kGranted:
      return v1::REASON_GRANTED;
    case Reason::kCredentialInvalid:
      return v1::REASON_CREDENTIAL_INVALID;
    case Reason::kCredentialExpired:
      return v1::REASON_CREDENTIAL_EXPIRED;
    case Reason::kCredentialRevoked:
      return v1::REASON_CREDENTIAL_REVOKED;
    case Reason::kPrincipalDisabled:
      return v1::REASON_PRINCIPAL_DISABLED;
    case Reason::kQuotaExceeded:
      return v1::REASON_QUOTA_EXCEEDED;
    case Reason::kNoBinding:
      return v1::REASON_NO_BINDING;
    case Reason::kScopeInsufficient:
      return v1::REASON_SCOPE_INSUFFICIENT;
    case Reason::kStepUpRequired:
      return v1::REASON_STEP_UP_REQUIRED;
  }
  return v1::REASON_UNSPECIFIED;
}

absl::StatusOr<Freshness> ReadConsistency(const v1::Consistency& consistency) {
  using Kind = v1::Consistency::RequirementCase;
  Freshness freshness;
  switch (consistency.requirement_case()) {
    case Kind::kMinimizeLatency:
      if (!consistency.minimize_latency()) return InvalidField("consistency.minimize_latency", "must be true when set");
      return freshness;
    case Kind::kFullyConsistent:
      if (!consistency.fully_consistent()) return InvalidField("consistency.fully_consistent", "must be true when set");
      freshness.full = true;
      return freshness;
    case Kind::kAtLeastAsFresh:
      freshness.at_least = ConsistencyToken::Parse(consistency.at_least_as_fresh());
      if (!freshness.at_least) return InvalidField("consistency.at_least_as_fresh", "is not a consistency token");
      return freshness;
    case Kind::REQUIREMENT_NOT_SET:
      break;
  }
  return freshness;
}

absl::StatusOr<CheckQuery> ReadQuery(const v1::CheckPermissionRequest& request) {
  ASSIGN_OR_RETURN(const auto subject, ReadSubject(request));
  ASSIGN_OR_RETURN(Permission permission, Permission::Parse(request.permission()));
  ASSIGN_OR_RETURN(Resource resource, Resource::Parse(request.resource()));
  return CheckQuery{subject, std::move(permission), std::move(resource), request.audience(), request.explain()};
}

absl::StatusOr<CheckQuery> ReadBatchQuery(const v1::CheckPermissionRequest& check, int index) {
  const std::string prefix = absl::StrCat("checks[", index, "]");
  if (check.has_consistency()) return InvalidField(prefix + ".consistency", "is the batch's to set");
  absl::StatusOr<CheckQuery> query = ReadQuery(check);
  if (!query.ok()) return InField(prefix, query.status());
  return query;
}

void Write(const CheckAnswer& answer, const std::string& consistency_token, v1::CheckPermissionResponse& response) {
  const Decision& decision = answer.decision;
  response.set_decision(decision.allowed() ? v1::DECISION_ALLOWED : v1::DECISION_DENIED);
  response.set_reason(ToProto(decision.reason));
  response.set_consistency_token(consistency_token);
  *response.mutable_checked_at() = ToProto(answer.moment.as_of);
  absl::Time expire_time = decision.expire_time;
  if (answer.subject) {
    Write(answer.subject->principal, *response.mutable_principal());
    if (answer.subject->session_id) response.set_session_id(answer.subject->session_id->ToString());
    for (const PermissionPattern& scope : answer.subject->scopes.patterns()) response.add_scopes(scope.text());
    expire_time = std::min(expire_time, answer.subject->expire_time);
  }
  if (expire_time != absl::InfiniteFuture()) *response.mutable_expire_time() = ToProto(expire_time);
  if (answer.explanation) Write(*answer.explanation, *response.mutable_explanation());
  if (answer.quota) Write(*answer.quota, *response.mutable_quota());
}

}  // namespace identity
