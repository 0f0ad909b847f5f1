#include "server/rpc/convert/logins.h"

#include <string>
#include <utility>

#include "server/app/access/credentials.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/access_token.h"
#include "server/domain/opaque_token.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/time.h"

namespace identity {
namespace {

// From a message with the oneof `code`.
template <typename Message>
absl::optional<SecondFactorCode> TakeCode(const Message& message) {
  using Kind = SecondFactorCode::Kind;
  if (message.has_totp_code()) return SecondFactorCode{Kind::kTotp, TakeSecret(message.totp_code())};
  if (message.has_recovery_code()) return SecondFactorCode{Kind::kRecovery, TakeSecret(message.recovery_code())};
  return absl::nullopt;
}

// nullopt for a text that is no device token: the login then counts as one from a new device.
absl::optional<trusted_devices::Presented> ReadDevice(const std::string& text) {
  const Secret presented = TakeSecret(text);
  const auto token = OpaqueToken::Parse(OpaqueToken::Kind::kDevice, presented.Reveal());
  if (!token) return absl::nullopt;
  return trusted_devices::Presented{DeviceId(token->id()), token->Hash()};
}

}  // namespace

absl::StatusOr<LoginRequest> ReadLogin(const v1::AuthenticateRequest& request) {
  LoginRequest login;
  ASSIGN_OR_RETURN(login.scopes, ReadScopes(request.scopes()));
  if (!request.audience().empty()) RETURN_IF_ERROR(CheckAudience(request.audience()));
  login.audience = request.audience();
  login.client_info = FromProto(request.client_info());
  login.device = ReadDevice(request.password().device_token());
  login.remember_device = request.remember_device();
  return login;
}

absl::StatusOr<SecondFactorCode> ReadCode(const v1::MfaCredential& mfa) {
  absl::optional<SecondFactorCode> code = TakeCode(mfa);
  if (!code) return InvalidField("mfa.code", "is required: totp_code or recovery_code");
  return *std::move(code);
}

IdToken TakeIdToken(const v1::IdTokenCredential& id_token) {
  return {id_token.issuer(), TakeSecret(id_token.token()), TakeSecret(id_token.nonce()),
          TakeSecret(id_token.access_token())};
}

Proof ReadProof(const v1::Proof& proof) {
  absl::optional<IdToken> id_token;
  if (proof.has_id_token()) id_token = TakeIdToken(proof.id_token());
  return {TakeSecret(proof.current_password()), std::move(id_token), TakeCode(proof)};
}

void Write(const LoginChallenge& challenge, v1::MfaChallenge& proto) {
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
