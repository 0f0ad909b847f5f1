#include "server/domain/recovery_code.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"

namespace identity {
namespace {

constexpr char kPrincipal[] = "01890a5d-ac96-774b-bcce-b302099a8057";
constexpr char kOther[] = "01890a5d-ac96-774b-bcce-b302099a8058";
constexpr absl::string_view kRandom = "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f";

std::string NewCode(absl::string_view random) { return std::string(NewRecoveryCode(random).Reveal()); }

absl::optional<std::string> Hash(absl::string_view typed, absl::string_view principal = kPrincipal) {
  return RecoveryCodeHash(*PrincipalId::Parse(principal), typed);
}

TEST(RecoveryCodeTest, Is24DigitsInGroupsOfFour) {
  EXPECT_EQ(NewCode(kRandom), "0410-6105-0r3g-g28a-1c60-t3gf");
  EXPECT_EQ(NewCode(std::string(15, '\0')), "0000-0000-0000-0000-0000-0000");
  EXPECT_EQ(NewCode(std::string(15, '\xff')), "zzzz-zzzz-zzzz-zzzz-zzzz-zzzz");
}

TEST(RecoveryCodeTest, HashIsBlake2b256KeyedWithThePrincipal) {
  // Computed by another implementation of BLAKE2b.
  EXPECT_EQ(absl::BytesToHexString(*Hash("041061050r3gg28a1c60t3gf")),
            "d4a3bf994cc92ca9d051eb08913ce46fe7d8080a18ee6994b80daf303eac6d3b");
  EXPECT_EQ(absl::BytesToHexString(*Hash("041061050r3gg28a1c60t3gf", kOther)),
            "21938fd6e9d0597efccf9325d9fc3409fb836e5304fc80027eec0d7d2555c7b3");
}

TEST(RecoveryCodeTest, CaseSpacesAndHyphensAreIgnored) {
  const std::string code = NewCode(kRandom);
  const auto hash = Hash(code);
  ASSERT_TRUE(hash);
  for (const std::string& typed :
       {absl::AsciiStrToUpper(code), std::string("041061050r3gg28a1c60t3gf"),
        std::string("  0410 6105 0R3G G28A 1C60 T3GF "),
        std::string("0-4-1-0-6-1-0-5-0-r-3-g-g-2-8-a-1-c-6-0-t-3-g-f-\n"), std::string("041061\t050r3gg28a1c60t3gf")}) {
    EXPECT_EQ(Hash(typed), hash) << typed;
  }
}

TEST(RecoveryCodeTest, LettersThatLookLikeDigitsAreReadAsDigits) {
  EXPECT_EQ(Hash("zwo4-8cgm-rxi5-9dhn-0000-0000"), Hash("zw04-8cgm-rx15-9dhn-0000-0000"));
  EXPECT_EQ(Hash("ZWO4-8CGM-RXL5-9DHN-OOOO-0000"), Hash("zw04-8cgm-rx15-9dhn-0000-0000"));
}

TEST(RecoveryCodeTest, AnotherCodeHasAnotherHash) {
  EXPECT_NE(Hash("041061050r3gg28a1c60t3gb"), Hash("041061050r3gg28a1c60t3gf"));
}

TEST(RecoveryCodeTest, OtherTextHasNoHash) {
  for (const std::string& typed :
       {std::string(), std::string("----"), std::string("0410-6105-0r3g-g28a-1c60-t3g"),
        std::string("0410-6105-0r3g-g28a-1c60-t3gfa"), std::string("0410-6105-0r3g-g28a-1c60-t3gu"),
        std::string("0410_6105_0r3g_g28a_1c60_t3gf"), std::string("0410-6105-0r3g-g28a-1c60-t3g\xc3\xa9"),
        std::string("041061050r3gg28a1c60t3g\0", 24), std::string("041061050r3gg28a1c60t3gf\0", 25),
        std::string(1 << 16, 'a')}) {
    EXPECT_FALSE(Hash(typed)) << typed.substr(0, 40);
  }
}

}  // namespace
}  // namespace identity
