#include "db/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/status_macros.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

constexpr Statement kInsert = {"test.insert", "INSERT INTO scratch VALUES ($1)"};
constexpr Statement kCount = {"test.count", "SELECT count(*) AS n FROM scratch"};
constexpr Statement kConflict = {"test.conflict", "SELECT lose_until($1)"};
constexpr Statement kSleep = {"test.sleep", "SELECT pg_sleep(60)"};

class DatabaseTest : public ::testing::Test {
 protected:
  // `lose_until(n)` loses against an imaginary rival until it is called for the n-th time.
  DatabaseTest() {
    test_database_.Execute(
        "CREATE TABLE scratch (n integer UNIQUE); GRANT ALL ON scratch TO identity_app;"
        "CREATE SEQUENCE calls; GRANT ALL ON calls TO identity_app;"
        "CREATE FUNCTION lose_until(n bigint) RETURNS void LANGUAGE plpgsql AS $$ BEGIN"
        " IF nextval('calls') < n THEN RAISE 'lost' USING ERRCODE = '40001'; END IF; END $$");
    options_.connection.url = test_database_.server_url();
  }

  static absl::Status Insert(Transaction& transaction, int64_t n) {
    return transaction.Execute(kInsert, Params().Add(n)).status();
  }
  int64_t Count() { return test_database_.Execute("SELECT count(*) AS n FROM scratch")[0].Int("n"); }
  static RequestContext For(absl::Duration time) {
    RequestContext context;
    context.deadline = absl::Now() + time;
    return context;
  }

  TestDatabase test_database_;
  Database::Options options_;
  const RequestContext context_;
};

TEST_F(DatabaseTest, WriteCommitsWhenTheBodySucceeds) {
  EXPECT_THAT(test_database_.database().Write(context_, [](Transaction& t) { return Insert(t, 1); }), IsOk());
  EXPECT_EQ(Count(), 1);
}

TEST_F(DatabaseTest, WriteRollsBackAndReturnsTheBodysError) {
  const absl::Status status = test_database_.database().Write(context_, [](Transaction& t) {
    RETURN_IF_ERROR(Insert(t, 1));
    return Error(ErrorReason::kNotFound, "no such thing");
  });
  EXPECT_THAT(status, HasReason(ErrorReason::kNotFound));
  EXPECT_EQ(Count(), 0);
  EXPECT_THAT(test_database_.database().Write(context_, [](Transaction& t) { return Insert(t, 1); }), IsOk());
}

TEST_F(DatabaseTest, WriteWhoseBodyIgnoresAnErrorFails) {
  const absl::Status status = test_database_.database().Write(context_, [](Transaction& t) {
    RETURN_IF_ERROR(Insert(t, 1));
    EXPECT_THAT(Insert(t, 1), HasReason(ErrorReason::kAlreadyExists));
    EXPECT_THAT(Insert(t, 2), HasReason(ErrorReason::kAlreadyExists));
    return absl::OkStatus();
  });
  EXPECT_THAT(status, HasReason(ErrorReason::kAlreadyExists));
  EXPECT_EQ(Count(), 0);
}

TEST_F(DatabaseTest, ReadSeesOneMoment) {
  const absl::Status status = test_database_.database().Read(context_, [this](Transaction& t) {
    EXPECT_EQ((*t.Execute(kCount))[0].Int("n"), 0);
    test_database_.Execute("INSERT INTO scratch VALUES (1)");
    EXPECT_EQ((*t.Execute(kCount))[0].Int("n"), 0);
    return absl::OkStatus();
  });
  EXPECT_THAT(status, IsOk());
}

TEST_F(DatabaseTest, ReadCannotWrite) {
  EXPECT_THAT(test_database_.database().Read(context_, [](Transaction& t) { return Insert(t, 1); }),
              HasReason(ErrorReason::kInternal));
  EXPECT_EQ(Count(), 0);
}

TEST_F(DatabaseTest, WriteIsRepeatedWhenItLost) {
  int runs = 0;
  const absl::Status status = test_database_.database().Write(context_, [&runs](Transaction& t) {
    RETURN_IF_ERROR(Insert(t, ++runs));
    return t.Execute(kConflict, Params().Add(int64_t{3})).status();
  });
  EXPECT_THAT(status, IsOk());
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(Count(), 1);
}

TEST_F(DatabaseTest, WriteGivesUpAfterThreeLosses) {
  int runs = 0;
  const absl::Status status = test_database_.database().Write(context_, [&runs](Transaction& t) {
    ++runs;
    return t.Execute(kConflict, Params().Add(int64_t{9})).status();
  });
  EXPECT_THAT(status, HasReason(ErrorReason::kConflict));
  EXPECT_TRUE(RetryDelayOf(status).has_value());
  EXPECT_EQ(runs, 3);
}

TEST_F(DatabaseTest, OtherErrorsAreNotRepeated) {
  test_database_.Execute("INSERT INTO scratch VALUES (1)");
  int runs = 0;
  const absl::Status status = test_database_.database().Write(context_, [&runs](Transaction& t) {
    ++runs;
    return Insert(t, 1);
  });
  EXPECT_THAT(status, HasReason(ErrorReason::kAlreadyExists));
  EXPECT_EQ(runs, 1);
}

TEST_F(DatabaseTest, StatementEndsWithTheDeadline) {
  const absl::Status status = test_database_.database().Write(
      For(absl::Milliseconds(300)), [](Transaction& t) { return t.Execute(kSleep).status(); });
  EXPECT_THAT(status, HasReason(ErrorReason::kDeadlineExceeded));
}

TEST_F(DatabaseTest, DeadlineThatHasPassedRunsNothing) {
  const absl::Status status = test_database_.database().Write(For(-absl::Seconds(1)), [](Transaction&) {
    ADD_FAILURE() << "was run";
    return absl::OkStatus();
  });
  EXPECT_THAT(status, HasReason(ErrorReason::kDeadlineExceeded));
}

TEST_F(DatabaseTest, DeadlineIsLookedAtBeforeEachStatementAndTheCommit) {
  RequestContext context;
  const auto pass = [&context] { context.deadline = absl::Now() - absl::Seconds(1); };
  EXPECT_THAT(test_database_.database().Write(context,
                                              [&](Transaction& t) {
                                                RETURN_IF_ERROR(Insert(t, 1));
                                                pass();
                                                EXPECT_THAT(Insert(t, 2), HasReason(ErrorReason::kDeadlineExceeded));
                                                return absl::OkStatus();
                                              }),
              HasReason(ErrorReason::kDeadlineExceeded));
  context.deadline = absl::InfiniteFuture();
  EXPECT_THAT(test_database_.database().Write(context,
                                              [&](Transaction& t) {
                                                RETURN_IF_ERROR(Insert(t, 3));
                                                pass();
                                                return absl::OkStatus();
                                              }),
              HasReason(ErrorReason::kDeadlineExceeded));
  EXPECT_EQ(Count(), 0);
}

TEST_F(DatabaseTest, LaterStatementGetsOnlyTheTimeThatIsLeft) {
  constexpr Statement kLimit = {"test.limit",
                                "SELECT setting::bigint AS n FROM pg_settings WHERE name = 'statement_timeout'"};
  RequestContext context = For(absl::Seconds(4));
  const absl::Status status = test_database_.database().Write(context, [&](Transaction& t) {
    EXPECT_GT((*t.Execute(kLimit))[0].Int("n"), 1000);
    context.deadline -= absl::Seconds(3);
    EXPECT_LE((*t.Execute(kLimit))[0].Int("n"), 1000);
    return absl::OkStatus();
  });
  EXPECT_THAT(status, IsOk());
}

TEST_F(DatabaseTest, CancellationEndsTheTransaction) {
  bool gone = false;
  RequestContext context;
  context.cancelled = [&gone] { return gone; };
  const absl::Status status = test_database_.database().Write(context, [&gone](Transaction& t) {
    RETURN_IF_ERROR(Insert(t, 1));
    gone = true;
    return Insert(t, 2);
  });
  EXPECT_THAT(status, HasReason(ErrorReason::kCancelled));
  EXPECT_EQ(Count(), 0);
}

TEST_F(DatabaseTest, ConnectionsThatDiedBetweenTransactionsAreNotNoticed) {
  Database& database = test_database_.database();
  // Three at once leave three in the pool.
  ASSERT_THAT(database.Write(context_,
                             [&](Transaction&) {
                               return database.Write(context_, [&](Transaction&) {
                                 return database.Write(context_, [](Transaction& t) { return Insert(t, 1); });
                               });
                             }),
              IsOk());
  test_database_.KillServerConnections();
  int runs = 0;
  EXPECT_THAT(database.Write(context_,
                             [&runs](Transaction& t) {
                               ++runs;
                               return Insert(t, 2);
                             }),
              IsOk());
  EXPECT_EQ(runs, 1);
  test_database_.KillServerConnections();
  EXPECT_THAT(database.Read(context_, [](Transaction& t) { return t.Execute(kCount).status(); }), IsOk());
  EXPECT_EQ(Count(), 2);
}

TEST_F(DatabaseTest, ConnectionLostAfterAWriteWasSentIsInDoubtAndNotRepeated) {
  int runs = 0;
  const absl::Status status = test_database_.database().Write(context_, [&](Transaction& t) {
    ++runs;
    RETURN_IF_ERROR(Insert(t, 1));
    test_database_.KillServerConnections();
    return Insert(t, 2);
  });
  EXPECT_THAT(status, HasReason(ErrorReason::kCommitInDoubt));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(Count(), 0);
}

TEST_F(DatabaseTest, ConnectionLostAtCommitIsInDoubt) {
  const absl::Status status = test_database_.database().Write(context_, [this](Transaction& t) {
    RETURN_IF_ERROR(Insert(t, 1));
    test_database_.KillServerConnections();
    return absl::OkStatus();
  });
  EXPECT_THAT(status, HasReason(ErrorReason::kCommitInDoubt));
}

TEST_F(DatabaseTest, BodysOwnErrorIsKeptWhenTheConnectionDiesAtTheRollback) {
  const absl::Status status = test_database_.database().Read(context_, [this](Transaction& t) {
    RETURN_IF_ERROR(t.Execute(kCount).status());
    test_database_.KillServerConnections();
    return Error(ErrorReason::kNotFound, "no such thing");
  });
  EXPECT_THAT(status, HasReason(ErrorReason::kNotFound));
}

TEST_F(DatabaseTest, ConnectionLostInAReadIsUnavailable) {
  const absl::Status status = test_database_.database().Read(context_, [this](Transaction& t) {
    RETURN_IF_ERROR(t.Execute(kCount).status());
    test_database_.KillServerConnections();
    return t.Execute(kCount).status();
  });
  EXPECT_THAT(status, HasReason(ErrorReason::kStorageUnavailable));
  EXPECT_TRUE(RetryDelayOf(status).has_value());
}

TEST_F(DatabaseTest, PoolGivesNoMoreThanItsLimitAndLetsOthersWaitUntilTheirDeadline) {
  options_.connections = 2;
  Database database(options_);
  const absl::Status status = database.Write(context_, [&](Transaction&) {
    return database.Write(context_, [&](Transaction&) {
      return database.Write(For(absl::Milliseconds(100)), [](Transaction&) {
        ADD_FAILURE() << "a third connection";
        return absl::OkStatus();
      });
    });
  });
  EXPECT_THAT(status, HasReason(ErrorReason::kDeadlineExceeded));
}

TEST_F(DatabaseTest, ManyThreadsShareFewConnections) {
  options_.connections = 2;
  Database database(options_);
  std::atomic<int> at_once{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 20; ++j) {
        EXPECT_THAT(database.Write(context_,
                                   [&](Transaction& t) {
                                     EXPECT_LE(++at_once, 2);
                                     const absl::Status status = Insert(t, i * 20 + j);
                                     --at_once;
                                     return status;
                                   }),
                    IsOk());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Count(), 160);
  const Rows rows = test_database_.Execute(
      "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND usename = 'identity_server'");
  EXPECT_LE(rows[0].Int("n"), 2);
}

TEST_F(DatabaseTest, WaitingForAConnectionEndsWithACancellation) {
  options_.connections = 1;
  Database database(options_);
  int looks = 0;
  RequestContext context;
  context.cancelled = [&looks] { return ++looks > 3; };
  EXPECT_THAT(database.Write(
                  context_,
                  [&](Transaction&) { return database.Write(context, [](Transaction&) { return absl::OkStatus(); }); }),
              HasReason(ErrorReason::kCancelled));
}

TEST_F(DatabaseTest, FailsAtOnceWhileTheServerIsAwayAndWorksWhenItIsBack) {
  Database& database = test_database_.database();
  const auto insert = [](Transaction& t) { return Insert(t, 1); };
  ASSERT_THAT(database.Read(context_, [](Transaction& t) { return t.Execute(kCount).status(); }), IsOk());

  TestCluster::Get().Stop();
  for (int i = 0; i < 5; ++i) {
    const absl::Status status = database.Write(context_, insert);
    EXPECT_THAT(status, HasReason(ErrorReason::kStorageUnavailable));
    EXPECT_TRUE(RetryDelayOf(status).has_value());
  }

  TestCluster::Get().Start();
  absl::Status status;
  const absl::Time patience = absl::Now() + absl::Minutes(1);
  do {
    status = database.Write(context_, insert);
  } while (ReasonOf(status) == ErrorReason::kStorageUnavailable && absl::Now() < patience);
  EXPECT_THAT(status, IsOk());
  EXPECT_EQ(Count(), 1);
}

}  // namespace
}  // namespace identity
