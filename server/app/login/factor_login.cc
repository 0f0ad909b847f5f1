#include "server/app/login/factor_login.h"

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "db/stores/accounts.h"
#include "db/stores/second_factors.h"
#include "server/app/access/audit.h"
#include "server/app/access/credentials.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr int64_t kTriesOfAChallenge = 5;

// Whether the principal's factor counts for the roles that need one. An intruder with the password could have enrolled
// it.
absl::StatusOr<bool> CountsForRoles(StoredFacts& facts, const PrincipalFacts& principal) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, facts.Roles());
  ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
  return second_factors::CountsFor(facts.transaction(), principal.id(),
                                   RolesWithSecondFactor(principal, *roles, now.time));
}

}  // namespace

// An answer to a challenge. Refers to its parts.
struct FactorLogin::Answer {
  const Caller& caller;
  const OpaqueToken& challenge;
  const SecondFactorCode& code;
  const LoginSecrets& secrets;
  const LoginRequest& request;

  ChallengeId challenge_id() const { return ChallengeId(challenge.id()); }
};

absl::StatusOr<TokenSet> FactorLogin::AnswerChallenge(const RequestContext& context, const Caller& caller,
                                                      const Secret& challenge_token, const SecondFactorCode& code,
                                                      const LoginRequest& request) {
  ASSIGN_OR_RETURN(const Throttle::Use use, throttle_.BeginLogin(context, caller, request.client_info));
  const auto challenge = OpaqueToken::Parse(OpaqueToken::Kind::kMfaChallenge, challenge_token.Reveal());
  if (!challenge) return InvalidCredentials();
  return RefundUnlessWrong(use, TryAnswer(context, caller, *challenge, code, request));
}

absl::StatusOr<TokenSet> FactorLogin::TryAnswer(const RequestContext& context, const Caller& caller,
                                                const OpaqueToken& challenge, const SecondFactorCode& code,
                                                const LoginRequest& request) {
  LoginSecrets secrets = NewLoginSecrets();
  ASSIGN_OR_RETURN(const absl::optional<BegunLogin> login,
                   database_.Write(WithTimeToWrite(context), [&](Transaction& transaction) {
                     return Finish(transaction, {caller, challenge, code, secrets, request});
                   }));
  if (!login) return InvalidCredentials();
  linking_.WakeMail();
  return TokensOf(issuer_, *login, std::move(secrets));
}

// Returns nullopt when no session began; that is audited.
absl::StatusOr<absl::optional<BegunLogin>> FactorLogin::Finish(Transaction& transaction, const Answer& answer) const {
  StoredFacts facts(transaction);
  ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, answer.caller, answer.request.client_info));
  ASSIGN_OR_RETURN(
      const absl::optional<second_factors::OpenChallenge> challenge,
      second_factors::TryChallenge(transaction, answer.challenge_id(), answer.challenge.Hash(), kTriesOfAChallenge));
  Begun login = FailureCause::kNoChallenge;
  absl::optional<PrincipalId> owner;
  if (challenge) {
    owner = challenge->principal_id;
    ASSIGN_OR_RETURN(login, BeginSession(facts, transaction, *challenge, client, answer));
  }
  if (const auto* cause = std::get_if<FailureCause>(&login)) {
    RETURN_IF_ERROR(Audit(transaction, answer.caller, client, FailedLogin(owner, *cause)));
    return absl::optional<BegunLogin>();
  }
  auto& begun = std::get<BegunLogin>(login);
  RETURN_IF_ERROR(Audit(transaction, answer.caller, client, SuccessfulLogin(*owner, begun.begun.session.id)));
  return absl::make_optional(std::move(begun));
}

// Returns a cause when the code is wrong, or the owner may not log in any more. An error rolls everything back, so a
// request that asks for too much spends neither the code nor a try.
absl::StatusOr<FactorLogin::Begun> FactorLogin::BeginSession(StoredFacts& facts, Transaction& transaction,
                                                             const second_factors::OpenChallenge& challenge,
                                                             const ClientInfo& client, const Answer& answer) const {
  const PrincipalId& owner = challenge.principal_id;
  ASSIGN_OR_RETURN(const bool right, factors_.Spend(transaction, {answer.caller, client, owner}, answer.code));
  if (!right) return FailureCause::kWrongCode;
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> principal, facts.Principal(owner));
  if (!principal) return FailureCause::kAccountChanged;
  ASSIGN_OR_RETURN(Scopes scopes,
                   NarrowedScopes(facts, *principal, answer.request, challenge.scopes, challenge.audience));
  if (options_.require_verified_email && !AllowOnlyOwnAccount(scopes)) {
    ASSIGN_OR_RETURN(const auto account, accounts::Find(transaction, owner));
    if (!account || !account->email_verified) return FailureCause::kEmailNotVerified;
  }
  if (challenge.identity) {
    ASSIGN_OR_RETURN(const absl::optional<FailureCause> obstacle,
                     linking_.LinkAfterChallenge(transaction, answer.caller, client, owner, *challenge.identity));
    if (obstacle) return *obstacle;
  }
  ASSIGN_OR_RETURN(const bool counts, CountsForRoles(facts, *principal));
  ASSIGN_OR_RETURN(auto begun,
                   sessions::BeginWithChallenge(transaction,
                                                {answer.challenge_id(), answer.code.amr(counts), std::move(scopes),
                                                 client.ip_address, Fingerprint(answer.secrets.refresh_token)},
                                                options_.lifetimes));
  // The error takes the new link back.
  if (!begun && challenge.identity) return Error(ErrorReason::kConflict, "the account changed during the login");
  if (!begun) return FailureCause::kAccountChanged;
  ASSIGN_OR_RETURN(
      const absl::optional<DeviceId> device,
      // Devices are for logins by password.
      RememberDevice(transaction, answer.request, challenge.trusted_device || challenge.identity.has_value(),
                     begun->session, answer.secrets));
  return BegunLogin{*std::move(begun), *std::move(principal), false, device};
}

absl::StatusOr<TokenSet> FactorLogin::StepUp(const RequestContext& context, const Caller& caller,
                                             const SecondFactorCode& code, const LoginRequest& request) {
  if (!caller.subject) {
    return Error(ErrorReason::kCallerUnknown, "mfa.challenge_token: is required, unless the call has a session");
  }
  if (!caller.subject->session_id) return Error(ErrorReason::kSessionRequired, "only a session can step up");
  ASSIGN_OR_RETURN(const Throttle::Use use, throttle_.BeginStepUp(context, caller));
  return RefundUnlessWrong(use, TryStepUp(context, caller, code, request));
}

absl::StatusOr<TokenSet> FactorLogin::TryStepUp(const RequestContext& context, const Caller& caller,
                                                const SecondFactorCode& code, const LoginRequest& request) {
  ASSIGN_OR_RETURN(const absl::optional<SteppedUp> stepped_up,
                   database_.Write(WithTimeToWrite(context), [&](Transaction& transaction) {
                     return RecordFactor(transaction, caller, code, request);
                   }));
  if (!stepped_up) return InvalidCredentials();
  return issuer_.ForOngoingSession(stepped_up->session, caller.subject->principal, stepped_up->scopes);
}

// Returns nullopt when the code is wrong or the session has ended; that is audited.
absl::StatusOr<absl::optional<FactorLogin::SteppedUp>> FactorLogin::RecordFactor(Transaction& transaction,
                                                                                 const Caller& caller,
                                                                                 const SecondFactorCode& code,
                                                                                 const LoginRequest& request) const {
  const Subject& subject = *caller.subject;
  const PrincipalId id = subject.principal.id();
  StoredFacts facts(transaction);
  ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, request.client_info));
  ASSIGN_OR_RETURN(const bool enabled, second_factors::IsEnabled(transaction, id));
  if (!enabled) return Error(ErrorReason::kMfaNotEnrolled, "the account has no second factor");
  ASSIGN_OR_RETURN(const bool right, factors_.Spend(transaction, {caller, client, id}, code));
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> principal, facts.Principal(id));
  absl::optional<SteppedUp> stepped_up;
  if (right && principal) {
    ASSIGN_OR_RETURN(Scopes scopes, NarrowedScopes(facts, *principal, request, subject.scopes, kOwnAudience));
    ASSIGN_OR_RETURN(const bool counts, CountsForRoles(facts, *principal));
    if (!counts) {
      return Error(ErrorReason::kMfaTooNew, "the second factor counts for a step-up 24 hours after its confirmation");
    }
    ASSIGN_OR_RETURN(auto session, sessions::StepUp(transaction, *subject.session_id, code.amr(true)));
    if (session) stepped_up = SteppedUp{*std::move(session), std::move(scopes)};
  }
  AuditReport report{audit::EventType::kSessionSteppedUp, id, subject.session_id->ToString()};
  if (!stepped_up) {
    report.outcome = audit::Outcome::kFailure;
    report.details = std::string(NameOf(right ? FailureCause::kSessionEnded : FailureCause::kWrongCode));
  }
  RETURN_IF_ERROR(Audit(transaction, caller, client, report));
  return stepped_up;
}

}  // namespace identity
