#include "db/replication.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

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
  const MissingStandby standby;
  EXPECT_TRUE(ReplicatesWith("on"));
  EXPECT_TRUE(ReplicatesWith("remote_apply"));
  EXPECT_FALSE(ReplicatesWith("local"));
  EXPECT_FALSE(ReplicatesWith("off"));
}

}  // namespace
}  // namespace identity
