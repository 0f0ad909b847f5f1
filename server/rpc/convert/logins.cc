#include "server/rpc/convert/logins.h"

#include <string>

#include "server/app/access/credentials.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/access_token.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/time.h"

namespace identity {
namespace {

absl::StatusOr<std::string> ReadAudience(const std::string& audience) {
  if (audience.empty()) return std::string(kOwnAudience);
  RETURN_IF_ERROR(CheckAudience(audience));
  return audience;
}

}  // namespace

absl::StatusOr<LoginRequest> ReadLogin(const v1::AuthenticateRequest& request) {
  LoginRequest login;
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

void Write(const PasswordLogin::Challenge& challenge, v1::MfaChallenge& proto) {
  proto.set_challenge_token(std::string(challenge.token.Reveal()));
  *proto.mutable_expire_time() = ToProto(challenge.expire_time);
  proto.add_methods(v1::MFA_METHOD_TOTP);
  proto.add_methods(v1::MFA_METHOD_RECOVERY_CODE);
}

absl::StatusOr<Revoker::Target> ReadTarget(const v1::RevokeRequest& request) {
  using Kind = v1::RevokeRequest::TargetCase;
  using Target = Revoker::Target;
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

}  // namespace identity
