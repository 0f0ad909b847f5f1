#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "db/postgres.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

// Rules of the schema that the statements of the stores do not show.
namespace identity {
namespace {

using ::testing::HasSubstr;

class SchemaTest : public ::testing::Test {
 protected:
  SchemaTest() {
    Connection::Options options;
    options.url = database_.server_url();
    server_ = *Connection::Open(options);
  }

  // Expects that the server's role lacks the right to run `sql`. Any other result is a failure.
  ::testing::AssertionResult IsForbidden(const std::string& sql) {
    const auto result = server_->Run(absl::StrCat("DO $test$ BEGIN ", sql,
                                                  "; RAISE 'it was allowed';"
                                                  " EXCEPTION WHEN insufficient_privilege THEN NULL; END $test$"));
    if (result.ok()) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << sql << " is not forbidden";
  }
  bool Holds(const std::string& condition) {
    return database_.Execute(absl::StrCat("SELECT ", condition, " AS holds"))[0].Bool("holds");
  }
  int64_t MaintainPartitions() { return (*server_->Run("SELECT maintain_partitions() AS n"))[0].Int("n"); }

  TestDatabase database_;
  std::unique_ptr<Connection> server_;
};

TEST_F(SchemaTest, ServerCannotChangeTheSchema) {
  EXPECT_TRUE(IsForbidden("CREATE TABLE identity.mine (n integer)"));
  EXPECT_TRUE(IsForbidden("ALTER TABLE principals ADD COLUMN n integer"));
  EXPECT_TRUE(IsForbidden("DROP TABLE audit_events"));
  EXPECT_TRUE(IsForbidden("TRUNCATE audit_events"));
  EXPECT_TRUE(IsForbidden("INSERT INTO schema_migrations (version, name, checksum) VALUES (99, 'x', 'x')"));
}

TEST_F(SchemaTest, AuditEventsCanOnlyBeAdded) {
  ASSERT_THAT(server_->Run("INSERT INTO audit_events (id, event_time, event, outcome)"
                           " VALUES (uuid_v7(), now(), 'LOGIN', 'SUCCESS')"),
              IsOk());
  EXPECT_TRUE(IsForbidden("UPDATE audit_events SET outcome = 'FAILURE'"));
  EXPECT_TRUE(IsForbidden("DELETE FROM audit_events"));
  const Rows partitions = database_.Execute(
      "SELECT inhrelid::regclass::text AS name FROM pg_inherits"
      " WHERE inhparent = 'audit_events'::regclass");
  ASSERT_GE(partitions.size(), 1u);
  EXPECT_TRUE(IsForbidden(absl::StrCat("DELETE FROM ", partitions[0].Text("name"))));
}

// Otherwise an owner could make their own calls, and those of everybody who waits for them, ever more expensive.
TEST_F(SchemaTest, WhatAnOwnerHasEndedIsNotScanned) {
  const auto plan = [this](const std::string& query) {
    const Rows rows = database_.Execute("EXPLAIN " + query);
    std::string text;
    for (size_t i = 0; i < rows.size(); ++i) absl::StrAppend(&text, rows[i].Text("QUERY PLAN"), "\n");
    return text;
  };
  database_.Execute(
      "INSERT INTO principals (type, username) SELECT 'user', 'owner-' || n FROM generate_series(1, 200) AS n;"
      "INSERT INTO api_keys (owner_id, display_name, hash, scopes, revoke_time) SELECT id, '', '', '{}', now()"
      "  FROM principals, generate_series(1, 100) WHERE type = 'user';"
      "INSERT INTO sessions (id, principal_id, epoch, client_id, audience, scopes, amr, auth_time, expire_time,"
      "  revoke_time) SELECT uuid_v7(), id, 0, '', '', '{}', '{}', now(), now(), now()"
      "  FROM principals, generate_series(1, 100) WHERE type = 'user'; ANALYZE api_keys, sessions, principals");
  const std::string owner = "(SELECT id FROM principals WHERE username = 'owner-7')";
  EXPECT_THAT(plan("SELECT count(*) FROM api_keys WHERE owner_id = " + owner +
                   " AND revoke_time IS NULL AND expire_time > clock_timestamp()"),
              HasSubstr("api_keys_live"));
  EXPECT_THAT(plan("SELECT * FROM api_keys WHERE owner_id = " + owner + " ORDER BY id DESC LIMIT 10"),
              HasSubstr("api_keys_list"));
  EXPECT_THAT(plan("SELECT * FROM sessions s JOIN principals p ON p.id = s.principal_id WHERE s.principal_id = " +
                   owner + " AND s.epoch = p.epoch AND s.revoke_time IS NULL ORDER BY s.id DESC LIMIT 10"),
              HasSubstr("sessions_live"));
}

// Links are by the issuer, so one that changes would hand them to other people.
TEST_F(SchemaTest, ServerCannotMoveIdentitiesToOtherPeople) {
  EXPECT_TRUE(IsForbidden("UPDATE external_identities SET principal_id = uuid_v7()"));
  EXPECT_TRUE(IsForbidden("UPDATE external_identities SET issuer = 'https://other.example'"));
  EXPECT_TRUE(IsForbidden("UPDATE external_identities SET subject = 'other'"));
  EXPECT_TRUE(IsForbidden("UPDATE identity_providers SET issuer = 'https://other.example'"));
  EXPECT_TRUE(IsForbidden("UPDATE identity_providers SET name = 'other'"));
  EXPECT_THAT(server_->Run("UPDATE external_identities SET unlink_time = now()"), IsOk());
  EXPECT_THAT(server_->Run("UPDATE identity_providers SET disabled = true"), IsOk());
}

// Servers of the version before know nothing of identities, and call only this function.
TEST_F(SchemaTest, AnErasedPrincipalLeavesNoIdentity) {
  const auto add_user = [this](const std::string& name) {
    const std::string id = database_
                               .Execute("INSERT INTO principals (type, username) VALUES ('user', '" + name +
                                        "') RETURNING id::text AS id")[0]
                               .Text("id");
    database_.Execute(absl::StrCat("INSERT INTO users (id, email) VALUES ('", id, "', '", name,
                                   "@example.com'); INSERT INTO external_identities (issuer, subject, principal_id,"
                                   " label, unlink_time) VALUES ('https://a', '",
                                   name, "', '", id, "', '', NULL), ('https://b', '", name, "', '", id,
                                   "', '', now())"));
    return id;
  };
  const std::string erased = add_user("erased");
  add_user("other");
  ASSERT_THAT(server_->Run("SELECT erase_principal('" + erased + "')"), IsOk());
  EXPECT_TRUE(Holds("(SELECT count(*) = 2 AND bool_and(subject = 'other') FROM external_identities)"));
}

TEST_F(SchemaTest, ServerCannotRewriteChanges) {
  ASSERT_THAT(server_->Run("INSERT INTO changes (revision, what, whose) VALUES (1, 'role', 'r')"), IsOk());
  EXPECT_TRUE(IsForbidden("UPDATE changes SET revision = 2"));
  EXPECT_TRUE(IsForbidden("DELETE FROM revision"));
  EXPECT_TRUE(IsForbidden("INSERT INTO revision (value) VALUES (7)"));
}

TEST_F(SchemaTest, MaintainingPartitionsTwiceChangesNothing) {
  MaintainPartitions();
  EXPECT_EQ(MaintainPartitions(), 0);
  database_.Execute(
      "DO $$ DECLARE part text; BEGIN SELECT inhrelid::regclass::text INTO part FROM pg_inherits"
      " WHERE inhparent = 'refresh_tokens'::regclass LIMIT 1; EXECUTE 'DROP TABLE ' || part; END $$");
  EXPECT_EQ(MaintainPartitions(), 1);
}

TEST_F(SchemaTest, PartitionsCoverYesterdayToAWeekAhead) {
  for (const char* moment : {"now() - interval '1 day'", "now()", "now() + interval '7 days'"}) {
    database_.Execute(absl::StrCat("INSERT INTO refresh_tokens (id, session_id, hash, expire_time) VALUES (uuid_v7(",
                                   moment,
                                   "), uuid_v7(), '', now());"
                                   "INSERT INTO audit_events (id, event_time, event, outcome) VALUES (uuid_v7(",
                                   moment, "), now(), 'LOGIN', 'SUCCESS')"));
  }
  EXPECT_TRUE(Holds("(SELECT count(*) = 3 FROM refresh_tokens)"));
}

TEST_F(SchemaTest, PartitionsPastTheirRetentionAreDropped) {
  database_.Execute(
      "CREATE TABLE refresh_tokens_20200106 PARTITION OF refresh_tokens FOR VALUES"
      " FROM (uuid_v7_floor('2020-01-06Z')) TO (uuid_v7_floor('2020-01-13Z'));"
      "CREATE TABLE audit_events_20200101 PARTITION OF audit_events FOR VALUES"
      " FROM (uuid_v7_floor('2020-01-01Z')) TO (uuid_v7_floor('2020-02-01Z'))");
  EXPECT_EQ(MaintainPartitions(), 2);
  EXPECT_TRUE(Holds("to_regclass('refresh_tokens_20200106') IS NULL AND to_regclass('audit_events_20200101') IS NULL"));
}

// Such a function runs as the owner of the schema.
TEST_F(SchemaTest, OnlyNamedRolesMayCallFunctionsOfTheOwner) {
  const Rows rows = database_.Execute(
      "SELECT proname FROM pg_proc WHERE pronamespace = 'identity'::regnamespace AND prosecdef "
      "AND has_function_privilege('public', oid, 'EXECUTE')");
  EXPECT_EQ(rows.size(), 0u) << rows[0].Text("proname");
}

TEST_F(SchemaTest, IdsSortByTime) {
  EXPECT_TRUE(
      Holds("(SELECT bool_and(uuid_v7(t) < uuid_v7(t + interval '1 microsecond'))"
            " FROM generate_series('2026-01-01Z'::timestamptz, '2026-01-01 00:00:00.003Z', '1 microsecond') AS t)"));
}

TEST_F(SchemaTest, IdsHaveVersionAndVariant) {
  EXPECT_TRUE(
      Holds("(SELECT bool_and(uuid_v7()::text ~ '^.{8}-.{4}-7.{3}-[89ab].{3}-.{12}$')"
            " FROM generate_series(1, 2000))"));
}

TEST_F(SchemaTest, IdsBeginWithTheirMillisecond) {
  EXPECT_TRUE(
      Holds("left(replace(uuid_v7('2026-01-02 03:04:05.678901Z')::text, '-', ''), 12) ="
            " lpad(to_hex((extract(epoch FROM '2026-01-02 03:04:05.678Z'::timestamptz) * 1000)::bigint), 12, '0')"));
}

TEST_F(SchemaTest, IdsOfTheSameMomentDiffer) {
  EXPECT_TRUE(Holds("(SELECT count(DISTINCT uuid_v7('2026-01-01Z')) = 2000 FROM generate_series(1, 2000))"));
}

TEST_F(SchemaTest, FloorIsBetweenTheMomentsBeforeAndAfter) {
  EXPECT_TRUE(
      Holds("(SELECT bool_and(uuid_v7(t - interval '1 microsecond') < uuid_v7_floor(t)"
            " AND uuid_v7_floor(t) <= uuid_v7(t))"
            " FROM generate_series('2026-01-01Z'::timestamptz, '2026-01-02Z', '97 seconds') AS t)"));
}

TEST_F(SchemaTest, ServerCannotMoveWorkloadsToOtherAccounts) {
  EXPECT_TRUE(IsForbidden("UPDATE workloads SET service_account_id = uuid_v7()"));
  EXPECT_TRUE(IsForbidden("UPDATE workloads SET subject = 'other'"));
  EXPECT_TRUE(IsForbidden("UPDATE workloads SET scopes = '{*}'"));
  EXPECT_TRUE(IsForbidden("UPDATE external_revocations SET subject = 'other'"));
  EXPECT_TRUE(IsForbidden("UPDATE service_accounts SET id = uuid_v7()"));
  EXPECT_THAT(server_->Run("UPDATE service_accounts SET description = 'new'"), IsOk());
  EXPECT_THAT(server_->Run("UPDATE identity_providers SET workload_audiences = '{}', default_workloads = false"),
              IsOk());
}

// A binding is made and deleted whole. So one that claims made cannot become one that an administrator made.
TEST_F(SchemaTest, ServerCannotMoveBindingsToOtherOrigins) {
  EXPECT_TRUE(IsForbidden("UPDATE bindings SET origin = ''"));
  EXPECT_TRUE(IsForbidden("UPDATE bindings SET expire_time = 'infinity'"));
  EXPECT_TRUE(IsForbidden("UPDATE bindings SET role = 'other'"));
  EXPECT_THAT(server_->Run("UPDATE external_identities SET claims_time = now()"), IsOk());
  EXPECT_THAT(server_->Run("UPDATE identity_providers SET mapping_claims = '{}', mapping_values = '{}',"
                           " mapping_roles = '{}', mapping_resources = '{}'"),
              IsOk());
}

// Servers of the version before know nothing of workloads. A revocation stays, whoever the workload was.
TEST_F(SchemaTest, AnErasedServiceAccountLeavesNoWorkload) {
  const auto add_account = [this](const std::string& name) {
    const std::string id = database_
                               .Execute("INSERT INTO principals (type, username) VALUES ('service_account', '" + name +
                                        "') RETURNING id::text AS id")[0]
                               .Text("id");
    database_.Execute(absl::StrCat(
        "INSERT INTO service_accounts (id) VALUES ('", id,
        "'); INSERT INTO workloads (issuer, subject, service_account_id, scopes) VALUES "
        "('https://a', '",
        name, "', '", id, "', '{*}'), ('https://b', '", name, "', '", id,
        "', '{*}'); INSERT INTO external_revocations (issuer, subject) VALUES ('https://a', '", name, "')"));
    return id;
  };
  const std::string erased = add_account("erased");
  add_account("other");
  ASSERT_THAT(server_->Run("SELECT erase_principal('" + erased + "')"), IsOk());
  EXPECT_TRUE(Holds("(SELECT count(*) = 2 AND bool_and(subject = 'other') FROM workloads)"));
  EXPECT_TRUE(Holds("(SELECT count(*) = 2 FROM external_revocations)"));
}

}  // namespace
}  // namespace identity
