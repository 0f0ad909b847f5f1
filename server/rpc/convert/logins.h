#ifndef IDENTITY_RPC_CONVERT_LOGINS_H_
#define IDENTITY_RPC_CONVERT_LOGINS_H_

#include "absl/status/statusor.h"
#include "identity/v1/identity_service.pb.h"
#include "identity/v1/types.pb.h"
#include "server/app/login/login_attempt.h"
#include "server/app/login/proofs.h"
#include "server/app/login/provider_login.h"
#include "server/app/login/revocation.h"
#include "server/app/login/second_factors.h"

namespace identity {

// Everything but the credential. INVALID_ARGUMENT.
absl::StatusOr<LoginRequest> ReadLogin(const v1::AuthenticateRequest& request);
// Wipes the code in `mfa`. INVALID_ARGUMENT.
absl::StatusOr<SecondFactorCode> ReadCode(const v1::MfaCredential& mfa);
// Wipes the secrets in `proof`.
Proof ReadProof(const v1::Proof& proof);
// Moves the secrets out of the request.
IdToken TakeIdToken(const v1::IdTokenCredential& id_token);

void Write(const LoginChallenge& challenge, v1::MfaChallenge& proto);

// Wipes the secret in `request`, if the target is one. INVALID_ARGUMENT.
absl::StatusOr<Revoker::Target> ReadTarget(const v1::RevokeRequest& request);

}  // namespace identity

#endif  // IDENTITY_RPC_CONVERT_LOGINS_H_
