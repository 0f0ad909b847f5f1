#include "server/base/readiness.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace identity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Obstacle = Readiness::Obstacle;

TEST(ReadinessTest, BeginsWithTheStart) {
  Readiness readiness;
  EXPECT_THAT(readiness.Obstacles(), ElementsAre(Obstacle::kStarting));
  readiness.Set(Obstacle::kStarting, false);
  EXPECT_THAT(readiness.Obstacles(), IsEmpty());
}

TEST(ReadinessTest, IsReadyOnceTheLastObstacleHasGone) {
  Readiness readiness;
  readiness.Set(Obstacle::kNoRecentFacts, true);
  readiness.Set(Obstacle::kDatabase, true);
  readiness.Set(Obstacle::kStarting, false);
  EXPECT_THAT(readiness.Obstacles(), ElementsAre(Obstacle::kDatabase, Obstacle::kNoRecentFacts));
  readiness.Set(Obstacle::kDatabase, false);
  readiness.Set(Obstacle::kNoRecentFacts, false);
  EXPECT_THAT(readiness.Obstacles(), IsEmpty());
}

TEST(ReadinessTest, TheObserverLearnsTheObstaclesAndEachChangeOfThem) {
  Readiness readiness;
  std::vector<std::vector<Obstacle>> seen;
  readiness.Observe([&seen](const std::vector<Obstacle>& obstacles) { seen.push_back(obstacles); });
  readiness.Set(Obstacle::kClock, true);
  readiness.Set(Obstacle::kStarting, false);
  readiness.Set(Obstacle::kClock, false);
  readiness.Set(Obstacle::kClock, false);
  using List = std::vector<Obstacle>;
  EXPECT_THAT(seen, ElementsAre(List{Obstacle::kStarting}, List{Obstacle::kStarting, Obstacle::kClock},
                                List{Obstacle::kClock}, List{}));
}

TEST(ReadinessTest, EachObstacleHasAName) {
  EXPECT_EQ(Readiness::NameOf(Obstacle::kStarting), "starting");
  EXPECT_EQ(Readiness::NameOf(Obstacle::kDatabase), "database");
  EXPECT_EQ(Readiness::NameOf(Obstacle::kSchema), "schema");
  EXPECT_EQ(Readiness::NameOf(Obstacle::kNoRecentFacts), "no_recent_facts");
  EXPECT_EQ(Readiness::NameOf(Obstacle::kClock), "clock");
  EXPECT_EQ(Readiness::NameOf(Obstacle::kDraining), "draining");
}

}  // namespace
}  // namespace identity
