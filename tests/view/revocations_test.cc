#include "server/view/revocations.h"

#include <gtest/gtest.h>

namespace identity {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1700000000);

Uuid Number(uint8_t number) {
  std::array<uint8_t, 16> bytes{};
  bytes[15] = number;
  return Uuid(bytes);
}

TEST(RevocationsTest, KeepsEachUntilItsEnd) {
  Revocations revocations;
  for (uint8_t i = 1; i <= 40; ++i) revocations.Add({Number(i), kNow + absl::Seconds(i)});
  EXPECT_EQ(revocations.size(), 40u);
  revocations.Prune(kNow + absl::Seconds(20));
  EXPECT_EQ(revocations.size(), 20u);
  EXPECT_FALSE(revocations.Contains(Number(20)));
  EXPECT_TRUE(revocations.Contains(Number(21)));
  EXPECT_FALSE(revocations.Contains(Number(41)));
}

TEST(RevocationsTest, TheLaterEndCountsInAnyOrder) {
  Revocations revocations;
  revocations.Add({Number(1), kNow + absl::Seconds(10)});
  revocations.Add({Number(1), kNow + absl::Seconds(5)});
  revocations.Prune(kNow + absl::Seconds(6));
  EXPECT_TRUE(revocations.Contains(Number(1)));
}

TEST(RevocationsTest, AResetRemovesAllEarlierOnes) {
  Revocations revocations;
  revocations.Add({Number(1), kNow});
  revocations.Reset({{Number(2), kNow}});
  EXPECT_FALSE(revocations.Contains(Number(1)));
  EXPECT_TRUE(revocations.Contains(Number(2)));
}

}  // namespace
}  // namespace identity
