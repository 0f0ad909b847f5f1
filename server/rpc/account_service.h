#ifndef IDENTITY_RPC_ACCOUNT_SERVICE_H_
#define IDENTITY_RPC_ACCOUNT_SERVICE_H_

#include "identity/v1/account_service.pb.h"
#include "server/app/account/email_verification.h"
#include "server/app/account/factor_settings.h"
#include "server/app/account/linked_identities.h"
#include "server/app/account/own_account.h"
#include "server/app/account/password_reset.h"
#include "server/app/account/registration.h"
#include "server/app/admin/api_key_issuer.h"
#include "server/app/admin/principals.h"
#include "server/rpc/rpc_service.h"

namespace identity {

// The handlers of identity.v1.AccountService. Thread-safe.
class AccountService final : public RpcService {
 public:
  AccountService(RpcRunner& calls, Registration& registration, OwnAccount& own_account, EmailVerification& verification,
                 PasswordReset& reset, FactorSettings& factors, ApiKeyIssuer& api_keys, Principals& principals,
                 LinkedIdentities& identities);

  Reactor* Register(ServerContext*, const v1::RegisterRequest*, v1::RegisterResponse*);
  Reactor* GetAccount(ServerContext*, const v1::GetAccountRequest*, v1::GetAccountResponse*);
  Reactor* UpdateAccount(ServerContext*, const v1::UpdateAccountRequest*, v1::UpdateAccountResponse*);
  Reactor* DeactivateAccount(ServerContext*, const v1::DeactivateAccountRequest*, v1::DeactivateAccountResponse*);
  Reactor* ChangePassword(ServerContext*, const v1::ChangePasswordRequest*, v1::ChangePasswordResponse*);
  Reactor* ListSessions(ServerContext*, const v1::ListSessionsRequest*, v1::ListSessionsResponse*);
  Reactor* ListApiKeys(ServerContext*, const v1::ListApiKeysRequest*, v1::ListApiKeysResponse*);
  Reactor* RotateApiKey(ServerContext*, const v1::RotateApiKeyRequest*, v1::RotateApiKeyResponse*);
  Reactor* EnrollTotp(ServerContext*, const v1::EnrollTotpRequest*, v1::EnrollTotpResponse*);
  Reactor* ConfirmTotp(ServerContext*, const v1::ConfirmTotpRequest*, v1::ConfirmTotpResponse*);
  Reactor* DisableTotp(ServerContext*, const v1::DisableTotpRequest*, v1::DisableTotpResponse*);
  Reactor* RegenerateRecoveryCodes(ServerContext*, const v1::RegenerateRecoveryCodesRequest*,
                                   v1::RegenerateRecoveryCodesResponse*);
  Reactor* VerifyEmail(ServerContext*, const v1::VerifyEmailRequest*, v1::VerifyEmailResponse*);
  Reactor* ResendVerification(ServerContext*, const v1::ResendVerificationRequest*, v1::ResendVerificationResponse*);
  Reactor* RequestPasswordReset(ServerContext*, const v1::RequestPasswordResetRequest*,
                                v1::RequestPasswordResetResponse*);
  Reactor* ResetPassword(ServerContext*, const v1::ResetPasswordRequest*, v1::ResetPasswordResponse*);
  Reactor* ListExternalIdentities(ServerContext*, const v1::ListExternalIdentitiesRequest*,
                                  v1::ListExternalIdentitiesResponse*);
  Reactor* UnlinkIdentity(ServerContext*, const v1::UnlinkIdentityRequest*, v1::UnlinkIdentityResponse*);

 private:
  Registration& registration_;
  OwnAccount& own_account_;
  EmailVerification& verification_;
  PasswordReset& reset_;
  FactorSettings& factors_;
  ApiKeyIssuer& api_keys_;
  Principals& principals_;
  LinkedIdentities& identities_;
};

}  // namespace identity

#endif  // IDENTITY_RPC_ACCOUNT_SERVICE_H_
