#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/fault/policy.h"

// A user loses access to a place, and then new content is put there. A replica that sees the second change but not the
// first lets the user read content that was never meant for them.
namespace identity {
namespace {

struct NewEnemy {
  explicit NewEnemy(std::vector<std::string> flags) : deployment(WithFlags(std::move(flags))), policy(deployment) {
    enemy = policy.NewPrincipal("enemy");
    heir = policy.NewPrincipal("heir");
  }
  static Deployment::Options WithFlags(std::vector<std::string> flags) {
    Deployment::Options options;
    options.flags = std::move(flags);
    return options;
  }

  // The other replica knows that the enemy may read. Then the enemy loses the permission, and the heir gets it. Returns
  // the token of the second change.
  std::string Pass() {
    const Policy::Grant old = Must(policy.Give(0, enemy));
    EXPECT_TRUE(policy.Allows(1, enemy, AtLeast(old.token)));
    Must(policy.Take(0, old));
    grant = Must(policy.Give(0, heir));
    return grant.token;
  }
  void ExpectPassed(const std::string& token) {
    EXPECT_FALSE(policy.Allows(1, enemy, AtLeast(token)));
    EXPECT_TRUE(policy.Allows(1, heir, AtLeast(token)));
  }
  void TakeBack() { Must(policy.Take(0, grant)); }

  Deployment deployment;
  Policy policy;
  std::string enemy;
  std::string heir;
  Policy::Grant grant;
};

TEST(NewEnemyTest, TheTokenOfTheSecondChangeShowsTheFirst) {
  NewEnemy order({});
  for (int round = 0; round < Rounds(300) && !testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    order.ExpectPassed(order.Pass());
    order.TakeBack();
  }
}

// Proves that the token makes the order: without it, and without notifications, the other replica still has the old
// state.
TEST(NewEnemyTest, WithoutTheTokenAReplicaWithoutNotificationsKeepsItsOldState) {
  NewEnemy order({"--no-change-notifications", "--feed-interval", "10s"});
  int old = 0;
  for (int round = 0; round < 20; ++round) {
    const std::string token = order.Pass();
    if (order.policy.Allows(1, order.enemy)) ++old;
    order.ExpectPassed(token);
    order.TakeBack();
  }
  EXPECT_GE(old, 1);
}

}  // namespace
}  // namespace identity
