#ifndef IDENTITY_DB_STORES_SESSIONS_H_
#define IDENTITY_DB_STORES_SESSIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/audit.h"
#include "server/base/request_context.h"
#include "server/domain/ids.h"
#include "server/domain/permission.h"
#include "server/domain/principal_facts.h"

// Sessions, their refresh tokens, and access tokens that were revoked individually. Times are the database's. Errors
// are those of Transaction::Execute.
namespace identity::sessions {

// A session, with all that its access tokens contain. A value.
struct Session {
  SessionId id;
  PrincipalId principal_id;
  int64_t epoch = 0;
  std::string client_id;
  std::string audience;
  Scopes scopes;
  std::vector<std::string> amr;
  absl::Time auth_time;
  absl::Time expire_time;  // no refresh extends it
  bool password_change_required = false;
};

// How long refresh tokens live (RFC 9700 section 4.14).
struct Lifetimes {
  absl::Duration session = absl::Hours(24 * 30);  // from the login, regardless of refreshes
  absl::Duration idle = absl::Hours(24 * 7);      // of each refresh token
};

// A stored refresh token.
struct StoredRefreshToken {
  RefreshTokenId id;
  absl::Time expire_time;
};

struct SessionAndToken {
  Session session;
  StoredRefreshToken token;
};

struct PasswordLogin {
  PrincipalId principal_id;
  absl::Time password_change_time;  // of the password that was verified; a rehash does not change it
  std::string client_id;
  std::string audience;
  Scopes scopes;
  bool password_change_required = false;
  std::string ip_address;
  std::string user_agent;
  std::string device_name;
  std::string refresh_token_hash;
  bool keep_guesses = false;  // the guess was counted elsewhere
};
// Begins a session, and forgets the account's failed guesses, unless it is to keep them. nullopt when a second factor
// is due, the account was disabled, or its password changed after it was verified.
absl::StatusOr<absl::optional<SessionAndToken>> BeginWithPassword(Transaction& transaction, const PasswordLogin& login,
                                                                  const Lifetimes& lifetimes);

// A login at another issuer.
struct IdentityLogin {
  PrincipalId principal_id;
  std::string client_id;
  std::string audience;
  Scopes scopes;
  std::vector<std::string> amr;
  bool second_factor = false;  // the issuer has asked for one, so ours is not due
  absl::Time auth_time;        // by the issuer's clock; a later one than now counts as now
  std::string ip_address;
  std::string user_agent;
  std::string device_name;
  std::string refresh_token_hash;
};
// Begins a session. nullopt when a second factor is due, or the account was disabled.
absl::StatusOr<absl::optional<SessionAndToken>> BeginWithIdentity(Transaction& transaction, const IdentityLogin& login,
                                                                  const Lifetimes& lifetimes);

// A login that answered its challenge.
struct ChallengeLogin {
  ChallengeId challenge_id;
  std::vector<std::string> amr;  // the factors that were shown, added to those of the challenge
  Scopes scopes;                 // within those of the challenge
  std::string ip_address;
  std::string refresh_token_hash;
};
// Begins the session that the challenge was for, and deletes the challenge. nullopt when the challenge no longer
// exists, the account was disabled, or its sessions ended since.
absl::StatusOr<absl::optional<SessionAndToken>> BeginWithChallenge(Transaction& transaction,
                                                                   const ChallengeLogin& login,
                                                                   const Lifetimes& lifetimes);

// Records that the user of the session has just shown the factors `amr`: updates its `auth_time` and `amr`. nullopt
// when the session is not alive.
absl::StatusOr<absl::optional<Session>> StepUp(Transaction& transaction, const SessionId& id,
                                               const std::vector<std::string>& amr);
// Records that the user has replaced the one-time password that the session began with.
absl::Status PasswordChanged(Transaction& transaction, const SessionId& id);
// A session is alive until it is revoked or expires, its principal is disabled, or the epoch is raised. nullopt when it
// is not alive.
absl::StatusOr<absl::optional<Session>> FindAlive(Transaction& transaction, const SessionId& id);

struct Spending {
  RefreshTokenId id;
  std::string hash;
  std::string child_hash;
  std::string sealed_child;  // the child's secret, under a key from the parent's
  audit::Event event;        // the statement adds the principal and the session
};
struct Spent {
  Session session;
  StoredRefreshToken child;
  PrincipalFacts principal;
};
// Spends a refresh token, writes its child and audits that, in one statement: of any number of concurrent uses on any
// number of servers only one succeeds. nullopt when the token was spent or has expired, or its session is not alive;
// `FindSpent` says which.
absl::StatusOr<absl::optional<Spent>> Spend(Transaction& transaction, const Spending& spending,
                                            const Lifetimes& lifetimes);
// The same in a transaction of its own. Errors as Database::Execute.
absl::StatusOr<absl::optional<Spent>> Spend(Database& database, const RequestContext& context, const Spending& spending,
                                            const Lifetimes& lifetimes);

// The state of a refresh token that could not be spent.
struct SpentToken {
  Session session;
  bool alive = false;  // the session is alive
  bool spent = false;
  bool child_open = false;  // spent within `grace`, and the child is neither spent nor expired
  StoredRefreshToken child;
  std::string sealed_child;
};
// nullopt: no such token.
absl::StatusOr<absl::optional<SpentToken>> FindSpent(Transaction& transaction, const RefreshTokenId& id,
                                                     absl::string_view hash, absl::Duration grace);

// A refresh token that can be spent, and its session, which is alive. nullopt: there is none with this id and hash.
absl::StatusOr<absl::optional<SessionAndToken>> FindSpendable(Transaction& transaction, const RefreshTokenId& id,
                                                              absl::string_view hash);

// True when the access token or its session was revoked, or there is no signing key `kid`.
absl::StatusOr<bool> IsTokenRevoked(Transaction& transaction, const TokenId& token,
                                    const absl::optional<SessionId>& session, absl::string_view kid);

struct SessionOwner {
  PrincipalId principal_id;
  bool ended = false;  // revoked or expired
  bool password_change_required = false;
};
absl::StatusOr<absl::optional<SessionOwner>> FindOwner(Transaction& transaction, const SessionId& id);
// The session of a refresh token, spent or not.
absl::StatusOr<absl::optional<SessionId>> FindByRefreshToken(Transaction& transaction, const RefreshTokenId& id,
                                                             absl::string_view hash);

// A session as shown to its owner and to administrators.
struct ListedSession {
  Session session;
  absl::Time create_time;
  std::string ip_address;
  std::string user_agent;
  std::string device_name;
};
// Up to `limit` live sessions of `principal`, newest first. With `before`, only older ones.
absl::StatusOr<std::vector<ListedSession>> List(Transaction& transaction, const PrincipalId& principal,
                                                const absl::optional<SessionId>& before, int64_t limit);

// False when it was revoked already.
absl::StatusOr<bool> Revoke(Transaction& transaction, const SessionId& id);
// `expire_time` is the token's own: the row is not needed after it. False when the token was revoked already.
absl::StatusOr<bool> RevokeAccessToken(Transaction& transaction, const TokenId& token, absl::Time expire_time);

// Sessions that were revoked less than `lifetime` ago.
struct RevokedSession {
  SessionId id;
  absl::Time revoke_time;
};
absl::StatusOr<std::vector<RevokedSession>> RevokedSince(Transaction& transaction, absl::Duration lifetime);
// Access tokens that were revoked individually and had not expired an hour ago.
struct RevokedAccessToken {
  TokenId id;
  absl::Time expire_time;
};
absl::StatusOr<std::vector<RevokedAccessToken>> RevokedAccessTokens(Transaction& transaction);

// Removes at most `limit` rows of each kind: sealed children older than `grace`, sessions that expired more than a day
// ago, and revocations of expired tokens. Returns how many rows it changed or removed.
absl::StatusOr<int64_t> Clean(Transaction& transaction, absl::Duration grace, int64_t limit);

}  // namespace identity::sessions

#endif  // IDENTITY_DB_STORES_SESSIONS_H_
