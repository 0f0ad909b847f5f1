#include "server/app/change/mutation.h"

#include <gmock/gmock.h>

#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "db/stores/principals.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/view/feed.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

// A replica's view and its feed with their own database.
class MutationTest : public ::testing::Test {
 protected:
  static RequestContext InTime() { return {absl::Now() + absl::Seconds(20)}; }

  MutationTest() {
    Feed::Options options;
    options.connection.url = database_.server_url();
    options.interval = absl::Hours(1);
    feed_ = std::make_unique<Feed>(options, database_.database(), view_, metrics_, readiness_);
    EXPECT_THAT(feed_->AwaitFirstRound(absl::Seconds(20)), IsOk());
  }

  absl::StatusOr<ConsistencyToken> DisableAnonymous(const RequestContext& context) {
    return mutations_.Run(context, Caller(), [](Mutation& mutation) -> absl::Status {
      RETURN_IF_ERROR(principals::Disable(mutation.transaction(), AnonymousPrincipal()));
      mutation.Changed(AnonymousPrincipal());
      return absl::OkStatus();
    });
  }
  absl::StatusOr<ConsistencyToken> ChangeNothing(const RequestContext& context) {
    return mutations_.Run(context, Caller(), [](Mutation& mutation) -> absl::Status {
      mutation.Discard();
      return absl::OkStatus();
    });
  }
  bool IsDisabled() {
    return !database_.Execute("SELECT FROM principals WHERE username = 'anonymous' AND disabled_time IS NOT NULL")
                .empty();
  }

  TestDatabase database_;
  Metrics metrics_{{}, {}};
  Readiness readiness_;
  View view_{database_.database(), {.commit_wait = absl::Milliseconds(50)}, metrics_};
  std::unique_ptr<Feed> feed_;
  Mutations mutations_{database_.database(), &view_};
};

TEST_F(MutationTest, IsAcknowledgedOnceThisReplicaDecidesByIt) {
  const auto token = DisableAnonymous(InTime());
  ASSERT_THAT(token, IsOk());
  EXPECT_TRUE(view_.progress().Current()->Reaches(*token));
}

TEST_F(MutationTest, IsInDoubtWhenThisReplicaCannotFollowItsOwnCommit) {
  feed_.reset();
  EXPECT_THAT(DisableAnonymous(InTime()), HasReason(ErrorReason::kCommitInDoubt));
  EXPECT_TRUE(IsDisabled());
}

// A failover to a standby that lacked the change.
TEST_F(MutationTest, IsNotAcknowledgedOnceItIsLost) {
  feed_.reset();
  ViewUpdate after;
  after.everything = true;
  after.position = std::make_shared<Position>(*view_.progress().Current());
  ++after.position->token.history.timeline;
  view_.Apply(std::move(after));
  const auto add = [](Mutation& mutation) -> absl::Status {
    mutation.ChangedRole("new");
    return absl::OkStatus();
  };
  EXPECT_THAT(mutations_.Run(InTime(), Caller(), add), HasReason(ErrorReason::kStorageUnavailable));
}

// Nothing was committed, so nothing is in doubt.
TEST_F(MutationTest, ADiscardedOneThatThisReplicaCannotFollowWasNotDone) {
  feed_.reset();
  database_.Execute("UPDATE revision SET value = value + 1");  // by another replica
  EXPECT_THAT(ChangeNothing(InTime()), HasReason(ErrorReason::kStorageUnavailable));
}

}  // namespace
}  // namespace identity
