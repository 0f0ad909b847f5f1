#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/base/sodium.h"
#include "server/domain/signing_key.h"
#include "tests/support/hex.h"

// The vectors of Wycheproof for our three algorithms, and the cases that they leave out. All go through the function
// that verifies access tokens.
namespace identity {
namespace {

struct SignatureVector {
  std::string description;
  std::string key;
  std::string message;
  std::string signature;
  std::string flag;
  bool valid = false;
};

std::vector<SignatureVector> ReadVectors(const std::string& name) {
  std::ifstream file(absl::StrCat(IDENTITY_WYCHEPROOF_DIRECTORY, "/", name));
  const nlohmann::json json = nlohmann::json::parse(file);
  std::vector<SignatureVector> vectors;
  for (const auto& group : json.at("keys")) {
    const std::string key = FromHex(group.at("key").get<std::string>());
    for (const auto& test : group.at("tests")) {
      const std::string result = test.at(1);
      // "acceptable": a verifier may refuse it, and we do.
      EXPECT_TRUE(result == "valid" || result == "invalid" || result == "acceptable") << result;
      vectors.push_back({absl::StrCat(test.at(0).get<int>(), ": ", test.at(3).get<std::string>()), key,
                         FromHex(test.at(4).get<std::string>()), FromHex(test.at(5).get<std::string>()), test.at(2),
                         result == "valid"});
    }
  }
  return vectors;
}

bool Verifies(const std::string& key, absl::string_view message, absl::string_view signature) {
  return VerificationKey::Create(SigningAlgorithm::kEdDsa, key)->Verify(message, signature);
}

TEST(WycheproofTest, ExactlyTheValidSignaturesVerify) {
  const std::vector<SignatureVector> vectors = ReadVectors("ed25519.json");
  EXPECT_EQ(vectors.size(), 151u);
  for (const SignatureVector& vector : vectors) {
    EXPECT_EQ(Verifies(vector.key, vector.message, vector.signature), vector.valid) << vector.description;
  }
}

// Scalars of the order of the group and above (RFC 8032 section 5.1.7) would give a second signature of the same
// message. Wrong encodings of the point R would do the same.
TEST(WycheproofTest, ThereIsOnlyOneSignatureOfAMessage) {
  const std::vector<SignatureVector> vectors = ReadVectors("ed25519.json");
  for (const char* flag : {"SignatureMalleability", "InvalidEncoding", "SignatureWithGarbage", "InvalidSignature"}) {
    const auto count = std::count_if(vectors.begin(), vectors.end(), [&](const SignatureVector& vector) {
      return vector.flag == flag && !vector.valid && !Verifies(vector.key, vector.message, vector.signature);
    });
    EXPECT_GE(count, 5) << flag;
  }
}

// The points whose order divides 8, and encodings of them that RFC 8032 section 5.1.3 does not allow.
const std::vector<std::string>& PointsOfSmallOrder() {
  static const auto* const points = [] {
    auto* const all = new std::vector<std::string>();
    for (const char* point : {"0000000000000000000000000000000000000000000000000000000000000000",
                              "0100000000000000000000000000000000000000000000000000000000000000",
                              "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                              "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                              "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                              "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                              "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
      std::string bytes = FromHex(point);
      all->push_back(bytes);
      bytes.back() = static_cast<char>(bytes.back() ^ 0x80);  // the sign of x
      all->push_back(bytes);
    }
    return all;
  }();
  return *points;
}

// S·B for a scalar S that anybody can choose.
std::string MultipleOfBase(const std::string& scalar) {
  std::string point(crypto_core_ed25519_BYTES, '\0');
  EXPECT_EQ(crypto_scalarmult_ed25519_base_noclamp(reinterpret_cast<unsigned char*>(point.data()), Unsigned(scalar)),
            0);
  return point;
}

// With a key A of small order, h·A is the neutral element for every eighth message. Then (S·B, S) satisfies the
// equation S·B = R + h·A for any S: a forgery that needs no private key.
TEST(WycheproofTest, AKeyOfSmallOrderVerifiesNothing) {
  EnsureSodium();
  const std::string scalar = "\5" + std::string(31, '\0');
  const std::string signature = MultipleOfBase(scalar) + scalar;
  for (const std::string& key : PointsOfSmallOrder()) {
    for (int i = 0; i < 64; ++i) EXPECT_FALSE(Verifies(key, absl::StrCat("message ", i), signature));
  }
}

// With both of small order, the equation holds for S = 0 and many messages.
TEST(WycheproofTest, APointOfSmallOrderIsNoSignature) {
  const std::string zero(32, '\0');
  const std::string good_key = SigningKey::FromSeed(Secret(std::string(32, 's')))->verification_key().bytes();
  for (const std::string& point : PointsOfSmallOrder()) {
    EXPECT_FALSE(Verifies(good_key, "message", point + zero));
    for (const std::string& key : PointsOfSmallOrder()) {
      for (int i = 0; i < 8; ++i) EXPECT_FALSE(Verifies(key, absl::StrCat("message ", i), point + zero));
    }
  }
}

// n - s in place of s, for the order n of P-256. It is valid wherever s is.
std::string WithOtherS(const std::string& signature) {
  const std::string order = FromHex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  std::string other = signature;
  int borrow = 0;
  for (size_t i = 32; i-- > 0;) {
    const int difference = static_cast<uint8_t>(order[i]) - static_cast<uint8_t>(signature[32 + i]) - borrow;
    borrow = difference < 0 ? 1 : 0;
    other[32 + i] = static_cast<char>(difference & 0xff);
  }
  return other;
}

// Of the two signatures (r, s) and (r, n - s), exactly the one with the lower s verifies.
TEST(WycheproofTest, ExactlyTheLowerOfTheTwoEcdsaSignaturesVerifies) {
  const std::vector<SignatureVector> vectors = ReadVectors("ecdsa_p256.json");
  EXPECT_EQ(vectors.size(), 262u);
  int higher = 0;
  for (const SignatureVector& vector : vectors) {
    const auto key = VerificationKey::Create(SigningAlgorithm::kEs256, vector.key);
    ASSERT_TRUE(key.ok()) << vector.description;
    const bool verifies = key->Verify(vector.message, vector.signature);
    if (!vector.valid) {
      EXPECT_FALSE(verifies) << vector.description;
      continue;
    }
    EXPECT_NE(verifies, key->Verify(vector.message, WithOtherS(vector.signature))) << vector.description;
    if (!verifies) ++higher;
  }
  EXPECT_EQ(higher, 70);
}

TEST(WycheproofTest, ExactlyTheValidRsaSignaturesOfKeysWithTheUsualExponentVerify) {
  const std::vector<SignatureVector> vectors = ReadVectors("rsa_pkcs1_2048.json");
  EXPECT_EQ(vectors.size(), 259u);
  int other_exponents = 0;
  for (const SignatureVector& vector : vectors) {
    const auto key = VerificationKey::Create(SigningAlgorithm::kRs256, vector.key);
    if (!key.ok()) {
      ++other_exponents;
      continue;
    }
    EXPECT_EQ(key->Verify(vector.message, vector.signature), vector.valid) << vector.description;
  }
  EXPECT_EQ(other_exponents, 2) << "the keys with the exponent 3";
}

}  // namespace
}  // namespace identity
