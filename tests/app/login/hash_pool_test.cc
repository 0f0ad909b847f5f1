#include "server/app/login/hash_pool.h"

#include <gtest/gtest.h>

#include <thread>

namespace identity {
namespace {

TEST(HashPoolTest, RunsTheWorkOnAnotherThreadAndReturnsItsResult) {
  Metrics metrics({}, {});
  HashPool pool(1, 1, metrics);
  auto place = pool.TryTake();
  ASSERT_TRUE(place);
  const std::thread::id ran_on = place->Run([] { return std::this_thread::get_id(); });
  EXPECT_NE(ran_on, std::thread::id());
  EXPECT_NE(ran_on, std::this_thread::get_id());
}

TEST(HashPoolTest, RefusesImmediatelyWithoutAFreePlace) {
  Metrics metrics({}, {});
  HashPool pool(2, 2, metrics);
  auto first = pool.TryTake();
  auto second = pool.TryTake();
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(pool.TryTake());
}

TEST(HashPoolTest, TheDestructorFreesThePlace) {
  Metrics metrics({}, {});
  HashPool pool(1, 1, metrics);
  for (int i = 0; i < 3; ++i) {
    auto place = pool.TryTake();
    EXPECT_TRUE(place);
    EXPECT_FALSE(pool.TryTake());
  }
}

TEST(HashPoolTest, AMovedPlaceIsFreedOnce) {
  Metrics metrics({}, {});
  HashPool pool(1, 1, metrics);
  {
    auto place = pool.TryTake();
    const HashPool::Place moved = *std::move(place);
    place.reset();
    EXPECT_FALSE(pool.TryTake());
  }
  EXPECT_TRUE(pool.TryTake());
}

}  // namespace
}  // namespace identity
