#include "server/domain/password_policy.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

constexpr char kGood[] = "vellum-trombone-kayak";
constexpr char kSha1OfPassword[] = "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8";

absl::Status Check(const PasswordPolicy& policy, absl::string_view password,
                   const std::vector<std::string>& context = {}) {
  return policy.Check("new_password", Secret(password), context);
}

absl::Status Check(absl::string_view password, const std::vector<std::string>& context = {}) {
  return Check(PasswordPolicy(PasswordRules()), password, context);
}

// All rules except the estimate.
PasswordRules WithoutScore() {
  PasswordRules rules;
  rules.min_score = 0;
  return rules;
}

std::string RuleOf(const absl::Status& status) {
  const std::vector<FieldViolation> violations = FieldViolationsOf(status);
  return violations.empty() ? "" : violations[0].rule;
}

BreachedPasswords Breached(const std::vector<std::string>& lines) {
  BreachedPasswords::Builder builder;
  for (const std::string& line : lines) builder.Add(line);
  return std::move(builder).Build();
}

std::string Repeat(absl::string_view text, size_t times) {
  std::string repeated;
  for (size_t i = 0; i < times; ++i) absl::StrAppend(&repeated, text);
  return repeated;
}

TEST(PasswordPolicyTest, CommonPasswordsAreRefused) {
  for (const char* password :
       {"12345678",   "123456789", "password",  "password1", "Password123", "P@ssw0rd", "qwertyuiop",
        "1q2w3e4r5t", "iloveyou",  "sunshine1", "princess",  "football1",   "baseball", "trustno1",
        "superman",   "letmein1",  "welcome1",  "monkey123", "Summer2023!", "11111111"}) {
    EXPECT_THAT(Check(password), HasReason(ErrorReason::kInvalidField)) << password;
  }
}

TEST(PasswordPolicyTest, GoodPassphrasesAreAccepted) {
  for (const char* password : {"correct horse battery staple", "purple-lantern-quiet-otter", "my dog ate 3 green socks",
                               "vellum trombone kayak drizzle", "jumping over seventeen fences",
                               "the-river-runs-uphill-tonight", "kd8Jq2!vLx0p",
                               "Zwei K\xc3\xbc"
                               "he fliegen nach S\xc3\xbc"
                               "den",
                               "grault-plugh-waldo-41", "9Xv#mT4qLe"}) {
    EXPECT_THAT(Check(password, ContextWords("alice", "alice@example.com", "Alice Smith")), IsOk()) << password;
  }
}

TEST(PasswordPolicyTest, ErrorNamesTheFieldAndNeverThePassword) {
  for (const std::string& password :
       {std::string("hunter2"), std::string("hunter22"), "hunter2" + std::string(1024, 'x')}) {
    const absl::Status status = Check(password);
    ASSERT_THAT(status, HasReason(ErrorReason::kInvalidField));
    EXPECT_EQ(FieldViolationsOf(status)[0].field, "new_password");
    EXPECT_FALSE(absl::StrContains(status.ToString(), "hunter"));
  }
}

TEST(PasswordPolicyTest, MinimumLengthIsInCharacters) {
  const PasswordPolicy policy(WithoutScore());
  EXPECT_EQ(RuleOf(Check(policy, "abcdefg")), "must be at least 8 characters");
  EXPECT_THAT(Check(policy, "abcdefgh"), IsOk());
  EXPECT_EQ(RuleOf(Check(policy, Repeat("\xf0\x9f\x90\x99", 7))), "must be at least 8 characters");
  EXPECT_THAT(Check(policy, Repeat("\xf0\x9f\x90\x99", 8)), IsOk());
}

TEST(PasswordPolicyTest, InvalidUtf8CountsBytes) {
  const PasswordPolicy policy(WithoutScore());
  EXPECT_EQ(RuleOf(Check(policy, Repeat("\xff", 7))), "must be at least 8 characters");
  EXPECT_THAT(Check(policy, Repeat("\xff", 8)), IsOk());
}

TEST(PasswordPolicyTest, MinimumLengthIsAnOption) {
  PasswordRules rules;
  rules.min_characters = 22;
  EXPECT_EQ(RuleOf(Check(PasswordPolicy(rules), kGood)), "must be at least 22 characters");
  rules.min_characters = 21;
  EXPECT_THAT(Check(PasswordPolicy(rules), kGood), IsOk());
}

TEST(PasswordPolicyTest, MaximumLengthIs1024Bytes) {
  const std::string longest = absl::StrCat(kGood, std::string(1024 - sizeof(kGood) + 1, 'x'));
  ASSERT_EQ(longest.size(), 1024u);
  EXPECT_THAT(Check(longest), IsOk());
  EXPECT_EQ(RuleOf(Check(longest + "x")), "must be at most 1024 bytes");
  EXPECT_EQ(RuleOf(Check(Repeat("\xf0\x9f\x90\x99", 257))), "must be at most 1024 bytes");
}

TEST(PasswordPolicyTest, RepeatedLetterIsEasyToGuessAtAnyLength) {
  for (const char* letter : {"a", "\xd1\x8f", "\xe6\x97\xa5", "\xf0\x9f\x90\x99", "\xff"}) {
    EXPECT_TRUE(absl::StrContains(RuleOf(Check(Repeat(letter, 8))), "too easy to guess")) << letter;
    EXPECT_TRUE(absl::StrContains(RuleOf(Check(Repeat(letter, 256))), "too easy to guess")) << letter;
  }
}

// A test of the limit, and not of the time: "12" 50 times would take a second without it.
TEST(PasswordPolicyTest, OnlyTheBeginningIsScored) {
  const std::string easy(32, 'a');
  EXPECT_TRUE(absl::StrContains(RuleOf(Check(absl::StrCat(easy, kGood))), "too easy to guess"));
  EXPECT_THAT(Check(absl::StrCat(kGood, easy)), IsOk());
  EXPECT_TRUE(absl::StrContains(RuleOf(Check(Repeat("12", 512))), "too easy to guess"));
}

TEST(PasswordPolicyTest, LettersBeyondAsciiCount) {
  EXPECT_THAT(Check("\xd0\xbc\xd0\xbe\xd0\xb9 \xd0\xba\xd0\xbe\xd1\x82 \xd0\xbb\xd1\x8e\xd0\xb1\xd0\xb8\xd1\x82"),
              IsOk());
  EXPECT_THAT(Check("\xf0\x9f\x90\x99\xf0\x9f\x8c\xb5\xf0\x9f\x8e\xba\xf0\x9f\xa7\x8a"
                    "\xf0\x9f\x9a\xb2\xf0\x9f\xaa\x81\xf0\x9f\x8d\x8b\xf0\x9f\xa6\x89"),
              IsOk());
}

TEST(PasswordPolicyTest, NulDoesNotEndThePassword) {
  EXPECT_THAT(Check(absl::StrCat(absl::string_view("\0", 1), kGood)), IsOk());
  EXPECT_THAT(Check(absl::StrCat("password", absl::string_view("\0", 1), kGood)), IsOk());
  EXPECT_THAT(Check(std::string(20, '\0')), HasReason(ErrorReason::kInvalidField));
}

TEST(PasswordPolicyTest, LetterWhoseLowByteIsNulDoesNotEndThePassword) {
  EXPECT_THAT(Check(absl::StrCat("\xc4\x80", kGood)), IsOk());
}

TEST(PasswordPolicyTest, BytesAreNotTrimmed) {
  EXPECT_THAT(Check(PasswordPolicy(WithoutScore()), "   a    "), IsOk());
  EXPECT_THAT(Check(PasswordPolicy(WithoutScore(), Breached({"trombone"})), "trombone "), IsOk());
}

TEST(PasswordPolicyTest, MinimumScoreIsAnOption) {
  constexpr char kMiddling[] = "hunter2hunter2";  // 24 bits, a score of 2
  PasswordRules rules;
  for (const int score : {0, 1, 2}) {
    rules.min_score = score;
    EXPECT_THAT(Check(PasswordPolicy(rules), kMiddling), IsOk()) << score;
  }
  for (const int score : {3, 4}) {
    rules.min_score = score;
    EXPECT_THAT(Check(PasswordPolicy(rules), kMiddling), HasReason(ErrorReason::kInvalidField)) << score;
  }
  EXPECT_THAT(Check(PasswordPolicy(WithoutScore()), "password"), IsOk());
}

TEST(PasswordPolicyTest, ContextWordsAreEasyToGuess) {
  const std::string password = "vellumkayakdrizzle7";
  EXPECT_THAT(Check(password), IsOk());
  EXPECT_TRUE(absl::StrContains(RuleOf(Check(password, {"vellumkayak", "drizzle"})), "must not be made of"));
  EXPECT_TRUE(absl::StrContains(RuleOf(Check("xqvellum31zz", {"xqvel", "31zz"})), "must not be made of"));
  EXPECT_THAT(Check("zorbimplox12345"), IsOk());
  EXPECT_TRUE(absl::StrContains(RuleOf(Check("zorbim12345678", {"zorbim"})), "too easy to guess"));
}

TEST(PasswordPolicyTest, PasswordsOfMostlyContextWordsAreRefusedWithoutAnEstimate) {
  const PasswordPolicy policy(WithoutScore());
  const auto context = ContextWords("alice-in-w", "alice.smith@example.com", "Alice Smith");
  for (const char* password : {"alice-in-w", "ALICE-IN-W", "alice-in-w7!", "alice.smith@example.com", "AliceSmith1",
                               "SmithAlice!", "smithsmithsmith", "1identity", "identityalice"}) {
    EXPECT_TRUE(absl::StrContains(RuleOf(Check(policy, password, context)), "must not be made of")) << password;
  }
  for (const char* password : {"alice likes purple otters", "blacksmiths-unite", "smit7h-al2ice"}) {
    EXPECT_THAT(Check(policy, password, context), IsOk()) << password;
  }
}

TEST(PasswordPolicyTest, ClassesAreRequiredIfTheRulesRequireThem) {
  const std::string full = "aB3-aB3-";
  struct Case {
    bool PasswordRules::*rule;
    const char* without;
    const char* names;
  };
  for (const Case& c :
       {Case{&PasswordRules::upper, "ab3-ab3-", "upper-case"}, Case{&PasswordRules::lower, "AB3-AB3-", "lower-case"},
        Case{&PasswordRules::digit, "aBx-aBx-", "digit"},
        Case{&PasswordRules::symbol, "aB3xaB3x", "neither a letter nor a digit"}}) {
    PasswordRules rules = WithoutScore();
    EXPECT_THAT(Check(PasswordPolicy(rules), c.without), IsOk());
    rules.*c.rule = true;
    EXPECT_TRUE(absl::StrContains(RuleOf(Check(PasswordPolicy(rules), c.without)), c.names)) << c.names;
    EXPECT_THAT(Check(PasswordPolicy(rules), full), IsOk());
  }
}

TEST(PasswordPolicyTest, BreachedPasswordIsRefusedEvenIfStrong) {
  const PasswordPolicy policy(PasswordRules(), Breached({kGood}));
  EXPECT_TRUE(absl::StrContains(RuleOf(Check(policy, kGood)), "breach"));
  EXPECT_THAT(Check(policy, absl::StrCat(kGood, "s")), IsOk());
}

TEST(PasswordPolicyTest, ManyThreadsCanUseIt) {
  const PasswordPolicy policy{PasswordRules()};
  std::vector<int> refused(4, 0);
  std::vector<std::thread> threads;
  for (int& count : refused) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) count += Check(policy, "Summer2023!").ok() || !Check(policy, kGood).ok() ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : refused) EXPECT_EQ(count, 50);
}

TEST(BreachedPasswordsTest, ALineIsAHashOrAPassword) {
  for (const std::string& line : {std::string("password"), std::string("password\r"), std::string(kSha1OfPassword),
                                  absl::AsciiStrToUpper(kSha1OfPassword), absl::StrCat(kSha1OfPassword, ":9545824"),
                                  absl::StrCat(kSha1OfPassword, ":1\r")}) {
    const BreachedPasswords breached = Breached({line});
    EXPECT_EQ(breached.size(), 1u);
    EXPECT_TRUE(breached.Contains(Secret(absl::string_view("password")))) << line;
    EXPECT_FALSE(breached.Contains(Secret(absl::string_view("Password")))) << line;
  }
}

TEST(BreachedPasswordsTest, AMalformedHashIsAPassword) {
  const std::string hash = kSha1OfPassword;
  for (const std::string& line :
       {hash + ":", hash + ":x", hash + " ", hash.substr(1), hash + "0", "g" + hash.substr(1)}) {
    const BreachedPasswords breached = Breached({line});
    EXPECT_TRUE(breached.Contains(Secret(absl::string_view(line)))) << line;
    EXPECT_FALSE(breached.Contains(Secret(absl::string_view("password")))) << line;
  }
}

TEST(BreachedPasswordsTest, AllLinesAreFoundInAnyOrder) {
  std::vector<std::string> lines;
  for (int i = 0; i < 1000; ++i) lines.push_back(absl::StrCat("password", i));
  const BreachedPasswords breached = Breached(lines);
  EXPECT_EQ(breached.size(), 1000u);
  for (const std::string& line : lines) EXPECT_TRUE(breached.Contains(Secret(absl::string_view(line)))) << line;
  EXPECT_FALSE(breached.Contains(Secret(absl::string_view("password1000"))));
}

TEST(BreachedPasswordsTest, RepeatedAndEmptyLinesAddNothing) {
  EXPECT_EQ(Breached({"password", kSha1OfPassword, "", "\r"}).size(), 1u);
  EXPECT_FALSE(Breached({"", "\r"}).Contains(Secret()));
  EXPECT_EQ(BreachedPasswords().size(), 0u);
}

TEST(ContextWordsTest, ComeFromTheNamesOfTheAccount) {
  EXPECT_THAT(ContextWords("alice", "a.smith@example.com", "Alice Bo  van-der Smith"),
              testing::UnorderedElementsAre("alice", "a.smith@example.com", "a.smith", "identity", "Alice", "van",
                                            "der", "Smith"));
}

TEST(ContextWordsTest, ShortWordsAreOmitted) {
  EXPECT_THAT(ContextWords("", "jo@example.com", "\xe6\x97\xa5\xe6\x9c\xac Li"),
              testing::UnorderedElementsAre("jo@example.com", "identity"));
  EXPECT_THAT(ContextWords("", "", ""), testing::ElementsAre("identity"));
}

}  // namespace
}  // namespace identity
