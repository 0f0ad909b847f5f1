#include "absl/strings/str_cat.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class AuditTest : public RpcTest {
 protected:
  template <typename... Arguments>
  static Result<v1::ListAuditEventsResponse> List(const char* text, const Arguments&... arguments) {
    return server().Call(&Admin::ListAuditEvents, Proto<v1::ListAuditEventsRequest>(text, arguments...),
                         server().root());
  }
  // The event names that List returns.
  template <typename... Arguments>
  static std::vector<std::string> Names(const char* text, const Arguments&... arguments) {
    std::vector<std::string> names;
    const auto listed = Must(List(text, arguments...));
    for (const v1::AuditEvent& event : listed.events()) names.push_back(event.event());
    return names;
  }
  // Writes an event about `subject`; `time` is an SQL expression.
  static void Write(const std::string& subject, const std::string& event, const std::string& time) {
    server().database().Execute(
        absl::StrCat("INSERT INTO audit_events (id, event_time, event, outcome, subject_id) SELECT uuid_v7(t), t, '",
                     event, "', 'success', '", subject, "' FROM (SELECT ", time, " AS t) AS at"));
  }
  // Seconds since the epoch by the database's clock.
  static int64_t Now() { return std::stoll(server().Ask("SELECT floor(extract(epoch FROM now()))::bigint::text")); }
};

TEST_F(AuditTest, EventsAreNewestFirstAndNameActorAndSubject) {
  const TestUser user = server().MakeUser();
  server().Disable(user.id);
  server().Enable(user.id);
  const auto listed = Must(List("subject_id: '$0'", user.id));
  ASSERT_EQ(listed.events_size(), 3);
  EXPECT_EQ(listed.events(0).event(), "principal.enabled");
  EXPECT_EQ(listed.events(1).event(), "principal.disabled");
  EXPECT_EQ(listed.events(2).event(), "user.created");
  const v1::AuditEvent& event = listed.events(1);
  EXPECT_EQ(event.actor_id(), server().root_id());
  EXPECT_EQ(event.subject_id(), user.id);
  EXPECT_EQ(event.target(), user.id);
  EXPECT_EQ(event.outcome(), "success");
  EXPECT_EQ(event.ip_address(), "127.0.0.1");
  EXPECT_THAT(event.user_agent(), Not(IsEmpty()));
  EXPECT_GT(event.id(), listed.events(2).id()) << "ids are ordered by time";
  EXPECT_GE(event.event_time().seconds(), listed.events(2).event_time().seconds());
}

TEST_F(AuditTest, AnEventWithoutAnActorHasAnEmptyActorId) {
  const TestUser user = server().MakeUser();
  server().Login(user);
  const auto listed = Must(List("subject_id: '$0' event: 'login'", user.id));
  ASSERT_EQ(listed.events_size(), 1);
  EXPECT_THAT(listed.events(0).actor_id(), IsEmpty());
}

TEST_F(AuditTest, AnEventMustMatchAllFilters) {
  const TestUser user = server().MakeUser();
  const TestUser other = server().MakeUser();
  server().Login(user);
  EXPECT_FALSE(server().TryLogin(user.username, "wrong").ok());
  server().IssueKey(user.id, {});
  EXPECT_THAT(Names("subject_id: '$0' event: 'login' outcome: 'success'", user.id), ElementsAre("login"));
  EXPECT_THAT(Names("subject_id: '$0' event: 'login' outcome: 'failure'", user.id), ElementsAre("login"));
  EXPECT_THAT(Names("subject_id: '$0' actor_id: '$1'", user.id, server().root_id()),
              ElementsAre("api_key.issued", "user.created"));
  EXPECT_THAT(Names("subject_id: '$0' actor_id: '$0'", user.id), IsEmpty());
  EXPECT_THAT(Names("subject_id: '$0' event: 'login'", other.id), IsEmpty());
  EXPECT_THAT(Names("actor_id: '$0' event: 'role.created'", server().root_id()), Each(std::string("role.created")));
}

TEST_F(AuditTest, AStarMatchesAllEventsWithThePrefix) {
  const TestUser user = server().MakeUser();
  const std::string key = server().IssueKey(user.id, {}).api_key().id();
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("api_key_id: '$0'", key), server().root()));
  Write(user.id, "api_keys", "clock_timestamp()");
  Write(user.id, "api_key", "clock_timestamp()");
  EXPECT_THAT(Names("subject_id: '$0' event: 'api_key.*'", user.id), ElementsAre("api_key.revoked", "api_key.issued"));
  EXPECT_THAT(Names("subject_id: '$0' event: 'api_key'", user.id), ElementsAre("api_key"));
  EXPECT_THAT(Names("subject_id: '$0' event: 'api_ke.*'", user.id), IsEmpty());
}

TEST_F(AuditTest, TimeBoundsAreExact) {
  const TestUser user = server().MakeUser();
  const int64_t now = Now() - 3600;  // long before the user was made
  const auto at = [&](const char* fraction) { return absl::StrCat("to_timestamp(", now, fraction, ")"); };
  Write(user.id, "a", at(".000250"));
  Write(user.id, "b", at(".000750"));
  Write(user.id, "c", at(".250000"));
  const char* text =
      "subject_id: '$0' outcome: 'success' start_time { seconds: $1 nanos: $2 } end_time { seconds: $1 nanos: $3 }";
  const auto between = [&](int64_t start, int64_t end) { return Names(text, user.id, now, start, end); };
  EXPECT_THAT(between(0, 999999999), ElementsAre("c", "b", "a"));
  EXPECT_THAT(between(250000, 750000), ElementsAre("a")) << "the start is inclusive, the end is exclusive";
  EXPECT_THAT(between(250001, 750001), ElementsAre("b"));
  EXPECT_THAT(between(250000000, 250000000), IsEmpty());
  EXPECT_THAT(between(250000000, 0), IsEmpty());
}

TEST_F(AuditTest, TimeBoundsMayBeAnyValidTimestamp) {
  EXPECT_THAT(Names("start_time { seconds: -62135596800 } end_time { seconds: 253402300799 nanos: 999999999 }"),
              Not(IsEmpty()));
  EXPECT_THAT(Names("start_time { seconds: 253402300799 }"), IsEmpty());
  EXPECT_THAT(Names("end_time { seconds: -62135596800 }"), IsEmpty());
  EXPECT_THAT(List("start_time { seconds: 253402300800 }"), RefusesField("start_time"));
  EXPECT_THAT(List("end_time { nanos: -1 }"), RefusesField("end_time"));
}

TEST_F(AuditTest, PagesContinueAfterTheLastItemDespiteNewEvents) {
  const TestUser user = server().MakeUser();
  for (const char* event : {"a", "b", "c", "d", "e"}) Write(user.id, event, "clock_timestamp()");
  const char* text = "subject_id: '$0' page_size: 2 page_token: '$1'";
  std::vector<std::string> names;
  std::string token;
  do {
    const auto page = Must(List(text, user.id, token));
    EXPECT_LE(page.events_size(), 2);
    for (const v1::AuditEvent& event : page.events()) names.push_back(event.event());
    token = page.next_page_token();
    Write(user.id, "later", "clock_timestamp()");
  } while (!token.empty());
  EXPECT_THAT(names, ElementsAre("e", "d", "c", "b", "a", "user.created"));
}

TEST_F(AuditTest, APageTokenIsValidForTheSameFiltersOnly) {
  const TestUser user = server().MakeUser();
  for (const char* event : {"a", "b"}) Write(user.id, event, "clock_timestamp()");
  const std::string token = Must(List("subject_id: '$0' page_size: 1", user.id)).next_page_token();
  ASSERT_THAT(token, Not(IsEmpty()));
  EXPECT_THAT(List("subject_id: '$0' page_token: '$1'", user.id, token), Succeeds()) << "the size may change";
  for (const char* other : {"", "actor_id: '$0'", "subject_id: '$0' actor_id: '$0'", "subject_id: '$0' event: 'login'",
                            "subject_id: '$0' outcome: 'success'", "subject_id: '$0' start_time { seconds: 1 }",
                            "subject_id: '$0' end_time { seconds: 1 }"}) {
    EXPECT_THAT(List(absl::StrCat(other, " page_token: '$1'").c_str(), user.id, token), RefusesField("page_token"))
        << other;
  }
}

TEST_F(AuditTest, FiltersAreChecked) {
  EXPECT_THAT(List("subject_id: 'x'"), RefusesField("subject_id"));
  EXPECT_THAT(List("subject_id: 'anonymous'"), Succeeds());
  EXPECT_THAT(List("actor_id: 'anonymous'"), RefusesField("actor_id"));
  EXPECT_THAT(List("outcome: 'SUCCESS'"), RefusesField("outcome"));
  for (const char* event : {"*", ".*x", "Login", "a%", "api_key.*.*", "a b"}) {
    EXPECT_THAT(List("event: '$0'", event), RefusesField("event")) << event;
  }
  EXPECT_THAT(List("event: '$0'", std::string(64, 'a')), Succeeds());
  const auto too_long = List("event: '$0'", std::string(65, 'a'));
  EXPECT_THAT(too_long, RefusesField("event"));
  EXPECT_THAT(too_long.status.error_message(), ::testing::HasSubstr("1 to 64"));
}

TEST_F(AuditTest, ASearchReadsOnlyThePartitionsOfItsTimes) {
  // A reduced form of the store's statement: it turns times into bounds of the id.
  const Rows plan = server().database().Execute(
      "CREATE TABLE audit_events_20200101 PARTITION OF audit_events FOR VALUES"
      " FROM (uuid_v7_floor('2020-01-01Z')) TO (uuid_v7_floor('2020-02-01Z'));"
      "PREPARE list (uuid, uuid) AS SELECT id FROM audit_events WHERE id >= $1 AND id < $2;"
      "SET plan_cache_mode = force_generic_plan;"
      "EXPLAIN EXECUTE list (uuid_v7_floor('2020-01-10Z'), uuid_v7_floor('2020-01-11Z'))");
  std::string text;
  for (size_t i = 0; i < plan.size(); ++i) text += plan[i].Text("QUERY PLAN");
  EXPECT_THAT(text, ::testing::HasSubstr("audit_events_20200101"));
  EXPECT_THAT(text, ::testing::HasSubstr("Subplans Removed"));
  server().database().Execute("DROP TABLE audit_events_20200101");
}

}  // namespace
}  // namespace identity
