#include "db/database.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <future>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "server/base/status_macros.h"
#include "tests/support/mail_fixture.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

constexpr Statement kInsert = {"test.insert", "INSERT INTO scratch VALUES ($1)"};
constexpr Statement kCount = {"test.count", "SELECT count(*) AS n FROM scratch"};
constexpr Statement kConflict = {"test.conflict", "SELECT lose_until($1)"};
constexpr Statement kSleep = {"test.sleep", "SELECT pg_sleep(60)"};

constexpr Statement kPid = {"test.pid", "SELECT pg_backend_pid() AS pid"};

// Stops the server process of a connection, so that it does not answer. The destructor resumes it.
class StoppedBackend {
 public:
  StoppedBackend() = default;
  ~StoppedBackend() {
    if (pid_ > 0) kill(pid_, SIGCONT);
  }
  StoppedBackend(const StoppedBackend&) = delete;
  StoppedBackend& operator=(const StoppedBackend&) = delete;

  void Stop(int64_t pid) {
    pid_ = static_cast<pid_t>(pid);
    EXPECT_EQ(kill(pid_, SIGSTOP), 0);
  }
  // Leaves `context` a little time.
  absl::Status Stop(Transaction& transaction, RequestContext& context) {
    ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kPid));
    Stop(rows[0].Int("pid"));
    context.deadline = absl::Now() + absl::Milliseconds(300);
    return absl::OkStatus();
  }

 private:
  pid_t pid_ = -1;
};

// A server that accepts connections and sends nothing.
class SilentServer {
 public:
  SilentServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 100), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { Close(); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  std::string url() const {
    return absl::StrCat("host=127.0.0.1 port=", port_,
                        " user=u dbname=d sslmode=disable gssencmode=disable connect_timeout=60");
  }
  // The number of connections that it has accepted so far.
  size_t Attempts() {
    for (int fd = accept(listener_, nullptr, nullptr); fd >= 0; fd = accept(listener_, nullptr, nullptr)) {
      accepted_.push_back(fd);
    }
    return accepted_.size();
  }
  // Closes all connections, so that waiting clients fail.
  void Close() {
    Attempts();
    for (const int fd : accepted_) close(fd);
    accepted_.clear();
    if (listener_ >= 0) close(std::exchange(listener_, -1));
  }

 private:
  int listener_;
  int port_ = 0;
  std::vector<int> accepted_;
};

class DatabaseTest : public ::testing::Test {
 protected:
  // `lose_until(n)` fails with a conflict until its n-th call.
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

  std::unique_ptr<Connection> Connect() { return *Connection::Open(options_.connection); }
  int64_t ServerConnections() {
    return test_database_
        .Execute(
            "SELECT count(*) AS n FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = 'identity_server'")[0]
        .Int("n");
  }
  // Makes `database` open `count` idle connections.
  void Fill(Database& database, int count) {
    EXPECT_THAT(database.Read(context_,
                              [&](Transaction&) {
                                if (count > 1) Fill(database, count - 1);
                                return absl::OkStatus();
                              }),
                IsOk());
  }

  TestDatabase test_database_;
  Database::Options options_;
  const RequestContext context_;
};

TEST_F(DatabaseTest, WriteCommitsWhenTheBodySucceeds) {
  EXPECT_THAT(test_database_.database().Write(context_, [](Transaction& t) { return Insert(t, 1); }), IsOk());
  EXPECT_EQ(Count(), 1);
}

TEST_F(DatabaseTest, CommitWhoseWaitForTheStandbyIsCancelledIsInDoubt) {
  const MissingStandby standby;
  options_.connection.url += " options='-c synchronous_commit=on'";
  Database database(options_);
  absl::Status status;
  absl::Notification ended;
  std::thread writer([&] {
    status = database.Write(context_, [](Transaction& t) { return Insert(t, 1); });
    ended.Notify();
  });
  AwaitTrue("the wait is cancelled", [&] {
    TestCluster::Get().Execute("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    return ended.HasBeenNotified();
  });
  writer.join();
  EXPECT_THAT(status, HasReason(ErrorReason::kCommitInDoubt));
  EXPECT_EQ(Count(), 1);
  EXPECT_THAT(database.Read(context_, [](Transaction& t) { return t.Execute(kCount).status(); }), IsOk());
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

TEST_F(DatabaseTest, WriteReturnsTheValueOfTheRunThatWasCommitted) {
  int runs = 0;
  const absl::StatusOr<int> value =
      test_database_.database().Write(context_, [&runs](Transaction& t) -> absl::StatusOr<int> {
        ++runs;
        RETURN_IF_ERROR(t.Execute(kConflict, Params().Add(int64_t{2})).status());
        return runs;
      });
  EXPECT_THAT(value, IsOkAndHolds(2));
}

TEST_F(DatabaseTest, DiscardedWriteReturnsItsValueAndChangesNothing) {
  const absl::StatusOr<int> value =
      test_database_.database().Write(context_, [](Transaction& t) -> absl::StatusOr<int> {
        RETURN_IF_ERROR(Insert(t, 1));
        t.Discard();
        return 7;
      });
  EXPECT_THAT(value, IsOkAndHolds(7));
  EXPECT_EQ(Count(), 0);
  EXPECT_THAT(test_database_.database().Write(context_, [](Transaction& t) { return Insert(t, 1); }), IsOk());
}

TEST_F(DatabaseTest, DiscardedWriteSucceedsAfterTheDeadlineToo) {
  RequestContext context;
  const auto pass_deadline = [&context] { context.deadline = absl::Now() - absl::Seconds(1); };
  EXPECT_THAT(test_database_.database().Write(context,
                                              [&](Transaction& t) {
                                                RETURN_IF_ERROR(Insert(t, 1));
                                                t.Discard();
                                                pass_deadline();
                                                return absl::OkStatus();
                                              }),
              IsOk());
  EXPECT_EQ(Count(), 0);
}

TEST_F(DatabaseTest, DiscardHidesNoFailedStatement) {
  const absl::Status status = test_database_.database().Write(context_, [](Transaction& t) {
    RETURN_IF_ERROR(Insert(t, 1));
    EXPECT_THAT(Insert(t, 1), HasReason(ErrorReason::kAlreadyExists));
    t.Discard();
    return absl::OkStatus();
  });
  EXPECT_THAT(status, HasReason(ErrorReason::kAlreadyExists));
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

TEST_F(DatabaseTest, WriteIsRetriedAfterAConflict) {
  int runs = 0;
  const absl::Status status = test_database_.database().Write(context_, [&runs](Transaction& t) {
    RETURN_IF_ERROR(Insert(t, ++runs));
    return t.Execute(kConflict, Params().Add(int64_t{3})).status();
  });
  EXPECT_THAT(status, IsOk());
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(Count(), 1);
}

TEST_F(DatabaseTest, WriteGivesUpAfterThreeConflicts) {
  int runs = 0;
  const absl::Status status = test_database_.database().Write(context_, [&runs](Transaction& t) {
    ++runs;
    return t.Execute(kConflict, Params().Add(int64_t{9})).status();
  });
  EXPECT_THAT(status, HasReason(ErrorReason::kConflict));
  EXPECT_TRUE(RetryDelayOf(status).has_value());
  EXPECT_EQ(runs, 3);
}

TEST_F(DatabaseTest, OtherErrorsAreNotRetried) {
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

TEST_F(DatabaseTest, DeadlineIsCheckedBeforeEachStatementAndTheCommit) {
  RequestContext context;
  const auto pass_deadline = [&context] { context.deadline = absl::Now() - absl::Seconds(1); };
  EXPECT_THAT(test_database_.database().Write(context,
                                              [&](Transaction& t) {
                                                RETURN_IF_ERROR(Insert(t, 1));
                                                pass_deadline();
                                                EXPECT_THAT(Insert(t, 2), HasReason(ErrorReason::kDeadlineExceeded));
                                                return absl::OkStatus();
                                              }),
              HasReason(ErrorReason::kDeadlineExceeded));
  context.deadline = absl::InfiniteFuture();
  EXPECT_THAT(test_database_.database().Write(context,
                                              [&](Transaction& t) {
                                                RETURN_IF_ERROR(Insert(t, 3));
                                                pass_deadline();
                                                return absl::OkStatus();
                                              }),
              HasReason(ErrorReason::kDeadlineExceeded));
  EXPECT_EQ(Count(), 0);
}

TEST_F(DatabaseTest, LaterStatementGetsOnlyTheTimeThatIsLeft) {
  constexpr Statement kLimit = {"test.limit",
                                "SELECT setting::bigint AS n FROM pg_settings WHERE name = 'statement_timeout'"};
  RequestContext context = For(absl::Seconds(4));
  const auto shorten_deadline = [&context] { context.deadline -= absl::Seconds(3); };
  const absl::Status status = test_database_.database().Write(context, [&](Transaction& t) {
    EXPECT_GT((*t.Execute(kLimit))[0].Int("n"), 1000);
    shorten_deadline();
    EXPECT_LE((*t.Execute(kLimit))[0].Int("n"), 1000);
    return absl::OkStatus();
  });
  EXPECT_THAT(status, IsOk());
}

TEST_F(DatabaseTest, CancellationEndsTheTransaction) {
  absl::Notification cancelled;
  RequestContext context;
  context.cancelled = [&cancelled] { return cancelled.HasBeenNotified(); };
  const absl::Status status = test_database_.database().Write(context, [&cancelled](Transaction& t) {
    RETURN_IF_ERROR(Insert(t, 1));
    cancelled.Notify();
    return Insert(t, 2);
  });
  EXPECT_THAT(status, HasReason(ErrorReason::kCancelled));
  EXPECT_EQ(Count(), 0);
}

TEST_F(DatabaseTest, CallersDoNotNoticeConnectionsThatDiedBetweenTransactions) {
  Database& database = test_database_.database();
  Fill(database, 3);
  ASSERT_THAT(database.Write(context_, [](Transaction& t) { return Insert(t, 1); }), IsOk());
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

TEST_F(DatabaseTest, AStatementAloneIsATransaction) {
  Database& database = test_database_.database();
  for (const absl::Duration time :
       {absl::InfiniteDuration(), absl::Milliseconds(900)}) {  // in one round trip, or in three
    EXPECT_THAT(database.Execute(For(time), kInsert, Params().Add(int64_t{1})), IsOk());
    EXPECT_EQ(Count(), 1);
    EXPECT_EQ(database.Execute(For(time), kInsert, Params().Add(int64_t{1})).status().code(),
              absl::StatusCode::kAlreadyExists);
    test_database_.Execute("DELETE FROM scratch");
  }
  EXPECT_THAT(database.Execute(context_, kConflict, Params().Add(int64_t{3})), IsOk()) << "it was repeated";
}

TEST_F(DatabaseTest, AStatementAloneDoesNotNoticeConnectionsThatDiedBefore) {
  Database& database = test_database_.database();
  Fill(database, 3);
  test_database_.KillServerConnections();
  EXPECT_THAT(database.Execute(context_, kInsert, Params().Add(int64_t{1})), IsOk());
  EXPECT_EQ(Count(), 1);
}

TEST_F(DatabaseTest, AStatementAloneWhoseBackendHangsIsInDoubtAndLeavesTheOtherConnections) {
  options_.connection.statement_timeout = absl::Milliseconds(300);
  options_.connections = 2;
  Database database(options_);
  Fill(database, 2);
  const auto pid = database.Execute(context_, kPid, {});
  ASSERT_THAT(pid, IsOk());
  StoppedBackend backend;
  backend.Stop((*pid)[0].Int("pid"));
  EXPECT_THAT(database.Execute(context_, kInsert, Params().Add(int64_t{1})), HasReason(ErrorReason::kCommitInDoubt));
  EXPECT_EQ(database.stats().idle, 1u);
}

TEST_F(DatabaseTest, AStatementAloneWhoseWaitForTheStandbyIsCancelledIsInDoubt) {
  const MissingStandby standby;
  options_.connection.url += " options='-c synchronous_commit=on'";
  Database database(options_);
  auto written = std::async(std::launch::async,
                            [&] { return database.Execute(context_, kInsert, Params().Add(int64_t{1})).status(); });
  AwaitTrue("the wait is cancelled", [&] {
    TestCluster::Get().Execute("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    return written.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  });
  EXPECT_THAT(written.get(), HasReason(ErrorReason::kCommitInDoubt));
  EXPECT_EQ(Count(), 1);
}

TEST_F(DatabaseTest, ConnectionLostAfterAWriteWasSentIsInDoubtAndNotRetried) {
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

TEST_F(DatabaseTest, ErrorOfTheBodyIsKeptWhenTheConnectionDiesAtTheRollback) {
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

TEST_F(DatabaseTest, CallersBeyondTheLimitOfThePoolWaitUntilTheirDeadline) {
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
                                     absl::Status status = Insert(t, i * 20 + j);
                                     --at_once;
                                     return status;
                                   }),
                    IsOk());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Count(), 160);
  EXPECT_LE(ServerConnections(), 2);
}

TEST_F(DatabaseTest, CancellationEndsTheWaitForAConnection) {
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

TEST_F(DatabaseTest, FailsImmediatelyDuringAnOutageAndWorksAfterIt) {
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

TEST_F(DatabaseTest, PoolReconnectsAfterAnOutageWithoutARequest) {
  options_.connections = 4;
  Database database(options_);
  Fill(database, 3);
  TestCluster::Get().Stop();
  EXPECT_THAT(database.Read(context_, [](Transaction& t) { return t.Execute(kCount).status(); }),
              HasReason(ErrorReason::kStorageUnavailable));
  EXPECT_EQ(database.stats().open, 0u);

  TestCluster::Get().Start();
  while (database.stats().idle == 0) std::this_thread::yield();
  EXPECT_EQ(ServerConnections(), 1);
  EXPECT_THAT(database.Write(context_, [](Transaction& t) { return Insert(t, 1); }), IsOk());
}

TEST_F(DatabaseTest, OpensNoConnectionInAdvance) {
  Database database(options_);
  EXPECT_EQ(database.stats().open, 0u);
  for (int i = 0; i < 3; ++i) Fill(database, 1);
  EXPECT_EQ(database.stats().open, 1u);
  EXPECT_EQ(database.stats().idle, 1u);
  EXPECT_EQ(ServerConnections(), 1);
}

TEST_F(DatabaseTest, CallersWaitAtMostUntilTheirDeadlineForASingleAttemptToConnect) {
  SilentServer server;
  options_.connection.url = server.url();
  Database database(options_);
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      EXPECT_THAT(database.Read(For(absl::Milliseconds(100)), [](Transaction&) { return absl::OkStatus(); }),
                  HasReason(ErrorReason::kDeadlineExceeded));
    });
  }
  // It ensures that the attempt is made, however briefly the others wait.
  std::thread patient([&] {
    EXPECT_THAT(database.Read(context_, [](Transaction&) { return absl::OkStatus(); }),
                HasReason(ErrorReason::kStorageUnavailable));
  });
  for (std::thread& caller : callers) caller.join();
  while (server.Attempts() == 0) std::this_thread::yield();
  EXPECT_EQ(server.Attempts(), 1u);
  server.Close();
  patient.join();
}

TEST_F(DatabaseTest, FailedAttemptEndsTheWaitOfAllCallersAndLaterOnesDoNotWait) {
  SilentServer server;
  options_.connection.url = server.url();
  Database database(options_);
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      const absl::Status status = database.Read(context_, [](Transaction&) { return absl::OkStatus(); });
      EXPECT_THAT(status, HasReason(ErrorReason::kStorageUnavailable));
      EXPECT_TRUE(RetryDelayOf(status).has_value());
    });
  }
  while (database.stats().waiting < 4) std::this_thread::yield();
  server.Close();
  for (std::thread& caller : callers) caller.join();
  EXPECT_THAT(database.Read(context_, [](Transaction&) { return absl::OkStatus(); }),
              HasReason(ErrorReason::kStorageUnavailable));
}

TEST_F(DatabaseTest, HangingBackendDelaysAReadAtMostUntilItsDeadline) {
  options_.connections = 1;
  Database database(options_);
  StoppedBackend backend;
  RequestContext context;
  EXPECT_THAT(database.Read(context,
                            [&](Transaction& t) {
                              RETURN_IF_ERROR(backend.Stop(t, context));
                              return t.Execute(kCount).status();
                            }),
              HasReason(ErrorReason::kDeadlineExceeded));
  EXPECT_EQ(database.stats().open, 0u);
  EXPECT_THAT(database.Read(context_, [](Transaction& t) { return t.Execute(kCount).status(); }), IsOk());
}

TEST_F(DatabaseTest, HangingBackendDelaysACallerWithoutADeadlineAtMostForTheStatementTimeout) {
  options_.connection.statement_timeout = absl::Milliseconds(300);
  Database database(options_);
  StoppedBackend backend;
  EXPECT_THAT(database.Read(context_,
                            [&](Transaction& t) {
                              backend.Stop((*t.Execute(kPid))[0].Int("pid"));
                              return t.Execute(kCount).status();
                            }),
              HasReason(ErrorReason::kDeadlineExceeded));
}

TEST_F(DatabaseTest, WriteOnABackendThatHangsFromTheStartChangesNothing) {
  options_.connections = 1;
  Database database(options_);
  const absl::StatusOr<int64_t> pid = database.Read(context_, [](Transaction& t) -> absl::StatusOr<int64_t> {
    ASSIGN_OR_RETURN(const Rows rows, t.Execute(kPid));
    return rows[0].Int("pid");
  });
  ASSERT_THAT(pid, IsOk());
  StoppedBackend backend;
  backend.Stop(*pid);
  EXPECT_THAT(database.Write(For(absl::Milliseconds(300)),
                             [](Transaction&) {
                               ADD_FAILURE() << "was run";
                               return absl::OkStatus();
                             }),
              HasReason(ErrorReason::kDeadlineExceeded));
}

TEST_F(DatabaseTest, WriteWhoseBackendHangsLaterIsInDoubt) {
  StoppedBackend at_statement;
  RequestContext context;
  EXPECT_THAT(test_database_.database().Write(context,
                                              [&](Transaction& t) {
                                                RETURN_IF_ERROR(at_statement.Stop(t, context));
                                                return Insert(t, 1);
                                              }),
              HasReason(ErrorReason::kCommitInDoubt));
  StoppedBackend at_commit;
  context = RequestContext();
  EXPECT_THAT(test_database_.database().Write(context,
                                              [&](Transaction& t) {
                                                RETURN_IF_ERROR(Insert(t, 2));
                                                return at_commit.Stop(t, context);
                                              }),
              HasReason(ErrorReason::kCommitInDoubt));
}

TEST_F(DatabaseTest, ErrorOfTheBodyIsKeptWhenTheConnectionOfAWriteDiesAtTheRollback) {
  const absl::Status status = test_database_.database().Write(context_, [this](Transaction& t) {
    RETURN_IF_ERROR(Insert(t, 1));
    test_database_.KillServerConnections();
    return Error(ErrorReason::kNotFound, "no such thing");
  });
  EXPECT_THAT(status, HasReason(ErrorReason::kNotFound));
}

TEST_F(DatabaseTest, ReadOnTheCallersConnectionSeesOneMomentAndCannotWrite) {
  const auto connection = Connect();
  EXPECT_THAT(Database::ReadOn(*connection, context_,
                               [this](Transaction& t) {
                                 EXPECT_EQ((*t.Execute(kCount))[0].Int("n"), 0);
                                 test_database_.Execute("INSERT INTO scratch VALUES (1)");
                                 EXPECT_EQ((*t.Execute(kCount))[0].Int("n"), 0);
                                 return absl::OkStatus();
                               }),
              IsOk());
  EXPECT_THAT(Database::ReadOn(*connection, context_, [](Transaction& t) { return Insert(t, 2); }),
              HasReason(ErrorReason::kInternal));
  EXPECT_THAT(Database::ReadOn(*connection, For(-absl::Seconds(1)), [](Transaction&) { return absl::OkStatus(); }),
              HasReason(ErrorReason::kDeadlineExceeded));
  EXPECT_FALSE(connection->broken());
}

TEST_F(DatabaseTest, ReadOnASeveredConnectionIsDeadlineExceeded) {
  const auto connection = Connect();
  const auto watch = test_database_.database().watchdog().Start(*connection, absl::Now() + absl::Milliseconds(100));
  EXPECT_THAT(Database::ReadOn(*connection, context_, [](Transaction& t) { return t.Execute(kSleep).status(); }),
              HasReason(ErrorReason::kDeadlineExceeded));
  EXPECT_TRUE(connection->severed());
}

TEST_F(DatabaseTest, DropOlderClosesIdleConnectionsOfAnotherHistory) {
  Database database(options_);
  Fill(database, 3);
  History history = Connect()->history();
  database.DropOlder(history);
  EXPECT_EQ(database.stats().idle, 3u);
  history.timeline -= 1;  // as if the connections were to a newer timeline
  database.DropOlder(history);
  EXPECT_EQ(database.stats().idle, 3u);
  history.timeline += 2;
  database.DropOlder(history);
  EXPECT_EQ(database.stats().open, 0u);
}

TEST_F(DatabaseTest, DropOlderClosesIdleConnectionsToAnotherDatabase) {
  Database database(options_);
  Fill(database, 1);
  History history = Connect()->history();
  history.system_identifier += 1;
  database.DropOlder(history);
  EXPECT_EQ(database.stats().open, 0u);
}

TEST_F(DatabaseTest, ConnectionsToAReplacedServerAreRefused) {
  Database database(options_);
  History history = Connect()->history();
  history.timeline += 1;
  database.DropOlder(history);
  EXPECT_THAT(database.Read(context_, [](Transaction&) { return absl::OkStatus(); }),
              HasReason(ErrorReason::kStorageUnavailable));
  history.timeline -= 1;  // the server has the right timeline after all
  database.DropOlder(history);
  while (database.stats().idle == 0) std::this_thread::yield();
  EXPECT_THAT(database.Read(context_, [](Transaction&) { return absl::OkStatus(); }), IsOk());
}

TEST_F(DatabaseTest, DropOlderClosesConnectionsInUseWhenTheyAreGivenBack) {
  Database database(options_);
  EXPECT_THAT(database.Write(context_,
                             [&](Transaction& t) {
                               History history = t.history();
                               history.timeline += 1;
                               database.DropOlder(history);
                               EXPECT_EQ(database.stats().open, 1u);
                               return Insert(t, 1);
                             }),
              IsOk());
  EXPECT_EQ(Count(), 1);
  EXPECT_EQ(database.stats().open, 0u);
}

}  // namespace
}  // namespace identity
