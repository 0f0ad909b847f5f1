#include "server/app/login/authenticator.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "db/stores/accounts.h"
#include "db/stores/second_factors.h"
#include "server/app/access/audit.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/opaque_token.h"

namespace identity {
namespace {

constexpr absl::Duration kWriteTimeout = absl::Seconds(2);
constexpr absl::Duration kChallengeLifetime = absl::Minutes(5);
constexpr int64_t kMaxTries = 5;  // a challenge

absl::Status InvalidCredentials() { return Error(ErrorReason::kInvalidCredentials, "the credential is not valid"); }

std::string ClientId(const Caller& caller) {
  const absl::optional<PrincipalId> id = caller.id();
  return id ? id->ToString() : "identity";
}

// What is left of the scopes that were asked for (RFC 6749 section 3.3), within `limit`.
absl::StatusOr<Scopes> GrantedScopes(Facts& facts, const PrincipalFacts& principal, const absl::optional<Scopes>& asked,
                                     const Scopes& limit) {
  if (!asked) return limit;
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, facts.Roles());
  ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
  Scopes granted = asked->Intersect(limit).KeepHeld(HeldAnywhere(principal, *roles, now.time));
  if (granted.empty()) return Error(ErrorReason::kInvalidScope, "scopes: the subject holds nothing of them");
  return granted;
}

// All that a one-time password is good for.
Scopes OnlyOwnAccount() { return Scopes::Of({*PermissionPattern::Parse("identity:self:*")}); }

// A login that failed, of the account of `subject` when that is known.
AuditReport FailedLogin(const absl::optional<PrincipalId>& subject, absl::string_view details = "") {
  return {audit::EventType::kLogin, subject, "", std::string(details), audit::Outcome::kFailure};
}

AuditReport SuccessfulLogin(const PrincipalId& subject, const SessionId& session) {
  return {audit::EventType::kLogin, subject, session.ToString()};
}

// From here on the login has time of its own for what must be written: hanging up undoes no count and hides no failure.
RequestContext WithTimeToWrite(const RequestContext& context) {
  return RequestContext{std::max(context.deadline, absl::Now() + kWriteTimeout)};
}

// Only a failed guess stays counted: what was right, was asked wrongly or could not be answered is given back.
template <typename T>
absl::StatusOr<T> Settled(const Throttle::Use& use, absl::StatusOr<T> result) {
  if (ReasonOf(result.status()) != ErrorReason::kInvalidCredentials) use.GiveBack();
  return result;
}

}  // namespace

// A login on its way through the second transaction. Move-only.
struct Authenticator::Login {
  passwords::Guess guess;
  Secret secret;  // of the refresh token, or of the challenge
  // What came of it:
  absl::Status refused = absl::OkStatus();
  absl::optional<sessions::SessionAndToken> begun;
  absl::optional<second_factors::StoredChallenge> challenge;
  PrincipalFacts principal;
};

absl::StatusOr<std::unique_ptr<Authenticator>> Authenticator::Create(Database& database, const Credentials& credentials,
                                                                     const TokenIssuer& issuer, HashPool& hashes,
                                                                     const SecondFactors& factors, Throttle& throttle,
                                                                     const Options& options) {
  RETURN_IF_ERROR(CheckArgon2Parameters(options.argon2));
  ASSIGN_OR_RETURN(PasswordHash decoy, PasswordHash::Create(Secret(RandomBytes(32)), options.argon2));
  return absl::WrapUnique(
      new Authenticator(database, credentials, issuer, hashes, factors, throttle, options, std::move(decoy)));
}

absl::StatusOr<Authenticator::Result> Authenticator::WithPassword(const RequestContext& context, const Caller& caller,
                                                                  const std::string& login, const Secret& password,
                                                                  const Request& request) {
  ASSIGN_OR_RETURN(const Throttle::Use use, throttle_.BeginLogin(context, caller, request.client_info));
  return Settled(use, TryPassword(context, caller, login, password, request));
}

absl::StatusOr<Authenticator::Result> Authenticator::TryPassword(const RequestContext& context, const Caller& caller,
                                                                 const std::string& login, const Secret& password,
                                                                 const Request& request) {
  if (password.size() > kMaxPasswordBytes) return InvalidField("password.password", "is longer than 1,024 bytes");
  ASSIGN_OR_RETURN(HashPool::Place place, hashes_.Take());
  absl::optional<passwords::Guess> guess;
  RETURN_IF_ERROR(database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(guess, passwords::ReserveGuess(transaction, ParseLoginName(login), options_.lockout));
    return absl::OkStatus();
  }));
  const auto parsed = guess ? PasswordHash::Parse(guess->hash) : absl::StatusOr<PasswordHash>(decoy_);
  if (!parsed.ok()) Log(LogLevel::kError, "unreadable password hash", {{"principal", guess->id.ToString()}});
  const PasswordHash& hash = parsed.ok() ? *parsed : decoy_;
  bool right = false;
  place.Run([&] { right = hash.Verify(password); });
  const RequestContext writing = WithTimeToWrite(context);
  if (!guess || !parsed.ok() || !right) {
    RETURN_IF_ERROR(AuditFailure(writing, caller, request, guess ? absl::make_optional(guess->id) : absl::nullopt));
    return InvalidCredentials();
  }
  Login attempt;
  attempt.guess = *std::move(guess);
  attempt.secret = Secret(RandomBytes(kTokenSecretBytes));
  RETURN_IF_ERROR(database_.Write(
      writing, [&](Transaction& transaction) { return FinishLogin(transaction, caller, request, attempt); }));
  RETURN_IF_ERROR(attempt.refused);
  RehashIfDue(context, place, attempt.guess.id, hash, password);
  if (attempt.challenge) {
    const OpaqueToken token(OpaqueToken::Kind::kMfaChallenge, attempt.challenge->id.uuid(), std::move(attempt.secret));
    return Result(Challenge{token.ToText(), attempt.challenge->expire_time});
  }
  const OpaqueToken refresh(OpaqueToken::Kind::kRefreshToken, attempt.begun->token.id.uuid(),
                            std::move(attempt.secret));
  return Result(issuer_.ForSession(attempt.begun->session, attempt.principal, attempt.begun->session.scopes,
                                   refresh.ToText(), attempt.begun->token));
}

absl::Status Authenticator::FinishLogin(Transaction& transaction, const Caller& caller, const Request& request,
                                        Login& login) {
  login.refused = absl::OkStatus();
  StoredFacts facts(transaction);
  ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, request.client_info));
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> principal, facts.Principal(login.guess.id));
  if (!principal) return InvalidCredentials();
  login.principal = *principal;
  if (options_.require_verified_email && !login.guess.email_verified) {
    login.refused = Error(ErrorReason::kEmailNotVerified, "the e-mail address has to be verified first");
    RETURN_IF_ERROR(passwords::ForgetGuesses(transaction, login.guess.id, login.guess.change_time));
    return Audit(transaction, caller, client, FailedLogin(login.guess.id, "the e-mail is not verified"));
  }
  absl::StatusOr<Scopes> scopes =
      login.guess.one_time ? OnlyOwnAccount() : GrantedScopes(facts, *principal, request.scopes, Scopes::Unlimited());
  if (!scopes.ok()) {
    // The password was right all the same, so the guess is given back.
    login.refused = scopes.status();
    return passwords::ForgetGuesses(transaction, login.guess.id, login.guess.change_time);
  }
  return login.guess.mfa ? PoseChallenge(transaction, caller, client, request, *scopes, login)
                         : BeginSession(transaction, caller, client, request, *scopes, login);
}

absl::Status Authenticator::BeginSession(Transaction& transaction, const Caller& caller, const ClientInfo& client,
                                         const Request& request, const Scopes& scopes, Login& login) {
  ASSIGN_OR_RETURN(login.begun,
                   sessions::BeginWithPassword(transaction,
                                               {login.guess.id, login.guess.change_time, ClientId(caller),
                                                request.audience, scopes, login.guess.one_time, client.ip_address,
                                                client.user_agent, client.device_name, Fingerprint(login.secret)},
                                               options_.lifetimes));
  if (login.begun) {
    return Audit(transaction, caller, client, SuccessfulLogin(login.guess.id, login.begun->session.id));
  }
  login.refused = InvalidCredentials();
  return Audit(transaction, caller, client, FailedLogin(login.guess.id));
}

absl::Status Authenticator::PoseChallenge(Transaction& transaction, const Caller& caller, const ClientInfo& client,
                                          const Request& request, const Scopes& scopes, Login& login) {
  ASSIGN_OR_RETURN(login.challenge,
                   second_factors::InsertChallenge(
                       transaction,
                       {login.guess.id, login.guess.change_time, Fingerprint(login.secret), ClientId(caller),
                        request.audience, scopes, login.guess.one_time, client.user_agent, client.device_name},
                       kChallengeLifetime));
  if (!login.challenge) {
    login.refused = InvalidCredentials();
    return Audit(transaction, caller, client, FailedLogin(login.guess.id));
  }
  RETURN_IF_ERROR(passwords::ForgetGuesses(transaction, login.guess.id, login.guess.change_time));
  return Audit(transaction, caller, client, {audit::EventType::kLoginChallenged, login.guess.id});
}

absl::StatusOr<TokenSet> Authenticator::WithChallenge(const RequestContext& context, const Caller& caller,
                                                      const Secret& challenge_token, const SecondFactorCode& code,
                                                      const Request& request) {
  ASSIGN_OR_RETURN(const Throttle::Use use, throttle_.BeginLogin(context, caller, request.client_info));
  const auto shown = OpaqueToken::Parse(OpaqueToken::Kind::kMfaChallenge, challenge_token.Reveal());
  if (!shown) return InvalidCredentials();
  return Settled(use, TryChallenge(context, caller, *shown, code, request));
}

absl::StatusOr<TokenSet> Authenticator::TryChallenge(const RequestContext& context, const Caller& caller,
                                                     const OpaqueToken& shown, const SecondFactorCode& code,
                                                     const Request& request) {
  const ChallengeId id(shown.id());
  Secret secret(RandomBytes(kTokenSecretBytes));
  absl::optional<sessions::SessionAndToken> begun;
  PrincipalFacts principal;
  RETURN_IF_ERROR(database_.Write(WithTimeToWrite(context), [&](Transaction& transaction) -> absl::Status {
    begun.reset();
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, request.client_info));
    ASSIGN_OR_RETURN(const auto owner, second_factors::TryChallenge(transaction, id, shown.Hash(), kMaxTries));
    bool right = false;
    if (owner) {
      ASSIGN_OR_RETURN(right, factors_.Spend(transaction, *owner, code));
    }
    if (right && options_.require_verified_email) {
      ASSIGN_OR_RETURN(const auto account, accounts::Find(transaction, *owner));
      right = account && account->email_verified;
    }
    if (right) {
      ASSIGN_OR_RETURN(
          begun, sessions::BeginWithChallenge(transaction, {id, code.amr(), client.ip_address, Fingerprint(secret)},
                                              options_.lifetimes));
    }
    if (!begun) return Audit(transaction, caller, client, FailedLogin(owner, "second factor"));
    ASSIGN_OR_RETURN(const auto found, facts.Principal(*owner));
    if (!found) return InvalidCredentials();
    principal = *found;
    return Audit(transaction, caller, client, SuccessfulLogin(*owner, begun->session.id));
  }));
  if (!begun) return InvalidCredentials();
  const OpaqueToken refresh(OpaqueToken::Kind::kRefreshToken, begun->token.id.uuid(), std::move(secret));
  return issuer_.ForSession(begun->session, principal, begun->session.scopes, refresh.ToText(), begun->token);
}

absl::StatusOr<TokenSet> Authenticator::StepUp(const RequestContext& context, const Caller& caller,
                                               const SecondFactorCode& code, const Request& request) {
  if (!caller.subject) return Error(ErrorReason::kCallerUnknown, "mfa.challenge_token: is needed, or a session");
  if (!caller.subject->session_id) return Error(ErrorReason::kSessionRequired, "only a session steps up");
  ASSIGN_OR_RETURN(const Throttle::Use use, throttle_.BeginStepUp(context, caller));
  return Settled(use, TryStepUp(context, caller, code, request));
}

absl::StatusOr<TokenSet> Authenticator::TryStepUp(const RequestContext& context, const Caller& caller,
                                                  const SecondFactorCode& code, const Request& request) {
  const PrincipalId id = caller.subject->principal.id();
  absl::optional<sessions::Session> session;
  absl::Status refused;
  RETURN_IF_ERROR(database_.Write(WithTimeToWrite(context), [&](Transaction& transaction) -> absl::Status {
    session.reset();
    refused = absl::OkStatus();
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, request.client_info));
    ASSIGN_OR_RETURN(const bool enabled, second_factors::IsEnabled(transaction, id));
    if (!enabled) {
      refused = Error(ErrorReason::kMfaNotEnrolled, "the account has no second factor");
      return absl::OkStatus();
    }
    AuditReport report{audit::EventType::kSessionSteppedUp, id, caller.subject->session_id->ToString()};
    ASSIGN_OR_RETURN(const bool right, factors_.Spend(transaction, id, code));
    if (right) {
      ASSIGN_OR_RETURN(session, sessions::StepUp(transaction, *caller.subject->session_id, code.amr()));
    }
    if (!session) refused = InvalidCredentials();
    if (!session) report.outcome = audit::Outcome::kFailure;
    return Audit(transaction, caller, client, report);
  }));
  RETURN_IF_ERROR(refused);
  return issuer_.ForOngoingSession(*session, caller.subject->principal, caller.subject->scopes);
}

absl::Status Authenticator::AuditFailure(const RequestContext& context, const Caller& caller, const Request& request,
                                         const absl::optional<PrincipalId>& subject) {
  return database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, request.client_info));
    return Audit(transaction, caller, client, FailedLogin(subject));
  });
}

void Authenticator::RehashIfDue(const RequestContext& context, HashPool::Place& place, const PrincipalId& id,
                                const PasswordHash& hash, const Secret& password) {
  if (!hash.NeedsRehash(options_.argon2)) return;
  absl::StatusOr<PasswordHash> fresh = absl::UnknownError("not run");
  place.Run([&] { fresh = PasswordHash::Create(password, options_.argon2); });
  absl::Status status = fresh.status();
  if (status.ok()) {
    status = database_.Write(
        context, [&](Transaction& transaction) { return passwords::Rehash(transaction, id, hash, *fresh); });
  }
  // The login itself was good; the next one tries again.
  if (!status.ok()) Log(LogLevel::kWarning, "rehash failed", {{"principal", id.ToString()}});
}

absl::StatusOr<TokenSet> Authenticator::WithApiKey(const RequestContext& context, const Caller& caller,
                                                   const Secret& key, const Request& request) {
  ASSIGN_OR_RETURN(const Throttle::Use use, throttle_.BeginLogin(context, caller, request.client_info));
  if (!OpaqueToken::Parse(OpaqueToken::Kind::kApiKey, key.Reveal())) return InvalidCredentials();
  return Settled(use, TryApiKey(context, caller, key, request));
}

absl::StatusOr<TokenSet> Authenticator::TryApiKey(const RequestContext& context, const Caller& caller,
                                                  const Secret& key, const Request& request) {
  absl::optional<TokenSet> tokens;
  RETURN_IF_ERROR(database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    tokens.reset();
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, request.client_info));
    ASSIGN_OR_RETURN(const Verification verification, credentials_.VerifyApiKey(facts, key.Reveal()));
    const absl::optional<Subject>& subject = verification.subject;
    AuditReport report{audit::EventType::kLogin};
    if (subject) {
      report.subject = subject->principal.id();
      report.target = subject->api_key_id->ToString();
    }
    if (!verification.good()) {
      report.outcome = audit::Outcome::kFailure;
      return Audit(transaction, caller, client, report);
    }
    ASSIGN_OR_RETURN(const Scopes scopes, GrantedScopes(facts, subject->principal, request.scopes, subject->scopes));
    ASSIGN_OR_RETURN(const auto stored, facts.ApiKey(*subject->api_key_id));
    tokens = issuer_.ForApiKey(*stored, subject->principal, scopes, request.audience, ClientId(caller));
    return Audit(transaction, caller, client, report);
  }));
  if (!tokens) return InvalidCredentials();
  return *std::move(tokens);
}

}  // namespace identity
