#include "server/domain/opaque_token.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace identity {
namespace {

using Kind = OpaqueToken::Kind;

// Computed by another implementation of the grammar.
constexpr char kId[] = "01890a5d-ac96-774b-bcce-b302099a8057";
constexpr char kRefreshToken[] = "idr_02tcRIyrxLXTR81B3dqdOx_0Eoh211G4c8wtVWM00my5rsNSFlKgaWqQ4mb8gdEqno_2vLgGV";
constexpr char kApiKey[] = "idk_02tcRIyrxLXTR81B3dqdOx_0Eoh211G4c8wtVWM00my5rsNSFlKgaWqQ4mb8gdEqno_2MMGew";
constexpr char kMfaChallenge[] = "idc_02tcRIyrxLXTR81B3dqdOx_0Eoh211G4c8wtVWM00my5rsNSFlKgaWqQ4mb8gdEqno_0aEWqW";
constexpr char kMailedToken[] = "idm_02tcRIyrxLXTR81B3dqdOx_0Eoh211G4c8wtVWM00my5rsNSFlKgaWqQ4mb8gdEqno_05nRBv";
constexpr char kDevice[] = "idd_02tcRIyrxLXTR81B3dqdOx_0Eoh211G4c8wtVWM00my5rsNSFlKgaWqQ4mb8gdEqno_4fhyb9";
constexpr Kind kKinds[] = {Kind::kRefreshToken, Kind::kApiKey, Kind::kMfaChallenge, Kind::kMailedToken, Kind::kDevice};

std::string CountedBytes() {
  std::string bytes;
  for (char c = 1; c <= 32; ++c) bytes.push_back(c);
  return bytes;
}

OpaqueToken Make(Kind kind) { return OpaqueToken(kind, *Uuid::Parse(kId), Secret(CountedBytes())); }

class OpaqueTokenTest : public ::testing::TestWithParam<Kind> {
 protected:
  static std::string Text() {
    switch (GetParam()) {
      case Kind::kRefreshToken:
        return kRefreshToken;
      case Kind::kApiKey:
        return kApiKey;
      case Kind::kMfaChallenge:
        return kMfaChallenge;
      case Kind::kMailedToken:
        return kMailedToken;
      case Kind::kDevice:
        return kDevice;
    }
    return "";
  }
};

TEST_P(OpaqueTokenTest, TextFollowsTheGrammar) { EXPECT_EQ(std::string(Make(GetParam()).ToText().Reveal()), Text()); }

TEST_P(OpaqueTokenTest, ParseInvertsToText) {
  const auto token = OpaqueToken::Parse(GetParam(), Text());
  ASSERT_TRUE(token);
  EXPECT_EQ(token->id().ToString(), kId);
  EXPECT_TRUE(token->secret() == Secret(CountedBytes()));
  EXPECT_EQ(std::string(token->ToText().Reveal()), Text());
}

TEST_P(OpaqueTokenTest, EveryBitFlipIsRefused) {
  for (size_t i = 0; i < Text().size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string text = Text();
      text[i] = static_cast<char>(text[i] ^ (1 << bit));
      EXPECT_FALSE(OpaqueToken::Parse(GetParam(), text)) << text;
    }
  }
}

TEST_P(OpaqueTokenTest, EveryOtherLengthIsRefused) {
  for (size_t size = 0; size < Text().size(); ++size) {
    EXPECT_FALSE(OpaqueToken::Parse(GetParam(), Text().substr(0, size)));
  }
  EXPECT_FALSE(OpaqueToken::Parse(GetParam(), Text() + "0"));
  EXPECT_FALSE(OpaqueToken::Parse(GetParam(), Text() + "\n"));
  EXPECT_FALSE(OpaqueToken::Parse(GetParam(), " " + Text()));
  EXPECT_FALSE(OpaqueToken::Parse(GetParam(), std::string(1 << 20, '_')));
}

TEST_P(OpaqueTokenTest, EveryOtherKindIsRefused) {
  for (const Kind kind : kKinds) EXPECT_EQ(OpaqueToken::Parse(kind, Text()).has_value(), kind == GetParam());
}

INSTANTIATE_TEST_SUITE_P(Kinds, OpaqueTokenTest, ::testing::ValuesIn(kKinds));

TEST(OpaqueTokenValueTest, HashIsBlake2b256OfTheSecret) {
  EXPECT_EQ(absl::BytesToHexString(Make(Kind::kApiKey).Hash()),
            "441edc56cebc8e285d02267aa650819f15add7b06ef9b41b2690128dce655924");
}

TEST(OpaqueTokenValueTest, LowestAndHighestValuesAreWritten) {
  const OpaqueToken least(Kind::kRefreshToken, Uuid(), Secret(std::string(32, '\0')));
  EXPECT_EQ(std::string(least.ToText().Reveal()),
            "idr_0000000000000000000000_0000000000000000000000000000000000000000000_2eg2IT");
  std::array<uint8_t, 16> id;
  id.fill(0xff);
  const OpaqueToken greatest(Kind::kApiKey, Uuid(id), Secret(std::string(32, '\xff')));
  const std::string text(greatest.ToText().Reveal());
  EXPECT_EQ(text, "idk_7n42DGM5Tflk9n8mt7Fhc7_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1_12kZRD");
  EXPECT_TRUE(OpaqueToken::Parse(Kind::kApiKey, text));
}

TEST(OpaqueTokenValueTest, DigitsThatOverflowAreRefusedDespiteAValidChecksum) {
  EXPECT_FALSE(OpaqueToken::Parse(Kind::kApiKey,
                                  "idk_7n42DGM5Tflk9n8mt7Fhc8_0000000000000000000000000000000000000000000_1VavnG"));
  EXPECT_FALSE(OpaqueToken::Parse(Kind::kApiKey,
                                  "idk_0000000000000000000000_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp2_3SNduQ"));
  // The right checksum and 2^32.
  EXPECT_FALSE(OpaqueToken::Parse(Kind::kApiKey,
                                  "idk_0000000000000000000000_0000000000000000000000000000000000000000000_7IH3OG"));
}

TEST(ApiKeyPrefixTest, IsTheBeginningOfTheKey) {
  const std::string prefix = ApiKeyPrefix(*ApiKeyId::Parse(kId));
  EXPECT_EQ(prefix, std::string(kApiKey).substr(0, 26));
}

TEST(LooksLikeApiKeyTest, DependsOnlyOnTheKind) {
  EXPECT_TRUE(LooksLikeApiKey(kApiKey));
  EXPECT_TRUE(LooksLikeApiKey("idk_"));
  EXPECT_FALSE(LooksLikeApiKey("idk"));
  EXPECT_FALSE(LooksLikeApiKey(kRefreshToken));
  EXPECT_FALSE(LooksLikeApiKey(kMfaChallenge));
  EXPECT_FALSE(LooksLikeApiKey(""));
}

}  // namespace
}  // namespace identity
