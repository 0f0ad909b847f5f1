#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "server/base/secret.h"

namespace identity {
namespace {

template <typename T, typename = void>
struct IsStreamable : std::false_type {};
template <typename T>
struct IsStreamable<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<const T&>())>>
    : std::true_type {};

TEST(SecretTest, CannotBePrintedCopiedOrTakenForAString) {
  static_assert(IsStreamable<std::string>::value, "the check sees what is streamable");
  static_assert(!IsStreamable<Secret>::value);
  static_assert(!std::is_copy_constructible_v<Secret>);
  static_assert(!std::is_copy_assignable_v<Secret>);
  static_assert(!std::is_convertible_v<Secret, std::string>);
  static_assert(!std::is_convertible_v<Secret, absl::string_view>);
}

TEST(SecretTest, WhatTestsShowHasNothingOfIt) {
  const std::string shown = ::testing::PrintToString(Secret(absl::string_view("hunter2")));
  EXPECT_EQ(shown.find("hunter"), std::string::npos) << shown;
  EXPECT_EQ(shown.find('7'), std::string::npos) << shown;
}

}  // namespace
}  // namespace identity
