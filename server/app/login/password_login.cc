#include "server/app/login/password_login.h"

#include <memory>
#include <utility>
#include <variant>

#include "db/stores/passwords.h"
#include "server/app/access/audit.h"
#include "server/app/access/own_permissions.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/opaque_token.h"

namespace identity {
namespace {

constexpr absl::Duration kChallengeLifetime = absl::Minutes(5);

// The limit of a login with a one-time password.
Scopes OnlyOwnAccount() { return Scopes::Of({*PermissionPattern::Parse(own_permissions::kSelfPattern)}); }

// Returns nullopt without a guess, or when its hash is unreadable.
absl::optional<PasswordHash> ReadHash(const absl::optional<passwords::Guess>& guess) {
  if (!guess) return absl::nullopt;
  absl::StatusOr<PasswordHash> parsed = PasswordHash::Parse(guess->hash);
  if (parsed.ok()) return *std::move(parsed);
  Log(LogLevel::kError, "unreadable password hash", {{"principal", guess->id.ToString()}});
  return absl::nullopt;
}

}  // namespace

// A login with a correct password. Refers to its parts.
struct PasswordLogin::VerifiedLogin {
  const Caller& caller;
  const LoginRequest& request;
  const passwords::Guess& guess;
  const Secret& secret;  // for the refresh token or the challenge
};

absl::StatusOr<std::unique_ptr<PasswordLogin>> PasswordLogin::Create(Database& database, const TokenIssuer& issuer,
                                                                     HashPool& hashes, Throttle& throttle,
                                                                     const Options& options) {
  RETURN_IF_ERROR(CheckArgon2Parameters(options.argon2));
  ASSIGN_OR_RETURN(PasswordHash decoy, PasswordHash::Create(Secret(RandomBytes(32)), options.argon2));
  return absl::WrapUnique(new PasswordLogin(database, issuer, hashes, throttle, options, std::move(decoy)));
}

absl::StatusOr<PasswordLogin::Result> PasswordLogin::LogIn(const RequestContext& context, const Caller& caller,
                                                           const std::string& login, const Secret& password,
                                                           const LoginRequest& request) {
  ASSIGN_OR_RETURN(const Throttle::Use use, throttle_.BeginLogin(context, caller, request.client_info));
  return RefundUnlessWrong(use, TryLogIn(context, caller, login, password, request));
}

absl::StatusOr<PasswordLogin::Result> PasswordLogin::TryLogIn(const RequestContext& context, const Caller& caller,
                                                              const std::string& login, const Secret& password,
                                                              const LoginRequest& request) {
  if (password.size() > kMaxPasswordBytes) return InvalidField("password.password", "is longer than 1,024 bytes");
  ASSIGN_OR_RETURN(HashPool::Place place, hashes_.Take());
  ASSIGN_OR_RETURN(const absl::optional<passwords::Guess> guess,
                   database_.Write(context, [&](Transaction& transaction) {
                     return passwords::ReserveGuess(transaction, ParseLoginName(login), options_.lockout);
                   }));
  const absl::optional<PasswordHash> stored = ReadHash(guess);
  const PasswordHash& hash = stored ? *stored : decoy_;
  const bool matches = place.Run([&] { return hash.Verify(password); });
  const RequestContext writing = WithTimeToWrite(context);
  if (!stored || !matches) {
    RETURN_IF_ERROR(AuditFailure(writing, caller, request, guess));
    return InvalidCredentials();
  }
  Secret secret(RandomBytes(kTokenSecretBytes));
  ASSIGN_OR_RETURN(const Outcome outcome, database_.Write(writing, [&](Transaction& transaction) {
    return Finish(transaction, {caller, request, *guess, secret});
  }));
  if (const auto* refused = std::get_if<Refused>(&outcome)) return refused->status;
  RehashIfDue(context, place, guess->id, hash, password);
  return ToResult(outcome, std::move(secret));
}

absl::StatusOr<PasswordLogin::Outcome> PasswordLogin::Finish(Transaction& transaction,
                                                             const VerifiedLogin& login) const {
  const passwords::Guess& guess = login.guess;
  StoredFacts facts(transaction);
  ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, login.caller, login.request.client_info));
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> principal, facts.Principal(guess.id));
  if (!principal) return InvalidCredentials();
  if (options_.require_verified_email && !guess.email_verified) {
    RETURN_IF_ERROR(passwords::ForgetGuesses(transaction, guess.id, guess.change_time));
    RETURN_IF_ERROR(Audit(transaction, login.caller, client, FailedLogin(guess.id, "the e-mail is not verified")));
    return Outcome(Refused{Error(ErrorReason::kEmailNotVerified, "the e-mail address must be verified first")});
  }
  const absl::StatusOr<Scopes> scopes =
      guess.one_time ? OnlyOwnAccount() : GrantedScopes(facts, *principal, login.request.scopes, Scopes::Unlimited());
  if (!scopes.ok()) {
    // The password was correct, so the guess must not stay counted.
    RETURN_IF_ERROR(passwords::ForgetGuesses(transaction, guess.id, guess.change_time));
    return Outcome(Refused{scopes.status()});
  }
  return guess.mfa ? PoseChallenge(transaction, login, client, *scopes)
                   : BeginSession(transaction, login, client, *principal, *scopes);
}

absl::StatusOr<PasswordLogin::Outcome> PasswordLogin::BeginSession(Transaction& transaction, const VerifiedLogin& login,
                                                                   const ClientInfo& client,
                                                                   const PrincipalFacts& principal,
                                                                   const Scopes& scopes) const {
  const passwords::Guess& guess = login.guess;
  ASSIGN_OR_RETURN(absl::optional<sessions::SessionAndToken> begun,
                   sessions::BeginWithPassword(transaction,
                                               {guess.id, guess.change_time, ClientIdOf(login.caller),
                                                AudienceOf(login.request), scopes, guess.one_time, client.ip_address,
                                                client.user_agent, client.device_name, Fingerprint(login.secret)},
                                               options_.lifetimes));
  if (!begun) {
    RETURN_IF_ERROR(Audit(transaction, login.caller, client, FailedLogin(guess.id)));
    return Outcome(Refused{InvalidCredentials()});
  }
  RETURN_IF_ERROR(Audit(transaction, login.caller, client, SuccessfulLogin(guess.id, begun->session.id)));
  return Outcome(BegunLogin{*std::move(begun), principal});
}

absl::StatusOr<PasswordLogin::Outcome> PasswordLogin::PoseChallenge(Transaction& transaction,
                                                                    const VerifiedLogin& login,
                                                                    const ClientInfo& client,
                                                                    const Scopes& scopes) const {
  const passwords::Guess& guess = login.guess;
  ASSIGN_OR_RETURN(const absl::optional<second_factors::StoredChallenge> challenge,
                   second_factors::InsertChallenge(
                       transaction,
                       {guess.id, guess.change_time, Fingerprint(login.secret), ClientIdOf(login.caller),
                        AudienceOf(login.request), scopes, guess.one_time, client.user_agent, client.device_name},
                       kChallengeLifetime));
  if (!challenge) {
    RETURN_IF_ERROR(Audit(transaction, login.caller, client, FailedLogin(guess.id)));
    return Outcome(Refused{InvalidCredentials()});
  }
  RETURN_IF_ERROR(passwords::ForgetGuesses(transaction, guess.id, guess.change_time));
  RETURN_IF_ERROR(Audit(transaction, login.caller, client, {audit::EventType::kLoginChallenged, guess.id}));
  return Outcome(*challenge);
}

// For outcomes that were not refused.
PasswordLogin::Result PasswordLogin::ToResult(const Outcome& outcome, Secret secret) const {
  if (const auto* challenge = std::get_if<second_factors::StoredChallenge>(&outcome)) {
    const OpaqueToken token(OpaqueToken::Kind::kMfaChallenge, challenge->id.uuid(), std::move(secret));
    return Challenge{token.ToText(), challenge->expire_time};
  }
  const auto& [begun, principal] = std::get<BegunLogin>(outcome);
  return issuer_.ForSession(begun.session, principal, begun.session.scopes, std::move(secret), begun.token);
}

absl::Status PasswordLogin::AuditFailure(const RequestContext& context, const Caller& caller,
                                         const LoginRequest& request, const absl::optional<passwords::Guess>& guess) {
  return database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, request.client_info));
    return Audit(transaction, caller, client, FailedLogin(guess ? absl::make_optional(guess->id) : absl::nullopt));
  });
}

void PasswordLogin::RehashIfDue(const RequestContext& context, HashPool::Place& place, const PrincipalId& id,
                                const PasswordHash& hash, const Secret& password) {
  if (!hash.NeedsRehash(options_.argon2)) return;
  const absl::StatusOr<PasswordHash> fresh = place.Run([&] { return PasswordHash::Create(password, options_.argon2); });
  absl::Status status = fresh.status();
  if (status.ok()) {
    status = database_.Write(
        context, [&](Transaction& transaction) { return passwords::Rehash(transaction, id, hash, *fresh); });
  }
  // The login itself succeeded; the next login retries the rehash.
  if (!status.ok()) Log(LogLevel::kWarning, "rehash failed", {{"principal", id.ToString()}});
}

}  // namespace identity
