#include "server/view/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "server/base/error.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

class RoleGraphTest : public ::testing::Test {
 protected:
  std::shared_ptr<const RoleGraph> Load() {
    return *database_.database().Write({absl::Now() + absl::Seconds(20)},
                                       [](Transaction& transaction) { return LoadRoleGraph(transaction); });
  }

  TestDatabase database_;
};

TEST_F(RoleGraphTest, IsBuiltOnceForEachStateOfTheRoles) {
  const auto first = Load();
  EXPECT_EQ(Load(), first);
  database_.Execute("UPDATE revision SET value = value + 1");
  EXPECT_EQ(Load(), first) << "other changes do not count";
  for (const char* change : {"INSERT INTO roles (name, permissions) VALUES ('editor', '{posts:*}'), ('chief', '{}')",
                             "INSERT INTO role_inherits (role, inherits) VALUES ('chief', 'editor')",
                             "UPDATE roles SET mfa_max_age = '1 minute' WHERE name = 'editor'",
                             "DELETE FROM role_inherits", "DELETE FROM roles WHERE name = 'editor'"}) {
    const auto before = Load();
    database_.Execute(change);
    EXPECT_NE(Load(), before) << change;
  }
  EXPECT_TRUE(Load()->Contains("chief"));
  EXPECT_FALSE(Load()->Contains("editor"));
}

TEST_F(RoleGraphTest, AnotherDatabaseHasItsOwn) {
  database_.Execute("INSERT INTO roles (name) VALUES ('mine')");
  EXPECT_TRUE(Load()->Contains("mine"));
  TestDatabase other;
  const auto theirs = other.database().Write({absl::Now() + absl::Seconds(20)},
                                             [](Transaction& transaction) { return LoadRoleGraph(transaction); });
  ASSERT_THAT(theirs, IsOk());
  EXPECT_FALSE((*theirs)->Contains("mine"));
  EXPECT_TRUE(Load()->Contains("mine"));
}

// What a rolled back transaction built must never be found again.
TEST_F(RoleGraphTest, ARolledBackChangeIsNotKept) {
  const auto write = [](Transaction& transaction) -> absl::Status {
    static constexpr Statement kInsert = {"insert_lost_role", "INSERT INTO roles (name) VALUES ('lost')"};
    if (auto inserted = transaction.Execute(kInsert); !inserted.ok()) return inserted.status();
    const auto graph = LoadRoleGraph(transaction);
    EXPECT_TRUE((*graph)->Contains("lost"));
    return absl::CancelledError("roll back");
  };
  EXPECT_FALSE(database_.database().Write({absl::Now() + absl::Seconds(20)}, write).ok());
  EXPECT_FALSE(Load()->Contains("lost"));
}

// It would hold its locks meanwhile.
TEST(StoredFactsTest, ATransactionWaitsForNoOtherServer) {
  TestDatabase database;
  bool ran = false;
  const absl::Status outcome =
      database.database().Write({absl::Now() + absl::Seconds(20)}, [&](Transaction& transaction) -> absl::Status {
        return StoredFacts(transaction).RunFirst("fetch", [&](const RequestContext&) {
          ran = true;
          return absl::OkStatus();
        });
      });
  EXPECT_THAT(outcome, HasReason(ErrorReason::kInternal));
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace identity
