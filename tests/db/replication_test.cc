#include "db/replication.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/mail_fixture.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

// A standby that does not exist, for the lifetime of this object. No commit waits for it, because the test's PostgreSQL
// has synchronous_commit = off.
class NamedStandby {
 public:
  NamedStandby() { Set("'nobody'"); }
  ~NamedStandby() { Set("''"); }
  NamedStandby(const NamedStandby&) = delete;
  NamedStandby& operator=(const NamedStandby&) = delete;

 private:
  static void Set(const std::string& names) {
    TestCluster::Get().Execute("ALTER SYSTEM SET synchronous_standby_names = " + names);
    TestCluster::Get().Execute("SELECT pg_reload_conf()");
    TestDatabase database(TestDatabase::Schema::kEmpty);
    const std::string condition = absl::StrCat("current_setting('synchronous_standby_names') = ", names);
    AwaitTrue(condition, [&] { return database.Execute("SELECT " + condition + " AS holds")[0].Bool("holds"); });
  }
};

bool ReplicatesWith(const std::string& synchronous_commit) {
  const TestDatabase database;
  Connection::Options options;
  options.url = database.server_url();
  const auto connection = Connection::Open(options);
  EXPECT_THAT(connection, IsOk());
  EXPECT_THAT((*connection)->Run("SET synchronous_commit = " + synchronous_commit), IsOk());
  const auto synchronous = ReplicatesSynchronously(**connection);
  EXPECT_THAT(synchronous, IsOk());
  return synchronous.value_or(false);
}

TEST(ReplicationTest, WithoutANamedStandbyItIsNotSynchronous) { EXPECT_FALSE(ReplicatesWith("on")); }

TEST(ReplicationTest, WithANamedStandbyTheCommitDecides) {
  const NamedStandby standby;
  EXPECT_TRUE(ReplicatesWith("on"));
  EXPECT_TRUE(ReplicatesWith("remote_apply"));
  EXPECT_FALSE(ReplicatesWith("local"));
  EXPECT_FALSE(ReplicatesWith("off"));
}

}  // namespace
}  // namespace identity
