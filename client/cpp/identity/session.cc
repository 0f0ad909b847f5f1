#include "identity/session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "identity/errors.h"
#include "identity/v1/identity_service.pb.h"

namespace identity {
inline namespace client {
namespace {

// How long before its expiry an access token is replaced.
constexpr absl::Duration kAhead = absl::Minutes(1);
// After a failed refresh. Well below 10 s, the time in which the service repeats a lost response.
constexpr absl::Duration kPause = absl::Seconds(1);

Session::Refresher RefresherOf(const Client& client) {
  return [&client](const Token& refresh_token) -> absl::StatusOr<v1::TokenSet> {
    v1::RefreshRequest request;
    request.set_refresh_token(std::string(refresh_token.Reveal()));
    absl::StatusOr<v1::RefreshResponse> response = client.Call(&IdentityRpc::Refresh, request);
    if (!response.ok()) return response.status();
    if (response->tokens().access_token().empty()) return absl::InternalError("the response has no tokens");
    return std::move(*response->mutable_tokens());
  };
}

absl::Duration ToDuration(const google::protobuf::Duration& span) {
  return absl::Seconds(span.seconds()) + absl::Nanoseconds(span.nanos());
}

}  // namespace

Session::Session(const Client& client, const v1::TokenSet& tokens, Clock clock)
    : Session(RefresherOf(client), tokens, std::move(clock)) {}

Session::Session(Refresher refresher, const v1::TokenSet& tokens, Clock clock)
    : refresher_(std::move(refresher)),
      clock_(std::move(clock)),
      id_(tokens.session_id()),
      principal_id_(tokens.principal_id()) {
  Keep(tokens);
}

absl::StatusOr<Token> Session::AccessToken() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (clock_() >= next_refresh_ && !refreshing_) {
    Refresh(lock);
  } else if (!HasValidToken()) {
    refreshed_.wait(lock, [this] { return !refreshing_; });
  }
  if (HasValidToken()) return access_token_;
  return last_error_.ok() ? absl::UnauthenticatedError("the access token has expired") : last_error_;
}

void Session::Refresh(std::unique_lock<std::mutex>& lock) {
  refreshing_ = true;
  const Token spent = refresh_token_;
  lock.unlock();
  const absl::StatusOr<v1::TokenSet> tokens = refresher_(spent);
  lock.lock();
  refreshing_ = false;
  refreshed_.notify_all();
  if (tokens.ok()) return Keep(*tokens);
  last_error_ = tokens.status();
  next_refresh_ = clock_() + kPause;
  if (!absl::StartsWith(ErrorReasonOf(last_error_), "REFRESH_TOKEN_")) return;
  access_token_ = Token();
  next_refresh_ = absl::InfiniteFuture();
}

void Session::Keep(const v1::TokenSet& tokens) {
  const absl::Time now = clock_();
  const absl::Duration lifetime = ToDuration(tokens.expires_in());
  access_token_ = Token(tokens.access_token());
  refresh_token_ = Token(tokens.refresh_token());
  expire_time_ = now + lifetime;
  // A token with a lifetime shorter than twice `kAhead` is replaced after half of it.
  next_refresh_ = now + std::max(lifetime - kAhead, lifetime / 2);
  if (refresh_token_.empty()) next_refresh_ = absl::InfiniteFuture();  // the tokens of an API key
  last_error_ = absl::OkStatus();
}

bool Session::HasValidToken() const { return !access_token_.empty() && clock_() < expire_time_; }

}  // namespace client
}  // namespace identity
