#include "server/rpc/identity_service.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/rpc/convert/api_keys.h"
#include "server/rpc/convert/checks.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/logins.h"
#include "server/rpc/convert/sessions.h"
#include "server/rpc/status.h"

namespace identity {
namespace {

constexpr int kMaxChecks = 1000;  // of one batch

absl::StatusOr<LoginResult> LogInWithCode(FactorLogin& factor_login, const Call& call, const v1::MfaCredential& mfa,
                                          const v1::AuthenticateRequest& request) {
  const Secret challenge = TakeSecret(mfa.challenge_token());
  ASSIGN_OR_RETURN(const SecondFactorCode code, ReadCode(mfa));
  ASSIGN_OR_RETURN(const LoginRequest login, ReadLogin(request));
  if (challenge.empty()) return factor_login.StepUp(call.context, call.caller, code, login);
  return factor_login.AnswerChallenge(call.context, call.caller, challenge, code, login);
}

absl::StatusOr<LoginResult> LogIn(const IdentityService::Logins& logins, const Call& call,
                                  const v1::AuthenticateRequest& request) {
  using Kind = v1::AuthenticateRequest::CredentialCase;
  switch (request.credential_case()) {
    case Kind::kPassword: {
      const Secret password = TakeSecret(request.password().password());
      ASSIGN_OR_RETURN(const LoginRequest login, ReadLogin(request));
      return logins.password_login.LogIn(call.context, call.caller, request.password().login(), password, login);
    }
    case Kind::kApiKey: {
      const Secret key = TakeSecret(request.api_key().key());
      ASSIGN_OR_RETURN(const LoginRequest login, ReadLogin(request));
      return logins.key_exchange.Exchange(call.context, call.caller, key, login);
    }
    case Kind::kMfa:
      return LogInWithCode(logins.factor_login, call, request.mfa(), request);
    case Kind::kIdToken: {
      const IdToken credential = TakeIdToken(request.id_token());
      ASSIGN_OR_RETURN(const LoginRequest login, ReadLogin(request));
      return logins.provider_login.LogIn(call.context, call.caller, credential, login);
    }
    case Kind::CREDENTIAL_NOT_SET:
      break;
  }
  return InvalidField("credential", "is required");
}

// Admission uses facts that are as fresh as those of the answer. The handler refuses a malformed requirement later,
// with the reason.
Freshness FreshnessOfCaller(const v1::Consistency& consistency) {
  return ReadConsistency(consistency).value_or(Freshness());
}

absl::Status BatchSizeInvalid() { return InvalidField("checks", "are not 1 to 1,000"); }

// Counts the checks of an unparsed batch. A megabyte holds half a million empty checks, which would take 100 times as
// much memory once they were parsed.
absl::Status CheckBatchSize(grpc::ByteBuffer& batch) {
  using google::protobuf::internal::WireFormatLite;
  grpc::ProtoBufferReader reader(&batch);
  google::protobuf::io::CodedInputStream input(&reader);
  int checks = 0;
  while (const uint32_t tag = input.ReadTag()) {
    if (WireFormatLite::GetTagFieldNumber(tag) == v1::BatchCheckPermissionsRequest::kChecksFieldNumber) ++checks;
    if (checks > kMaxChecks) return BatchSizeInvalid();
    if (!WireFormatLite::SkipField(&input, tag)) break;  // the parser will refuse it
  }
  return absl::OkStatus();
}

constexpr RequestLimits kBatchLimits = {1024 * 1024, CheckBatchSize};

void WipeCredential(const v1::CheckPermissionRequest& request) {
  WipeField(request.access_token());
  WipeField(request.api_key());
}

bool AllAboutSelf(const v1::BatchCheckPermissionsRequest& request) {
  return std::all_of(request.checks().begin(), request.checks().end(),
                     [](const v1::CheckPermissionRequest& check) { return check.self(); });
}

}  // namespace

IdentityService::IdentityService(RpcRunner& calls, const Logins& logins, Refresher& refresher, Revoker& revoker,
                                 Authorizer& authorizer, ApiKeyIssuer& api_keys)
    : RpcService(calls, "identity.v1.IdentityService"),
      logins_(logins),
      refresher_(refresher),
      revoker_(revoker),
      authorizer_(authorizer),
      api_keys_(api_keys) {
  using Self = IdentityService;
  ServeAll(&Self::Authenticate, &Self::Refresh, &Self::Revoke, &Self::CheckPermission, &Self::IssueApiKey);
  Serve(&Self::BatchCheckPermissions, kBatchLimits);
}

Reactor* IdentityService::Authenticate(ServerContext* context, const v1::AuthenticateRequest* request,
                                       v1::AuthenticateResponse* response) {
  const Rpc rpc{context, "identity.v1.IdentityService/Authenticate"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const auto result, LogIn(logins_, call, *request));
    if (const auto* tokens = std::get_if<TokenSet>(&result)) {
      *response->mutable_tokens() = ToProto(*tokens);
      response->set_device_token(std::string(tokens->device_token.Reveal()));
    } else {
      Write(std::get<LoginChallenge>(result), *response->mutable_mfa_challenge());
    }
    return absl::OkStatus();
  });
}

Reactor* IdentityService::Refresh(ServerContext* context, const v1::RefreshRequest* request,
                                  v1::RefreshResponse* response) {
  const Rpc rpc{context, "identity.v1.IdentityService/Refresh"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    Refresher::Request refresh;
    refresh.refresh_token = TakeSecret(request->refresh_token());
    ASSIGN_OR_RETURN(refresh.scopes, ReadScopes(request->scopes()));
    refresh.client_info = FromProto(request->client_info());
    ASSIGN_OR_RETURN(const TokenSet tokens, refresher_.Refresh(call.context, call.caller, refresh));
    *response->mutable_tokens() = ToProto(tokens);
    return absl::OkStatus();
  });
}

Reactor* IdentityService::Revoke(ServerContext* context, const v1::RevokeRequest* request,
                                 v1::RevokeResponse* response) {
  const Rpc rpc{context, "identity.v1.IdentityService/Revoke"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const Revoker::Target target, ReadTarget(*request));
    ASSIGN_OR_RETURN(const ConsistencyToken token, revoker_.Revoke(call.context, call.caller, target));
    response->set_consistency_token(token.ToText());
    return absl::OkStatus();
  });
}

Reactor* IdentityService::IssueApiKey(ServerContext* context, const v1::IssueApiKeyRequest* request,
                                      v1::IssueApiKeyResponse* response) {
  Rpc rpc{context, "identity.v1.IdentityService/IssueApiKey"};
  rpc.target.self = request->owner_id().empty();
  rpc.target.resource = ResourceOfPrincipal(request->owner_id());
  rpc.target.principal = PrincipalId::Parse(request->owner_id());
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const ApiKeyIssuer::Request issue, ReadIssue(*request));
    ASSIGN_OR_RETURN(const ApiKeyIssuer::Issued issued, api_keys_.Issue(call.context, call.caller, issue));
    Write(issued, *response);
    return absl::OkStatus();
  });
}

Reactor* IdentityService::CheckPermission(ServerContext* context, const v1::CheckPermissionRequest* request,
                                          v1::CheckPermissionResponse* response) {
  Rpc rpc{context, "identity.v1.IdentityService/CheckPermission"};
  rpc.target.self = request->self();
  rpc.target.freshness = FreshnessOfCaller(request->consistency());
  return calls_.RunInline(rpc, [=, this](const Call& call) -> absl::Status {
    absl::Status status = Check(call, *request, *response);
    if (!IsWouldBlock(status)) WipeCredential(*request);
    return status;
  });
}

Reactor* IdentityService::BatchCheckPermissions(ServerContext* context, const v1::BatchCheckPermissionsRequest* request,
                                                v1::BatchCheckPermissionsResponse* response) {
  Rpc rpc{context, "identity.v1.IdentityService/BatchCheckPermissions"};
  rpc.target.self = AllAboutSelf(*request);
  rpc.target.freshness = FreshnessOfCaller(request->consistency());
  return calls_.RunInline(rpc, [=, this](const Call& call) -> absl::Status {
    absl::Status status = CheckAll(call, *request, *response);
    if (IsWouldBlock(status)) return status;
    for (const v1::CheckPermissionRequest& check : request->checks()) WipeCredential(check);
    return status;
  });
}

absl::Status IdentityService::Check(const Call& call, const v1::CheckPermissionRequest& request,
                                    v1::CheckPermissionResponse& response) const {
  ASSIGN_OR_RETURN(const Freshness freshness, ReadConsistency(request.consistency()));
  const absl::StatusOr<CheckQuery> query = ReadQuery(request);
  RETURN_IF_ERROR(query.status());
  ASSIGN_OR_RETURN(const auto answers, authorizer_.Check(call.context, call.caller, {&query, 1}, freshness));
  RETURN_IF_ERROR(answers[0].status());
  Write(*answers[0], answers[0]->moment.token.ToText(), response);
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
  std::string consistency_token;  // all answers have the same
  for (const absl::StatusOr<CheckAnswer>& answer : answers) {
    v1::BatchCheckPermissionsResult* result = response.add_results();
    if (answer.ok()) {
      if (consistency_token.empty()) consistency_token = answer->moment.token.ToText();
      Write(*answer, consistency_token, *result->mutable_response());
    } else {
      *result->mutable_error() = ToRpcStatus(answer.status());
    }
  }
  return absl::OkStatus();
}

}  // namespace identity
