#ifndef IDENTITY_RPC_ACCOUNT_SERVICE_H_
#define IDENTITY_RPC_ACCOUNT_SERVICE_H_

#include "identity/v1/account_service.grpc.pb.h"
#include "server/app/account/accounts.h"
#include "server/app/account/email_verification.h"
#include "server/app/account/password_reset.h"
#include "server/app/account/registration.h"
#include "server/app/admin/api_key_issuer.h"
#include "server/app/admin/principals.h"
#include "server/app/login/second_factors.h"
#include "server/rpc/call.h"

namespace identity {

// identity.v1.AccountService: messages in, one call of a use case, messages out. Thread-safe.
class AccountService final : public v1::AccountService::CallbackService {
 public:
  AccountService(CallRunner& calls, Registration& registration, Accounts& accounts, EmailVerification& verification,
                 PasswordReset& reset, SecondFactors& factors, ApiKeyIssuer& api_keys, Principals& principals)
      : calls_(calls),
        registration_(registration),
        accounts_(accounts),
        verification_(verification),
        reset_(reset),
        factors_(factors),
        api_keys_(api_keys),
        principals_(principals) {}

#define IDENTITY_ACCOUNT_RPC(name)                                                                       \
  grpc::ServerUnaryReactor* name(grpc::CallbackServerContext* context, const v1::name##Request* request, \
                                 v1::name##Response* response) override
  IDENTITY_ACCOUNT_RPC(Register);
  IDENTITY_ACCOUNT_RPC(GetAccount);
  IDENTITY_ACCOUNT_RPC(UpdateAccount);
  IDENTITY_ACCOUNT_RPC(DeactivateAccount);
  IDENTITY_ACCOUNT_RPC(ChangePassword);
  IDENTITY_ACCOUNT_RPC(ListSessions);
  IDENTITY_ACCOUNT_RPC(ListApiKeys);
  IDENTITY_ACCOUNT_RPC(RotateApiKey);
  IDENTITY_ACCOUNT_RPC(EnrollTotp);
  IDENTITY_ACCOUNT_RPC(ConfirmTotp);
  IDENTITY_ACCOUNT_RPC(DisableTotp);
  IDENTITY_ACCOUNT_RPC(RegenerateRecoveryCodes);
  IDENTITY_ACCOUNT_RPC(VerifyEmail);
  IDENTITY_ACCOUNT_RPC(ResendVerification);
  IDENTITY_ACCOUNT_RPC(RequestPasswordReset);
  IDENTITY_ACCOUNT_RPC(ResetPassword);
#undef IDENTITY_ACCOUNT_RPC

 private:
  CallRunner& calls_;
  Registration& registration_;
  Accounts& accounts_;
  EmailVerification& verification_;
  PasswordReset& reset_;
  SecondFactors& factors_;
  ApiKeyIssuer& api_keys_;
  Principals& principals_;
};

}  // namespace identity

#endif  // IDENTITY_RPC_ACCOUNT_SERVICE_H_
