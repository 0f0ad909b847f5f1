#include "server/app/login/factor_login.h"

#include <utility>

#include "db/stores/accounts.h"
#include "db/stores/second_factors.h"
#include "server/app/access/audit.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr int64_t kTriesOfAChallenge = 5;

}  // namespace

// An answer to a challenge. Refers to its parts.
struct FactorLogin::Answer {
  const OpaqueToken& challenge;
  const SecondFactorCode& code;
  const Secret& secret;  // for the refresh token

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
  Secret secret(RandomBytes(kTokenSecretBytes));
  ASSIGN_OR_RETURN(const absl::optional<BegunLogin> login,
                   database_.Write(WithTimeToWrite(context), [&](Transaction& transaction) {
                     return Finish(transaction, caller, request, {challenge, code, secret});
                   }));
  if (!login) return InvalidCredentials();
  const auto& [begun, principal] = *login;
  return issuer_.ForSession(begun.session, principal, begun.session.scopes, std::move(secret), begun.token);
}

// Returns nullopt when no session began; that is audited.
absl::StatusOr<absl::optional<BegunLogin>> FactorLogin::Finish(Transaction& transaction, const Caller& caller,
                                                               const LoginRequest& request,
                                                               const Answer& answer) const {
  StoredFacts facts(transaction);
  ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, request.client_info));
  ASSIGN_OR_RETURN(
      const absl::optional<PrincipalId> owner,
      second_factors::TryChallenge(transaction, answer.challenge_id(), answer.challenge.Hash(), kTriesOfAChallenge));
  absl::optional<sessions::SessionAndToken> begun;
  if (owner) {
    ASSIGN_OR_RETURN(begun, BeginSession(transaction, *owner, client, answer));
  }
  if (!begun) {
    RETURN_IF_ERROR(Audit(transaction, caller, client, FailedLogin(owner, "second factor")));
    return absl::optional<BegunLogin>();
  }
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> principal, facts.Principal(*owner));
  if (!principal) return InvalidCredentials();
  RETURN_IF_ERROR(Audit(transaction, caller, client, SuccessfulLogin(*owner, begun->session.id)));
  return absl::make_optional(BegunLogin{*std::move(begun), *principal});
}

// Returns nullopt when the code is wrong, or the owner may not log in any more.
absl::StatusOr<absl::optional<sessions::SessionAndToken>> FactorLogin::BeginSession(Transaction& transaction,
                                                                                    const PrincipalId& owner,
                                                                                    const ClientInfo& client,
                                                                                    const Answer& answer) const {
  ASSIGN_OR_RETURN(const bool right, factors_.Spend(transaction, owner, answer.code));
  if (!right) return absl::optional<sessions::SessionAndToken>();
  if (options_.require_verified_email) {
    ASSIGN_OR_RETURN(const auto account, accounts::Find(transaction, owner));
    if (!account || !account->email_verified) return absl::optional<sessions::SessionAndToken>();
  }
  return sessions::BeginWithChallenge(
      transaction, {answer.challenge_id(), answer.code.amr(), client.ip_address, Fingerprint(answer.secret)},
      options_.lifetimes);
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
  ASSIGN_OR_RETURN(const absl::optional<sessions::Session> session,
                   database_.Write(WithTimeToWrite(context), [&](Transaction& transaction) {
                     return RecordFactor(transaction, caller, code, request);
                   }));
  if (!session) return InvalidCredentials();
  return issuer_.ForOngoingSession(*session, caller.subject->principal, caller.subject->scopes);
}

// Returns nullopt when the code is wrong or the session has ended; that is audited.
absl::StatusOr<absl::optional<sessions::Session>> FactorLogin::RecordFactor(Transaction& transaction,
                                                                            const Caller& caller,
                                                                            const SecondFactorCode& code,
                                                                            const LoginRequest& request) const {
  const PrincipalId id = caller.subject->principal.id();
  const SessionId& session_id = *caller.subject->session_id;
  StoredFacts facts(transaction);
  ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, request.client_info));
  ASSIGN_OR_RETURN(const bool enabled, second_factors::IsEnabled(transaction, id));
  if (!enabled) return Error(ErrorReason::kMfaNotEnrolled, "the account has no second factor");
  ASSIGN_OR_RETURN(const bool right, factors_.Spend(transaction, id, code));
  absl::optional<sessions::Session> session;
  if (right) {
    ASSIGN_OR_RETURN(session, sessions::StepUp(transaction, session_id, code.amr()));
  }
  AuditReport report{audit::EventType::kSessionSteppedUp, id, session_id.ToString()};
  if (!session) report.outcome = audit::Outcome::kFailure;
  RETURN_IF_ERROR(Audit(transaction, caller, client, report));
  return session;
}

}  // namespace identity
