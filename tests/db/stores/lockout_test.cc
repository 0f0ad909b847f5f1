#include "db/stores/lockout.h"

#include <functional>
#include <map>
#include <string>

#include "absl/strings/substitute.h"
#include "db/stores/passwords.h"
#include "db/stores/second_factors.h"
#include "db/stores/trusted_devices.h"
#include "tests/db/stores/store_fixture.h"

// The three statements that count guesses lock for the same times.
namespace identity {
namespace {

using ::testing::ElementsAre;

class LockoutTest : public StoreTest {
 protected:
  LockoutTest() {
    test_database_.Execute(
        absl::Substitute("INSERT INTO users (id, email) VALUES ('$0', 'ada@example.com');"
                         "INSERT INTO passwords (principal_id, hash) VALUES ('$0', 'x');"
                         "INSERT INTO trusted_devices (id, principal_id, epoch, hash, expire_time) "
                         "VALUES ('$1', '$0', 0, 'h', 'infinity');"
                         "INSERT INTO totp_factors (principal_id, sealed_secret, master_key_id, confirm_time) "
                         "VALUES ('$0', '', '', now())",
                         id_.ToString(), device_.ToString()));
  }

  // The seconds of the lock after the 4th, 5th, 6th, 7th and 20th guess. `guess` counts one.
  std::vector<std::string> Locks(const std::string& table, const std::string& until,
                                 const std::function<bool(Transaction&)>& guess) {
    std::vector<std::string> locks;
    for (const int failures : {4, 5, 6, 7, 20}) {
      test_database_.Execute(
          absl::Substitute("UPDATE $0 SET failures = $1, $2 = '-infinity'", table, failures - 1, until));
      EXPECT_THAT(In([&](Transaction& transaction) -> absl::StatusOr<bool> { return guess(transaction); }),
                  IsOkAndHolds(true));
      locks.push_back(test_database_
                          .Execute(absl::Substitute("SELECT CASE WHEN $1 < now() THEN 'none' ELSE "
                                                    "round(extract(epoch FROM $1 - now()) / 10) * 10 || '' END AS lock "
                                                    "FROM $0",
                                                    table, until))[0]
                          .Text("lock"));
    }
    return locks;
  }

  const PrincipalId id_ = AddUser("ada");
  const DeviceId device_{Insert("SELECT uuid_v7() AS id")};
  const Lockout lockout_;
};

TEST_F(LockoutTest, OfAnAccountDoublesUpToItsMaximum) {
  const auto guess = [&](Transaction& transaction) {
    return passwords::ReserveGuess(transaction, id_, lockout_)->guess.has_value();
  };
  EXPECT_THAT(Locks("passwords", "locked_until", guess), ElementsAre("none", "30", "60", "120", "1800"));
}

TEST_F(LockoutTest, OfADeviceDoublesUpToItsMaximum) {
  const auto guess = [&](Transaction& transaction) {
    return trusted_devices::ReserveGuess(transaction, ParseLoginName("ada"), {device_, "h"}, lockout_)->has_value();
  };
  EXPECT_THAT(Locks("trusted_devices", "locked_until", guess), ElementsAre("none", "30", "60", "120", "1800"));
}

TEST_F(LockoutTest, OfAnAppDoublesUpToItsMaximum) {
  const auto guess = [&](Transaction& transaction) {
    return second_factors::ReserveTry(transaction, id_, true, lockout_)->has_value();
  };
  EXPECT_THAT(Locks("totp_factors", "blocked_until", guess), ElementsAre("none", "30", "60", "120", "1800"));
}

}  // namespace
}  // namespace identity
