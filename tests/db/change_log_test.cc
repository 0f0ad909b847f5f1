#include "db/change_log.h"

#include "server/base/status_macros.h"
#include "tests/db/stores/store_fixture.h"

namespace identity {
namespace {

class ChangeLogTest : public StoreTest {
 protected:
  // Commits changes of these objects as one revision.
  void Change(const std::vector<change_log::Kind>& kinds, const std::vector<std::string>& ids) {
    const auto change = [&](Transaction& t) -> absl::Status {
      ASSIGN_OR_RETURN(const change_log::Moment moment, change_log::Advance(t));
      const int64_t revision = moment.token.revision;
      std::vector<change_log::Entry> entries;
      for (const change_log::Kind kind : kinds) {
        for (const std::string& id : ids) entries.push_back({revision, kind, id});
      }
      return change_log::Record(t, entries, revision);
    };
    EXPECT_THAT(test_database_.database().Write(RequestContext(), change), IsOk());
  }
  void Change(const std::vector<std::string>& roles) { Change({change_log::Kind::kRole}, roles); }
  std::vector<std::string> Ancestors() {
    std::vector<std::string> found;
    const auto ancestors = In([](Transaction& t) { return change_log::Ancestors(t); });
    for (const Ancestor& ancestor : *ancestors) {
      found.push_back(absl::StrCat(ancestor.history.timeline, ": ", ancestor.last_revision));
    }
    return found;
  }
  std::vector<std::string> Since(int64_t revision, int64_t limit) {
    std::vector<std::string> found;
    const auto changes = In([&](Transaction& t) { return change_log::Since(t, revision, limit); });
    for (const change_log::Change& change : *changes) {
      found.push_back(absl::StrCat(change.revision, " ", change_log::NameOf(*change.kind), " ", change.id));
    }
    return found;
  }
};

TEST_F(ChangeLogTest, ChangesComeInTheOrderOfTheirRevisions) {
  Change({"a"});
  Change({"b"});
  Change({"c"});
  EXPECT_THAT(Since(0, 100), ::testing::ElementsAre("1 role a", "2 role b", "3 role c"));
  EXPECT_THAT(Since(1, 100), ::testing::ElementsAre("2 role b", "3 role c"));
  EXPECT_THAT(Since(3, 100), ::testing::IsEmpty());
}

TEST_F(ChangeLogTest, ATransactionCanMakeSeveralChanges) {
  using change_log::Kind;
  const auto change = [](Transaction& t) -> absl::Status {
    ASSIGN_OR_RETURN(const change_log::Moment first, change_log::Advance(t));
    EXPECT_EQ(first.token.revision, 1);
    return change_log::Record(t, {{1, Kind::kRole, "a"}, {2, Kind::kRole, "b"}, {3, Kind::kApiKey, "c"}}, 3);
  };
  EXPECT_THAT(test_database_.database().Write(RequestContext(), change), IsOk());
  EXPECT_THAT(Since(0, 100), ::testing::ElementsAre("1 role a", "2 role b", "3 api_key c"));
  Change({"d"});
  EXPECT_THAT(Since(3, 100), ::testing::ElementsAre("4 role d"));
  // A failover that lost all three must not pass for one that kept the first two.
  EXPECT_EQ(test_database_.Execute("SELECT first_revision FROM timelines")[0].Int("first_revision"), 1);
}

// Every failover begins a timeline. The changes up to the first one on the next timeline are in the database.
TEST_F(ChangeLogTest, AncestorsSayWhichChangesOfEarlierHistoriesTheDatabaseHas) {
  EXPECT_THAT(Ancestors(), ::testing::IsEmpty());
  Change({"a"});
  Change({"b"});
  EXPECT_THAT(Ancestors(), ::testing::IsEmpty()) << "the present history is not its own ancestor";
  // The changes until now were made on timelines 7 and 8, and none was made on the present one.
  test_database_.Execute("UPDATE timelines SET timeline = 7");
  test_database_.Execute("INSERT INTO timelines SELECT system_identifier, 8, 2 FROM timelines");
  EXPECT_THAT(Ancestors(), ::testing::ElementsAre("7: 1", "8: 2"));
  Change({"c"});
  EXPECT_THAT(Ancestors(), ::testing::ElementsAre("7: 1", "8: 2"));
  Change({"d"});
  EXPECT_THAT(Ancestors(), ::testing::ElementsAre("7: 1", "8: 2"));
  // The same timeline of another server, from which this database was copied.
  test_database_.Execute(
      "UPDATE timelines SET (system_identifier, timeline) = (1, (SELECT max(timeline) FROM timelines)) "
      "WHERE timeline = 7");
  EXPECT_THAT(Ancestors(), ::testing::ElementsAre("8: 1", "8: 2"));
}

TEST_F(ChangeLogTest, LimitNeverSplitsARevision) {
  Change({"a"});
  Change({"b1", "b2", "b3"});
  Change({"c"});
  EXPECT_THAT(Since(0, 1), ::testing::ElementsAre("1 role a"));
  EXPECT_THAT(Since(0, 2), ::testing::UnorderedElementsAre("1 role a", "2 role b1", "2 role b2", "2 role b3"));
}

TEST_F(ChangeLogTest, EveryKindIsReadAsItWasRecorded) {
  using change_log::Kind;
  const std::vector<Kind> kinds = {Kind::kPrincipal,   Kind::kRole,       Kind::kApiKey,  Kind::kSession,
                                   Kind::kAccessToken, Kind::kSigningKey, Kind::kExternal};
  Change(kinds, {"id"});
  std::vector<Kind> read;
  const auto changes = In([](Transaction& t) { return change_log::Since(t, 0, 1); });
  for (const change_log::Change& change : *changes) read.push_back(change.kind.value());
  EXPECT_THAT(read, ::testing::UnorderedElementsAreArray(kinds));
}

TEST_F(ChangeLogTest, AKindThatThisProgramDoesNotKnowIsUnset) {
  Change({"a"});
  test_database_.Execute("UPDATE changes SET what = 'weather'");
  const auto changes = In([](Transaction& t) { return change_log::Since(t, 0, 1); });
  EXPECT_FALSE(changes->at(0).kind.has_value());
}

TEST_F(ChangeLogTest, ChangeHasItsTime) {
  const auto before = In([](Transaction& t) { return change_log::Now(t); });
  Change({"a"});
  const auto changes = In([](Transaction& t) { return change_log::Since(t, 0, 1); });
  const auto after = In([](Transaction& t) { return change_log::Now(t); });
  EXPECT_LE(before->time, changes->at(0).time);
  EXPECT_LE(changes->at(0).time, after->time);
}

TEST_F(ChangeLogTest, NowIsAsOfItsOwnTime) {
  Change({"a"});
  const auto now = In([](Transaction& t) { return change_log::Now(t); });
  EXPECT_EQ(now->token.revision, 1);
  EXPECT_EQ(now->as_of, now->time);
}

}  // namespace
}  // namespace identity
