#include "server/app/hash_pool.h"

#include <gtest/gtest.h>

#include <thread>

namespace identity {
namespace {

TEST(HashPoolTest, WhoHoldsAPlaceIsServedOnAnotherThread) {
  HashPool pool(1, 1);
  auto place = pool.TryTake();
  ASSERT_TRUE(place);
  std::thread::id ran_on;
  place->Run([&] { ran_on = std::this_thread::get_id(); });
  EXPECT_NE(ran_on, std::thread::id());
  EXPECT_NE(ran_on, std::this_thread::get_id());
}

TEST(HashPoolTest, WithoutAFreePlaceOneIsTurnedAwayAtOnce) {
  HashPool pool(2, 2);
  auto first = pool.TryTake();
  auto second = pool.TryTake();
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(pool.TryTake());
}

TEST(HashPoolTest, APlaceIsFreeAgainWhenItsHolderEnds) {
  HashPool pool(1, 1);
  for (int i = 0; i < 3; ++i) {
    auto place = pool.TryTake();
    EXPECT_TRUE(place);
    EXPECT_FALSE(pool.TryTake());
  }
}

TEST(HashPoolTest, AMovedPlaceIsGivenBackOnce) {
  HashPool pool(1, 1);
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
