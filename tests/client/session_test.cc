#include "identity/session.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "google/rpc/error_details.pb.h"

namespace identity {
namespace {

constexpr absl::Duration kLifetime = absl::Minutes(15);

v1::TokenSet Tokens(int generation) {
  v1::TokenSet tokens;
  tokens.set_access_token(absl::StrCat("access ", generation));
  tokens.set_refresh_token(absl::StrCat("refresh ", generation));
  tokens.mutable_expires_in()->set_seconds(absl::ToInt64Seconds(kLifetime));
  tokens.set_session_id("session");
  tokens.set_principal_id("principal");
  return tokens;
}

class SessionTest : public testing::Test {
 protected:
  Session::Clock Clock() {
    return [this] { return now_; };
  }
  // Returns the next generation of tokens, or `failure_`.
  Session::Refresher Refresher() {
    return [this](const Token& refresh_token) -> absl::StatusOr<v1::TokenSet> {
      spent_.emplace_back(refresh_token.Reveal());
      if (!failure_.ok()) return failure_;
      return Tokens(static_cast<int>(spent_.size()));
    };
  }
  static std::string Text(absl::StatusOr<Token> token) {
    return token.ok() ? std::string(token->Reveal()) : token.status().ToString();
  }

  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  absl::Status failure_;
  std::vector<std::string> spent_;
};

TEST_F(SessionTest, ReturnsTheTokenOfTheLoginWhileItIsFresh) {
  Session session(Refresher(), Tokens(0), Clock());
  now_ += kLifetime - absl::Minutes(1) - absl::Seconds(1);
  EXPECT_EQ(Text(session.AccessToken()), "access 0");
  EXPECT_TRUE(spent_.empty());
  EXPECT_EQ(session.id(), "session");
  EXPECT_EQ(session.principal_id(), "principal");
}

TEST_F(SessionTest, RefreshesBeforeTheExpiry) {
  Session session(Refresher(), Tokens(0), Clock());
  now_ += kLifetime - absl::Minutes(1);
  EXPECT_EQ(Text(session.AccessToken()), "access 1");
  EXPECT_EQ(Text(session.AccessToken()), "access 1");
  EXPECT_EQ(spent_, std::vector<std::string>{"refresh 0"});
}

TEST_F(SessionTest, SpendsEachRefreshTokenOnce) {
  Session session(Refresher(), Tokens(0), Clock());
  for (int i = 0; i < 3; ++i) {
    now_ += kLifetime;
    EXPECT_EQ(Text(session.AccessToken()), absl::StrCat("access ", i + 1));
  }
  EXPECT_EQ(spent_, (std::vector<std::string>{"refresh 0", "refresh 1", "refresh 2"}));
}

TEST_F(SessionTest, AValidTokenOutlivesAFailedRefresh) {
  Session session(Refresher(), Tokens(0), Clock());
  failure_ = absl::UnavailableError("away");
  now_ += kLifetime - absl::Seconds(30);
  EXPECT_EQ(Text(session.AccessToken()), "access 0");
  EXPECT_EQ(Text(session.AccessToken()), "access 0");
  EXPECT_EQ(spent_.size(), 1u) << "no pause after the failure";
  now_ += absl::Seconds(1);
  failure_ = absl::OkStatus();
  EXPECT_EQ(Text(session.AccessToken()), "access 2");
  EXPECT_EQ(spent_, (std::vector<std::string>{"refresh 0", "refresh 0"}));
}

TEST_F(SessionTest, AnExpiredTokenIsNeverReturned) {
  Session session(Refresher(), Tokens(0), Clock());
  failure_ = absl::UnavailableError("away");
  now_ += kLifetime;
  EXPECT_EQ(session.AccessToken().status(), failure_);
  EXPECT_EQ(session.AccessToken().status(), failure_);
}

TEST_F(SessionTest, EndsWhenTheServiceRefusesARefresh) {
  Session session(Refresher(), Tokens(0), Clock());
  google::rpc::ErrorInfo info;
  info.set_domain("identity.v1");
  info.set_reason("REFRESH_TOKEN_INVALID");
  failure_ = absl::UnauthenticatedError("revoked");
  failure_.SetPayload("type.googleapis.com/google.rpc.ErrorInfo", absl::Cord(info.SerializeAsString()));
  now_ += kLifetime - absl::Seconds(30);
  EXPECT_EQ(session.AccessToken().status(), failure_);
  now_ += absl::Hours(1);
  EXPECT_EQ(session.AccessToken().status(), failure_);
  EXPECT_EQ(spent_.size(), 1u) << "a dead refresh token was tried again";
}

TEST_F(SessionTest, WithoutARefreshTokenItEndsWithItsAccessToken) {
  v1::TokenSet tokens = Tokens(0);
  tokens.clear_refresh_token();
  Session session(Refresher(), tokens, Clock());
  now_ += kLifetime - absl::Seconds(1);
  EXPECT_EQ(Text(session.AccessToken()), "access 0");
  now_ += absl::Seconds(1);
  EXPECT_TRUE(absl::IsUnauthenticated(session.AccessToken().status()));
  EXPECT_TRUE(spent_.empty());
}

TEST_F(SessionTest, OneRefreshServesAllThreads) {
  std::atomic<int> refreshes = 0;
  absl::Notification under_way;
  absl::Notification go_on;
  Session session(
      [&](const Token&) -> absl::StatusOr<v1::TokenSet> {
        ++refreshes;
        under_way.Notify();
        go_on.WaitForNotification();
        return Tokens(1);
      },
      Tokens(0), Clock());
  now_ += kLifetime;
  std::vector<std::thread> threads;
  std::vector<std::string> seen(8);
  threads.emplace_back([&] { seen[0] = Text(session.AccessToken()); });
  under_way.WaitForNotification();
  for (size_t i = 1; i < seen.size(); ++i) {
    threads.emplace_back([&, i] { seen[i] = Text(session.AccessToken()); });
  }
  go_on.Notify();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refreshes, 1);
  for (const std::string& token : seen) EXPECT_EQ(token, "access 1");
}

TEST_F(SessionTest, AValidTokenIsReturnedWhileAnotherThreadRefreshes) {
  absl::Notification under_way;
  absl::Notification go_on;
  Session session(
      [&](const Token&) -> absl::StatusOr<v1::TokenSet> {
        under_way.Notify();
        go_on.WaitForNotification();
        return Tokens(1);
      },
      Tokens(0), Clock());
  now_ += kLifetime - absl::Seconds(30);
  std::thread refreshing([&] { EXPECT_EQ(Text(session.AccessToken()), "access 1"); });
  under_way.WaitForNotification();
  EXPECT_EQ(Text(session.AccessToken()), "access 0");
  go_on.Notify();
  refreshing.join();
}

}  // namespace
}  // namespace identity
