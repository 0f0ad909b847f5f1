#include "db/postgres.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <limits>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Statement kText = {"test.text", "SELECT $1::text AS value"};
constexpr Statement kTime = {"test.time", "SELECT $1::timestamptz AS value"};
constexpr Statement kBool = {"test.bool", "SELECT $1::boolean AS value"};
constexpr Statement kInt = {"test.int", "SELECT $1::bigint AS value"};
constexpr Statement kInterval = {"test.interval",
                                 "SELECT (extract(epoch FROM $1::interval) * 1000000)::bigint AS value"};
constexpr Statement kUuid = {"test.uuid", "SELECT $1::uuid AS value"};
constexpr Statement kBytes = {"test.bytes", "SELECT $1::bytea AS value, length($1::bytea) AS size"};
constexpr Statement kTexts = {"test.texts", "SELECT $1::text[] AS value, cardinality($1::text[]) AS size"};

class PostgresTest : public ::testing::Test {
 protected:
  PostgresTest() : connection_(Open(test_database_.owner_url())) {}

  static Connection::Options OptionsFor(const std::string& url) {
    Connection::Options options;
    options.url = url;
    return options;
  }
  static std::unique_ptr<Connection> Open(const std::string& url) { return *Connection::Open(OptionsFor(url)); }
  // The only row of a statement that must succeed.
  Rows Get(const Statement& statement, const Params& params) {
    auto rows = connection_->Execute(statement, params);
    EXPECT_THAT(rows, IsOk());
    return rows.ok() ? *rows : Rows();
  }
  Rows Run(const std::string& sql) {
    auto rows = connection_->Run(sql);
    EXPECT_THAT(rows, IsOk());
    return rows.ok() ? *rows : Rows();
  }

  // Waits until the server runs `sql`.
  void AwaitRunning(const std::string& sql) {
    constexpr Statement kRunning = {"test.running",
                                    "SELECT FROM pg_stat_activity WHERE state = 'active' AND query = $1"};
    while (Get(kRunning, Params().Add(sql)).empty()) {
    }
  }

  TestDatabase test_database_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(PostgresTest, TextIsReturnedUnchanged) {
  for (const char* text : {"", "plain", "quo'te \"d\" \\ $1 ; --", "zażółć 身份 🔑", "NULL", "line\r\nbreak\ttab"}) {
    const Rows rows = Get(kText, Params().Add(text));
    EXPECT_EQ(rows[0].Text("value"), text);
    EXPECT_FALSE(rows[0].IsNull("value"));
  }
  const std::string long_text(1 << 20, 'x');
  EXPECT_EQ(Get(kText, Params().Add(long_text))[0].Text("value"), long_text);
}

TEST_F(PostgresTest, NullOfEachTypeIsNull) {
  EXPECT_TRUE(Get(kText, Params().AddNull())[0].IsNull("value"));
  EXPECT_EQ(Get(kText, Params().AddNull())[0].Text("value"), "");
  EXPECT_EQ(Get(kTime, Params().AddNull())[0].OptionalTime("value"), absl::nullopt);
  EXPECT_TRUE(Get(kUuid, Params().Add(absl::optional<Uuid>()))[0].IsNull("value"));
  EXPECT_FALSE(Get(kBool, Params().AddNull())[0].Bool("value"));
  EXPECT_EQ(Get(kBytes, Params().AddNull())[0].Bytes("value"), "");
  EXPECT_TRUE(Get(kTexts, Params().AddNull())[0].Texts("value").empty());
  EXPECT_EQ(Get(kInt, Params().Add(absl::optional<int64_t>(7)))[0].Int("value"), 7);
}

TEST_F(PostgresTest, NumbersAndBooleansAreReturnedUnchanged) {
  for (const int64_t value : {std::numeric_limits<int64_t>::min(), int64_t{-1}, std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(Get(kInt, Params().Add(value))[0].Int("value"), value);
  }
  EXPECT_TRUE(Get(kBool, Params().Add(true))[0].Bool("value"));
  EXPECT_FALSE(Get(kBool, Params().Add(false))[0].Bool("value"));
}

TEST_F(PostgresTest, TimesAreReturnedToTheMicrosecond) {
  const absl::Time whole = absl::FromUnixSeconds(1767225600);
  for (const absl::Time time : {whole, whole + absl::Microseconds(678901), whole + absl::Milliseconds(500),
                                absl::UnixEpoch() - absl::Microseconds(1), absl::FromUnixSeconds(-62135596800),
                                absl::FromUnixSeconds(253402300799), absl::InfiniteFuture(), absl::InfinitePast()}) {
    EXPECT_EQ(Get(kTime, Params().Add(time))[0].Time("value"), time);
  }
}

TEST_F(PostgresTest, TimesAreRoundedDown) {
  const absl::Time time = absl::FromUnixSeconds(1767225600);
  EXPECT_EQ(Get(kTime, Params().Add(time + absl::Nanoseconds(1999)))[0].Time("value"), time + absl::Microseconds(1));
  EXPECT_EQ(Get(kTime, Params().Add(absl::UnixEpoch() - absl::Nanoseconds(1)))[0].Time("value"),
            absl::UnixEpoch() - absl::Microseconds(1));
}

TEST_F(PostgresTest, DurationsBecomeIntervals) {
  for (const absl::Duration span : {absl::ZeroDuration(), absl::Microseconds(1), absl::Hours(24 * 400),
                                    -absl::Milliseconds(1500), absl::Seconds(3000) + absl::Microseconds(7)}) {
    EXPECT_EQ(Get(kInterval, Params().Add(span))[0].Int("value"), absl::ToInt64Microseconds(span));
  }
}

TEST_F(PostgresTest, IdsAreReturnedUnchanged) {
  const Uuid id = *Uuid::Parse("01890a5d-ac96-774b-bcce-b302099a8057");
  EXPECT_EQ(Get(kUuid, Params().Add(id))[0].Id("value"), id);
  EXPECT_EQ(Get(kUuid, Params().Add(PrincipalId(id)))[0].Id("value"), id);
}

TEST_F(PostgresTest, AllBytesAreReturnedUnchanged) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  for (const std::string& bytes : {std::string(), std::string(1, '\0'), all, std::string("\\x41")}) {
    const Rows rows = Get(kBytes, Params().AddBytes(bytes));
    EXPECT_EQ(rows[0].Bytes("value"), bytes);
    EXPECT_EQ(rows[0].Int("size"), static_cast<int64_t>(bytes.size()));
  }
}

TEST_F(PostgresTest, ArraysOfTextAreReturnedUnchanged) {
  const std::vector<std::vector<std::string>> arrays = {
      {},
      {""},
      {"a", "b"},
      {"with \"quotes\"", "comma,comma", "back\\slash\\", "{brace}", " space ", "NULL", "null"},
      {"身份", "🔑", "ż", "line\nbreak", "it's"},
  };
  for (const auto& texts : arrays) {
    const Rows rows = Get(kTexts, Params().AddTexts(texts));
    EXPECT_EQ(rows[0].Texts("value"), texts);
    EXPECT_EQ(rows[0].Int("size"), static_cast<int64_t>(texts.size()));
  }
}

TEST_F(PostgresTest, NullInAnArrayIsEmptyButTheWordNullIsNot) {
  EXPECT_THAT(Run("SELECT ARRAY['a', NULL, 'NULL', 'b'] AS value")[0].Texts("value"),
              ElementsAre("a", "", "NULL", "b"));
}

TEST_F(PostgresTest, ReturnsTheNumberOfChangedRows) {
  Run("CREATE TABLE scratch (n integer); INSERT INTO scratch SELECT generate_series(1, 5)");
  constexpr Statement kDelete = {"test.delete", "DELETE FROM scratch WHERE n <= $1"};
  EXPECT_EQ(Get(kDelete, Params().Add(int64_t{3})).affected(), 3);
  EXPECT_EQ(Get(kDelete, Params().Add(int64_t{3})).affected(), 0);
}

TEST_F(PostgresTest, RunReturnsTheRowsOfTheLastStatement) {
  const Rows rows = Run("SELECT 1 AS first; SELECT 2 AS second UNION ALL SELECT 3");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].Int("second"), 2);
}

TEST_F(PostgresTest, NulInTextIsRefused) {
  EXPECT_THAT(connection_->Execute(kText, Params().Add(absl::string_view("a\0b", 3))),
              HasReason(ErrorReason::kInvalidField));
  EXPECT_THAT(connection_->Execute(kTexts, Params().AddTexts({std::string("a\0b", 3)})),
              HasReason(ErrorReason::kInvalidField));
}

TEST_F(PostgresTest, InvalidUtf8IsAnInvalidArgument) {
  for (const char* text : {"\xff", "a\xc3", "\xed\xa0\x80", "\xc0\xaf"}) {
    EXPECT_THAT(connection_->Execute(kText, Params().Add(text)), HasReason(ErrorReason::kInvalidField));
  }
  EXPECT_FALSE(connection_->broken());
}

TEST_F(PostgresTest, StatementTimeoutIsDeadlineExceeded) {
  Run("SET statement_timeout = 20");
  EXPECT_THAT(connection_->Run("SELECT pg_sleep(60)"), HasReason(ErrorReason::kDeadlineExceeded));
  EXPECT_FALSE(connection_->broken());
  EXPECT_THAT(connection_->Run("SELECT 1"), IsOk());
}

TEST_F(PostgresTest, LockTimeoutIsAConflict) {
  Run("CREATE TABLE scratch (n integer)");
  const auto other = Open(test_database_.owner_url());
  ASSERT_THAT(other->Run("BEGIN; LOCK TABLE scratch"), IsOk());
  Run("SET lock_timeout = 20");
  const auto result = connection_->Run("SELECT * FROM scratch");
  EXPECT_THAT(result, HasReason(ErrorReason::kConflict));
  EXPECT_TRUE(RetryDelayOf(result.status()).has_value());
}

TEST_F(PostgresTest, UniqueViolationNamesOnlyTheConstraint) {
  Run("CREATE TABLE scratch (name text CONSTRAINT scratch_name UNIQUE); INSERT INTO scratch VALUES (E'se\ncret')");
  constexpr Statement kInsertRow = {"test.insert", "INSERT INTO scratch VALUES ($1)"};
  const auto result = connection_->Execute(kInsertRow, Params().Add("se\ncret"));
  EXPECT_THAT(result, HasReason(ErrorReason::kAlreadyExists));
  EXPECT_EQ(result.status().message(), "scratch_name");
}

TEST_F(PostgresTest, ValueThatLooksLikeAConstraintNameIsIgnored) {
  Run("CREATE TABLE scratch (name text CONSTRAINT scratch_name UNIQUE)");
  constexpr Statement kInsertRow = {"test.insert", "INSERT INTO scratch VALUES ($1)"};
  const Params forged = Params().Add("a\nCONSTRAINT NAME:  forged\nb");
  ASSERT_THAT(connection_->Execute(kInsertRow, forged), IsOk());
  EXPECT_EQ(connection_->Execute(kInsertRow, forged).status().message(), "scratch_name");
}

TEST_F(PostgresTest, CheckAndForeignKeyViolationsAreFailedPreconditions) {
  Run("CREATE TABLE parent (n integer PRIMARY KEY);"
      "CREATE TABLE scratch (n integer CONSTRAINT positive CHECK (n > 0) CONSTRAINT known REFERENCES parent)");
  const auto check = connection_->Run("INSERT INTO scratch VALUES (-1)");
  EXPECT_THAT(check, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(check.status().message(), "positive");
  const auto reference = connection_->Run("INSERT INTO scratch VALUES (1)");
  EXPECT_THAT(reference, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(reference.status().message(), "known");
}

TEST_F(PostgresTest, SerializationFailureAndDeadlockAreConflicts) {
  for (const char* state : {"40001", "40P01"}) {
    EXPECT_THAT(connection_->Run(absl::StrCat("DO $$ BEGIN RAISE 'x' USING ERRCODE = '", state, "'; END $$")),
                HasReason(ErrorReason::kConflict));
  }
}

TEST_F(PostgresTest, DriverTextReachesNeitherTheStatusNorTheLog) {
  Run("CREATE TABLE scratch (name text NOT NULL, secret text)");
  constexpr Statement kInsertRow = {"test.insert", "INSERT INTO scratch VALUES ($1, $2)"};
  ::testing::internal::CaptureStderr();
  const auto result = connection_->Execute(kInsertRow, Params().AddNull().Add("hunter2"));
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(result, HasReason(ErrorReason::kInternal));
  EXPECT_THAT(std::string(result.status().message()), Not(HasSubstr("hunter2")));
  EXPECT_THAT(std::string(result.status().message()), Not(HasSubstr("scratch")));
  EXPECT_THAT(log, HasSubstr("\"sqlstate\":\"23502\""));
  EXPECT_THAT(log, HasSubstr("test.insert"));
  EXPECT_THAT(log, Not(HasSubstr("hunter2")));
}

TEST_F(PostgresTest, NoticesAreDiscarded) {
  ::testing::internal::CaptureStderr();
  Run("DO $$ BEGIN RAISE WARNING 'hunter2'; END $$; SET client_min_messages = 'notice';"
      "DO $$ BEGIN RAISE WARNING 'hunter2'; END $$");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_F(PostgresTest, SessionIsSetUp) {
  const Rows rows =
      Run("SELECT current_setting('search_path') AS path, current_setting('TimeZone') AS zone,"
          " current_setting('lock_timeout') AS lock, current_setting('statement_timeout') AS statement,"
          " current_setting('idle_in_transaction_session_timeout') AS idle,"
          " current_setting('application_name') AS application");
  EXPECT_EQ(rows[0].Text("path"), "identity");
  EXPECT_EQ(rows[0].Text("zone"), "UTC");
  EXPECT_EQ(rows[0].Text("lock"), "2s");
  EXPECT_EQ(rows[0].Text("statement"), "5s");
  EXPECT_EQ(rows[0].Text("idle"), "2s");
  EXPECT_EQ(rows[0].Text("application"), "identityd");
}

TEST_F(PostgresTest, UrlOverridesTheDefaults) {
  const auto connection = Open(absl::StrCat(test_database_.server_url(), " application_name='it\\'s mine'"));
  EXPECT_EQ((*connection->Run("SELECT current_setting('application_name') AS value"))[0].Text("value"), "it's mine");
}

TEST_F(PostgresTest, OrdinaryRoleMayReadTheHistory) {
  const auto server = Open(test_database_.server_url());
  const Rows rows = Run("SELECT system_identifier::text AS id FROM pg_control_system()");
  EXPECT_EQ(absl::StrCat(server->history().system_identifier), rows[0].Text("id"));
  EXPECT_EQ(server->history().timeline, 1u);
  EXPECT_TRUE(server->history() == connection_->history());
}

TEST_F(PostgresTest, ConnectionStringThatCannotBeParsedIsNotShown) {
  ::testing::internal::CaptureStderr();
  const auto result = Connection::Open(OptionsFor("hunter2"));
  EXPECT_THAT(result, HasReason(ErrorReason::kInternal));
  EXPECT_THAT(result.status().ToString(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), Not(HasSubstr("hunter2")));
}

TEST_F(PostgresTest, MissingServerIsUnavailable) {
  const auto result = Connection::Open(OptionsFor("host=/nonexistent user=u password=hunter2 dbname=d"));
  EXPECT_THAT(result, HasReason(ErrorReason::kStorageUnavailable));
  EXPECT_TRUE(RetryDelayOf(result.status()).has_value());
  EXPECT_THAT(result.status().ToString(), Not(HasSubstr("nonexistent")));
}

TEST_F(PostgresTest, BrokenConnectionStaysBroken) {
  const auto server = Open(test_database_.server_url());
  test_database_.KillServerConnections();
  EXPECT_THAT(server->Execute(kText, Params().Add("x")), HasReason(ErrorReason::kStorageUnavailable));
  EXPECT_TRUE(server->broken());
  EXPECT_THAT(server->Execute(kText, Params().Add("x")), HasReason(ErrorReason::kStorageUnavailable));
  EXPECT_THAT(server->Run("SELECT 1"), HasReason(ErrorReason::kStorageUnavailable));
}

TEST_F(PostgresTest, StatementThatFailedToPrepareWorksLater) {
  constexpr Statement kLater = {"test.later", "SELECT n FROM later WHERE n = $1"};
  EXPECT_THAT(connection_->Execute(kLater, Params().Add(int64_t{1})), HasReason(ErrorReason::kInternal));
  Run("CREATE TABLE later (n integer); INSERT INTO later VALUES (1)");
  EXPECT_EQ(Get(kLater, Params().Add(int64_t{1})).size(), 1u);
}

TEST_F(PostgresTest, SeverEndsTheWaitForAnAnswer) {
  const auto severed = Open(test_database_.owner_url());
  absl::Status status;
  std::thread sleeper([&] { status = severed->Run("SELECT pg_sleep(60)").status(); });
  AwaitRunning("SELECT pg_sleep(60)");
  severed->Sever();
  sleeper.join();
  EXPECT_THAT(status, HasReason(ErrorReason::kStorageUnavailable));
  EXPECT_TRUE(severed->broken());
  EXPECT_TRUE(severed->severed());
}

TEST_F(PostgresTest, StatementAfterASeverFails) {
  connection_->Sever();
  EXPECT_THAT(connection_->Run("SELECT 1"), HasReason(ErrorReason::kStorageUnavailable));
}

TEST_F(PostgresTest, SeverOfALostConnectionTouchesNoOtherSocket) {
  const auto server = Open(test_database_.server_url());
  test_database_.KillServerConnections();
  ASSERT_THAT(server->Run("SELECT 1"), HasReason(ErrorReason::kStorageUnavailable));
  // The new sockets get the freed descriptors.
  int others[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, others), 0);
  server->Sever();
  char byte = 'x';
  EXPECT_EQ(send(others[0], &byte, 1, MSG_NOSIGNAL), 1);
  EXPECT_EQ(recv(others[1], &byte, 1, MSG_DONTWAIT), 1);
  close(others[0]);
  close(others[1]);
}

TEST_F(PostgresTest, NotificationOfAnotherConnectionEndsTheWait) {
  Run("LISTEN news");
  absl::Status status = absl::UnknownError("never came back");
  std::thread listener([&] { status = connection_->WaitForNotification(-1, absl::InfiniteDuration()); });
  test_database_.Execute("NOTIFY news");
  listener.join();
  EXPECT_THAT(status, IsOk());
}

TEST_F(PostgresTest, NotificationThatArrivesWithAnAnswerIsNotLost) {
  Run("LISTEN news");
  Run("NOTIFY news");
  Get(kInt, Params().Add(int64_t{1}));
  EXPECT_THAT(connection_->WaitForNotification(-1, absl::InfiniteDuration()), IsOk());
}

TEST_F(PostgresTest, WaitForNotificationEndsWithTheWakeDescriptorAndTheTimeout) {
  Run("LISTEN news");
  const int wake = eventfd(1, EFD_CLOEXEC);
  EXPECT_THAT(connection_->WaitForNotification(wake, absl::InfiniteDuration()), IsOk());
  close(wake);
  EXPECT_THAT(connection_->WaitForNotification(-1, absl::Milliseconds(5)), IsOk());
  EXPECT_THAT(connection_->WaitForNotification(-1, absl::ZeroDuration()), IsOk());
}

TEST_F(PostgresTest, WaitForNotificationFailsWhenTheConnectionIsLost) {
  const auto server = Open(test_database_.server_url());
  ASSERT_THAT(server->Run("LISTEN news"), IsOk());
  test_database_.KillServerConnections();
  EXPECT_THAT(server->WaitForNotification(-1, absl::InfiniteDuration()), HasReason(ErrorReason::kStorageUnavailable));
  EXPECT_TRUE(server->broken());

  absl::Status status;
  std::thread listener([&] { status = connection_->WaitForNotification(-1, absl::InfiniteDuration()); });
  connection_->Sever();
  listener.join();
  EXPECT_THAT(status, HasReason(ErrorReason::kStorageUnavailable));
}

using PostgresDeathTest = PostgresTest;

TEST_F(PostgresDeathTest, ReadingAColumnAsTheWrongTypeAborts) {
  const Rows rows = Run("SELECT 'x' AS value, NULL::bigint AS nothing");
  EXPECT_DEATH(rows[0].Text("absent"), "no such column");
  EXPECT_DEATH(rows[0].Int("value"), "not an integer");
  EXPECT_DEATH(rows[0].Int("nothing"), "not an integer");
  EXPECT_DEATH(rows[0].Time("value"), "not a time");
  EXPECT_DEATH(rows[0].Id("value"), "not a UUID");
  EXPECT_DEATH(rows[0].Texts("value"), "not an array");
}

}  // namespace
}  // namespace identity
