#include <thread>

#include "absl/strings/ascii.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

class LockoutTest : public RpcTest {
 protected:
  static void Lock(const TestUser& user) {
    for (int i = 0; i < 5; ++i) server().TryLogin(user.username, "wrong password");
  }
  static std::string Failures(const TestUser& user) {
    return server().Ask("SELECT failures::text FROM passwords WHERE principal_id = '" + user.id + "'");
  }
};

TEST_F(LockoutTest, FiveWrongPasswordsLockUnderAnySpellingOfTheLogin) {
  const TestUser user = server().MakeUser();
  for (const std::string& login : {user.username, user.email, absl::AsciiStrToUpper(user.username),
                                   absl::AsciiStrToUpper(user.email), " " + user.username}) {
    server().TryLogin(login, "wrong password");
  }
  EXPECT_THAT(server().TryLogin(user.username, user.password), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(LockoutTest, AfterALockOneWrongGuessLocksAgain) {
  const TestUser user = server().MakeUser();
  const std::string unlock =
      "UPDATE passwords SET locked_until = clock_timestamp() WHERE principal_id = '" + user.id + "'";
  Lock(user);
  server().database().Execute(unlock);
  EXPECT_THAT(server().TryLogin(user.username, "wrong password"), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(server().TryLogin(user.username, user.password), FailsWith(ErrorReason::kInvalidCredentials));
  server().database().Execute(unlock);
  EXPECT_THAT(server().TryLogin(user.username, user.password), Succeeds());
  server().TryLogin(user.username, "wrong password");
  EXPECT_THAT(server().TryLogin(user.username, user.password), Succeeds()) << "the right password resets the count";
}

TEST_F(LockoutTest, GuessesDuringALockAreNotCounted) {
  const TestUser user = server().MakeUser();
  Lock(user);
  Lock(user);
  EXPECT_EQ(Failures(user), "5");
}

TEST_F(LockoutTest, ParallelGuessesCannotBypassTheLock) {
  const TestUser user = server().MakeUser();
  std::vector<std::thread> guessers;
  for (int i = 0; i < 20; ++i) {
    // A guess that finds no place at the hash pool is not counted, so the guesser repeats it.
    guessers.emplace_back([&user] {
      while (FailsBy(server().TryLogin(user.username, "wrong password"), ErrorReason::kOverloaded)) {
      }
    });
  }
  for (std::thread& guesser : guessers) guesser.join();
  EXPECT_EQ(Failures(user), "5") << "every guess was counted before it was evaluated";
  EXPECT_THAT(server().TryLogin(user.username, user.password), FailsWith(ErrorReason::kInvalidCredentials));
}

}  // namespace
}  // namespace identity
