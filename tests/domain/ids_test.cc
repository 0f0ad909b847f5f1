#include "server/domain/ids.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace identity {
namespace {

constexpr char kText[] = "01890a5d-ac96-774b-bcce-b302099a8057";

TEST(UuidTest, ParseAndToStringAreInverse) {
  const auto id = Uuid::Parse(kText);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->ToString(), kText);
  EXPECT_EQ(id->bytes()[0], 0x01);
  EXPECT_EQ(id->bytes()[15], 0x57);
}

TEST(UuidTest, UpperCaseIsAcceptedAndWrittenInLowerCase) {
  const auto id = Uuid::Parse("01890A5D-AC96-774B-BCCE-B302099A8057");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->ToString(), kText);
}

TEST(UuidTest, OnlyTheCanonicalFormIsAccepted) {
  for (const std::string text : {
           "",
           "01890a5dac96774bbcceb302099a8057",
           "01890a5d-ac96-774b-bcce-b302099a805",
           "01890a5d-ac96-774b-bcce-b302099a80577",
           "{1890a5d-ac96-774b-bcce-b302099a805}",
           "01890a5d_ac96-774b-bcce-b302099a8057",
           "01890a5d-ac96-774b-bcceb-302099a8057",
           "01890a5g-ac96-774b-bcce-b302099a8057",
           " 1890a5d-ac96-774b-bcce-b302099a8057",
           "--------------------------------------",
       }) {
    EXPECT_FALSE(Uuid::Parse(text)) << text;
  }
  EXPECT_FALSE(Uuid::Parse(std::string(36, '\0')));
  EXPECT_FALSE(Uuid::Parse(std::string(36, '-')));
}

TEST(UuidTest, NilIsTheDefault) {
  EXPECT_TRUE(Uuid().is_nil());
  EXPECT_FALSE(Uuid::Parse(kText)->is_nil());
  EXPECT_EQ(Uuid::Parse("00000000-0000-0000-0000-000000000000"), Uuid());
}

TEST(UuidTest, OrderIsThatOfTheText) {
  const auto early = Uuid::Parse("01890a5d-ac96-774b-bcce-b302099a8057");
  const auto late = Uuid::Parse("f1890a5d-ac96-774b-bcce-b302099a8057");
  EXPECT_LT(*early, *late);
  EXPECT_FALSE(*late < *early);
  EXPECT_NE(*late, *early);
}

// The example of RFC 9562, appendix A.6.
TEST(UuidTest, AVersion7UuidContainsItsMillisecond) {
  EXPECT_EQ(TimeOf(*Uuid::Parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")), absl::FromUnixMillis(1645557742000));
}

TEST(UuidTest, TheLowestOfATimeIsAboveAllEarlierUuids) {
  const absl::Time time = absl::FromUnixMillis(1645557742000);
  const Uuid lowest = LowestUuidOf(time + absl::Microseconds(999));
  EXPECT_EQ(lowest.ToString(), "017f22e2-79b0-0000-0000-000000000000");
  EXPECT_LT(*Uuid::Parse("017f22e2-79af-7fff-bfff-ffffffffffff"), lowest);
  EXPECT_EQ(TimeOf(lowest), time);
  EXPECT_TRUE(LowestUuidOf(absl::InfinitePast()).is_nil());
  EXPECT_TRUE(LowestUuidOf(absl::FromUnixSeconds(-1)).is_nil());
}

TEST(IdTest, KindsDoNotMix) {
  static_assert(!std::is_convertible_v<SessionId, PrincipalId>);
  static_assert(!std::is_constructible_v<SessionId, PrincipalId>);
  EXPECT_EQ(SessionId::Parse(kText)->ToString(), kText);
  EXPECT_FALSE(SessionId::Parse("x"));
}

TEST(IdTest, AnonymousIsTheRowOfTheFirstMigration) {
  EXPECT_EQ(AnonymousPrincipal().ToString(), "00000000-0000-7000-8000-000000000001");
}

}  // namespace
}  // namespace identity
