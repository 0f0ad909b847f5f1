#include "server/app/authenticator.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "db/audit_store.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/opaque_token.h"

namespace identity {
namespace {

constexpr char kLoginEvent[] = "login";
constexpr absl::Duration kWriteTimeout = absl::Seconds(2);

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

audit::Event LoginEvent(const Caller& caller, const ClientInfo& client, const absl::optional<PrincipalId>& subject,
                        const std::string& target) {
  return {kLoginEvent, "success", caller.id(), subject, target, client.ip_address, client.user_agent, ""};
}

}  // namespace

// A login on its way through the second transaction. Move-only.
struct Authenticator::Login {
  principals::Guess guess;
  Secret refresh_secret;
  // What came of it:
  absl::Status refused = absl::OkStatus();
  absl::optional<sessions::SessionAndToken> begun;
  PrincipalFacts principal;
};

absl::StatusOr<std::unique_ptr<Authenticator>> Authenticator::Create(Database& database, const Credentials& credentials,
                                                                     const TokenIssuer& issuer, HashPool& hashes,
                                                                     const Options& options) {
  RETURN_IF_ERROR(CheckArgon2Parameters(options.argon2));
  ASSIGN_OR_RETURN(PasswordHash decoy, PasswordHash::Create(Secret(RandomBytes(32)), options.argon2));
  return absl::WrapUnique(new Authenticator(database, credentials, issuer, hashes, options, std::move(decoy)));
}

absl::StatusOr<TokenSet> Authenticator::WithPassword(const RequestContext& context, const Caller& caller,
                                                     const std::string& login, const Secret& password,
                                                     const Request& request) {
  if (password.size() > kMaxPasswordBytes) return InvalidField("password.password", "is longer than 1,024 bytes");
  absl::optional<HashPool::Place> place = hashes_.TryTake();
  if (!place) {
    return WithRetryDelay(Error(ErrorReason::kOverloaded, "too many logins at once; nothing was counted"),
                          absl::Seconds(1));
  }
  absl::optional<principals::Guess> guess;
  RETURN_IF_ERROR(database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(guess, principals::ReserveGuess(transaction, ParseLoginName(login), options_.lockout));
    return absl::OkStatus();
  }));
  const auto parsed = guess ? PasswordHash::Parse(guess->hash) : absl::StatusOr<PasswordHash>(decoy_);
  if (!parsed.ok()) Log(LogLevel::kError, "unreadable password hash", {{"principal", guess->id.ToString()}});
  const PasswordHash& hash = parsed.ok() ? *parsed : decoy_;
  bool right = false;
  place->Run([&] { right = hash.Verify(password); });
  // From here on the login has time of its own for what must be written: hanging up undoes no count and hides no
  // failure.
  const RequestContext writing{std::max(context.deadline, absl::Now() + kWriteTimeout)};
  if (!guess || !parsed.ok() || !right) {
    RETURN_IF_ERROR(AuditFailure(writing, caller, request, guess ? absl::make_optional(guess->id) : absl::nullopt));
    return InvalidCredentials();
  }
  Login attempt{*std::move(guess), Secret(RandomBytes(kTokenSecretBytes)), absl::OkStatus(), absl::nullopt, {}};
  RETURN_IF_ERROR(database_.Write(
      writing, [&](Transaction& transaction) { return BeginSession(transaction, caller, request, attempt); }));
  RETURN_IF_ERROR(attempt.refused);
  RehashIfDue(context, *place, attempt.guess.id, hash, password);
  const OpaqueToken refresh(OpaqueToken::Kind::kRefreshToken, attempt.begun->token.id.uuid(),
                            std::move(attempt.refresh_secret));
  return issuer_.ForSession(attempt.begun->session, attempt.principal, attempt.begun->session.scopes, refresh.ToText(),
                            attempt.begun->token);
}

absl::Status Authenticator::BeginSession(Transaction& transaction, const Caller& caller, const Request& request,
                                         Login& login) {
  login.refused = absl::OkStatus();
  StoredFacts facts(transaction);
  ASSIGN_OR_RETURN(const ClientInfo client, BelievedClientInfo(facts, caller, request.client_info));
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> principal, facts.Principal(login.guess.id));
  if (!principal) return InvalidCredentials();
  login.principal = *principal;
  absl::StatusOr<Scopes> scopes =
      login.guess.one_time ? OnlyOwnAccount() : GrantedScopes(facts, *principal, request.scopes, Scopes::Unlimited());
  if (!scopes.ok()) {
    // The password was right all the same, so the guess is given back.
    login.refused = scopes.status();
    return principals::ForgetGuesses(transaction, login.guess.id, login.guess.change_time);
  }
  ASSIGN_OR_RETURN(login.begun, sessions::BeginWithPassword(
                                    transaction,
                                    {login.guess.id, login.guess.change_time, ClientId(caller), request.audience,
                                     *scopes, login.guess.one_time, client.ip_address, client.user_agent,
                                     client.device_name, Fingerprint(login.refresh_secret)},
                                    options_.lifetimes));
  audit::Event event = LoginEvent(caller, client, login.guess.id, "");
  if (login.begun) {
    event.target = login.begun->session.id.ToString();
  } else {
    event.outcome = "failure";
    login.refused = InvalidCredentials();
  }
  return audit::Append(transaction, event);
}

absl::Status Authenticator::AuditFailure(const RequestContext& context, const Caller& caller, const Request& request,
                                         const absl::optional<PrincipalId>& subject) {
  return database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const ClientInfo client, BelievedClientInfo(facts, caller, request.client_info));
    audit::Event event = LoginEvent(caller, client, subject, "");
    event.outcome = "failure";
    return audit::Append(transaction, event);
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
        context, [&](Transaction& transaction) { return principals::Rehash(transaction, id, hash, *fresh); });
  }
  // The login itself was good; the next one tries again.
  if (!status.ok()) Log(LogLevel::kWarning, "rehash failed", {{"principal", id.ToString()}});
}

absl::StatusOr<TokenSet> Authenticator::WithApiKey(const RequestContext& context, const Caller& caller,
                                                   const Secret& key, const Request& request) {
  if (!OpaqueToken::Parse(OpaqueToken::Kind::kApiKey, key.Reveal())) return InvalidCredentials();
  absl::optional<TokenSet> tokens;
  RETURN_IF_ERROR(database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    tokens.reset();
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const ClientInfo client, BelievedClientInfo(facts, caller, request.client_info));
    ASSIGN_OR_RETURN(const Verification verification, credentials_.VerifyApiKey(facts, key.Reveal()));
    const absl::optional<Subject>& subject = verification.subject;
    audit::Event event = LoginEvent(caller, client, absl::nullopt, "");
    if (subject) {
      event.subject_id = subject->principal.id();
      event.target = subject->api_key_id->ToString();
    }
    if (!verification.good()) {
      event.outcome = "failure";
      return audit::Append(transaction, event);
    }
    ASSIGN_OR_RETURN(const Scopes scopes, GrantedScopes(facts, subject->principal, request.scopes, subject->scopes));
    ASSIGN_OR_RETURN(const auto stored, facts.ApiKey(*subject->api_key_id));
    tokens = issuer_.ForApiKey(*stored, subject->principal, scopes, request.audience, ClientId(caller));
    return audit::Append(transaction, event);
  }));
  if (!tokens) return InvalidCredentials();
  return *std::move(tokens);
}

}  // namespace identity
