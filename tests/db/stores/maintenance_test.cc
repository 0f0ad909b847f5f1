#include "db/stores/maintenance.h"

#include "db/stores/accounts.h"
#include "db/stores/second_factors.h"
#include "db/stores/sessions.h"
#include "db/stores/trusted_devices.h"
#include "tests/db/stores/store_fixture.h"

// Housekeeping, with the rights of the server.
namespace identity {
namespace {

class CleaningTest : public StoreTest {
 protected:
  int64_t Count(const std::string& table) {
    return test_database_.Execute(absl::StrCat("SELECT count(*) AS n FROM ", table))[0].Int("n");
  }
  PrincipalId AddAccount(const std::string& name) {
    const PrincipalId id = AddUser(name);
    test_database_.Execute(absl::StrCat("INSERT INTO users (id, email) VALUES ('", id.ToString(), "', 'a@b.example')"));
    return id;
  }
};

TEST_F(CleaningTest, ExpiredMailedTokensAreRemoved) {
  const std::string id = AddAccount("ada").ToString();
  for (const char* expire_time : {"now() - interval '1 second'", "now() + interval '1 hour'"}) {
    test_database_.Execute(
        absl::StrCat("INSERT INTO mailed_tokens (id, hash, purpose, principal_id, email, expire_time) "
                     "VALUES (uuid_v7(), '', 'verify_email', '",
                     id, "', 'a@b.example', ", expire_time, ")"));
  }
  EXPECT_THAT(In([](Transaction& transaction) { return accounts::Clean(transaction, 10); }), IsOkAndHolds(1));
  EXPECT_EQ(Count("mailed_tokens"), 1);
}

TEST_F(CleaningTest, ExpiredChallengesAndUnconfirmedAppsAreRemoved) {
  const std::string ada = AddAccount("ada").ToString();
  const std::string bob = AddUser("bob").ToString();
  test_database_.Execute(absl::StrCat(
      "INSERT INTO users (id, email) VALUES ('", bob, "', 'c@d.example');",
      "INSERT INTO mfa_challenges (id, hash, principal_id, epoch, client_id, audience, scopes, amr,"
      " password_change_required, user_agent, device_name, expire_time) "
      "SELECT uuid_v7(), '', '",
      ada,
      "', 0, 'c', 'a', '{*}', '{pwd}', false, '', '', t "
      "FROM unnest(ARRAY[now() - interval '1 second', now() + interval '1 minute']) AS t;",
      "INSERT INTO totp_factors (principal_id, sealed_secret, master_key_id, create_time, confirm_time) "
      "VALUES ('",
      ada, "', '', '', now() - interval '2 days', NULL), ('", bob, "', '', '', now() - interval '2 days', now())"));
  EXPECT_THAT(In([](Transaction& transaction) { return second_factors::Clean(transaction, 10); }), IsOkAndHolds(2));
  EXPECT_EQ(Count("mfa_challenges"), 1);
  EXPECT_EQ(Count("totp_factors WHERE confirm_time IS NOT NULL"), 1);
  EXPECT_EQ(Count("totp_factors"), 1);
}

TEST_F(CleaningTest, ExpiredTrustedDevicesAreRemoved) {
  test_database_.Execute(
      absl::StrCat("INSERT INTO trusted_devices (id, principal_id, epoch, hash, expire_time) SELECT uuid_v7(), '",
                   AddAccount("ada").ToString(),
                   "', 0, '', t FROM unnest(ARRAY[now() - interval '1 second', now() + interval '1 minute']) AS t"));
  EXPECT_THAT(In([](Transaction& transaction) { return trusted_devices::Clean(transaction, 10); }), IsOkAndHolds(1));
  EXPECT_EQ(Count("trusted_devices"), 1);
}

TEST_F(CleaningTest, OldRowsOfOtherTablesAreRemoved) {
  test_database_.Execute(
      "INSERT INTO changes (revision, what, whose, change_time) VALUES (1, 'role', 'x', now() - interval '2 days');"
      "INSERT INTO user_imports (fingerprint, lines, bytes, imported, refused, update_time) "
      "VALUES ('x', 1, 1, 1, 0, now() - interval '31 days'), ('y', 1, 1, 1, 0, now())");
  EXPECT_THAT(In([](Transaction& transaction) { return maintenance::Clean(transaction, 10); }), IsOkAndHolds(2));
  EXPECT_EQ(Count("user_imports"), 1);
  EXPECT_THAT(In([](Transaction& transaction) { return sessions::Clean(transaction, absl::Seconds(10), 10); }), IsOk());
}

TEST_F(CleaningTest, OnlyOneReplicaGetsTheTurn) {
  ASSERT_THAT(test_database_.database().Write(
                  RequestContext(),
                  [&](Transaction& first) -> absl::Status {
                    EXPECT_THAT(maintenance::TakeTurn(first), IsOkAndHolds(true));
                    EXPECT_THAT(In([](Transaction& second) { return maintenance::TakeTurn(second); }),
                                IsOkAndHolds(false));
                    return absl::OkStatus();
                  }),
              IsOk());
  EXPECT_THAT(In([](Transaction& later) { return maintenance::TakeTurn(later); }), IsOkAndHolds(true));
}

}  // namespace
}  // namespace identity
