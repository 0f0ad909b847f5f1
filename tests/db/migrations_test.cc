#include "db/migrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Migration kOne = {1, "0001_one", "CREATE TABLE one (n integer); INSERT INTO one VALUES (1)"};
constexpr Migration kTwo = {2, "0002_two", "CREATE TABLE two (n integer)"};
constexpr Migration kThree = {3, "0003_three", "CREATE TABLE three (n integer)"};

class MigrationsTest : public ::testing::Test {
 protected:
  MigrationsTest() : owner_(Open(database_.owner_url())) {}

  static std::unique_ptr<Connection> Open(const std::string& url) {
    Connection::Options options;
    options.url = url;
    return *Connection::Open(options);
  }
  std::string CheckMessage(absl::Span<const Migration> migrations) {
    const absl::Status status = CheckSchema(*owner_, migrations);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
    return std::string(status.message());
  }

  TestDatabase database_{TestDatabase::Schema::kEmpty};
  std::unique_ptr<Connection> owner_;
};

TEST_F(MigrationsTest, KnownMigrationsAreNumberedWithoutGaps) {
  int version = 0;
  for (const Migration& migration : KnownMigrations()) EXPECT_EQ(migration.version, ++version) << migration.name;
  EXPECT_GE(version, 1);
}

TEST_F(MigrationsTest, NamesAndResourcesThatAreNoLongerAllowedAreRepaired) {
  const absl::Span<const Migration> known = KnownMigrations();
  ASSERT_THAT(Migrate(*owner_, known.first(3)), IsOk());
  database_.Execute(
      "SET search_path = identity; UPDATE revision SET value = 7;"
      "INSERT INTO principals (type, username) VALUES ('user', 'ada');"
      "INSERT INTO principals (type, username) VALUES ('service_account', 'ada'), ('user', 'self'),"
      "  ('user', 'anonymous'), ('service_account', 'robot');"
      "INSERT INTO bindings (principal_id, role, resource) SELECT id, 'checker', resource FROM principals,"
      "  unnest(ARRAY['orgs/acme/../other', '..', 'a/.', 'orgs/...', '.well']) AS resource WHERE username = 'robot'");
  ASSERT_THAT(Migrate(*owner_, known), IsOk());
  const auto text = [this](const std::string& sql) {
    return database_.Execute("SET search_path = identity; SELECT (" + sql + ")::text AS value")[0].Text("value");
  };
  EXPECT_EQ(text("SELECT string_agg(resource, ' ' ORDER BY resource COLLATE \"C\") FROM bindings"), ".well orgs/...");
  EXPECT_EQ(text("SELECT count(*) FROM audit_events WHERE event = 'binding.deleted'"), "3");
  EXPECT_EQ(text("SELECT string_agg(type, ' ') FROM principals WHERE username = 'ada'"), "user") << "it was first";
  EXPECT_EQ(text("SELECT count(*) FROM audit_events WHERE event = 'principal.renamed'"), "3");
  EXPECT_EQ(text("SELECT count(*) FROM principals WHERE username ~ '^(ada|self|anonymous)-[0-9a-f]{12}$'"), "3");
  EXPECT_EQ(text("SELECT type FROM principals WHERE username = 'anonymous'"), "anonymous");
  EXPECT_EQ(text("SELECT count(DISTINCT whose) FROM changes, revision WHERE revision = value"), "5")
      << "replicas reload the four, and anonymous";
}

// The statements of the version before 0007, on a connection that prepared them before the migration.
TEST_F(MigrationsTest, ARunningServerOfTheVersionBeforeSeesOnlyEdDsaKeys) {
  static constexpr Statement kAll = {
      "old_all",
      "SELECT kid, state, public_key, sealed_seed, master_key_id, create_time, retire_time FROM signing_keys "
      "ORDER BY create_time, kid"};
  static constexpr Statement kOldInsert = {
      "old_insert",
      "INSERT INTO signing_keys (kid, state, public_key, sealed_seed, master_key_id) VALUES ($1, $2, '', '', 'm')"};
  static constexpr Statement kRetire = {
      "old_retire",
      "UPDATE signing_keys SET state = 'retiring', retire_time = clock_timestamp() WHERE state = 'active'"};
  static constexpr Statement kActivate = {"old_activate", "UPDATE signing_keys SET state = 'active' WHERE kid = $1"};
  static constexpr Statement kDelete = {"old_delete", "DELETE FROM signing_keys WHERE kid = $1"};
  const absl::Span<const Migration> known = KnownMigrations();
  ASSERT_THAT(Migrate(*owner_, known.first(6)), IsOk());
  const auto server = Open(database_.server_url());
  const auto run = [&](const Statement& statement, const Params& params = Params()) {
    const auto rows = server->Execute(statement, params);
    EXPECT_THAT(rows, IsOk()) << statement.name;
    return rows.ok() ? *rows : Rows();
  };
  const auto kids = [&] {
    std::string text;
    const Rows rows = run(kAll);
    for (size_t i = 0; i < rows.size(); ++i)
      absl::StrAppend(&text, rows[i].Text("kid"), ":", rows[i].Text("state"), " ");
    return text;
  };
  run(kOldInsert, Params().Add("a").Add("active"));
  run(kOldInsert, Params().Add("b").Add("next"));
  run(kOldInsert, Params().Add("gone").Add("retiring"));
  run(kDelete, Params().Add("gone"));
  run(kRetire);
  run(kActivate, Params().Add("b"));
  EXPECT_EQ(kids(), "a:retiring b:active ");

  ASSERT_THAT(Migrate(*owner_, known), IsOk());
  ASSERT_THAT(server->Run("INSERT INTO all_signing_keys (kid, algorithm, state, public_key, sealed_private_key,"
                          " master_key_id) VALUES ('e1', 'ES256', 'active', '', '', 'm'),"
                          " ('e2', 'ES256', 'next', '', '', 'm')"),
              IsOk());
  EXPECT_EQ(kids(), "a:retiring b:active ");
  run(kOldInsert, Params().Add("c").Add("next"));
  run(kRetire);
  run(kActivate, Params().Add("c"));
  run(kDelete, Params().Add("a"));
  run(kDelete, Params().Add("e2"));
  EXPECT_EQ(kids(), "b:retiring c:active ");
  const auto owner_lock = owner_->Run(
      "SET search_path = identity; SELECT kid FROM signing_keys WHERE kid > ''"
      " ORDER BY signing_keys.kid LIMIT 10 FOR UPDATE");
  ASSERT_THAT(owner_lock, IsOk());
  EXPECT_EQ(owner_lock->size(), 2u);
  const auto all = owner_->Run(
      "SELECT string_agg(kid || ' ' || algorithm || ' ' || state, ', ' ORDER BY kid) AS all_keys"
      " FROM identity.all_signing_keys");
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ((*all)[0].Text("all_keys"), "b EdDSA retiring, c EdDSA active, e1 ES256 active, e2 ES256 next");
}

TEST_F(MigrationsTest, AppliesAllInOrderOnce) {
  EXPECT_THAT(Migrate(*owner_, {kOne, kTwo}), IsOkAndHolds(ElementsAre("0001_one", "0002_two")));
  EXPECT_THAT(Migrate(*owner_, {kOne, kTwo}), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(Migrate(*owner_, {kOne, kTwo, kThree}), IsOkAndHolds(ElementsAre("0003_three")));
  EXPECT_EQ(database_.Execute("SELECT count(*) AS n FROM identity.one")[0].Int("n"), 1);
}

TEST_F(MigrationsTest, ConcurrentRunsApplyEachOnce) {
  const auto other = Open(database_.owner_url());
  absl::StatusOr<std::vector<std::string>> first;
  absl::StatusOr<std::vector<std::string>> second;
  std::thread thread([&] { first = Migrate(*owner_); });
  second = Migrate(*other);
  thread.join();
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->size() + second->size(), KnownMigrations().size());
  EXPECT_THAT(CheckSchema(*owner_), IsOk());
}

TEST_F(MigrationsTest, FailedMigrationIsRolledBack) {
  const Migration bad = {2, "0002_bad", "CREATE TABLE two (n integer); SELECT 1 / 0"};
  EXPECT_THAT(Migrate(*owner_, {kOne, bad}), HasReason(ErrorReason::kInternal));
  EXPECT_TRUE(database_.Execute("SELECT to_regclass('identity.two') IS NULL AS gone")[0].Bool("gone"));
  EXPECT_THAT(Migrate(*owner_, {kOne, kTwo}), IsOkAndHolds(ElementsAre("0002_two")));
}

// A deadlock with a running server ends a migration with this error. A rollback does not reset a sequence.
TEST_F(MigrationsTest, AMigrationThatLostAgainstOthersIsTriedAgain) {
  const Migration migrations[] = {
      {1, "0001_count", "CREATE SEQUENCE attempts"},
      {2, "0002_unlucky",
       "DO $$ BEGIN IF nextval('attempts') < 3 THEN RAISE SQLSTATE '40P01'; END IF; END $$; CREATE TABLE two (n int)"}};
  EXPECT_THAT(Migrate(*owner_, migrations), IsOkAndHolds(ElementsAre("0001_count", "0002_unlucky")));
  EXPECT_EQ(database_.Execute("SELECT last_value FROM identity.attempts")[0].Int("last_value"), 3);
}

TEST_F(MigrationsTest, ChangedTextIsRefused) {
  ASSERT_THAT(Migrate(*owner_, {kOne, kTwo}), IsOk());
  const Migration changed = {1, "0001_one", "CREATE TABLE one (n bigint)"};
  EXPECT_THAT(Migrate(*owner_, {changed, kTwo}), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(CheckMessage({changed, kTwo}), HasSubstr("0001_one"));
}

TEST_F(MigrationsTest, NewerSchemaIsNotMigrated) {
  ASSERT_THAT(Migrate(*owner_, {kOne, kTwo}), IsOk());
  EXPECT_THAT(Migrate(*owner_, {kOne}), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(MigrationsTest, ServerAcceptsASchemaThatIsOneAheadButNotTwo) {
  ASSERT_THAT(Migrate(*owner_, {kOne, kTwo}), IsOk());
  EXPECT_THAT(CheckSchema(*owner_, {kOne, kTwo}), IsOk());
  EXPECT_THAT(CheckSchema(*owner_, {kOne}), IsOk());
  ASSERT_THAT(Migrate(*owner_, {kOne, kTwo, kThree}), IsOk());
  EXPECT_THAT(CheckMessage({kOne}), HasSubstr("0003_three"));
}

TEST_F(MigrationsTest, ErrorForAMissingMigrationSaysWhatToRun) {
  EXPECT_THAT(CheckMessage({kOne}), HasSubstr("identityd migrate"));
  ASSERT_THAT(Migrate(*owner_, {kOne}), IsOk());
  EXPECT_THAT(CheckMessage({kOne, kTwo}), HasSubstr("0002_two"));
}

TEST_F(MigrationsTest, ServersRoleMayCheckTheSchema) {
  ASSERT_THAT(Migrate(*owner_), IsOk());
  const auto server = Open(database_.server_url());
  EXPECT_THAT(CheckSchema(*server), IsOk());
}

TEST_F(MigrationsTest, SessionKeepsItsTimeouts) {
  ASSERT_THAT(Migrate(*owner_, {kOne}), IsOk());
  const auto rows = owner_->Run(
      "SELECT current_setting('lock_timeout') AS lock,"
      " current_setting('statement_timeout') AS statement");
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ((*rows)[0].Text("lock"), "2s");
  EXPECT_EQ((*rows)[0].Text("statement"), "5s");
}

}  // namespace
}  // namespace identity
