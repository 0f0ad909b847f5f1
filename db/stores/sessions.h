#ifndef IDENTITY_DB_STORES_SESSIONS_H_
#define IDENTITY_DB_STORES_SESSIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/domain/ids.h"
#include "server/domain/permission.h"

// Sessions, their refresh tokens, and access tokens that were revoked one by one. Times are the database's. Errors are
// those of Transaction::Execute.
namespace identity::sessions {

// What a session's access tokens are made from. A value.
struct Session {
  SessionId id;
  PrincipalId principal_id;
  int64_t epoch = 0;
  std::string client_id;
  std::string audience;
  Scopes scopes;
  std::vector<std::string> amr;
  absl::Time auth_time;
  absl::Time expire_time;  // no refresh goes beyond it
  bool password_change_required = false;
};

// How long refresh tokens live (RFC 9700 section 4.14).
struct Lifetimes {
  absl::Duration session = absl::Hours(24 * 30);  // from the login, however often it is refreshed
  absl::Duration idle = absl::Hours(24 * 7);      // of each refresh token
};

// A refresh token as it is kept.
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
  absl::Time password_change_time;  // of the password that was verified; a rehash leaves it alone
  std::string client_id;
  std::string audience;
  Scopes scopes;
  bool password_change_required = false;
  std::string ip_address;
  std::string user_agent;
  std::string device_name;
  std::string refresh_token_hash;
};
// Begins a session, and forgets the account's failed guesses. nullopt when the account was disabled, its password
// changed since it was verified, or a second factor is due.
absl::StatusOr<absl::optional<SessionAndToken>> BeginWithPassword(Transaction& transaction, const PasswordLogin& login,
                                                                  const Lifetimes& lifetimes);

// A login whose challenge was met.
struct ChallengeLogin {
  ChallengeId challenge_id;
  std::vector<std::string> amr;  // what was shown, added to what the challenge says
  std::string ip_address;
  std::string refresh_token_hash;
};
// Begins the session that the challenge was for, and takes the challenge. nullopt when that is gone, the account was
// disabled or its sessions ended since.
absl::StatusOr<absl::optional<SessionAndToken>> BeginWithChallenge(Transaction& transaction,
                                                                   const ChallengeLogin& login,
                                                                   const Lifetimes& lifetimes);

// The person of a session has shown `amr` just now: it says so from now on. nullopt when the session may not go on.
absl::StatusOr<absl::optional<Session>> StepUp(Transaction& transaction, const SessionId& id,
                                               const std::vector<std::string>& amr);
// nullopt when the session may not go on.
absl::StatusOr<absl::optional<Session>> FindAlive(Transaction& transaction, const SessionId& id);

struct Spending {
  RefreshTokenId id;
  std::string hash;
  std::string child_hash;
  std::string sealed_child;  // the child's secret, under a key from the parent's
};
// Spends a refresh token and writes its child, in one statement: of any number of concurrent uses on any number of
// servers one gets it. nullopt when it was spent, has expired, or its session may not go on; `FindSpent` tells which.
absl::StatusOr<absl::optional<SessionAndToken>> Spend(Transaction& transaction, const Spending& spending,
                                                      const Lifetimes& lifetimes);

// What became of a refresh token that could not be spent.
struct SpentToken {
  Session session;
  bool alive = false;  // the session may go on
  bool spent = false;
  bool child_open = false;  // spent within `grace`, and the child neither spent nor expired
  StoredRefreshToken child;
  std::string sealed_child;
};
// nullopt: no such token.
absl::StatusOr<absl::optional<SpentToken>> FindSpent(Transaction& transaction, const RefreshTokenId& id,
                                                     absl::string_view hash, absl::Duration grace);

// The access token was revoked, by itself or with its session.
absl::StatusOr<bool> IsTokenRevoked(Transaction& transaction, const TokenId& token,
                                    const absl::optional<SessionId>& session);

struct SessionOwner {
  PrincipalId principal_id;
  bool ended = false;  // revoked or expired
  bool password_change_required = false;
};
absl::StatusOr<absl::optional<SessionOwner>> FindOwner(Transaction& transaction, const SessionId& id);
// Of the session that a refresh token belongs to, spent or not.
absl::StatusOr<absl::optional<SessionId>> FindByRefreshToken(Transaction& transaction, const RefreshTokenId& id,
                                                             absl::string_view hash);

// A session as its owner and administrators see it.
struct ListedSession {
  Session session;
  absl::Time create_time;
  std::string ip_address;
  std::string user_agent;
  std::string device_name;
};
// Up to `limit` sessions of `principal` that may go on, newest first; of those before `before` alone when it is set.
absl::StatusOr<std::vector<ListedSession>> List(Transaction& transaction, const PrincipalId& principal,
                                                const absl::optional<SessionId>& before, int64_t limit);

// False when it had ended already.
absl::StatusOr<bool> Revoke(Transaction& transaction, const SessionId& id);
// `expire_time` is the token's own: after it the row is of no use. False when it was revoked already.
absl::StatusOr<bool> RevokeAccessToken(Transaction& transaction, const TokenId& token, absl::Time expire_time);

// Sessions that were revoked less than `lifetime` ago.
struct RevokedSession {
  SessionId id;
  absl::Time revoke_time;
};
absl::StatusOr<std::vector<RevokedSession>> RevokedSince(Transaction& transaction, absl::Duration lifetime);
// Access tokens that were revoked by themselves and had not expired an hour ago.
struct RevokedAccessToken {
  TokenId id;
  absl::Time expire_time;
};
absl::StatusOr<std::vector<RevokedAccessToken>> RevokedAccessTokens(Transaction& transaction);

// Removes what can serve nobody any more, at most `limit` rows of each kind: sealed children older than `grace`,
// sessions that ended more than a day ago, revocations of expired tokens. Returns how many rows it touched.
absl::StatusOr<int64_t> Clean(Transaction& transaction, absl::Duration grace, int64_t limit);

}  // namespace identity::sessions

#endif  // IDENTITY_DB_STORES_SESSIONS_H_
