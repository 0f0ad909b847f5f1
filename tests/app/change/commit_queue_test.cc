#include "server/app/change/commit_queue.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "db/stores/principals.h"
#include "db/stores/sessions.h"
#include "server/app/change/mutation.h"
#include "server/base/error.h"
#include "server/base/metrics.h"
#include "server/base/status_macros.h"
#include "server/base/trace.h"
#include "tests/support/mail_fixture.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using ::testing::ElementsAre;

using Change = std::function<absl::Status(Mutation&)>;

RequestContext Patiently() { return {absl::Now() + absl::Seconds(20)}; }

// Adds a role and records it.
Change Add(const std::string& name) {
  return [name](Mutation& mutation) -> absl::Status {
    static constexpr Statement kInsert = {"test_insert_role",
                                          "INSERT INTO roles (name, permissions) VALUES ($1, '{}')"};
    RETURN_IF_ERROR(mutation.transaction().Execute(kInsert, Params().Add(name)).status());
    mutation.ChangedRole(name);
    mutation.Audit({audit::EventType::kRoleCreated, absl::nullopt, name});
    return absl::OkStatus();
  };
}

Change Sleep(absl::Duration duration) {
  return [duration](Mutation& mutation) -> absl::Status {
    static constexpr Statement kSleep = {"test_sleep", "SELECT pg_sleep($1::double precision)"};
    const std::string seconds = absl::StrCat(absl::ToDoubleSeconds(duration));
    return mutation.transaction().Execute(kSleep, Params().Add(seconds)).status();
  };
}

// `first` and then `second`, in one change.
Change Both(const Change& first, const Change& second) {
  return [first, second](Mutation& mutation) -> absl::Status {
    RETURN_IF_ERROR(first(mutation));
    return second(mutation);
  };
}

Change Fail(ErrorReason reason) {
  return [reason](Mutation&) -> absl::Status { return Error(reason, "the test wants it"); };
}

// A request that its caller cancels. Outlives the request.
class CancellableRequest {
 public:
  RequestContext context() {
    RequestContext context = Patiently();
    context.cancelled = [this] { return cancelled_.HasBeenNotified(); };
    return context;
  }
  void Cancel() { cancelled_.Notify(); }

 private:
  absl::Notification cancelled_;
};

class CommitQueueTest : public ::testing::Test {
 protected:
  using Done = absl::StatusOr<CommitQueue::Done>;

  // Holds the revision, as another replica does.
  class Hold {
   public:
    explicit Hold(Database& database) {
      done_ = std::async(std::launch::async, [this, &database] {
        return database.Write(Patiently(), [this](Transaction& transaction) -> absl::Status {
          RETURN_IF_ERROR(change_log::Advance(transaction).status());
          if (!held_.HasBeenNotified()) held_.Notify();
          released_.WaitForNotification();
          transaction.Discard();
          return absl::OkStatus();
        });
      });
      held_.WaitForNotification();
    }
    void Release() {
      released_.Notify();
      EXPECT_THAT(done_.get(), IsOk());
    }

   private:
    absl::Notification held_;
    absl::Notification released_;
    std::future<absl::Status> done_;
  };

  // Begins `change` on a thread of its own, and waits until it is in the queue.
  void Begin(const RequestContext& context, const Change& change) {
    const size_t before = queue_.waiting();
    calls_.push_back(std::async(std::launch::async, [this, context, change] { return Run(context, change); }));
    AwaitTrue("the change is in the queue", [&] { return queue_.waiting() > before; });
  }
  void Begin(const Change& change) { Begin(Patiently(), change); }
  Done Run(const RequestContext& context, const Change& change) {
    return queue_.Run(context, Caller(), [&](Mutation& mutation) { return change(mutation); });
  }
  Done Run(const Change& change) { return Run(Patiently(), change); }
  // The result of the change that began first of those that were not asked for yet.
  Done Next() {
    Done done = calls_.front().get();
    calls_.pop_front();
    return done;
  }

  std::string Select(const std::string& sql) { return database_.Execute(sql)[0].Text("found"); }
  // The names of the roles that a test has added.
  std::string Roles() {
    return Select("SELECT string_agg(name, ' ' ORDER BY name) AS found FROM roles WHERE name LIKE 'test-%'");
  }
  // How many transactions have recorded changes of roles.
  std::string Transactions() {
    return Select("SELECT count(DISTINCT xmin::text)::text AS found FROM changes WHERE what = 'role'");
  }

  TestDatabase database_;
  CommitQueue queue_{database_.database(), absl::InfiniteDuration()};
  std::deque<std::future<Done>> calls_;
};

TEST_F(CommitQueueTest, ChangesThatWaitShareATransactionAndHaveTheirOwnRevisions) {
  Hold hold(database_.database());
  for (const char* name : {"test-a", "test-b", "test-c"}) Begin(Add(name));
  hold.Release();
  std::vector<int64_t> revisions;
  for (int i = 0; i < 3; ++i) {
    const Done done = Next();
    ASSERT_THAT(done, IsOk());
    EXPECT_FALSE(done->discarded);
    revisions.push_back(done->token.revision);
  }
  EXPECT_THAT(revisions, ElementsAre(1, 2, 3));
  EXPECT_EQ(Transactions(), "1");
  EXPECT_EQ(Roles(), "test-a test-b test-c");
  EXPECT_EQ(Select("SELECT string_agg(revision || ' ' || whose, ', ' ORDER BY revision) AS found FROM changes"),
            "1 test-a, 2 test-b, 3 test-c");
  EXPECT_EQ(
      Select("SELECT string_agg(target, ' ' ORDER BY id) AS found FROM audit_events WHERE event = 'role.created'"),
      "test-a test-b test-c");
  const Done next = Run(Add("test-d"));
  ASSERT_THAT(next, IsOk());
  EXPECT_EQ(next->token.revision, 4);
}

TEST_F(CommitQueueTest, AFailedChangeDoesNotAffectTheOthers) {
  Hold hold(database_.database());
  Begin(Add("test-a"));
  Begin(Both(Add("test-rule"), Fail(ErrorReason::kNotFound)));
  Begin(Both(Add("test-twice"), Add("test-twice")));
  Begin(Both(Add("test-discarded"), [](Mutation& mutation) -> absl::Status {
    mutation.Discard();
    return absl::OkStatus();
  }));
  Begin(Add("test-b"));
  hold.Release();
  Done done = Next();
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->token.revision, 1);
  EXPECT_THAT(Next(), HasReason(ErrorReason::kNotFound));
  EXPECT_EQ(Next().status().code(), absl::StatusCode::kAlreadyExists);
  done = Next();
  ASSERT_THAT(done, IsOk());
  EXPECT_TRUE(done->discarded);
  EXPECT_EQ(done->token.revision, 1) << "the latest change that it has seen";
  done = Next();
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->token.revision, 2);
  EXPECT_EQ(Roles(), "test-a test-b");
  EXPECT_EQ(Transactions(), "1");
  EXPECT_EQ(Select("SELECT count(*)::text AS found FROM audit_events WHERE event = 'role.created'"), "2");
}

TEST_F(CommitQueueTest, AGroupWithoutAChangeLeavesTheRevision) {
  Hold hold(database_.database());
  Begin(Both(Add("test-a"), Fail(ErrorReason::kNotFound)));
  Begin(Both(Add("test-b"), Fail(ErrorReason::kNotFound)));
  hold.Release();
  EXPECT_THAT(Next(), HasReason(ErrorReason::kNotFound));
  EXPECT_THAT(Next(), HasReason(ErrorReason::kNotFound));
  EXPECT_EQ(Select("SELECT value::text AS found FROM revision"), "0");
}

// A rule must hold for what the changes before have made of the facts, and only for that.
TEST_F(CommitQueueTest, AChangeSeesEarlierChangesOfItsGroup) {
  const auto disable = [](Mutation& mutation) -> absl::Status {
    RETURN_IF_ERROR(principals::Disable(mutation.transaction(), AnonymousPrincipal()));
    mutation.Changed(AnonymousPrincipal());
    return absl::OkStatus();
  };
  std::string seen;
  const auto look = [&seen](Mutation& mutation) -> absl::Status {
    ASSIGN_OR_RETURN(const auto principal, mutation.facts().Principal(AnonymousPrincipal()));
    absl::StrAppend(&seen, principal->disabled() ? "disabled " : "enabled ");
    return absl::OkStatus();
  };
  Hold hold(database_.database());
  Begin(look);
  Begin(Both(Both(disable, look), Fail(ErrorReason::kNotFound)));
  Begin(look);
  Begin(disable);
  Begin(look);
  hold.Release();
  while (!calls_.empty()) Next().IgnoreError();
  EXPECT_EQ(seen, "enabled disabled enabled disabled ");
}

// Somebody has stolen a session, and its owner revokes it. The thief's change in the same group must be refused,
// although the queue read the session's facts before the revocation.
TEST_F(CommitQueueTest, ARevocationCountsForTheChangesBehindItInItsGroup) {
  const SessionId session(*Uuid::Parse("01900000-0000-7001-8000-000000000001"));
  const TokenId one(*Uuid::Parse("01900000-0000-7001-8000-000000000002"));
  const TokenId another(*Uuid::Parse("01900000-0000-7001-8000-000000000003"));
  database_.Execute(
      "INSERT INTO all_signing_keys (kid, state, public_key, sealed_private_key, master_key_id)"
      " VALUES ('kid', 'active', '', '', '');"
      "INSERT INTO sessions (id, principal_id, epoch, client_id, audience, scopes, amr, auth_time, expire_time)"
      " SELECT '01900000-0000-7001-8000-000000000001', id, 0, '', '', '{*}', '{pwd}', now(), now() + interval '1 day'"
      " FROM principals WHERE type = 'anonymous'");
  std::string seen;
  const auto look_at = [&](const TokenId& token) {
    return [&seen, token, session](Mutation& mutation) -> absl::Status {
      ASSIGN_OR_RETURN(const bool revoked, mutation.facts().TokenRevoked(token, session, "kid"));
      absl::StrAppend(&seen, revoked ? "revoked " : "good ");
      return absl::OkStatus();
    };
  };
  const auto revoke_one = [&](Mutation& mutation) -> absl::Status {
    mutation.Changed(one);
    return sessions::RevokeAccessToken(mutation.transaction(), one, absl::Now() + absl::Hours(1)).status();
  };
  const auto revoke_session = [&](Mutation& mutation) -> absl::Status {
    mutation.Changed(session);
    return sessions::Revoke(mutation.transaction(), session).status();
  };
  Hold hold(database_.database());
  for (const Change& change : std::vector<Change>{look_at(one), look_at(another), revoke_one, look_at(one),
                                                  look_at(another), revoke_session, look_at(another)}) {
    Begin(change);
  }
  hold.Release();
  while (!calls_.empty()) EXPECT_THAT(Next(), IsOk());
  EXPECT_EQ(seen, "good good revoked good revoked ");
}

TEST_F(CommitQueueTest, ARequestThatEndsInTheQueueIsNeverRun) {
  CancellableRequest request;
  Hold hold(database_.database());
  Begin(Add("test-a"));
  Begin(request.context(), Add("test-late"));
  Begin(Add("test-b"));
  request.Cancel();
  std::swap(calls_[0], calls_[1]);
  EXPECT_THAT(Next(), HasReason(ErrorReason::kCancelled)) << "while the others still wait";
  hold.Release();
  EXPECT_THAT(Next(), IsOk());
  EXPECT_THAT(Next(), IsOk());
  EXPECT_EQ(Roles(), "test-a test-b");
}

TEST_F(CommitQueueTest, ADeadlineDoesNotLimitOtherChanges) {
  Hold hold(database_.database());
  Begin(Add("test-a"));
  Begin({absl::Now() + absl::Seconds(1)}, Sleep(absl::Seconds(20)));
  Begin(Both(Sleep(absl::Milliseconds(1200)), Add("test-b")));
  hold.Release();
  EXPECT_THAT(Next(), IsOk());
  EXPECT_EQ(Next().status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(Next(), IsOk());
  EXPECT_EQ(Roles(), "test-a test-b");
}

TEST_F(CommitQueueTest, ARequestThatEndsBeforeTheCommitIsInDoubt) {
  CancellableRequest request;
  absl::Notification left;
  Hold hold(database_.database());
  Begin(request.context(), Add("test-a"));
  Begin(Both(Add("test-b"), [&](Mutation&) {
    request.Cancel();
    left.WaitForNotification();
    return absl::OkStatus();
  }));
  hold.Release();
  EXPECT_THAT(Next(), HasReason(ErrorReason::kCommitInDoubt));
  left.Notify();
  EXPECT_THAT(Next(), IsOk());
  EXPECT_EQ(Roles(), "test-a test-b");
}

TEST_F(CommitQueueTest, AfterALostConnectionTheChangesThatRanAreInDoubt) {
  const auto lose = [](Mutation& mutation) {
    static constexpr Statement kLose = {"test_lose", "SELECT pg_terminate_backend(pg_backend_pid())"};
    return mutation.transaction().Execute(kLose).status();
  };
  Hold hold(database_.database());
  Begin(Fail(ErrorReason::kNotFound));
  Begin(Add("test-a"));
  Begin(lose);
  Begin(Add("test-b"));
  hold.Release();
  EXPECT_THAT(Next(), HasReason(ErrorReason::kNotFound)) << "it has written nothing, and ran again";
  EXPECT_THAT(Next(), HasReason(ErrorReason::kCommitInDoubt));
  EXPECT_THAT(Next(), HasReason(ErrorReason::kCommitInDoubt));
  EXPECT_THAT(Next(), IsOk()) << "it had not begun";
  EXPECT_EQ(Roles(), "test-b");
}

// Nothing has run, so nothing is in doubt.
TEST_F(CommitQueueTest, AConnectionThatIsLostBeforeItHasTheRevisionHarmsNoChange) {
  Hold hold(database_.database());
  Begin(Add("test-a"));
  Begin(Add("test-b"));
  AwaitTrue("it waits for the revision",
            [&] { return Select("SELECT count(*)::text AS found FROM pg_locks WHERE NOT granted") != "0"; });
  TestCluster::Get().Execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = "
      "'identity_server'");
  hold.Release();
  EXPECT_THAT(Next(), IsOk());
  EXPECT_THAT(Next(), IsOk());
  EXPECT_EQ(Roles(), "test-a test-b");
}

TEST_F(CommitQueueTest, AnExceptionEndsOnlyItsOwnChange) {
  Hold hold(database_.database());
  Begin(Add("test-a"));
  Begin(Both(Add("test-thrown"), [](Mutation&) -> absl::Status { throw std::runtime_error("the test wants it"); }));
  Begin(Add("test-b"));
  hold.Release();
  EXPECT_THAT(Next(), IsOk());
  EXPECT_THAT(Next(), HasReason(ErrorReason::kInternal));
  EXPECT_THAT(Next(), IsOk());
  EXPECT_EQ(Roles(), "test-a test-b");
}

TEST_F(CommitQueueTest, TheQueueContinuesAfterItsOnlyCallerHasLeft) {
  CancellableRequest request;
  Hold hold(database_.database());
  Begin(request.context(), Add("test-late"));
  request.Cancel();
  EXPECT_THAT(Next(), HasReason(ErrorReason::kCancelled));
  hold.Release();
  EXPECT_THAT(Run(Add("test-a")), IsOk());
  EXPECT_EQ(Roles(), "test-a");
}

// Otherwise the others would wait for it with the revision.
TEST_F(CommitQueueTest, AChangeThatWaitsForALockRunsAfterTheOthers) {
  ASSERT_THAT(Run(Add("test-locked")), IsOk());
  absl::Notification locked;
  absl::Notification others_done;
  auto holder = std::async(std::launch::async, [&] {
    return database_.database().Write(Patiently(), [&](Transaction& transaction) -> absl::Status {
      static constexpr Statement kLock = {"test_lock", "SELECT FROM roles WHERE name = 'test-locked' FOR UPDATE"};
      RETURN_IF_ERROR(transaction.Execute(kLock).status());
      locked.Notify();
      others_done.WaitForNotification();
      return absl::OkStatus();
    });
  });
  locked.WaitForNotification();
  const auto change_locked = [](Mutation& mutation) -> absl::Status {
    static constexpr Statement kUpdate = {"test_update",
                                          "UPDATE roles SET description = 'x' WHERE name = 'test-locked'"};
    RETURN_IF_ERROR(mutation.transaction().Execute(kUpdate).status());
    mutation.ChangedRole("test-locked");
    return absl::OkStatus();
  };
  Hold hold(database_.database());
  Begin(change_locked);
  Begin(Add("test-a"));
  Begin(Add("test-b"));
  hold.Release();
  std::rotate(calls_.begin(), calls_.begin() + 1, calls_.end());
  EXPECT_THAT(Next(), IsOk());
  EXPECT_THAT(Next(), IsOk());
  others_done.Notify();
  EXPECT_THAT(holder.get(), IsOk());
  EXPECT_THAT(Next(), IsOk());
}

// Such a revision would make every replica read everything again.
TEST_F(CommitQueueTest, ABodyThatRecordsNoChangeGetsNoRevision) {
  const auto audit = [](Mutation& mutation) -> absl::Status {
    mutation.Audit({audit::EventType::kRoleCreated, absl::nullopt, "test"});
    return absl::OkStatus();
  };
  const Done done = Run(audit);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->token.revision, 0);
  EXPECT_EQ(Select("SELECT value::text AS found FROM revision"), "0");
  EXPECT_EQ(Select("SELECT count(*)::text AS found FROM audit_events WHERE event = 'role.created'"), "1");
}

// A mail that a change sends belongs to the trace of its call.
TEST_F(CommitQueueTest, BodiesBelongToTheTraceOfTheirCaller) {
  Metrics metrics({}, {});
  Tracer tracer(1, metrics.feed_rounds);
  TraceContext context;
  context.trace_id[0] = 1;
  context.sampled = true;
  const TraceScope scope(&tracer, context);
  absl::optional<TraceContext> seen;
  EXPECT_THAT(Run([&seen](Mutation&) {
                seen = TraceScope::Current();
                return absl::OkStatus();
              }),
              IsOk());
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->trace_id, context.trace_id);
}

TEST_F(CommitQueueTest, AChangeThatLosesAgainstOtherTransactionsRunsAgain) {
  int runs = 0;
  const auto lose_once = [&runs](Mutation&) {
    return ++runs == 1 ? Error(ErrorReason::kConflict, "") : absl::OkStatus();
  };
  Hold hold(database_.database());
  Begin(Both(Add("test-a"), lose_once));
  Begin(Add("test-b"));
  Begin(Fail(ErrorReason::kConflict));
  hold.Release();
  EXPECT_THAT(Next(), IsOk());
  EXPECT_THAT(Next(), IsOk());
  EXPECT_THAT(Next(), HasReason(ErrorReason::kConflict));
  EXPECT_EQ(Roles(), "test-a test-b");
  EXPECT_EQ(runs, 2);
}

// What changes record is written at the end, for all of them at once.
TEST_F(CommitQueueTest, ARecordThatTheDatabaseRefusesFailsOnlyItsOwnChange) {
  const auto audit_nul = [](Mutation& mutation) -> absl::Status {
    mutation.Audit({audit::EventType::kRoleCreated, absl::nullopt, std::string("a\0b", 3)});
    return absl::OkStatus();
  };
  Hold hold(database_.database());
  Begin(Add("test-a"));
  Begin(Both(Add("test-nul"), audit_nul));
  Begin(Add("test-b"));
  hold.Release();
  EXPECT_THAT(Next(), IsOk());
  EXPECT_EQ(Next().status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Next(), IsOk());
  EXPECT_EQ(Roles(), "test-a test-b");
}

TEST_F(CommitQueueTest, AGroupHasALimit) {
  Hold hold(database_.database());
  for (size_t i = 0; i < CommitQueue::kMaxGroup + 1; ++i) Begin(Add(absl::StrCat("test-", i)));
  hold.Release();
  std::set<int64_t> revisions;
  while (!calls_.empty()) {
    const Done done = Next();
    ASSERT_THAT(done, IsOk());
    revisions.insert(done->token.revision);
  }
  EXPECT_EQ(revisions.size(), CommitQueue::kMaxGroup + 1);
  EXPECT_EQ(*revisions.rbegin(), static_cast<int64_t>(CommitQueue::kMaxGroup + 1));
  EXPECT_EQ(Transactions(), "2");
}

TEST_F(CommitQueueTest, ATransactionThatHasHeldTheRevisionForLongBeginsNoFurtherChange) {
  CommitQueue hasty(database_.database(), absl::ZeroDuration());
  Hold hold(database_.database());
  std::vector<std::future<Done>> calls;
  for (const char* name : {"test-a", "test-b"}) {
    calls.push_back(std::async(std::launch::async, [&hasty, change = Add(name)] {
      return hasty.Run(Patiently(), Caller(), [&](Mutation& mutation) { return change(mutation); });
    }));
  }
  AwaitTrue("both wait", [&] { return hasty.waiting() == 2; });
  hold.Release();
  for (auto& call : calls) EXPECT_THAT(call.get(), IsOk());
  EXPECT_EQ(Transactions(), "2");
}

// Two replicas under load: each change has a revision of its own, and none is missing.
TEST_F(CommitQueueTest, ReplicasTakeTurns) {
  constexpr int kThreads = 8;
  constexpr int kEach = 20;
  CommitQueue other(database_.database());
  std::vector<std::future<std::vector<int64_t>>> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.push_back(std::async(std::launch::async, [&, thread] {
      std::vector<int64_t> revisions;
      CommitQueue& queue = thread % 2 == 0 ? queue_ : other;
      for (int i = 0; i < kEach; ++i) {
        const Change change = Add(absl::StrCat("test-", thread, "-", i));
        const Done done = queue.Run(Patiently(), Caller(), [&](Mutation& mutation) { return change(mutation); });
        EXPECT_THAT(done, IsOk());
        if (done.ok()) revisions.push_back(done->token.revision);
      }
      EXPECT_TRUE(std::is_sorted(revisions.begin(), revisions.end()));
      return revisions;
    }));
  }
  std::set<int64_t> all;
  for (auto& thread : threads) {
    for (const int64_t revision : thread.get()) all.insert(revision);
  }
  EXPECT_EQ(all.size(), size_t{kThreads * kEach});
  EXPECT_EQ(*all.rbegin(), kThreads * kEach);
}

}  // namespace
}  // namespace identity
