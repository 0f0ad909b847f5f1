#include "absl/strings/str_cat.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

class StatisticsTest : public RpcTest {
 protected:
  static Result<v1::GetStatisticsResponse> Get(const std::string& days = "0") {
    return server().Call(&Admin::GetStatistics, Proto<v1::GetStatisticsRequest>("days: $0", days), server().root());
  }
  static v1::DailyStatistics Today() {
    const auto numbers = Must(Get("1"));
    return numbers.days_size() == 0 ? v1::DailyStatistics() : numbers.days(0);
  }
  // Counts 3 events, `days_ago` days ago, as the server does.
  static void AddEvent(const std::string& event, const std::string& outcome, int days_ago) {
    server().database().Execute(absl::StrCat(
        "INSERT INTO daily_counts (day, event, outcome, shard, count) VALUES ((now() AT TIME ZONE 'UTC')::date - ",
        days_ago, ", '", event, "', '", outcome, "', 99, 3)"));
  }
};

TEST_F(StatisticsTest, TotalsFollowCreationsAndChanges) {
  const auto before = Must(Get());
  const TestUser user = server().MakeUser();
  server().MakeUser();
  const std::string account = server().MakeServiceAccount();
  const std::string key = server().IssueKey(account, {}).api_key().id();
  server().Disable(user.id);
  Must(server().Call(
      &Admin::UpdateUser,
      Proto<v1::UpdateUserRequest>("user { id: '$0' email: '$1' email_verified: true }", user.id, user.email),
      server().root()));
  auto after = Must(Get());
  EXPECT_EQ(after.users() - before.users(), 2);
  EXPECT_EQ(after.disabled_users() - before.disabled_users(), 1);
  EXPECT_EQ(after.verified_users() - before.verified_users(), 1);
  EXPECT_EQ(after.service_accounts() - before.service_accounts(), 1);
  EXPECT_EQ(after.api_keys() - before.api_keys(), 1);
  EXPECT_EQ(after.mfa_users(), before.mfa_users());
  server().Enable(user.id);
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("api_key_id: '$0'", key), server().root()));
  after = Must(Get());
  EXPECT_EQ(after.disabled_users(), before.disabled_users());
  EXPECT_EQ(after.api_keys(), before.api_keys());
}

TEST_F(StatisticsTest, LoginsAreCountedByDay) {
  const TestUser user = server().MakeUser();
  const v1::DailyStatistics before = Today();
  server().Login(user);
  server().Login(user);
  EXPECT_FALSE(server().TryLogin(user.username, "wrong").ok());
  const v1::DailyStatistics after = Today();
  EXPECT_EQ(after.logins() - before.logins(), 2);
  EXPECT_EQ(after.failed_logins() - before.failed_logins(), 1);
  EXPECT_EQ(after.date(), server().Ask("SELECT (now() AT TIME ZONE 'UTC')::date::text"));
}

TEST_F(StatisticsTest, DaysAreNewestFirstUpToTheRequestedNumber) {
  AddEvent("login", "success", 31);
  AddEvent("login", "failure", 31);
  AddEvent("user.registered", "success", 31);
  AddEvent("login", "success", 30);
  AddEvent("login", "success", 29);
  const auto dates = [](const v1::GetStatisticsResponse& numbers) {
    std::vector<std::string> read;
    for (const v1::DailyStatistics& day : numbers.days()) read.push_back(day.date());
    return read;
  };
  const auto day = [](int ago) {
    return server().Ask(absl::StrCat("SELECT ((now() AT TIME ZONE 'UTC')::date - ", ago, ")::text"));
  };
  EXPECT_EQ(dates(Must(Get("0"))), (std::vector<std::string>{day(0), day(29)})) << "30 by default";
  const auto all = Must(Get("400"));
  EXPECT_EQ(dates(all), (std::vector<std::string>{day(0), day(29), day(30), day(31)}));
  EXPECT_EQ(all.days(3).logins(), 3);
  EXPECT_EQ(all.days(3).failed_logins(), 3);
  EXPECT_EQ(all.days(3).registrations(), 3);
  EXPECT_EQ(all.days(2).registrations(), 0);
}

TEST_F(StatisticsTest, AnInvalidNumberOfDaysIsRefused) {
  EXPECT_THAT(Get("401"), RefusesField("days"));
  EXPECT_THAT(Get("-1"), RefusesField("days"));
  EXPECT_THAT(Get("400"), Succeeds());
}

}  // namespace
}  // namespace identity
