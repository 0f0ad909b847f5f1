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

TEST(ReadinessTest, TheObserverLearnsTheStateAndEachChangeOfIt) {
  Readiness readiness;
  std::vector<bool> seen;
  readiness.Observe([&seen](bool ready) { seen.push_back(ready); });
  EXPECT_THAT(seen, ElementsAre(false));
  readiness.Set(Obstacle::kClock, true);
  readiness.Set(Obstacle::kStarting, false);
  EXPECT_THAT(seen, ElementsAre(false)) << "it was not ready all the time";
  readiness.Set(Obstacle::kClock, false);
  readiness.Set(Obstacle::kClock, false);
  readiness.Set(Obstacle::kDraining, true);
  EXPECT_THAT(seen, ElementsAre(false, true, false));
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
