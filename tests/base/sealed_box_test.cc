#include "server/base/sealed_box.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/support/hex.h"

namespace identity {
namespace {

using ::testing::HasSubstr;

const char kHexKey[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const char kBase64Key[] = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";  // 0x20 to 0x3f
const std::string& Nonce() {
  static const std::string nonce(kSealNonceBytes, 'n');
  return nonce;
}

Secret CountedKey() { return Secret(FromHex(kHexKey)); }

MasterKeys Keys(const std::string& text) { return *MasterKeys::Parse(Secret(absl::string_view(text))); }

TEST(SealTest, OpensWithTheSameKeyAndContext) {
  for (const std::string& plain :
       {std::string(), std::string("seed"), std::string("a\0b", 3), std::string(5000, 'x')}) {
    const std::string box = Seal(CountedKey(), plain, "row 1", Nonce());
    EXPECT_EQ(box.substr(0, kSealNonceBytes), Nonce());
    const auto opened = Open(CountedKey(), box, "row 1");
    ASSERT_TRUE(opened);
    EXPECT_EQ(std::string(opened->Reveal()), plain);
  }
}

TEST(SealTest, DoesNotOpenInAnotherRowOrWithAnotherKey) {
  const std::string box = Seal(CountedKey(), "seed", "row 1", Nonce());
  EXPECT_FALSE(Open(CountedKey(), box, "row 2"));
  EXPECT_FALSE(Open(CountedKey(), box, ""));
  EXPECT_FALSE(Open(Secret(std::string(32, 'k')), box, "row 1"));
}

TEST(SealTest, EveryBitFlipAndTruncationIsRefused) {
  const std::string box = Seal(CountedKey(), "seed", "row 1", Nonce());
  for (size_t i = 0; i < box.size(); ++i) {
    EXPECT_FALSE(Open(CountedKey(), box.substr(0, i), "row 1"));
    for (int bit = 0; bit < 8; ++bit) {
      std::string broken = box;
      broken[i] = static_cast<char>(broken[i] ^ (1 << bit));
      EXPECT_FALSE(Open(CountedKey(), broken, "row 1"));
    }
  }
  EXPECT_FALSE(Open(CountedKey(), box + "x", "row 1"));
}

TEST(DeriveKeyTest, IsKeyedBlake2bOfThePurpose) {
  EXPECT_EQ(absl::BytesToHexString(DeriveKey(CountedKey(), "page tokens").Reveal()),
            "dbc66b885d08e041d4b25160ddd38ff87d260819d1a71bf3aaf556c467a01b84");
}

TEST(DeriveKeyTest, PurposesAndSecretsDoNotShareAKey) {
  EXPECT_FALSE(DeriveKey(CountedKey(), "a") == DeriveKey(CountedKey(), "b"));
  EXPECT_FALSE(DeriveKey(CountedKey(), "a") == DeriveKey(Secret(std::string(32, 'k')), "a"));
}

TEST(MasterKeysTest, TheFirstSealsAndAllOpen) {
  const MasterKeys old_keys = Keys(kHexKey);
  const MasterKeys new_keys = Keys(absl::StrCat("# rotated\n", kBase64Key, "\n\n  # old\n", kHexKey, "\r\n"));
  EXPECT_NE(new_keys.current_id(), old_keys.current_id());
  EXPECT_TRUE(new_keys.Contains(old_keys.current_id()));
  EXPECT_FALSE(old_keys.Contains(new_keys.current_id()));

  const std::string box = old_keys.Seal("seed", "row", Nonce());
  const auto opened = new_keys.Open(old_keys.current_id(), box, "row");
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(std::string(opened->Reveal()), "seed");
  EXPECT_EQ(old_keys.Open(new_keys.current_id(), box, "row").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(new_keys.Open(new_keys.current_id(), box, "row").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(new_keys.Open(old_keys.current_id(), box, "other row").status().code(), absl::StatusCode::kDataLoss);
}

TEST(MasterKeysTest, IdsAreInTheOrderOfTheLines) {
  const MasterKeys keys = Keys(absl::StrCat(kBase64Key, "\n# old\n", kHexKey));
  EXPECT_THAT(keys.ids(), ::testing::ElementsAre(Keys(kBase64Key).current_id(), Keys(kHexKey).current_id()));
}

TEST(MasterKeysTest, HexadecimalAndBase64FormsOfAKeyAreTheSameKey) {
  EXPECT_EQ(Keys(kHexKey).current_id(), Keys("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").current_id());
}

TEST(MasterKeysTest, IdRevealsNothingAboutTheKey) {
  const std::string id = Keys(kHexKey).current_id();
  EXPECT_EQ(id.size(), 16u);
  EXPECT_EQ(std::string(kHexKey).find(id), std::string::npos);
}

TEST(MasterKeysTest, DerivesFromTheKeyThatSeals) {
  EXPECT_TRUE(Keys(absl::StrCat(kHexKey, "\n", kBase64Key)).Derive("p") == DeriveKey(CountedKey(), "p"));
}

TEST(MasterKeysTest, ErrorNamesAMalformedLineWithoutQuotingIt) {
  const std::string good = kHexKey;
  for (const std::string& bad :
       {std::string("secret"), good.substr(1), good + "0", absl::StrCat("g", good.substr(1)), good.substr(0, 62),
        std::string("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"),
        std::string("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg=="),
        std::string("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd\xc3\xa9"
                    "8="),
        std::string("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9="), kBase64Key + std::string(" x"), good}) {
    const auto keys = MasterKeys::Parse(Secret(absl::StrCat(good, "\n\n", bad, "\n")));
    ASSERT_EQ(keys.status().code(), absl::StatusCode::kInvalidArgument) << bad;
    const std::string message(keys.status().message());
    EXPECT_THAT(message, HasSubstr("line 3"));
    EXPECT_EQ(message.find(bad), std::string::npos);
  }
}

TEST(MasterKeysTest, AtLeastOneKeyIsRequired) {
  for (const char* text : {"", "\n\n", "# nothing\n"}) {
    EXPECT_EQ(MasterKeys::Parse(Secret(absl::string_view(text))).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace identity
