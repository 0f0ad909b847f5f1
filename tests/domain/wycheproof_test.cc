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

// The Ed25519 vectors of Wycheproof, and the cases that they leave out. All go through the function that verifies
// access tokens.
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

std::vector<SignatureVector> ReadVectors() {
  std::ifstream file(IDENTITY_WYCHEPROOF_FILE);
  const nlohmann::json json = nlohmann::json::parse(file);
  std::vector<SignatureVector> vectors;
  for (const auto& group : json.at("keys")) {
    const std::string key = FromHex(group.at("key").get<std::string>());
    for (const auto& test : group.at("tests")) {
      const std::string result = test.at(1);
      EXPECT_TRUE(result == "valid" || result == "invalid") << result;
      vectors.push_back({absl::StrCat(test.at(0).get<int>(), ": ", test.at(3).get<std::string>()), key,
                         FromHex(test.at(4).get<std::string>()), FromHex(test.at(5).get<std::string>()), test.at(2),
                         result == "valid"});
    }
  }
  return vectors;
}

bool Verifies(const std::string& key, absl::string_view message, absl::string_view signature) {
  return VerificationKey::Create(key)->Verify(message, signature);
}

TEST(WycheproofTest, ExactlyTheValidSignaturesVerify) {
  const std::vector<SignatureVector> vectors = ReadVectors();
  EXPECT_EQ(vectors.size(), 151u);
  for (const SignatureVector& vector : vectors) {
    EXPECT_EQ(Verifies(vector.key, vector.message, vector.signature), vector.valid) << vector.description;
  }
}

// Scalars of the order of the group and above (RFC 8032 section 5.1.7) would give a second signature of the same
// message. Wrong encodings of the point R would do the same.
TEST(WycheproofTest, ThereIsOnlyOneSignatureOfAMessage) {
  const std::vector<SignatureVector> vectors = ReadVectors();
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

}  // namespace
}  // namespace identity
