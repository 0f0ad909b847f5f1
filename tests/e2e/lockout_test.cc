#include <gmock/gmock.h>

#include <string>

#include "absl/strings/ascii.h"
#include "identity/errors.h"
#include "tests/support/deployment.h"

namespace identity {
namespace {

class LockoutTest : public testing::Test {
 protected:
  // The hash pool has many places, so that guesses run in parallel.
  LockoutTest() : deployment_({2, {"--workers=128"}}), ada_(deployment_.NewUser("ada")) {
    spellings_ = {"ada", "ADA", ada_.email, absl::AsciiStrToUpper(ada_.email)};
  }

  // Guesses wrong passwords over all replicas and spellings. Only an overload may differ from a wrong password.
  void Guess(int count) {
    const auto results = InParallel(count, [this](int i) {
      return deployment_.TryPassword(spellings_[static_cast<size_t>(i / 2 % 4)], "a wrong password", i % 2).status();
    });
    for (const absl::Status& status : results) {
      const std::string reason = ErrorReasonOf(status);
      EXPECT_THAT(reason, testing::AnyOf("INVALID_CREDENTIALS", "OVERLOADED")) << status;
      EXPECT_EQ(status.code(),
                reason == "OVERLOADED" ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kUnauthenticated);
    }
  }
  int64_t Failures() {
    return deployment_.Count("SELECT failures AS n FROM passwords WHERE principal_id = '" + ada_.id + "'");
  }
  // The audit has each wrong guess that was compared with the password, and its user.
  int64_t Evaluated() {
    return deployment_.Count(
        "SELECT count(*) AS n FROM audit_events WHERE event = 'login' AND outcome = 'failure'"
        " AND details = 'wrong password' AND subject_id = '" +
        ada_.id + "'");
  }
  void EndLock() {
    ASSERT_EQ(deployment_.Count("SELECT count(*) AS n FROM passwords WHERE locked_until > now() AND principal_id = '" +
                                ada_.id + "'"),
              1);
    deployment_.database().Execute(
        "UPDATE passwords SET locked_until = now() - interval '1 second'"
        " WHERE principal_id = '" +
        ada_.id + "'");
  }
  std::string ReasonOfRightPassword() {
    return ErrorReasonOf(deployment_.TryPassword(ada_.username, ada_.password, 0).status());
  }

  Deployment deployment_;
  const Person ada_;
  std::vector<std::string> spellings_;
};

TEST_F(LockoutTest, ParallelGuessesOverReplicasAndSpellingsShareFive) {
  Guess(200);
  EXPECT_EQ(Failures(), 5);
  EXPECT_EQ(Evaluated(), 5);
}

TEST_F(LockoutTest, TheRightPasswordIsRefusedWhileLocked) {
  for (int i = 0; i < 5; ++i) Guess(1);
  EXPECT_EQ(ReasonOfRightPassword(), "INVALID_CREDENTIALS");
  EXPECT_EQ(Evaluated(), 5);
}

TEST_F(LockoutTest, TheEndOfALockAllowsOneGuess) {
  for (int i = 0; i < 5; ++i) Guess(1);
  EndLock();
  Guess(50);
  EXPECT_EQ(Failures(), 6);
  EXPECT_EQ(Evaluated(), 6);
  EXPECT_EQ(ReasonOfRightPassword(), "INVALID_CREDENTIALS");
}

TEST_F(LockoutTest, TheRightPasswordAfterALockResetsTheFailures) {
  for (int i = 0; i < 5; ++i) Guess(1);
  EndLock();
  deployment_.LogIn(ada_);
  EXPECT_EQ(Failures(), 0);
  for (int i = 0; i < 4; ++i) Guess(1);
  deployment_.LogIn(ada_);
}

TEST_F(LockoutTest, EachSpellingSpendsTheSameBudget) {
  for (const std::string& spelling : spellings_) {
    EXPECT_FALSE(deployment_.TryPassword(spelling, "a wrong password", 0).ok());
  }
  EXPECT_EQ(Failures(), 4);
  for (const std::string& spelling : spellings_) {
    EXPECT_TRUE(deployment_.TryPassword(spelling, ada_.password, 1).ok()) << spelling;
  }
}

}  // namespace
}  // namespace identity
