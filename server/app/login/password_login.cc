#include "server/app/login/password_login.h"

#include <cstdlib>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "db/stores/passwords.h"
#include "server/app/access/audit.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/opaque_token.h"

namespace identity {
namespace {

// Returns nullopt without a guess, or when its hash is unreadable.
absl::optional<PasswordHash> ReadHash(const absl::optional<passwords::Guess>& guess) {
  if (!guess) return absl::nullopt;
  absl::StatusOr<PasswordHash> parsed = PasswordHash::Parse(guess->hash);
  if (parsed.ok()) return *std::move(parsed);
  Log(LogLevel::kError, "unreadable password hash", {{"principal", guess->id.ToString()}});
  return absl::nullopt;
}

FailureCause CauseOfObstacle(passwords::Obstacle obstacle) {
  switch (obstacle) {
    case passwords::Obstacle::kNone:
      return FailureCause::kWrongPassword;
    case passwords::Obstacle::kUnknownAccount:
      return FailureCause::kUnknownAccount;
    case passwords::Obstacle::kDisabled:
      return FailureCause::kDisabled;
    case passwords::Obstacle::kNoPassword:
      return FailureCause::kNoPassword;
    case passwords::Obstacle::kLocked:
      return FailureCause::kLocked;
  }
  std::abort();
}

}  // namespace

// A login with a correct password. Refers to its parts.
struct PasswordLogin::VerifiedLogin {
  const Caller& caller;
  const LoginRequest& request;
  const passwords::Guess& guess;
  const LoginSecrets& secrets;

  // The password was correct, so the guess must not stay counted.
  absl::Status ForgetGuess(Transaction& transaction) const {
    if (guess.device) return trusted_devices::ForgetGuesses(transaction, *guess.device);
    return passwords::ForgetGuesses(transaction, guess.id, guess.change_time);
  }
};

absl::StatusOr<std::unique_ptr<PasswordLogin>> PasswordLogin::Create(const RequestContext& context, Database& database,
                                                                     const TokenIssuer& issuer, HashPool& hashes,
                                                                     Throttle& throttle, const Options& options) {
  RETURN_IF_ERROR(CheckArgon2Parameters(options.argon2));
  ASSIGN_OR_RETURN(PasswordHash decoy, PasswordHash::Create(Secret(RandomBytes(32)), options.argon2));
  auto login = absl::WrapUnique(new PasswordLogin(database, issuer, hashes, throttle, options, std::move(decoy)));
  RETURN_IF_ERROR(login->LearnWork(context));
  return login;
}

// Verifies the stand-in hash and the most expensive one of a sample.
absl::Status PasswordLogin::LearnWork(const RequestContext& context) {
  ASSIGN_OR_RETURN(const std::vector<std::string> sample,
                   database_.Read(context, [](Transaction& transaction) { return passwords::Sample(transaction); }));
  PasswordHash costliest = decoy_;
  for (const std::string& text : sample) {
    const absl::StatusOr<PasswordHash> hash = PasswordHash::Parse(text);
    if (hash.ok() && hash->work() > costliest.work()) costliest = *hash;
  }
  work_.Verify(decoy_, Secret());
  if (costliest.work() > decoy_.work()) work_.Verify(costliest, Secret());
  return absl::OkStatus();
}

absl::StatusOr<LoginResult> PasswordLogin::LogIn(const RequestContext& context, const Caller& caller,
                                                 const std::string& login, const Secret& password,
                                                 const LoginRequest& request) {
  ASSIGN_OR_RETURN(const Throttle::Use use, throttle_.BeginLogin(context, caller, request.client_info));
  return RefundUnlessWrong(use, TryLogIn(context, caller, login, password, request));
}

absl::StatusOr<LoginResult> PasswordLogin::TryLogIn(const RequestContext& context, const Caller& caller,
                                                    const std::string& login, const Secret& password,
                                                    const LoginRequest& request) {
  if (password.size() > kMaxPasswordBytes) return InvalidField("password.password", "is longer than 1,024 bytes");
  ASSIGN_OR_RETURN(HashPool::Place place, hashes_.Take());
  ASSIGN_OR_RETURN(const passwords::Reservation reserved, Reserve(context, login, request));
  const absl::optional<passwords::Guess>& guess = reserved.guess;
  const absl::optional<PasswordHash> stored = ReadHash(guess);
  const bool right = Verify(place, stored, password);
  const RequestContext writing = WithTimeToWrite(context);
  if (!right) {
    const bool unreadable = guess && !stored;
    RETURN_IF_ERROR(AuditFailure(writing, caller, request, reserved,
                                 unreadable ? FailureCause::kNoPassword : CauseOfObstacle(reserved.obstacle)));
    return InvalidCredentials();
  }
  LoginSecrets secrets = NewLoginSecrets();
  ASSIGN_OR_RETURN(const Outcome outcome, database_.Write(writing, [&](Transaction& transaction) {
    return Finish(transaction, {caller, request, *guess, secrets});
  }));
  if (const auto* refused = std::get_if<Refused>(&outcome)) return refused->status;
  RehashIfDue(context, place, guess->id, *stored, password);
  return ToResult(outcome, std::move(secrets));
}

// Counts the guess against the device, or against the account when the device is not trusted.
absl::StatusOr<passwords::Reservation> PasswordLogin::Reserve(const RequestContext& context, const std::string& login,
                                                              const LoginRequest& request) const {
  const LoginName name = ParseLoginName(login);
  if (!request.device) return passwords::ReserveGuess(database_, context, name, options_.lockout);
  return database_.Write(context, [&](Transaction& transaction) -> absl::StatusOr<passwords::Reservation> {
    ASSIGN_OR_RETURN(auto guess, trusted_devices::ReserveGuess(transaction, name, *request.device, options_.lockout));
    if (!guess) return passwords::ReserveGuess(transaction, name, options_.lockout);
    guess->device = request.device->id;
    const PrincipalId id = guess->id;
    return passwords::Reservation{std::move(guess), passwords::Obstacle::kNone, id};
  });
}

bool PasswordLogin::Verify(HashPool::Place& place, const absl::optional<PasswordHash>& stored, const Secret& password) {
  const PasswordHash& hash = stored ? *stored : decoy_;
  const LoginWork::Verified verified = place.Run([&] { return work_.Verify(hash, password); });
  hashes_.CountWork(verified.work);
  return stored && verified.right;
}

absl::StatusOr<PasswordLogin::Outcome> PasswordLogin::Finish(Transaction& transaction,
                                                             const VerifiedLogin& login) const {
  const passwords::Guess& guess = login.guess;
  StoredFacts facts(transaction);
  ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, login.caller, login.request.client_info));
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> principal, facts.Principal(guess.id));
  if (!principal) return InvalidCredentials();
  bool must_enroll = false;
  if (!guess.mfa) {
    ASSIGN_OR_RETURN(must_enroll, MustEnroll(facts, *principal));
  }
  const absl::StatusOr<Scopes> scopes =
      guess.one_time || must_enroll ? OnlyOwnAccount()
                                    : GrantedScopes(facts, *principal, login.request.scopes, Scopes::Unlimited());
  if (!scopes.ok()) {
    // The password was correct, so the guess must not stay counted.
    RETURN_IF_ERROR(login.ForgetGuess(transaction));
    return Outcome(Refused{scopes.status()});
  }
  if (options_.require_verified_email && !guess.email_verified && !AllowOnlyOwnAccount(*scopes)) {
    RETURN_IF_ERROR(login.ForgetGuess(transaction));
    RETURN_IF_ERROR(Audit(transaction, login.caller, client, FailedLogin(guess.id, FailureCause::kEmailNotVerified)));
    return Outcome(Refused{EmailNotVerified()});
  }
  return guess.mfa ? PoseChallenge(transaction, login, client, *scopes)
                   : BeginSession(transaction, login, client, {*principal, must_enroll}, *scopes);
}

absl::StatusOr<PasswordLogin::Outcome> PasswordLogin::BeginSession(Transaction& transaction, const VerifiedLogin& login,
                                                                   const ClientInfo& client, const Owner& owner,
                                                                   const Scopes& scopes) const {
  const passwords::Guess& guess = login.guess;
  ASSIGN_OR_RETURN(
      absl::optional<sessions::SessionAndToken> begun,
      sessions::BeginWithPassword(transaction,
                                  {guess.id, guess.change_time, ClientIdOf(login.caller), AudienceOf(login.request),
                                   scopes, guess.one_time, client.ip_address, client.user_agent, client.device_name,
                                   Fingerprint(login.secrets.refresh_token), guess.device.has_value()},
                                  options_.lifetimes));
  if (!begun) {
    RETURN_IF_ERROR(Audit(transaction, login.caller, client, FailedLogin(guess.id, FailureCause::kAccountChanged)));
    return Outcome(Refused{InvalidCredentials()});
  }
  RETURN_IF_ERROR(Audit(transaction, login.caller, client, SuccessfulLogin(guess.id, begun->session.id)));
  if (guess.device) RETURN_IF_ERROR(login.ForgetGuess(transaction));
  ASSIGN_OR_RETURN(const absl::optional<DeviceId> device,
                   RememberDevice(transaction, login.request, guess.device.has_value(), begun->session, login.secrets));
  return Outcome(BegunLogin{*std::move(begun), owner.principal, owner.must_enroll, device});
}

absl::StatusOr<PasswordLogin::Outcome> PasswordLogin::PoseChallenge(Transaction& transaction,
                                                                    const VerifiedLogin& login,
                                                                    const ClientInfo& client,
                                                                    const Scopes& scopes) const {
  const passwords::Guess& guess = login.guess;
  ASSIGN_OR_RETURN(
      const absl::optional<second_factors::StoredChallenge> challenge,
      second_factors::InsertChallenge(transaction,
                                      {guess.id, guess.change_time, Fingerprint(login.secrets.refresh_token),
                                       ClientIdOf(login.caller), AudienceOf(login.request), scopes, guess.one_time,
                                       client.user_agent, client.device_name, guess.device.has_value()},
                                      kChallengeLifetime));
  if (!challenge) {
    RETURN_IF_ERROR(Audit(transaction, login.caller, client, FailedLogin(guess.id, FailureCause::kAccountChanged)));
    return Outcome(Refused{InvalidCredentials()});
  }
  RETURN_IF_ERROR(login.ForgetGuess(transaction));
  RETURN_IF_ERROR(Audit(transaction, login.caller, client, {audit::EventType::kLoginChallenged, guess.id}));
  return Outcome(*challenge);
}

// For outcomes that were not refused.
LoginResult PasswordLogin::ToResult(const Outcome& outcome, LoginSecrets secrets) const {
  if (const auto* challenge = std::get_if<second_factors::StoredChallenge>(&outcome)) {
    return ChallengeOf(*challenge, std::move(secrets));
  }
  return TokensOf(issuer_, std::get<BegunLogin>(outcome), std::move(secrets));
}

absl::Status PasswordLogin::AuditFailure(const RequestContext& context, const Caller& caller,
                                         const LoginRequest& request, const passwords::Reservation& reserved,
                                         FailureCause cause) {
  return database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, request.client_info));
    RETURN_IF_ERROR(Audit(transaction, caller, client, FailedLogin(reserved.account, cause)));
    return AuditLock(transaction, caller, client, reserved.guess);
  });
}

void PasswordLogin::RehashIfDue(const RequestContext& context, HashPool::Place& place, const PrincipalId& id,
                                const PasswordHash& hash, const Secret& password) {
  if (!hash.NeedsRehash(password, options_.argon2)) return;
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
