#include "identity/token.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <ostream>
#include <string>
#include <type_traits>

#include "absl/strings/str_cat.h"

namespace identity {
namespace {

template <typename T, typename = void>
struct IsPrintable : std::false_type {};
template <typename T>
struct IsPrintable<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<T>())>> : std::true_type {};

static_assert(IsPrintable<std::string>::value);
static_assert(!IsPrintable<Token>::value);

TEST(TokenTest, GoogleTestDoesNotPrintIt) { EXPECT_EQ(testing::PrintToString(Token("idk_canary")), "<secret>"); }

TEST(TokenTest, FixedTokensStay) {
  const TokenSource source = FixedToken("idk_1");
  EXPECT_EQ(source()->Reveal(), "idk_1");
  EXPECT_EQ(source()->Reveal(), "idk_1");
}

TEST(TokenTest, OnlyPrintableTextWithoutSpacesIsACredential) {
  EXPECT_TRUE(IsCredential("idk_!~"));
  for (const char* text : {"", "a b", "a\n", "a\x7f", "\xc3\xa9"}) EXPECT_FALSE(IsCredential(text)) << text;
}

class TokenFileTest : public testing::Test {
 protected:
  ~TokenFileTest() override { std::remove(path_.c_str()); }
  void Write(const std::string& text) const { std::ofstream(path_) << text; }
  // The token, or the error's text.
  std::string Read() const {
    const absl::StatusOr<Token> token = source_();
    return token.ok() ? std::string(token->Reveal()) : std::string(token.status().message());
  }

  const std::string path_ = absl::StrCat(testing::TempDir(), "/token.", getpid());
  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  const TokenSource source_ = TokenFile(path_, [this] { return now_; });
};

TEST_F(TokenFileTest, HasTheTextOfTheFileWithoutSpaceAroundIt) {
  Write(" first\n");
  EXPECT_EQ(Read(), "first");
}

TEST_F(TokenFileTest, IsReadAgainAfterTenSeconds) {
  Write("first");
  EXPECT_EQ(Read(), "first");
  Write("second");
  now_ += absl::Seconds(10) - absl::Nanoseconds(1);
  EXPECT_EQ(Read(), "first");
  now_ += absl::Nanoseconds(1);
  EXPECT_EQ(Read(), "second");
}

TEST_F(TokenFileTest, TheEarlierTokenRemainsWhileThereIsNoFile) {
  Write("first");
  EXPECT_EQ(Read(), "first");
  std::remove(path_.c_str());
  now_ += absl::Minutes(1);
  EXPECT_EQ(Read(), "first");
}

TEST_F(TokenFileTest, WithoutATokenItIsAnErrorUntilTheFileAppears) {
  EXPECT_EQ(source_().status().code(), absl::StatusCode::kUnauthenticated);
  Write("\n");
  EXPECT_EQ(Read(), absl::StrCat(path_, " has no token"));
  Write("late");
  EXPECT_EQ(Read(), "late");
}

}  // namespace
}  // namespace identity
