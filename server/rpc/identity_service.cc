#include "server/rpc/identity_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/access_token.h"
#include "server/domain/account_names.h"
#include "server/rpc/convert.h"
#include "server/rpc/status.h"

namespace identity {
namespace {

constexpr int kMaxChecks = 1000;

absl::Status NotImplemented(absl::string_view what) {
  return Error(ErrorReason::kNotImplemented, absl::StrCat(what, ": is in the contract and not built yet"));
}

absl::StatusOr<std::string> ReadAudience(const std::string& audience) {
  if (audience.empty()) return std::string(kOwnAudience);
  RETURN_IF_ERROR(CheckAudience(audience));
  return audience;
}

absl::StatusOr<Authenticator::Request> ReadLogin(const v1::AuthenticateRequest& request) {
  Authenticator::Request login;
  ASSIGN_OR_RETURN(login.scopes, ReadScopes(request.scopes()));
  ASSIGN_OR_RETURN(login.audience, ReadAudience(request.audience()));
  login.client_info = FromProto(request.client_info());
  return login;
}

absl::StatusOr<SecondFactorCode> ReadCode(const v1::MfaCredential& mfa) {
  using Kind = v1::MfaCredential::CodeCase;
  switch (mfa.code_case()) {
    case Kind::kTotpCode:
      return SecondFactorCode{SecondFactorCode::Kind::kTotp, TakeSecret(mfa.totp_code())};
    case Kind::kRecoveryCode:
      return SecondFactorCode{SecondFactorCode::Kind::kRecovery, TakeSecret(mfa.recovery_code())};
    case Kind::CODE_NOT_SET:
      break;
  }
  return InvalidField("mfa.code", "is required: totp_code or recovery_code");
}

absl::StatusOr<Authenticator::Result> LoginWithCode(Authenticator& authenticator, const Call& call,
                                                    const v1::MfaCredential& mfa,
                                                    const v1::AuthenticateRequest& request) {
  const Secret challenge = TakeSecret(mfa.challenge_token());
  ASSIGN_OR_RETURN(const SecondFactorCode code, ReadCode(mfa));
  ASSIGN_OR_RETURN(const Authenticator::Request login, ReadLogin(request));
  if (challenge.empty()) return authenticator.StepUp(call.context, call.caller, code, login);
  return authenticator.WithChallenge(call.context, call.caller, challenge, code, login);
}

void Write(const Authenticator::Challenge& challenge, v1::MfaChallenge& proto) {
  proto.set_challenge_token(std::string(challenge.token.Reveal()));
  *proto.mutable_expire_time() = ToProto(challenge.expire_time);
  proto.add_methods(v1::MFA_METHOD_TOTP);
  proto.add_methods(v1::MFA_METHOD_RECOVERY_CODE);
}

absl::StatusOr<Authenticator::Result> Login(Authenticator& authenticator, const Call& call,
                                            const v1::AuthenticateRequest& request) {
  using Kind = v1::AuthenticateRequest::CredentialCase;
  switch (request.credential_case()) {
    case Kind::kPassword: {
      const Secret password = TakeSecret(request.password().password());
      ASSIGN_OR_RETURN(const Authenticator::Request login, ReadLogin(request));
      return authenticator.WithPassword(call.context, call.caller, request.password().login(), password, login);
    }
    case Kind::kApiKey: {
      const Secret key = TakeSecret(request.api_key().key());
      ASSIGN_OR_RETURN(const Authenticator::Request login, ReadLogin(request));
      return authenticator.WithApiKey(call.context, call.caller, key, login);
    }
    case Kind::kMfa:
      return LoginWithCode(authenticator, call, request.mfa(), request);
    case Kind::kIdToken:
      return NotImplemented("id_token");
    case Kind::CREDENTIAL_NOT_SET:
      break;
  }
  return InvalidField("credential", "is required");
}

absl::StatusOr<Sessions::RevokeTarget> ReadTarget(const v1::RevokeRequest& request) {
  using Kind = v1::RevokeRequest::TargetCase;
  using Target = Sessions::RevokeTarget;
  Target target;
  switch (request.target_case()) {
    case Kind::kAccessToken:
      target.what = Target::AccessToken{TakeSecret(request.access_token())};
      return target;
    case Kind::kRefreshToken:
      target.what = Target::RefreshToken{TakeSecret(request.refresh_token())};
      return target;
    case Kind::kApiKey:
      target.what = Target::ApiKey{TakeSecret(request.api_key())};
      return target;
    case Kind::kSessionId: {
      ASSIGN_OR_RETURN(target.what, ReadId<SessionId>("session_id", request.session_id()));
      return target;
    }
    case Kind::kApiKeyId: {
      ASSIGN_OR_RETURN(target.what, ReadId<ApiKeyId>("api_key_id", request.api_key_id()));
      return target;
    }
    case Kind::kPrincipalId: {
      ASSIGN_OR_RETURN(target.what, ReadId<PrincipalId>("principal_id", request.principal_id()));
      return target;
    }
    case Kind::TARGET_NOT_SET:
      break;
  }
  return InvalidField("target", "is required");
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

// The caller is let in by facts that are as fresh as the answer. What cannot be read is refused later, with its reason.
Freshness FreshnessOfCaller(const v1::Consistency& consistency) {
  return ReadConsistency(consistency).value_or(Freshness());
}

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

absl::StatusOr<CheckQuery> ReadQuery(const v1::CheckPermissionRequest& request) {
  ASSIGN_OR_RETURN(const auto subject, ReadSubject(request));
  ASSIGN_OR_RETURN(Permission permission, Permission::Parse(request.permission()));
  ASSIGN_OR_RETURN(Resource resource, Resource::Parse(request.resource()));
  return CheckQuery{subject, std::move(permission), std::move(resource), request.audience(), request.explain()};
}

void WriteExplanation(const Explanation& from, v1::Explanation& explanation) {
  if (!from.binding.id.is_nil()) explanation.set_binding_id(from.binding.id.ToString());
  explanation.set_resource(from.binding.resource.text());
  explanation.mutable_role_chain()->Assign(from.grant.chain.begin(), from.grant.chain.end());
  explanation.set_pattern(from.grant.pattern.text());
}

void WriteQuota(const RateLimiter::Outcome& from, v1::Quota& quota) {
  quota.set_limit(from.limit);
  quota.set_remaining(from.remaining);
  *quota.mutable_reset() = ToProto(from.reset);
}

void WriteAnswer(const CheckAnswer& answer, const std::string& consistency_token,
                 v1::CheckPermissionResponse& response) {
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
  if (answer.explanation) WriteExplanation(*answer.explanation, *response.mutable_explanation());
  if (answer.quota) WriteQuota(*answer.quota, *response.mutable_quota());
}

absl::Status BatchSizeInvalid() { return InvalidField("checks", "are not 1 to 1,000"); }

absl::StatusOr<CheckQuery> ReadBatchQuery(const v1::CheckPermissionRequest& check, int index) {
  const std::string prefix = absl::StrCat("checks[", index, "]");
  if (check.has_consistency()) return InvalidField(prefix + ".consistency", "is the batch's to set");
  absl::StatusOr<CheckQuery> query = ReadQuery(check);
  if (!query.ok()) return InField(prefix, query.status());
  return query;
}

void WipeCredential(const v1::CheckPermissionRequest& request) {
  WipeField(request.access_token());
  WipeField(request.api_key());
}

bool AllAboutSelf(const v1::BatchCheckPermissionsRequest& request) {
  return std::all_of(request.checks().begin(), request.checks().end(),
                     [](const v1::CheckPermissionRequest& check) { return check.self(); });
}

}  // namespace

grpc::ServerUnaryReactor* IdentityService::Authenticate(grpc::CallbackServerContext* context,
                                                        const v1::AuthenticateRequest* request,
                                                        v1::AuthenticateResponse* response) {
  return calls_.Run(context, "identity.v1.IdentityService/Authenticate", *request, {},
                    [this, request, response](const Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto result, Login(authenticator_, call, *request));
                      if (const auto* tokens = absl::get_if<TokenSet>(&result)) {
                        *response->mutable_tokens() = ToProto(*tokens);
                      } else {
                        Write(absl::get<Authenticator::Challenge>(result), *response->mutable_mfa_challenge());
                      }
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* IdentityService::Refresh(grpc::CallbackServerContext* context,
                                                   const v1::RefreshRequest* request, v1::RefreshResponse* response) {
  return calls_.Run(context, "identity.v1.IdentityService/Refresh", *request, {},
                    [this, request, response](const Call& call) -> absl::Status {
                      Sessions::RefreshRequest refresh;
                      refresh.refresh_token = TakeSecret(request->refresh_token());
                      ASSIGN_OR_RETURN(refresh.scopes, ReadScopes(request->scopes()));
                      refresh.client_info = FromProto(request->client_info());
                      ASSIGN_OR_RETURN(const TokenSet tokens, sessions_.Refresh(call.context, call.caller, refresh));
                      *response->mutable_tokens() = ToProto(tokens);
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* IdentityService::Revoke(grpc::CallbackServerContext* context,
                                                  const v1::RevokeRequest* request, v1::RevokeResponse* response) {
  return calls_.Run(context, "identity.v1.IdentityService/Revoke", *request, {},
                    [this, request, response](const Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const Sessions::RevokeTarget target, ReadTarget(*request));
                      ASSIGN_OR_RETURN(const ConsistencyToken token,
                                       sessions_.Revoke(call.context, call.caller, target));
                      response->set_consistency_token(token.ToText());
                      return absl::OkStatus();
                    });
}

absl::Status IdentityService::Check(const Call& call, const v1::CheckPermissionRequest& request,
                                    v1::CheckPermissionResponse& response) const {
  ASSIGN_OR_RETURN(const Freshness freshness, ReadConsistency(request.consistency()));
  const absl::StatusOr<CheckQuery> query = ReadQuery(request);
  RETURN_IF_ERROR(query.status());
  ASSIGN_OR_RETURN(const auto answers, authorizer_.Check(call.context, call.caller, {&query, 1}, freshness));
  WriteAnswer(*answers[0], answers[0]->moment.token.ToText(), response);
  Count(*answers[0]);
  return absl::OkStatus();
}

absl::Status IdentityService::CheckAll(const Call& call, const v1::BatchCheckPermissionsRequest& request,
                                       v1::BatchCheckPermissionsResponse& response) const {
  if (request.checks().empty()) return BatchSizeInvalid();
  ASSIGN_OR_RETURN(const Freshness freshness, ReadConsistency(request.consistency()));
  std::vector<absl::StatusOr<CheckQuery>> queries;
  queries.reserve(static_cast<size_t>(request.checks_size()));
  for (int i = 0; i < request.checks_size(); ++i) queries.push_back(ReadBatchQuery(request.checks(i), i));
  ASSIGN_OR_RETURN(const auto answers, authorizer_.Check(call.context, call.caller, queries, freshness));
  response.mutable_results()->Reserve(request.checks_size());
  std::string consistency_token;  // all have the same
  for (const absl::StatusOr<CheckAnswer>& answer : answers) {
    v1::BatchCheckPermissionsResult* result = response.add_results();
    if (answer.ok()) {
      if (consistency_token.empty()) consistency_token = answer->moment.token.ToText();
      WriteAnswer(*answer, consistency_token, *result->mutable_response());
      Count(*answer);
    } else {
      *result->mutable_error() = ToRpcStatus(answer.status());
    }
  }
  return absl::OkStatus();
}

void IdentityService::Count(const CheckAnswer& answer) const {
  metrics_.decisions.Add(static_cast<size_t>(answer.decision.reason));
}

grpc::ServerUnaryReactor* IdentityService::CheckPermission(grpc::CallbackServerContext* context,
                                                           const v1::CheckPermissionRequest* request,
                                                           v1::CheckPermissionResponse* response) {
  CallTarget target;
  target.self = request->self();
  target.freshness = FreshnessOfCaller(request->consistency());
  return calls_.RunAtOnce(context, "identity.v1.IdentityService/CheckPermission", *request, target,
                          [this, request, response](const Call& call) {
                            absl::Status status = Check(call, *request, *response);
                            if (!IsWouldBlock(status)) WipeCredential(*request);
                            return status;
                          });
}

grpc::ServerUnaryReactor* IdentityService::BatchCheckPermissions(grpc::CallbackServerContext* context,
                                                                 const v1::BatchCheckPermissionsRequest* request,
                                                                 v1::BatchCheckPermissionsResponse* response) {
  static constexpr char kMethod[] = "identity.v1.IdentityService/BatchCheckPermissions";
  // Small on the wire and large in memory, so it must not wait in the queue.
  if (request->checks_size() > kMaxChecks) return calls_.Refuse(context, kMethod, BatchSizeInvalid());
  CallTarget target;
  target.self = AllAboutSelf(*request);
  target.freshness = FreshnessOfCaller(request->consistency());
  return calls_.RunAtOnce(context, kMethod, *request, target, [this, request, response](const Call& call) {
    absl::Status status = CheckAll(call, *request, *response);
    if (!IsWouldBlock(status)) {
      for (const v1::CheckPermissionRequest& check : request->checks()) WipeCredential(check);
    }
    return status;
  });
}

grpc::ServerUnaryReactor* IdentityService::IssueApiKey(grpc::CallbackServerContext* context,
                                                       const v1::IssueApiKeyRequest* request,
                                                       v1::IssueApiKeyResponse* response) {
  CallTarget target;
  target.self = request->owner_id().empty();
  target.resource = ResourceOfPrincipal(request->owner_id());
  target.principal = PrincipalId::Parse(request->owner_id());
  return calls_.Run(context, "identity.v1.IdentityService/IssueApiKey", *request, target,
                    [this, request, response](const Call& call) -> absl::Status {
                      ApiKeyIssuer::Request issue;
                      if (!request->owner_id().empty()) {
                        ASSIGN_OR_RETURN(issue.owner, ReadId<PrincipalId>("owner_id", request->owner_id()));
                      }
                      RETURN_IF_ERROR(CheckLabel("display_name", request->display_name(), kMaxDisplayNameBytes));
                      issue.display_name = request->display_name();
                      ASSIGN_OR_RETURN(issue.scopes, ReadScopes(request->scopes()));
                      if (request->has_expire_time()) {
                        ASSIGN_OR_RETURN(issue.expire_time, FromProto("expire_time", request->expire_time()));
                      }
                      issue.requests_per_minute = request->requests_per_minute();
                      ASSIGN_OR_RETURN(issue.idempotency, ReadIdempotency(request->request_id(), *request));
                      ASSIGN_OR_RETURN(const ApiKeyIssuer::Issued issued,
                                       api_keys_.Issue(call.context, call.caller, issue));
                      response->set_secret(std::string(issued.secret.Reveal()));
                      *response->mutable_api_key() = ToProto(issued.key);
                      response->set_consistency_token(issued.token.ToText());
                      return absl::OkStatus();
                    });
}

}  // namespace identity
