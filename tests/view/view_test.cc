#include "server/view/view.h"

#include <gmock/gmock.h>
#include <poll.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "db/stores/bindings.h"
#include "db/stores/principals.h"
#include "db/stores/sessions.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/view/feed.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

RequestContext Soon() { return {absl::Now() + absl::Seconds(20)}; }
RequestContext AtOnce() {
  RequestContext context = Soon();
  context.may_block = false;
  return context;
}

// A view and its feed with their own database. The test acts as the writers.
class ViewTest : public ::testing::Test {
 protected:
  ViewTest() { StartView(View::Options()); }

  void StartView(const View::Options& options) {
    feed_.reset();
    view_ = std::make_unique<View>(database_.database(), options, metrics_);
    Feed::Options feed_options;
    feed_options.connection.url = database_.server_url();
    feed_options.interval = absl::Hours(1);  // without a notification, the feed reads only on request
    feed_ = std::make_unique<Feed>(feed_options, database_.database(), *view_, metrics_, readiness_);
    EXPECT_THAT(feed_->AwaitFirstRound(absl::Seconds(20)), IsOk());
  }

  // Commits `body` as one revision, with `record` in the list of changes. Returns its token.
  template <typename Body, typename Record>
  ConsistencyToken Commit(const Body& body, const Record& record) {
    const auto token = database_.database().Write(Soon(), [&](Transaction& t) -> absl::StatusOr<ConsistencyToken> {
      ASSIGN_OR_RETURN(const change_log::Moment moment, change_log::Advance(t));
      RETURN_IF_ERROR(body(t));
      RETURN_IF_ERROR(record(t, moment.token));
      return moment.token;
    });
    EXPECT_THAT(token, IsOk());
    return *token;
  }
  // The same for a change of one principal.
  template <typename Body>
  ConsistencyToken Change(const PrincipalId& id, const Body& body) {
    return Commit(body, [&](Transaction& t, const ConsistencyToken& token) {
      return change_log::Record(t, {{token.revision, change_log::Kind::kPrincipal, id.ToString()}}, token.revision);
    });
  }

  PrincipalId MakeUser(const std::string& name) {
    const std::string email = name + "@example.com";
    const auto id = database_.database().Write(Soon(), [&](Transaction& t) -> absl::StatusOr<PrincipalId> {
      ASSIGN_OR_RETURN(const change_log::Moment moment, change_log::Advance(t));
      const int64_t revision = moment.token.revision;
      ASSIGN_OR_RETURN(const PrincipalId inserted, principals::InsertUser(t, {name, email, email, ""}));
      const change_log::Entry entry = {revision, change_log::Kind::kPrincipal, PrincipalId().ToString()};
      RETURN_IF_ERROR(change_log::Record(t, {entry}, revision));
      return inserted;
    });
    EXPECT_THAT(id, IsOk());
    return *id;
  }
  ConsistencyToken Disable(const PrincipalId& id) {
    return Change(id, [&](Transaction& t) { return principals::Disable(t, id); });
  }

  // "enabled", "disabled", "none", or the error's reason.
  std::string StateOf(const PrincipalId& id, const RequestContext& context, const Freshness& freshness) {
    const auto state = view_->Read(context, freshness, [&](Facts& facts) -> absl::StatusOr<std::string> {
      ASSIGN_OR_RETURN(const auto principal, facts.Principal(id));
      if (!principal) return std::string("none");
      return std::string(principal->disabled() ? "disabled" : "enabled");
    });
    if (state.ok()) return *state;
    return IsWouldBlock(state.status()) ? "would block" : std::string(ErrorReasonName(*ReasonOf(state.status())));
  }

  Metrics metrics_{{}, {}};
  Readiness readiness_;
  TestDatabase database_;
  std::unique_ptr<View> view_;
  std::unique_ptr<Feed> feed_;
};

TEST_F(ViewTest, LoadsMissingFactsOnlyWhereItMayWait) {
  const PrincipalId id = MakeUser("jane");
  EXPECT_EQ(StateOf(id, AtOnce(), {}), "would block");
  EXPECT_EQ(StateOf(id, Soon(), {}), "enabled");
  EXPECT_EQ(StateOf(id, AtOnce(), {}), "enabled");
}

TEST_F(ViewTest, KeepsNothingForUnknownIds) {
  for (uint8_t i = 0; i < 100; ++i) {
    std::array<uint8_t, 16> bytes{};
    bytes[3] = i;
    EXPECT_EQ(StateOf(PrincipalId(Uuid(bytes)), Soon(), {}), "none");
  }
  EXPECT_EQ(view_->sizes().principals, 0u);
}

TEST_F(ViewTest, AReadWithTheTokenOfAChangeSeesTheChange) {
  const PrincipalId id = MakeUser("jane");
  EXPECT_EQ(StateOf(id, Soon(), {}), "enabled");
  const ConsistencyToken token = Disable(id);
  EXPECT_EQ(StateOf(id, Soon(), {token, false}), "disabled");
  EXPECT_EQ(StateOf(id, AtOnce(), {}), "disabled") << "a change replaces the record and does not evict it";
}

// PostgreSQL would keep the plan of a statement that has run a few times.
TEST_F(ViewTest, TheFeedReadsChangesByTheirIndexAlthoughTheTableWasSmall) {
  const PrincipalId id = MakeUser("jane");
  const auto change = [&] { EXPECT_EQ(StateOf(id, Soon(), {Disable(id), false}), "disabled"); };
  database_.Execute("ANALYZE changes");
  for (int i = 0; i < 10; ++i) change();
  database_.Execute("INSERT INTO changes SELECT -i, 'principal', '" + id.ToString() +
                    "' FROM generate_series(1, 50000) AS i");
  const auto scans = [&] {
    return database_.Execute("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'changes_revision'")[0]
        .Int("idx_scan");
  };
  const int64_t before = scans();
  // PostgreSQL publishes these numbers once a second.
  for (const absl::Time deadline = absl::Now() + absl::Seconds(20); scans() == before;) {
    ASSERT_LT(absl::Now(), deadline) << "every round reads all of the table";
    change();
  }
}

TEST_F(ViewTest, FullyConsistentSeesChangesWithoutANotification) {
  const PrincipalId id = MakeUser("jane");
  EXPECT_EQ(StateOf(id, Soon(), {}), "enabled");
  database_.Execute("UPDATE revision SET value = value + 1");
  database_.Execute("UPDATE principals SET disabled_time = now() WHERE username = 'jane'");
  database_.Execute("INSERT INTO changes SELECT value, 'principal', '" + id.ToString() + "' FROM revision");
  EXPECT_EQ(StateOf(id, Soon(), {absl::nullopt, true}), "disabled");
}

TEST_F(ViewTest, ACommitOnThisReplicaIsNeverMissing) {
  const PrincipalId id = MakeUser("jane");
  EXPECT_EQ(StateOf(id, Soon(), {}), "enabled");
  const ConsistencyToken token = Disable(id);
  EXPECT_EQ(view_->AwaitChange(Soon(), token), Progress::Fate::kKnown);
  EXPECT_EQ(StateOf(id, AtOnce(), {}), "disabled");
}

// The database went away between a commit and the next read of the feed.
TEST_F(ViewTest, SaysThatItDoesNotKnowACommitAndKeepsAnsweringChecks) {
  View::Options options;
  options.commit_wait = absl::Milliseconds(10);
  StartView(options);
  const PrincipalId id = MakeUser("jane");
  EXPECT_EQ(StateOf(id, Soon(), {}), "enabled");
  feed_.reset();  // no change is applied from here on
  const RequestContext context = Soon();
  EXPECT_EQ(view_->AwaitChange(context, Disable(id)), Progress::Fate::kNotYet);
  EXPECT_THAT(context.Check(), IsOk()) << "the wait has its own bound";
  EXPECT_EQ(StateOf(id, AtOnce(), {}), "enabled");
}

// Otherwise its client has left before the answer.
TEST_F(ViewTest, AwaitsACommitOnlyForAPartOfTheTimeThatIsLeft) {
  const ConsistencyToken token = Disable(MakeUser("jane"));
  feed_.reset();
  const RequestContext context{absl::Now() + absl::Seconds(4)};
  EXPECT_EQ(view_->AwaitChange(context, {token.history, token.revision + 1}), Progress::Fate::kNotYet);
  EXPECT_THAT(context.Check(), IsOk());
}

TEST_F(ViewTest, ATokenOfTheFutureOrOfAnotherDatabaseIsUnknown) {
  const ConsistencyToken token = Disable(MakeUser("jane"));
  ConsistencyToken future = token;
  future.revision += 1;
  ConsistencyToken elsewhere = token;
  elsewhere.history.timeline += 1;
  for (const ConsistencyToken& unknown : {future, elsewhere}) {
    EXPECT_EQ(StateOf(AnonymousPrincipal(), Soon(), {unknown, false}), "CONSISTENCY_TOKEN_UNKNOWN");
  }
}

// A check waits with the token of a change that the new primary lacks.
TEST_F(ViewTest, AFailoverDuringTheWaitDoesNotForgetTheChangeOfTheToken) {
  const ConsistencyToken lost = Disable(MakeUser("jane"));
  EXPECT_EQ(StateOf(AnonymousPrincipal(), Soon(), {lost, false}), "enabled");
  ViewUpdate after;
  after.everything = true;
  after.position = std::make_shared<Position>(*view_->progress().Current());
  ++after.position->token.history.timeline;
  const auto kept = database_.database().Read(
      Soon(), [](Transaction& t) { return principals::FindFacts(t, std::vector<PrincipalId>{AnonymousPrincipal()}); });
  after.principals = *kept;
  feed_.reset();  // the test is the feed from here on
  Progress& progress = view_->progress();
  progress.BeginRound();
  std::thread feed([&] {
    pollfd wake = {progress.wake_fd(), POLLIN, 0};
    poll(&wake, 1, -1);
    progress.BeginRound();
    view_->Apply(std::move(after));
    progress.EndRound();
  });
  EXPECT_EQ(StateOf(AnonymousPrincipal(), Soon(), {lost, true}), "STORAGE_UNAVAILABLE");
  EXPECT_EQ(StateOf(AnonymousPrincipal(), Soon(), {}), "enabled");
  feed.join();
}

TEST_F(ViewTest, RefusesToAnswerFromFactsThatAreTooOld) {
  EXPECT_EQ(StateOf(AnonymousPrincipal(), Soon(), {}), "enabled");
  View::Options options;
  options.max_staleness = absl::ZeroDuration();
  StartView(options);
  EXPECT_EQ(StateOf(AnonymousPrincipal(), Soon(), {}), "STORAGE_UNAVAILABLE");
}

TEST_F(ViewTest, ReloadsEverythingWhenItCannotFollowAChange) {
  const PrincipalId id = MakeUser("jane");
  EXPECT_EQ(StateOf(id, Soon(), {}), "enabled");
  const uint64_t reloads = metrics_.feed_reloads.value();
  // A newer server may write kinds of changes that this one does not know.
  constexpr Statement kRecordUnknown = {"record_unknown_kind",
                                        "INSERT INTO changes (revision, what, whose) VALUES ($1, 'weather', 'rain')"};
  const ConsistencyToken strange = Commit([&](Transaction& t) { return principals::Disable(t, id); },
                                          [&](Transaction& t, const ConsistencyToken& token) {
                                            return t.Execute(kRecordUnknown, Params().Add(token.revision)).status();
                                          });
  EXPECT_EQ(StateOf(id, Soon(), {strange, false}), "disabled");
  EXPECT_EQ(metrics_.feed_reloads.value(), reloads + 1);
  // Some of the history was cleaned away.
  database_.Execute("UPDATE revision SET value = value + 5");
  const ConsistencyToken after_gap = Change(id, [&](Transaction& t) { return principals::Enable(t, id); });
  EXPECT_EQ(StateOf(id, Soon(), {after_gap, false}), "enabled");
  EXPECT_EQ(metrics_.feed_reloads.value(), reloads + 2);
}

TEST_F(ViewTest, KnowsEarlierRevocationsFromTheStart) {
  const std::string session = database_.Execute("SELECT uuid_v7()::text AS id")[0].Text("id");
  database_.Execute(
      "INSERT INTO sessions (id, principal_id, epoch, client_id, audience, scopes, amr, auth_time, expire_time, "
      "revoke_time) SELECT '" +
      session +
      "', id, 0, '', '', '{}', '{}', now(), now() + interval '1 day', now() "
      "FROM principals LIMIT 1");
  const std::string token =
      database_
          .Execute(
              "INSERT INTO revoked_access_tokens VALUES (uuid_v7(), now() + interval '10 minutes') RETURNING id::text")
              [0]
          .Text("id");
  StartView(View::Options());
  const auto revoked = [&](const std::string& token_text, const absl::optional<SessionId>& session_id) {
    return *view_->Read(AtOnce(), {},
                        [&](Facts& facts) { return facts.TokenRevoked(*TokenId::Parse(token_text), session_id, ""); });
  };
  EXPECT_TRUE(revoked(token, absl::nullopt));
  EXPECT_TRUE(revoked(PrincipalId().ToString(), SessionId::Parse(session)));
  EXPECT_FALSE(revoked(PrincipalId().ToString(), SessionId()));
}

TEST_F(ViewTest, LoadsPrincipalsWithCredentialsInAdvance) {
  const PrincipalId with_key = MakeUser("jane");
  const PrincipalId without = MakeUser("john");
  database_.Execute("INSERT INTO api_keys (owner_id, display_name, hash, scopes) VALUES ('" + with_key.ToString() +
                    "', '', '', '{*}')");
  StartView(View::Options());
  EXPECT_EQ(StateOf(with_key, AtOnce(), {}), "enabled");
  EXPECT_EQ(StateOf(without, AtOnce(), {}), "would block");
}

TEST_F(ViewTest, OneLoadReadsAllFactsThatABodyNeeds) {
  const std::vector<PrincipalId> ids = {MakeUser("jane"), MakeUser("john"), MakeUser("joan")};
  const uint64_t loads = metrics_.view_loads.value();
  std::vector<int> missing;  // of each run; the feed may still apply changes, so that runs are repeated
  EXPECT_THAT(view_->Read(Soon(), {},
                          [&](Facts& facts) -> absl::Status {
                            missing.push_back(0);
                            for (const PrincipalId& id : ids) {
                              if (!facts.Principal(id).ok()) ++missing.back();
                            }
                            return absl::OkStatus();
                          }),
              IsOk());
  EXPECT_THAT(missing, ::testing::Each(::testing::AnyOf(0, 3)));
  EXPECT_EQ(missing.front(), 3);
  EXPECT_EQ(missing.back(), 0);
  EXPECT_EQ(metrics_.view_loads.value(), loads + 3);
}

// Such as a fetch of keys from another server.
TEST_F(ViewTest, WorkThatABodyNeedsRunsBeforeItAndOnlyWhereItMayWait) {
  int works = 0;
  int runs = 0;
  const auto read = [&](const RequestContext& context, const absl::Status& outcome) {
    return view_->Read(context, {}, [&](Facts& facts) -> absl::StatusOr<std::string> {
      ++runs;
      RETURN_IF_ERROR(facts.RunFirst("work", [&](const RequestContext&) {
        ++works;
        return outcome;
      }));
      return std::string("done");
    });
  };
  EXPECT_TRUE(IsWouldBlock(read(AtOnce(), absl::OkStatus()).status()));
  EXPECT_EQ(works, 0);
  EXPECT_EQ(runs, 1);
  EXPECT_THAT(read(Soon(), absl::OkStatus()), IsOkAndHolds("done"));
  EXPECT_EQ(works, 1);
  EXPECT_EQ(runs, 3) << "the body runs again after the work";
  EXPECT_THAT(read(Soon(), Error(ErrorReason::kProviderUnavailable, "away")),
              HasReason(ErrorReason::kProviderUnavailable));
  EXPECT_EQ(works, 2);
}

TEST_F(ViewTest, OnlyAThreadThatMayBlockDoesManySlowSteps) {
  int steps = 0;
  const auto read = [&](const RequestContext& context, int wanted) {
    steps = 0;  // in all runs of the body
    return view_->Read(context, {}, [&](Facts& facts) -> absl::StatusOr<std::string> {
      for (int i = 0; i < wanted; ++i) {
        RETURN_IF_ERROR(facts.BeginSlowStep());
        ++steps;
      }
      return std::string("done");
    });
  };
  EXPECT_THAT(read(AtOnce(), Facts::kMostSlowSteps), IsOkAndHolds("done"));
  EXPECT_TRUE(IsWouldBlock(read(AtOnce(), Facts::kMostSlowSteps + 1).status()));
  EXPECT_EQ(steps, Facts::kMostSlowSteps);
  EXPECT_THAT(read(Soon(), 1000), IsOkAndHolds("done"));
  EXPECT_EQ(steps, 1000);
}

TEST_F(ViewTest, EachWorkHasItsOutcomeAndMissingFactsAreLoadedToo) {
  const PrincipalId id = MakeUser("jane");
  std::vector<std::string> works;
  const auto outcome = view_->Read(Soon(), {}, [&](Facts& facts) -> absl::StatusOr<std::string> {
    const absl::Status bad = facts.RunFirst("bad", [&](const RequestContext&) {
      works.emplace_back("bad");
      return Error(ErrorReason::kProviderUnavailable, "away");
    });
    const absl::Status good = facts.RunFirst("good", [&](const RequestContext&) {
      works.emplace_back("good");
      return absl::OkStatus();
    });
    const auto principal = facts.Principal(id);
    if (facts.incomplete()) return absl::InternalError("never seen");
    return absl::StrCat(bad.ok(), good.ok(), principal.ok() && *principal);
  });
  EXPECT_THAT(outcome, IsOkAndHolds("011"));
  EXPECT_THAT(works, ::testing::UnorderedElementsAre("bad", "good")) << "each once";
}

}  // namespace
}  // namespace identity
