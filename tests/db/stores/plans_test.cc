#include "db/stores/passwords.h"
#include "db/stores/principals.h"
#include "db/stores/sessions.h"
#include "tests/db/stores/store_fixture.h"

// How PostgreSQL plans statements that run often.
namespace identity {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;
using ::testing::SizeIs;

// So often PostgreSQL plans a prepared statement for its values, before it may keep one plan.
constexpr int kCustomPlans = 5;

class PlansTest : public StoreTest {
 protected:
  // Runs `call` until PostgreSQL may have kept a plan, and then `statement` on the same connection.
  template <typename Call>
  Rows Repeat(Call call, const Statement& statement) {
    return *In([&](Transaction& transaction) -> absl::StatusOr<Rows> {
      for (int i = 0; i < 2 * kCustomPlans; ++i) call(transaction);
      return transaction.Execute(statement);
    });
  }
  static std::vector<int64_t> CustomPlans(const Rows& rows) {
    std::vector<int64_t> plans;
    for (size_t i = 0; i < rows.size(); ++i) plans.push_back(rows[i].Int("custom_plans"));
    return plans;
  }
};

// A plan that is kept must still be good when the table has grown.
TEST_F(PlansTest, SmallTablesAreReadByIndexes) {
  const auto made =
      In([](Transaction& transaction) { return principals::InsertServiceAccount(transaction, "robot", ""); });
  test_database_.Execute("ANALYZE principals, service_accounts");
  const std::string explain = "EXPLAIN EXECUTE find_service_account ('" + made->id.ToString() + "')";
  const Rows rows = Repeat(
      [&](Transaction& transaction) { EXPECT_THAT(principals::FindServiceAccount(transaction, made->id), IsOk()); },
      {"explain", explain.c_str()});
  ASSERT_FALSE(rows.empty());
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_THAT(rows[i].Text("QUERY PLAN"), Not(HasSubstr("Seq Scan")));
}

TEST_F(PlansTest, LoginsAndRefreshesAreNotPlannedEachTime) {
  // For small tables PostgreSQL keeps any plan, so the test would prove nothing.
  test_database_.Execute(
      "WITH made AS (INSERT INTO principals (type, username) SELECT 'user', 'user-' || i "
      "FROM generate_series(1, 5000) AS i RETURNING id, username) "
      "INSERT INTO users (id, email, email_folded) SELECT id, username || '@a.org', username || '@a.org' FROM made;"
      "INSERT INTO sessions (id, principal_id, epoch, client_id, audience, scopes, amr, auth_time, expire_time) "
      "SELECT uuid_v7(), id, 0, '', '', '{*}', '{pwd}', now(), 'infinity' FROM users;"
      "INSERT INTO refresh_tokens (id, session_id, hash, expire_time) SELECT uuid_v7(), id, '', 'infinity' "
      "FROM sessions;"
      "ANALYZE principals, users, sessions, refresh_tokens");
  const Rows rows = Repeat(
      [&](Transaction& transaction) {
        EXPECT_THAT(passwords::ReserveGuess(transaction, ParseLoginName("ada"), Lockout()), IsOk());
        EXPECT_THAT(passwords::ReserveGuess(transaction, ParseLoginName("ada@example.com"), Lockout()), IsOk());
        EXPECT_THAT(sessions::Spend(transaction, {}, sessions::Lifetimes()), IsOk());
      },
      {"planned",
       "SELECT custom_plans FROM pg_prepared_statements "
       "WHERE name IN ('reserve_guess_by_username', 'reserve_guess_by_email', 'spend_refresh_token')"});
  EXPECT_THAT(CustomPlans(rows), AllOf(SizeIs(3), Each(Le(kCustomPlans))));
}

// PostgreSQL before version 18 plans a function in SQL anew in each statement.
TEST_F(PlansTest, FunctionsArePlannedOnce) {
  const Rows rows = test_database_.Execute(
      "SELECT proname FROM pg_proc JOIN pg_language l ON l.oid = prolang "
      "WHERE pronamespace = 'identity'::regnamespace AND lanname = 'sql' "
      "AND proname <> 'uuid_v7_floor'");  // only the creation of partitions calls it
  EXPECT_THAT(rows, SizeIs(0)) << rows[0].Text("proname");
}

}  // namespace
}  // namespace identity
