#ifndef IDENTITY_SESSION_H_
#define IDENTITY_SESSION_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "identity/client.h"
#include "identity/token.h"
#include "identity/v1/types.pb.h"

namespace identity {
inline namespace client {

// A login that stays valid: holds its tokens and refreshes them before they expire. Thread-safe.
//
// At most one refresh runs at a time, because the first use of a refresh token spends it. For the same reason,
// sessions, processes and machines must not share a refresh token.
class Session {
 public:
  // Exchanges a refresh token for new tokens.
  using Refresher = std::function<absl::StatusOr<v1::TokenSet>(const Token& refresh_token)>;
  using Clock = std::function<absl::Time()>;

  // `tokens` are those of a login. `client` makes the refreshes. It must outlive the session, and its own credential
  // cannot be the session.
  Session(const Client& client, const v1::TokenSet& tokens, Clock clock = absl::Now);
  Session(Refresher refresher, const v1::TokenSet& tokens, Clock clock);

  // Returns an access token that has not expired. The caller waits for a refresh if it begins one, or if the old token
  // has expired. Errors are those of Refresh. A bad refresh token ends the session, and every later call returns it:
  // log in again.
  absl::StatusOr<Token> AccessToken();

  // UUIDs.
  const std::string& id() const { return id_; }
  const std::string& principal_id() const { return principal_id_; }

 private:
  void Keep(const v1::TokenSet& tokens);
  void Refresh(std::unique_lock<std::mutex>& lock);
  bool HasValidToken() const;

  const Refresher refresher_;
  const Clock clock_;
  const std::string id_;
  const std::string principal_id_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable refreshed_;
  Token access_token_;
  Token refresh_token_;
  absl::Time expire_time_;
  absl::Time next_refresh_;
  absl::Status last_error_;
  bool refreshing_ = false;
};

}  // namespace client
}  // namespace identity

#endif  // IDENTITY_SESSION_H_
