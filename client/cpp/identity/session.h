#ifndef IDENTITY_CLIENT_SESSION_H_
#define IDENTITY_CLIENT_SESSION_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "client/client.h"
#include "identity/v1/types.pb.h"
#include "server/base/clock.h"
#include "server/base/secret.h"

namespace identity {

// A login that stays valid: holds its tokens and refreshes them before they expire. Thread-safe.
//
// At most one refresh runs at a time, because the first use of a refresh token spends it. For the same reason,
// sessions, processes and machines must not share a refresh token.
class Session {
 public:
  // Exchanges a refresh token for new tokens.
  using Refresher = std::function<absl::StatusOr<v1::TokenSet>(const Secret& refresh_token)>;

  struct Options {
    absl::Duration ahead = absl::Minutes(1);  // how long before its expiry an access token is replaced
    // The pause after a failed refresh. Must be well below 10 s, the time in which a lost response can be repeated.
    absl::Duration pause = absl::Seconds(1);
    Clock clock = absl::Now;
  };

  // `tokens` are those of a login. `client` must outlive the session.
  Session(const Client& client, v1::TokenSet tokens) : Session(client, std::move(tokens), Options()) {}
  Session(const Client& client, v1::TokenSet tokens, Options options);
  Session(Refresher refresher, v1::TokenSet tokens, Options options);

  // Returns an access token that has not expired. Waits for a refresh only when there is no such token. Errors are
  // those of Refresh. UNAUTHENTICATED ends the session, and every later call returns it, too: log in again.
  absl::StatusOr<Secret> AccessToken() ABSL_LOCKS_EXCLUDED(mutex_);

  // UUIDs.
  const std::string& id() const { return id_; }
  const std::string& principal_id() const { return principal_id_; }

 private:
  void Keep(v1::TokenSet tokens) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RefreshNow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Settled() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !refreshing_; }

  const Refresher refresher_;
  const Options options_;
  const std::string id_;
  const std::string principal_id_;

  absl::Mutex mutex_;
  Secret access_token_ ABSL_GUARDED_BY(mutex_);
  Secret refresh_token_ ABSL_GUARDED_BY(mutex_);
  absl::Time expire_time_ ABSL_GUARDED_BY(mutex_);
  absl::Time next_refresh_ ABSL_GUARDED_BY(mutex_);
  absl::Status last_error_ ABSL_GUARDED_BY(mutex_);
  bool refreshing_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace identity

#endif  // IDENTITY_CLIENT_SESSION_H_
