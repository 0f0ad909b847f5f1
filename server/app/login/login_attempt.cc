#include "server/app/login/login_attempt.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/app/access/credentials.h"
#include "server/app/access/own_permissions.h"
#include "server/base/enum_names.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/decision.h"
#include "server/domain/opaque_token.h"

namespace identity {
namespace {

constexpr absl::Duration kWriteTimeout = absl::Seconds(2);
// The client of a login without a credential is the service.
constexpr char kOwnClientId[] = "identity";

constexpr EnumName<FailureCause> kCauses[] = {
    {FailureCause::kUnknownAccount, "unknown account"},
    {FailureCause::kWrongPassword, "wrong password"},
    {FailureCause::kLocked, "locked"},
    {FailureCause::kDisabled, "disabled"},
    {FailureCause::kNoPassword, "no password"},
    {FailureCause::kEmailNotVerified, "e-mail not verified"},
    {FailureCause::kAccountChanged, "account changed"},
    {FailureCause::kWrongCode, "wrong code"},
    {FailureCause::kNoChallenge, "no challenge"},
    {FailureCause::kSessionEnded, "session ended"},
    {FailureCause::kUnknownKey, "unknown key"},
    {FailureCause::kExpiredKey, "expired key"},
    {FailureCause::kRevokedKey, "revoked key"},
    {FailureCause::kNotLinked, "not linked"},
    {FailureCause::kUnlinked, "unlinked"},
    {FailureCause::kRevokedIdentity, "revoked identity"},
    {FailureCause::kLinkedRecently, "linked recently"},
    {FailureCause::kNotSinceLogin, "not since the login"},
};
static_assert(NamesEach(kCauses, FailureCause::kNotSinceLogin));

}  // namespace

absl::Status InvalidCredentials() { return Error(ErrorReason::kInvalidCredentials, "the credential is not valid"); }

absl::Status EmailNotVerified() {
  return Error(ErrorReason::kEmailNotVerified,
               "the e-mail address must be verified first: log in with the scope identity:self:write and call "
               "VerifyEmail");
}

std::string ClientIdOf(const Caller& caller) {
  const absl::optional<PrincipalId> id = caller.id();
  return id ? id->ToString() : kOwnClientId;
}

absl::StatusOr<Scopes> GrantedScopes(Facts& facts, const PrincipalFacts& principal,
                                     const absl::optional<Scopes>& requested, const Scopes& limit) {
  if (!requested) return limit;
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, facts.Roles());
  ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
  Scopes granted = requested->Intersect(limit).KeepHeld(HeldAnywhere(principal, *roles, now.time));
  if (granted.empty()) return Error(ErrorReason::kInvalidScope, "scopes: the principal holds none of them");
  return granted;
}

std::string AudienceOf(const LoginRequest& request) {
  return request.audience.empty() ? std::string(kOwnAudience) : request.audience;
}

absl::StatusOr<Scopes> NarrowedScopes(Facts& facts, const PrincipalFacts& principal, const LoginRequest& request,
                                      const Scopes& granted, absl::string_view audience) {
  if (!request.audience.empty() && request.audience != audience) {
    return InvalidField("audience", "differs from that of the first step");
  }
  return GrantedScopes(facts, principal, request.scopes, granted);
}

Scopes OnlyOwnAccount() { return Scopes::Of({*PermissionPattern::Parse(own_permissions::kSelfPattern)}); }

bool AllowOnlyOwnAccount(const Scopes& scopes) {
  const Scopes limit = OnlyOwnAccount();
  return std::all_of(scopes.patterns().begin(), scopes.patterns().end(),
                     [&](const PermissionPattern& pattern) { return limit.Covers(pattern); });
}

LoginSecrets NewLoginSecrets() {
  return {Secret(RandomBytes(kTokenSecretBytes)), Secret(RandomBytes(kTokenSecretBytes))};
}

absl::StatusOr<absl::optional<DeviceId>> RememberDevice(Transaction& transaction, const LoginRequest& request,
                                                        bool trusted, const sessions::Session& session,
                                                        const LoginSecrets& secrets) {
  // An administrator knows a one-time password, so its device may be the administrator's.
  if (!request.remember_device || trusted || session.password_change_required) {
    return absl::optional<DeviceId>();
  }
  ASSIGN_OR_RETURN(const DeviceId id, trusted_devices::Insert(transaction, session.principal_id, session.epoch,
                                                              Fingerprint(secrets.device)));
  return absl::make_optional(id);
}

LoginChallenge ChallengeOf(const second_factors::StoredChallenge& stored, LoginSecrets secrets) {
  const OpaqueToken token(OpaqueToken::Kind::kMfaChallenge, stored.id.uuid(), std::move(secrets.refresh_token));
  return {token.ToText(), stored.expire_time};
}

absl::StatusOr<bool> MustEnroll(Facts& facts, const PrincipalFacts& principal) {
  if (principal.bindings().size() == 0) return false;
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, facts.Roles());
  ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
  return !RolesWithSecondFactor(principal, *roles, now.time).empty();
}

TokenSet TokensOf(const TokenIssuer& issuer, const BegunLogin& login, LoginSecrets secrets) {
  const auto& [session, token] = login.begun;
  TokenSet tokens =
      issuer.ForSession(session, login.principal, session.scopes, std::move(secrets.refresh_token), token);
  tokens.mfa_enrollment_required = login.mfa_enrollment_required;
  if (login.device) {
    tokens.device_token =
        OpaqueToken(OpaqueToken::Kind::kDevice, login.device->uuid(), std::move(secrets.device)).ToText();
  }
  return tokens;
}

absl::string_view NameOf(FailureCause cause) { return NameIn(kCauses, cause); }

AuditReport FailedLogin(const absl::optional<PrincipalId>& subject, FailureCause cause) {
  return {audit::EventType::kLogin, subject, "", std::string(NameOf(cause)), audit::Outcome::kFailure};
}

AuditReport LockedBy(absl::string_view guesses, const PrincipalId& subject, const std::string& target, absl::Time end) {
  return {audit::EventType::kUserLocked, subject, target,
          absl::StrCat(guesses, " until ", absl::FormatTime(absl::RFC3339_sec, end, absl::UTCTimeZone()))};
}

absl::Status AuditLock(Transaction& transaction, const Caller& caller, const ClientInfo& client,
                       const absl::optional<passwords::Guess>& guess) {
  if (!guess || !guess->lock_end) return audit::AppendNothing(transaction);
  const std::string guesses = absl::StrCat(guess->failures, " wrong passwords in a row",
                                           guess->device ? " on a trusted device, the device locked" : ", locked");
  const std::string target = guess->device ? guess->device->ToString() : guess->id.ToString();
  return Audit(transaction, caller, client, LockedBy(guesses, guess->id, target, *guess->lock_end));
}

AuditReport SuccessfulLogin(const PrincipalId& subject, const SessionId& session) {
  return {audit::EventType::kLogin, subject, session.ToString()};
}

RequestContext WithTimeToWrite(const RequestContext& context) {
  return RequestContext{std::max(context.deadline, absl::Now() + kWriteTimeout)};
}

}  // namespace identity
