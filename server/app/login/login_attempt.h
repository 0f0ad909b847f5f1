#ifndef IDENTITY_APP_LOGIN_LOGIN_ATTEMPT_H_
#define IDENTITY_APP_LOGIN_LOGIN_ATTEMPT_H_

#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/passwords.h"
#include "db/stores/second_factors.h"
#include "db/stores/sessions.h"
#include "db/stores/trusted_devices.h"
#include "server/app/access/audit.h"
#include "server/app/access/caller.h"
#include "server/app/access/client_info.h"
#include "server/app/access/throttle.h"
#include "server/app/login/token_issuer.h"
#include "server/base/error.h"
#include "server/base/request_context.h"
#include "server/view/facts.h"

// The parts that all kinds of login share.
namespace identity {

// The options that a caller sets for a login. A value.
struct LoginRequest {
  absl::optional<Scopes> scopes;  // unset: no limit
  std::string audience;           // "": that of the service itself; in a second step, that of the first one
  ClientInfo client_info;
  absl::optional<trusted_devices::Presented> device;
  bool remember_device = false;
};

// A session that a login began, and its principal. A value.
struct BegunLogin {
  sessions::SessionAndToken begun;
  PrincipalFacts principal;
  bool mfa_enrollment_required = false;
  absl::optional<DeviceId> device;  // the new trusted device
};

// The secrets of a login, made before its transaction. Move-only.
struct LoginSecrets {
  Secret refresh_token;  // or the challenge
  Secret device;
};
LoginSecrets NewLoginSecrets();
// Trusts the device of a login that asks for it. `trusted`: the device is trusted already. nullopt: it was not trusted
// now.
absl::StatusOr<absl::optional<DeviceId>> RememberDevice(Transaction& transaction, const LoginRequest& request,
                                                        bool trusted, const sessions::Session& session,
                                                        const LoginSecrets& secrets);
// The first factor was right, and a second one is due; FactorLogin accepts the answer. Move-only.
struct LoginChallenge {
  Secret token;
  absl::Time expire_time;
};
inline constexpr absl::Duration kChallengeLifetime = absl::Minutes(5);
using LoginResult = std::variant<TokenSet, LoginChallenge>;

// `secrets` are those of the login that stored the challenge.
LoginChallenge ChallengeOf(const second_factors::StoredChallenge& stored, LoginSecrets secrets);

// Whether a role of the principal, who has no second factor, needs one.
absl::StatusOr<bool> MustEnroll(Facts& facts, const PrincipalFacts& principal);

// The tokens of a session that has begun.
TokenSet TokensOf(const TokenIssuer& issuer, const BegunLogin& login, LoginSecrets secrets);

// UNAUTHENTICATED / INVALID_CREDENTIALS, identical for every wrong credential.
absl::Status InvalidCredentials();

// FAILED_PRECONDITION / EMAIL_NOT_VERIFIED: the credential was right, and the server demands a verified address.
absl::Status EmailNotVerified();

// The `client_id` claim of a token for `caller` (RFC 9068 section 2.2): its id, or "identity" without a credential.
std::string ClientIdOf(const Caller& caller);

// The `aud` claim of the tokens of a login (RFC 9068 section 2.2).
std::string AudienceOf(const LoginRequest& request);

// The scopes of tokens for the second step of a login, or for a step-up. The first step, or the session, has `granted`
// and `audience`; `request` can narrow the scopes. INVALID_ARGUMENT / INVALID_FIELD for another audience, INVALID_SCOPE
// when no scope is left.
absl::StatusOr<Scopes> NarrowedScopes(Facts& facts, const PrincipalFacts& principal, const LoginRequest& request,
                                      const Scopes& granted, absl::string_view audience);

// The part of `requested` (RFC 6749 section 3.3) that is within `limit` and that `principal` holds anywhere; `limit`
// when `requested` is unset. INVALID_ARGUMENT / INVALID_SCOPE when nothing is left.
absl::StatusOr<Scopes> GrantedScopes(Facts& facts, const PrincipalFacts& principal,
                                     const absl::optional<Scopes>& requested, const Scopes& limit);

// The limit of a login after which the user must first put their own account in order.
Scopes OnlyOwnAccount();
// Whether `scopes` are within that limit.
bool AllowOnlyOwnAccount(const Scopes& scopes);
// Why a login, a step-up or a proof failed. Only the audit shows it. Answers are identical for all causes.
enum class FailureCause {
  kUnknownAccount,
  kWrongPassword,
  kLocked,
  kDisabled,
  kNoPassword,
  kEmailNotVerified,
  kAccountChanged,  // during the login: another password, or disabled
  kWrongCode,
  kNoChallenge,  // unknown, expired, or without a try left
  kSessionEnded,
  kUnknownKey,
  kExpiredKey,
  kRevokedKey,
  kNotLinked,        // an identity of another issuer
  kUnlinked,         // such an identity, by its owner
  kRevokedIdentity,  // the same, by an administrator
  kLinkedRecently,   // the same, too new for a proof
  kNotSinceLogin,    // a proof whose login at the provider was before that of the session
};
// The `details` of the audit event, such as "wrong password".
absl::string_view NameOf(FailureCause cause);

// `subject`: the owner of the account, where the account is known.
AuditReport FailedLogin(const absl::optional<PrincipalId>& subject, FailureCause cause);
// Reports that `target`, an id, is locked until `end`. `guesses` says why, for example "5 wrong passwords in a row,
// locked".
AuditReport LockedBy(absl::string_view guesses, const PrincipalId& subject, const std::string& target, absl::Time end);
// Audits the lock that the wrong `guess` caused. Sends a statement without a lock or a guess, too, so that the time
// tells nothing.
absl::Status AuditLock(Transaction& transaction, const Caller& caller, const ClientInfo& client,
                       const absl::optional<passwords::Guess>& guess);
AuditReport SuccessfulLogin(const PrincipalId& subject, const SessionId& session);

// `context` with at least 2 seconds left for writing. So a client cannot undo a count or hide a failure by hanging up.
RequestContext WithTimeToWrite(const RequestContext& context);

// Returns `result`. Only a failed guess stays counted: calls `GiveBack` after a correct credential, an invalid request,
// or an attempt that the server could not verify.
template <typename T>
absl::StatusOr<T> RefundUnlessWrong(const Throttle::Use& use, absl::StatusOr<T> result) {
  if (ReasonOf(result.status()) != ErrorReason::kInvalidCredentials) use.GiveBack();
  return result;
}

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_LOGIN_ATTEMPT_H_
