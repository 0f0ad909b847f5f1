#include "server/base/rate_limiter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace identity {
namespace {

constexpr absl::Duration kTick = absl::Nanoseconds(1);

class RateLimiterTest : public ::testing::Test {
 protected:
  RateLimiter Make(const RateLimiter::Options& options) const {
    return RateLimiter(options, [this] { return now_; });
  }
  // Uses `count` other keys, each with its own counter while there is room.
  static void Fill(RateLimiter& limiter, size_t keys) {
    for (size_t i = 0; i < keys; ++i) limiter.Take(absl::StrCat("filler ", i));
  }

  absl::Duration now_ = absl::Hours(1);
};

TEST_F(RateLimiterTest, AllowsAsManyUsesAsTheLimit) {
  RateLimiter limiter = Make({.limit = 3, .window = absl::Seconds(10)});
  for (int64_t remaining = 2; remaining >= 0; --remaining) {
    const RateLimiter::Outcome outcome = limiter.Take("a");
    EXPECT_TRUE(outcome.allowed);
    EXPECT_EQ(outcome.limit, 3);
    EXPECT_EQ(outcome.remaining, remaining);
  }
  const RateLimiter::Outcome refused = limiter.Take("a");
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.limit, 3);
  EXPECT_EQ(refused.remaining, 0);
  EXPECT_TRUE(limiter.Take("b").allowed);
}

TEST_F(RateLimiterTest, AWindowBeginsWithTheFirstUseAndEndsAfterItsLength) {
  RateLimiter limiter = Make({.limit = 2, .window = absl::Seconds(10)});
  EXPECT_EQ(limiter.Take("a").reset, absl::Seconds(10));
  now_ += absl::Seconds(9);
  EXPECT_EQ(limiter.Take("a").reset, absl::Seconds(1));
  now_ += absl::Seconds(1) - kTick;
  EXPECT_FALSE(limiter.Take("a").allowed);
  EXPECT_EQ(limiter.Take("a").reset, kTick);
  now_ += kTick;
  const RateLimiter::Outcome next = limiter.Take("a");
  EXPECT_TRUE(next.allowed);
  EXPECT_EQ(next.remaining, 1);
  EXPECT_EQ(next.reset, absl::Seconds(10));
}

TEST_F(RateLimiterTest, RefusedUsesDoNotCount) {
  RateLimiter limiter = Make({.limit = 1});
  limiter.Take("a");
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(limiter.Take("a").allowed);
  limiter.Refund("a");
  EXPECT_TRUE(limiter.Take("a").allowed);
}

TEST_F(RateLimiterTest, OnlyTheFirstRefusalOfAWindowIsMarked) {
  RateLimiter limiter = Make({.limit = 1, .window = absl::Seconds(10)});
  for (int window = 0; window < 2; ++window) {
    EXPECT_FALSE(limiter.Take("a").first_refusal);
    EXPECT_TRUE(limiter.Take("a").first_refusal);
    EXPECT_FALSE(limiter.Take("a").first_refusal);
    limiter.Refund("a");
    EXPECT_FALSE(limiter.Take("a").first_refusal);
    EXPECT_FALSE(limiter.Take("a").first_refusal);
    now_ += absl::Seconds(10);
  }
}

TEST_F(RateLimiterTest, ARefundGivesBackOneUse) {
  RateLimiter limiter = Make({.limit = 2});
  limiter.Take("a");
  limiter.Take("a");
  limiter.Refund("a");
  EXPECT_TRUE(limiter.Take("a").allowed);
  EXPECT_FALSE(limiter.Take("a").allowed);
}

TEST_F(RateLimiterTest, ARefundNeverAllowsMoreThanTheLimit) {
  RateLimiter limiter = Make({.limit = 2, .window = absl::Seconds(10)});
  limiter.Refund("a");
  EXPECT_EQ(limiter.Take("a").remaining, 1);
  limiter.Refund("a");
  limiter.Refund("a");
  EXPECT_EQ(limiter.Take("a").remaining, 1);
  now_ += absl::Seconds(10);
  limiter.Refund("a");
  EXPECT_EQ(limiter.Take("a").remaining, 1);
}

TEST_F(RateLimiterTest, PeekReturnsTheOutcomeOfAUseWithoutCountingIt) {
  RateLimiter limiter = Make({.limit = 2, .window = absl::Seconds(10)});
  EXPECT_TRUE(limiter.Peek("a").allowed);
  EXPECT_EQ(limiter.Peek("a").remaining, 2);
  EXPECT_EQ(limiter.Peek("a").reset, absl::ZeroDuration());
  EXPECT_EQ(limiter.size(), 0u);
  limiter.Take("a");
  EXPECT_EQ(limiter.Peek("a").remaining, 1);
  limiter.Take("a");
  EXPECT_FALSE(limiter.Peek("a").allowed);
  EXPECT_FALSE(limiter.Peek("a").first_refusal);
  EXPECT_EQ(limiter.Peek("a").limit, 2);
  EXPECT_EQ(limiter.Peek("a").reset, absl::Seconds(10));
  EXPECT_TRUE(limiter.Take("a").first_refusal);
  now_ += absl::Seconds(10);
  EXPECT_TRUE(limiter.Peek("a").allowed);
}

TEST_F(RateLimiterTest, AKeysOwnLimitCountsInTheSameWindow) {
  RateLimiter limiter = Make({.limit = 2});
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(limiter.Take("a", 5).allowed);
  EXPECT_FALSE(limiter.Take("a", 5).allowed);
  EXPECT_FALSE(limiter.Take("a").allowed);
  EXPECT_EQ(limiter.Take("a").remaining, 0);
  EXPECT_EQ(limiter.Peek("a").remaining, 0);
  EXPECT_EQ(limiter.Take("a", 7).remaining, 1);
  EXPECT_TRUE(limiter.Take("b", 1).allowed);
  EXPECT_FALSE(limiter.Take("b", 1).allowed);
}

TEST_F(RateLimiterTest, WithoutALimitNothingIsRefusedOrStored) {
  RateLimiter unlimited = Make({});
  RateLimiter limited = Make({.limit = 1});
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(unlimited.Take("a").allowed);
    EXPECT_TRUE(limited.Take("a", 0).allowed);
  }
  EXPECT_EQ(unlimited.Take("a").limit, 0);
  EXPECT_TRUE(unlimited.Peek("a").allowed);
  unlimited.Refund("a");
  EXPECT_EQ(unlimited.size(), 0u);
  EXPECT_EQ(limited.size(), 0u);
  EXPECT_TRUE(unlimited.Take("a", 1).allowed);
  EXPECT_FALSE(unlimited.Take("a", 1).allowed);
}

TEST_F(RateLimiterTest, AnEmptyKeyIsAKey) {
  RateLimiter limiter = Make({.limit = 1});
  EXPECT_TRUE(limiter.Take("").allowed);
  EXPECT_FALSE(limiter.Take(absl::string_view()).allowed);
  EXPECT_TRUE(limiter.Take(absl::string_view("\0", 1)).allowed);
}

TEST_F(RateLimiterTest, AFloodOfKeysNeitherGrowsMemoryNorEvictsCounters) {
  RateLimiter limiter = Make({.limit = 2, .max_keys = 10'000});
  limiter.Take("spent");
  limiter.Take("spent");
  limiter.Take("half spent");
  for (int i = 0; i < 1'000'000; ++i) limiter.Take(absl::StrCat("made up ", i));
  EXPECT_LE(limiter.size(), 10'000u);
  EXPECT_GT(limiter.size(), 9'000u);
  EXPECT_FALSE(limiter.Take("spent").allowed);
  EXPECT_EQ(limiter.Peek("half spent").remaining, 1);
}

TEST_F(RateLimiterTest, WithoutRoomNewKeysShareCountersThatNeverAllowMore) {
  RateLimiter limiter = Make({.limit = 3, .max_keys = 4});
  Fill(limiter, 4);
  int allowed = 0;
  int first_refusals = 0;
  for (int i = 0; i < 100'000; ++i) {
    const RateLimiter::Outcome outcome = limiter.Take(absl::StrCat("made up ", i));
    if (outcome.allowed) ++allowed;
    if (outcome.first_refusal) ++first_refusals;
  }
  EXPECT_EQ(allowed, 3 * 1024);
  EXPECT_EQ(first_refusals, 1024);
  EXPECT_FALSE(limiter.Take("somebody").allowed);
  EXPECT_FALSE(limiter.Peek("somebody").allowed);
  EXPECT_EQ(limiter.size(), 4u);
}

TEST_F(RateLimiterTest, ASharedCounterBehavesLikeItsOwn) {
  RateLimiter limiter = Make({.limit = 2, .window = absl::Seconds(10), .max_keys = 0});
  EXPECT_EQ(limiter.Take("a").remaining, 1);
  EXPECT_EQ(limiter.Take("a").remaining, 0);
  EXPECT_FALSE(limiter.Take("a").allowed);
  limiter.Refund("a");
  EXPECT_EQ(limiter.Peek("a").remaining, 1);
  EXPECT_TRUE(limiter.Take("a").allowed);
  now_ += absl::Seconds(10);
  EXPECT_EQ(limiter.Take("a").remaining, 1);
  EXPECT_EQ(limiter.size(), 0u);
}

TEST_F(RateLimiterTest, NewRoomGivesAKeyNoSecondLimitInAWindow) {
  RateLimiter limiter = Make({.limit = 1, .window = absl::Seconds(10), .max_keys = 1});
  Fill(limiter, 1);
  now_ += absl::Seconds(9);
  EXPECT_TRUE(limiter.Take("a").allowed);
  now_ += absl::Seconds(9);
  EXPECT_FALSE(limiter.Take("a").allowed);
  now_ += absl::Seconds(1);
  EXPECT_TRUE(limiter.Take("a").allowed);
  EXPECT_FALSE(limiter.Take("a").allowed);
  EXPECT_EQ(limiter.size(), 1u);
  EXPECT_FALSE(limiter.Take("a").allowed);
}

TEST_F(RateLimiterTest, KeysWhoseWindowHasEndedMakeRoom) {
  RateLimiter limiter = Make({.limit = 1, .window = absl::Seconds(10), .max_keys = 100});
  Fill(limiter, 100);
  now_ += absl::Seconds(10);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(limiter.Take(absl::StrCat("new ", i)).allowed);
    EXPECT_EQ(limiter.size(), static_cast<size_t>(std::max(99 - i, i + 1)));
  }
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(limiter.Take(absl::StrCat("new ", i)).allowed);
}

TEST_F(RateLimiterTest, AKeyWithANewWindowDoesNotKeepEndedOnes) {
  RateLimiter limiter = Make({.limit = 1, .window = absl::Seconds(10), .max_keys = 3});
  limiter.Take("a");
  Fill(limiter, 2);
  now_ += absl::Seconds(10);
  EXPECT_TRUE(limiter.Take("a").allowed);
  EXPECT_EQ(limiter.size(), 3u);
  EXPECT_TRUE(limiter.Take("b").allowed);
  EXPECT_EQ(limiter.size(), 2u);
  EXPECT_FALSE(limiter.Take("a").allowed);
}

TEST(RateLimiterThreadsTest, ParallelUsesAreNeverAllowedMoreThanTheLimit) {
  constexpr int kCallers = 8;
  constexpr int kUses = 20'000;
  constexpr int64_t kLimit = 100'000;
  RateLimiter limiter({.limit = kLimit, .window = absl::InfiniteDuration(), .max_keys = 10'000});
  std::vector<std::atomic<int64_t>> allowed(3);
  std::atomic<int> first_refusals{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kCallers; ++t) {
    threads.emplace_back([&, t] {
      for (int use = 0; use < kUses; ++use) {
        for (size_t key = 0; key < allowed.size(); ++key) {
          const RateLimiter::Outcome outcome = limiter.Take(absl::StrCat(key));
          if (outcome.allowed) ++allowed[key];
          if (outcome.first_refusal) ++first_refusals;
        }
        limiter.Take(absl::StrCat("made up ", t, " ", use));
        limiter.Peek("0");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::atomic<int64_t>& count : allowed) EXPECT_EQ(count, kLimit);
  EXPECT_EQ(first_refusals, 3);
  EXPECT_LE(limiter.size(), 10'000u);
}

TEST(RateLimiterThreadsTest, ParallelRefundsGiveBackAllUses) {
  RateLimiter limiter({.limit = 4, .window = absl::InfiniteDuration()});
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int use = 0; use < 5'000; ++use) {
        if (limiter.Take("a").allowed) limiter.Refund("a");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(limiter.Peek("a").remaining, 4);
}

}  // namespace
}  // namespace identity
