#include "client/session.h"

#include <algorithm>
#include <utility>

#include "server/base/mutex.h"

namespace identity {
namespace {

Session::Refresher RefresherOf(const Client& client) {
  return [&client](const Secret& refresh_token) -> absl::StatusOr<v1::TokenSet> {
    v1::RefreshRequest request;
    request.set_refresh_token(std::string(refresh_token.Reveal()));
    absl::StatusOr<v1::RefreshResponse> response = client.Refresh(request);
    Wipe(*request.mutable_refresh_token());
    if (!response.ok()) return response.status();
    return std::move(*response->mutable_tokens());
  };
}

absl::Duration ToDuration(const google::protobuf::Duration& span) {
  return absl::Seconds(span.seconds()) + absl::Nanoseconds(span.nanos());
}

}  // namespace

Session::Session(const Client& client, v1::TokenSet tokens, Options options)
    : Session(RefresherOf(client), std::move(tokens), std::move(options)) {}

Session::Session(Refresher refresher, v1::TokenSet tokens, Options options)
    : refresher_(std::move(refresher)),
      options_(std::move(options)),
      id_(tokens.session_id()),
      principal_id_(tokens.principal_id()) {
  MutexLock lock(mutex_);
  Keep(std::move(tokens));
}

void Session::Keep(v1::TokenSet tokens) {
  const absl::Time now = options_.clock();
  const absl::Duration lifetime = ToDuration(tokens.expires_in());
  access_token_ = Secret(std::move(*tokens.mutable_access_token()));
  refresh_token_ = Secret(std::move(*tokens.mutable_refresh_token()));
  expire_time_ = now + lifetime;
  // A token with a lifetime shorter than `ahead` is replaced after half of it.
  next_refresh_ = now + std::max(lifetime - options_.ahead, lifetime / 2);
  if (refresh_token_.empty()) next_refresh_ = absl::InfiniteFuture();  // the tokens of an API key
  last_error_ = absl::OkStatus();
}

void Session::RefreshNow() {
  refreshing_ = true;
  const Secret spent(refresh_token_.Reveal());
  Unlock(mutex_);
  absl::StatusOr<v1::TokenSet> tokens = refresher_(spent);
  Lock(mutex_);
  refreshing_ = false;
  if (tokens.ok()) return Keep(*std::move(tokens));
  last_error_ = tokens.status();
  next_refresh_ = options_.clock() + options_.pause;
  if (!absl::IsUnauthenticated(last_error_)) return;
  access_token_ = Secret();
  next_refresh_ = absl::InfiniteFuture();
}

absl::StatusOr<Secret> Session::AccessToken() {
  MutexLock lock(mutex_);
  const auto good = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !access_token_.empty() && options_.clock() < expire_time_;
  };
  if (options_.clock() >= next_refresh_ && !refreshing_) {
    RefreshNow();
  } else if (!good()) {
    mutex_.Await(absl::Condition(this, &Session::Settled));
  }
  if (good()) return Secret(access_token_.Reveal());
  return last_error_.ok() ? absl::UnauthenticatedError("the access token has expired") : last_error_;
}

}  // namespace identity
