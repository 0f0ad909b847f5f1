#include "server/base/secret.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

namespace identity {
namespace {

template <typename T, typename = void>
struct IsStreamable : std::false_type {};
template <typename T>
struct IsStreamable<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<const T&>())>>
    : std::true_type {};

static_assert(IsStreamable<std::string>::value, "the check detects streamable types");
static_assert(!IsStreamable<Secret>::value);
static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string> && !std::is_convertible_v<Secret, absl::string_view>);

// A std::string keeps short bytes inside the object and long ones outside. Both must be wiped.
const char* const kBytes[] = {"short", "a secret that is too long to live inside of a string object"};

TEST(SecretTest, RevealReturnsTheBytes) {
  for (const char* bytes : kBytes) {
    EXPECT_EQ(Secret(absl::string_view(bytes)).Reveal(), bytes);
    EXPECT_EQ(Secret(std::string(bytes)).Reveal(), bytes);
  }
}

TEST(SecretTest, ConstructionWipesTheSourceString) {
  for (const char* bytes : kBytes) {
    std::string source = bytes;
    const Secret secret(std::move(source));
    EXPECT_TRUE(source.empty());  // NOLINT(bugprone-use-after-move): the test is about this.
    EXPECT_EQ(std::string(source.data(), source.capacity()).find(bytes), std::string::npos);
  }
}

TEST(SecretTest, MovingWipesTheSource) {
  for (const char* bytes : kBytes) {
    Secret first{absl::string_view(bytes)};
    Secret second(std::move(first));
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): the test is about this.
    EXPECT_EQ(second.Reveal(), bytes);
    Secret third{absl::string_view("another")};
    third = std::move(second);
    EXPECT_TRUE(second.empty());  // NOLINT(bugprone-use-after-move): the test is about this.
    EXPECT_EQ(third.Reveal(), bytes);
  }
}

TEST(SecretTest, DestructionOverwritesTheBytes) {
  alignas(Secret) unsigned char place[sizeof(Secret)];
  auto* secret = new (place) Secret(absl::string_view("short"));
  const size_t offset = static_cast<size_t>(reinterpret_cast<const unsigned char*>(secret->Reveal().data()) - place);
  ASSERT_LT(offset, sizeof(place));
  secret->~Secret();
  const volatile unsigned char* bytes = place + offset;
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(bytes[i], 0);
}

TEST(SecretTest, EqualityComparesBytes) {
  EXPECT_TRUE(Secret(absl::string_view("abc")) == Secret(absl::string_view("abc")));
  EXPECT_FALSE(Secret(absl::string_view("abc")) == Secret(absl::string_view("abd")));
  EXPECT_FALSE(Secret(absl::string_view("abc")) == Secret(absl::string_view("abcd")));
  EXPECT_TRUE(Secret() == Secret());
}

TEST(SecretTest, TestOutputDoesNotShowIt) {
  EXPECT_EQ(::testing::PrintToString(Secret(absl::string_view("hunter2"))), "<secret>");
}

TEST(WipeTest, OverwritesUpToTheCapacity) {
  std::string bytes = "a secret that is too long to live inside of a string object";
  bytes.resize(3);
  Wipe(bytes);
  EXPECT_TRUE(bytes.empty());
  const volatile char* data = bytes.data();
  for (size_t i = 0; i < bytes.capacity(); ++i) EXPECT_EQ(data[i], '\0');
}

}  // namespace
}  // namespace identity
