#include "server/base/enum_names.h"

#include <gtest/gtest.h>

namespace identity {
namespace {

enum class Color { kRed, kBlue };

constexpr EnumName<Color> kColors[] = {{Color::kRed, "red"}, {Color::kBlue, "blue"}};
constexpr EnumName<Color> kOutOfOrder[] = {{Color::kBlue, "blue"}, {Color::kRed, "red"}};
constexpr EnumName<Color> kIncomplete[] = {{Color::kRed, "red"}};

static_assert(NamesEach(kColors, Color::kBlue));
static_assert(!NamesEach(kOutOfOrder, Color::kBlue));
static_assert(!NamesEach(kIncomplete, Color::kBlue));

TEST(EnumNamesTest, EachValueHasItsName) {
  EXPECT_EQ(NameIn(kColors, Color::kRed), "red");
  EXPECT_EQ(NameIn(kColors, Color::kBlue), "blue");
}

TEST(EnumNamesTest, AValueWithoutARowIsUnknown) { EXPECT_EQ(NameIn(kIncomplete, Color::kBlue), "unknown"); }

TEST(EnumNamesTest, FindByNameInvertsNameIn) {
  EXPECT_EQ(FindByName(kColors, "red"), Color::kRed);
  EXPECT_EQ(FindByName(kColors, "blue"), Color::kBlue);
  EXPECT_EQ(FindByName(kColors, "Red"), absl::nullopt);
  EXPECT_EQ(FindByName(kColors, ""), absl::nullopt);
}

}  // namespace
}  // namespace identity
