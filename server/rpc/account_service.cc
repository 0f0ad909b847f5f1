#include "server/rpc/account_service.h"

#include "server/base/status_macros.h"
#include "server/rpc/convert/accounts.h"
#include "server/rpc/convert/api_keys.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/identity_providers.h"
#include "server/rpc/convert/logins.h"
#include "server/rpc/convert/sessions.h"

namespace identity {

AccountService::AccountService(RpcRunner& calls, Registration& registration, OwnAccount& own_account,
                               EmailVerification& verification, PasswordReset& reset, FactorSettings& factors,
                               ApiKeyIssuer& api_keys, Principals& principals, LinkedIdentities& identities)
    : RpcService(calls, "identity.v1.AccountService"),
      registration_(registration),
      own_account_(own_account),
      verification_(verification),
      reset_(reset),
      factors_(factors),
      api_keys_(api_keys),
      principals_(principals),
      identities_(identities) {
  using Self = AccountService;
  ServeAll(&Self::Register, &Self::GetAccount, &Self::UpdateAccount, &Self::DeactivateAccount, &Self::ChangePassword,
           &Self::ListSessions, &Self::ListApiKeys, &Self::RotateApiKey, &Self::EnrollTotp, &Self::ConfirmTotp,
           &Self::DisableTotp, &Self::RegenerateRecoveryCodes, &Self::VerifyEmail, &Self::ResendVerification,
           &Self::RequestPasswordReset, &Self::ResetPassword, &Self::ListExternalIdentities, &Self::UnlinkIdentity);
}

Reactor* AccountService::Register(ServerContext* context, const v1::RegisterRequest* request,
                                  v1::RegisterResponse* response) {
  const Rpc rpc{context, "identity.v1.AccountService/Register"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    const auto registered =
        registration_.Register(call.context, call.caller,
                               {request->username(), request->email(), TakeSecret(request->password()),
                                request->full_name(), FromProto(request->client_info())});
    RETURN_IF_ERROR(registered.status());
    *response->mutable_account() = ToProto(registered->account);
    response->set_consistency_token(registered->token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AccountService::GetAccount(ServerContext* context, const v1::GetAccountRequest* /*request*/,
                                    v1::GetAccountResponse* response) {
  const Rpc rpc{context, "identity.v1.AccountService/GetAccount"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const accounts::Account account, own_account_.Get(call.context, call.caller));
    *response->mutable_account() = ToProto(account);
    return absl::OkStatus();
  });
}

Reactor* AccountService::UpdateAccount(ServerContext* context, const v1::UpdateAccountRequest* request,
                                       v1::UpdateAccountResponse* response) {
  const Rpc rpc{context, "identity.v1.AccountService/UpdateAccount"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const OwnAccount::Update update, ReadUpdate(*request));
    ASSIGN_OR_RETURN(const accounts::Account account, own_account_.Apply(call.context, call.caller, update));
    *response->mutable_account() = ToProto(account);
    return absl::OkStatus();
  });
}

Reactor* AccountService::DeactivateAccount(ServerContext* context, const v1::DeactivateAccountRequest* request,
                                           v1::DeactivateAccountResponse* response) {
  const Rpc rpc{context, "identity.v1.AccountService/DeactivateAccount"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    const Proof proof = ReadProof(request->proof());
    ASSIGN_OR_RETURN(const ConsistencyToken token, own_account_.Deactivate(call.context, call.caller, proof));
    response->set_consistency_token(token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AccountService::ChangePassword(ServerContext* context, const v1::ChangePasswordRequest* request,
                                        v1::ChangePasswordResponse* response) {
  const Rpc rpc{context, "identity.v1.AccountService/ChangePassword"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    const Proof proof = ReadProof(request->proof());
    const OwnAccount::NewPassword password{TakeSecret(request->new_password()), request->revoke_api_keys()};
    ASSIGN_OR_RETURN(const auto change, own_account_.ChangePassword(call.context, call.caller, proof, password));
    response->set_ended_sessions(static_cast<int32_t>(change.ended_sessions));
    *response->mutable_tokens() = ToProto(change.tokens);
    response->set_consistency_token(change.token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AccountService::ListSessions(ServerContext* context, const v1::ListSessionsRequest* request,
                                      v1::ListSessionsResponse* response) {
  const Rpc rpc{context, "identity.v1.AccountService/ListSessions"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const auto page, principals_.ListSessions(call.context, *call.caller.id(), ReadPage(*request)));
    for (const sessions::ListedSession& session : page.items) {
      *response->add_sessions() = ToProto(session, call.caller);
    }
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

Reactor* AccountService::ListApiKeys(ServerContext* context, const v1::ListApiKeysRequest* request,
                                     v1::ListApiKeysResponse* response) {
  const Rpc rpc{context, "identity.v1.AccountService/ListApiKeys"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const auto page, principals_.ListApiKeys(call.context, *call.caller.id(), ReadPage(*request)));
    for (const api_keys::ApiKey& key : page.items) *response->add_api_keys() = ToProto(key);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

Reactor* AccountService::RotateApiKey(ServerContext* context, const v1::RotateApiKeyRequest* request,
                                      v1::RotateApiKeyResponse* response) {
  const Rpc rpc{context, "identity.v1.AccountService/RotateApiKey"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const ApiKeyIssuer::Rotation rotation, ReadRotation(*request));
    ASSIGN_OR_RETURN(const auto issued, api_keys_.Rotate(call.context, call.caller, rotation));
    Write(issued, *response);
    return absl::OkStatus();
  });
}

Reactor* AccountService::EnrollTotp(ServerContext* context, const v1::EnrollTotpRequest* request,
                                    v1::EnrollTotpResponse* response) {
  const Rpc rpc{context, "identity.v1.AccountService/EnrollTotp"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    const Proof proof = ReadProof(request->proof());
    ASSIGN_OR_RETURN(const auto enrollment, factors_.Enroll(call.context, call.caller, proof));
    response->set_otpauth_uri(std::string(enrollment.otpauth_uri.Reveal()));
    response->set_qr_code_png(std::string(enrollment.qr_code_png.Reveal()));
    return absl::OkStatus();
  });
}

Reactor* AccountService::ConfirmTotp(ServerContext* context, const v1::ConfirmTotpRequest* request,
                                     v1::ConfirmTotpResponse* response) {
  const Rpc rpc{context, "identity.v1.AccountService/ConfirmTotp"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const auto codes, factors_.Confirm(call.context, call.caller, TakeSecret(request->totp_code())));
    Write(codes, *response->mutable_recovery_codes());
    return absl::OkStatus();
  });
}

Reactor* AccountService::DisableTotp(ServerContext* context, const v1::DisableTotpRequest* request,
                                     v1::DisableTotpResponse* /*response*/) {
  const Rpc rpc{context, "identity.v1.AccountService/DisableTotp"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    return factors_.Disable(call.context, call.caller, ReadProof(request->proof()));
  });
}

Reactor* AccountService::RegenerateRecoveryCodes(ServerContext* context,
                                                 const v1::RegenerateRecoveryCodesRequest* request,
                                                 v1::RegenerateRecoveryCodesResponse* response) {
  const Rpc rpc{context, "identity.v1.AccountService/RegenerateRecoveryCodes"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    const Proof proof = ReadProof(request->proof());
    ASSIGN_OR_RETURN(const auto codes, factors_.RegenerateRecoveryCodes(call.context, call.caller, proof));
    Write(codes, *response->mutable_recovery_codes());
    return absl::OkStatus();
  });
}

Reactor* AccountService::VerifyEmail(ServerContext* context, const v1::VerifyEmailRequest* request,
                                     v1::VerifyEmailResponse* response) {
  const Rpc rpc{context, "identity.v1.AccountService/VerifyEmail"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const auto verified, verification_.Verify(call.context, call.caller, TakeSecret(request->token()),
                                                               FromProto(request->client_info())));
    response->set_ended_sessions(static_cast<int32_t>(verified.ended_sessions));
    *response->mutable_tokens() = ToProto(verified.tokens);
    response->set_consistency_token(verified.token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AccountService::ResendVerification(ServerContext* context, const v1::ResendVerificationRequest* /*request*/,
                                            v1::ResendVerificationResponse* /*response*/) {
  const Rpc rpc{context, "identity.v1.AccountService/ResendVerification"};
  return calls_.Run(
      rpc, [=, this](const Call& call) -> absl::Status { return verification_.Resend(call.context, call.caller); });
}

Reactor* AccountService::RequestPasswordReset(ServerContext* context, const v1::RequestPasswordResetRequest* request,
                                              v1::RequestPasswordResetResponse* /*response*/) {
  const Rpc rpc{context, "identity.v1.AccountService/RequestPasswordReset"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    return reset_.Request(call.context, call.caller, request->login(), FromProto(request->client_info()));
  });
}

Reactor* AccountService::ResetPassword(ServerContext* context, const v1::ResetPasswordRequest* request,
                                       v1::ResetPasswordResponse* response) {
  const Rpc rpc{context, "identity.v1.AccountService/ResetPassword"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    const Secret token = TakeSecret(request->token());
    const Secret fresh = TakeSecret(request->new_password());
    ASSIGN_OR_RETURN(const auto done,
                     reset_.Reset(call.context, call.caller, token, fresh, FromProto(request->client_info())));
    response->set_ended_sessions(static_cast<int32_t>(done.ended_sessions));
    response->set_consistency_token(done.token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AccountService::ListExternalIdentities(ServerContext* context,
                                                const v1::ListExternalIdentitiesRequest* /*request*/,
                                                v1::ListExternalIdentitiesResponse* response) {
  const Rpc rpc{context, "identity.v1.AccountService/ListExternalIdentities"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const auto identities, identities_.List(call.context, call.caller));
    for (const external_identities::Listed& identity : identities) *response->add_identities() = ToProto(identity);
    return absl::OkStatus();
  });
}

Reactor* AccountService::UnlinkIdentity(ServerContext* context, const v1::UnlinkIdentityRequest* request,
                                        v1::UnlinkIdentityResponse* response) {
  const Rpc rpc{context, "identity.v1.AccountService/UnlinkIdentity"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    const Proof proof = ReadProof(request->proof());
    ASSIGN_OR_RETURN(const ConsistencyToken token,
                     identities_.Unlink(call.context, call.caller, {request->issuer(), request->subject()}, proof));
    response->set_consistency_token(token.ToText());
    return absl::OkStatus();
  });
}

}  // namespace identity
