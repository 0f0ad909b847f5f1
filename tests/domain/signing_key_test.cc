#include "server/domain/signing_key.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "server/base/encoding/base64url.h"
#include "tests/support/hex.h"
#include "tests/support/sample_keys.h"

namespace identity {
namespace {

std::string Decoded(absl::string_view text) {
  std::string bytes;
  EXPECT_TRUE(Base64UrlDecode(text, &bytes)) << text;
  return bytes;
}

// RFC 8037 appendix A.
constexpr char kSeed[] = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
constexpr char kPublic[] = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
constexpr char kThumbprint[] = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
constexpr char kSigned[] = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
constexpr char kSignature[] = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

SigningKey Rfc8037Key() { return *SigningKey::FromSeed(Secret(Decoded(kSeed))); }

TEST(SigningKeyTest, Rfc8037Key) { EXPECT_EQ(Base64UrlEncode(Rfc8037Key().verification_key().bytes()), kPublic); }

TEST(SigningKeyTest, Rfc8037Signature) {
  const SigningKey key = Rfc8037Key();
  EXPECT_EQ(Base64UrlEncode(key.Sign(kSigned)), kSignature);
  EXPECT_TRUE(key.verification_key().Verify(kSigned, Decoded(kSignature)));
}

TEST(SigningKeyTest, Rfc8032Vectors) {
  const struct {
    const char* seed;
    const char* key;
    const char* message;
    const char* signature;
  } kVectors[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2"
       "4"
       "655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302ae"
       "e"
       "b00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28"
       "d"
       "c027beceea1ec40a"},
  };
  for (const auto& vector : kVectors) {
    const auto key = SigningKey::FromSeed(Secret(FromHex(vector.seed)));
    ASSERT_TRUE(key.ok());
    EXPECT_EQ(absl::BytesToHexString(key->verification_key().bytes()), vector.key);
    EXPECT_EQ(absl::BytesToHexString(key->Sign(FromHex(vector.message))), vector.signature);
    EXPECT_TRUE(key->verification_key().Verify(FromHex(vector.message), FromHex(vector.signature)));
  }
}

TEST(SigningKeyStateTest, ParseInvertsNameOf) {
  for (const auto state : {SigningKeyState::kNext, SigningKeyState::kActive, SigningKeyState::kRetiring}) {
    EXPECT_EQ(ParseSigningKeyState(NameOf(state)), state);
  }
  EXPECT_EQ(NameOf(SigningKeyState::kActive), "active");
  EXPECT_EQ(ParseSigningKeyState("retired"), absl::nullopt);
}

TEST(VerificationKeyTest, KidIsTheThumbprint) { EXPECT_EQ(Rfc8037Key().verification_key().kid(), kThumbprint); }

TEST(VerificationKeyTest, JwkIsTheExampleOfRfc8037) {
  EXPECT_EQ(Rfc8037Key().verification_key().ToJwk(), std::string(R"({"alg":"EdDSA","crv":"Ed25519","kid":")") +
                                                         kThumbprint + R"(","kty":"OKP","use":"sig","x":")" + kPublic +
                                                         R"("})");
}

TEST(VerificationKeyTest, EveryOtherSignatureMessageAndKeyIsRefused) {
  const VerificationKey key = Rfc8037Key().verification_key();
  const std::string signature = Decoded(kSignature);
  for (size_t i = 0; i < signature.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string broken = signature;
      broken[i] = static_cast<char>(broken[i] ^ (1 << bit));
      EXPECT_FALSE(key.Verify(kSigned, broken));
    }
  }
  EXPECT_FALSE(key.Verify("other", signature));
  EXPECT_FALSE(key.Verify(kSigned, ""));
  EXPECT_FALSE(key.Verify(kSigned, signature.substr(0, 63)));
  EXPECT_FALSE(key.Verify(kSigned, signature + "x"));
  const auto other = SigningKey::FromSeed(Secret(std::string(32, 's')));
  EXPECT_FALSE(other->verification_key().Verify(kSigned, signature));
}

TEST(VerificationKeyTest, UnreducedScalarIsRefused) {
  // The same point and scalar, with the order of the group added to it.
  const std::string order = FromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  std::string signature = Decoded(kSignature);
  int carry = 0;
  for (size_t i = 0; i < 32; ++i) {
    const int sum = static_cast<uint8_t>(signature[32 + i]) + static_cast<uint8_t>(order[i]) + carry;
    signature[32 + i] = static_cast<char>(sum & 0xff);
    carry = sum >> 8;
  }
  ASSERT_EQ(carry, 0);
  EXPECT_FALSE(Rfc8037Key().verification_key().Verify(kSigned, signature));
}

TEST(VerificationKeyTest, KeyOfSmallOrderVerifiesNothing) {
  // The neutral element as key and as point, and a scalar of zero: the equation holds for every message.
  const std::string neutral = std::string(1, '\1') + std::string(31, '\0');
  const auto key = VerificationKey::Create(SigningAlgorithm::kEdDsa, neutral);
  ASSERT_TRUE(key.ok());
  EXPECT_FALSE(key->Verify(kSigned, neutral + std::string(32, '\0')));
}

TEST(VerificationKeyTest, IsThirtyTwoBytes) {
  for (const size_t size : {0u, 31u, 33u, 64u}) {
    EXPECT_EQ(VerificationKey::Create(SigningAlgorithm::kEdDsa, std::string(size, 'k')).status().code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(SigningKey::FromSeed(Secret(std::string(size, 'k'))).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

// RFC 7515 appendix A.3. The s of that signature is the higher one of the two, so its counterpart verifies.
constexpr char kEs256Signed[] =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ";
constexpr char kEs256Signature[] =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

TEST(SigningKeyTest, Rfc7515SignatureOfEs256) {
  const SigningKey sample = SampleKey(SigningAlgorithm::kEs256);
  const VerificationKey& key = sample.verification_key();
  EXPECT_NE(key.ToJwk().find(R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")"), std::string::npos);
  EXPECT_NE(key.ToJwk().find(R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")"), std::string::npos);
  const std::string higher = Decoded(kEs256Signature);
  const std::string lower =
      higher.substr(0, 32) + FromHex("3af5f82b73c38f1b270ed250f7b5ab7f168169e7b4844dea647a4b3878bfd07c");
  EXPECT_TRUE(key.Verify(kEs256Signed, lower));
  EXPECT_FALSE(key.Verify(kEs256Signed, higher));
}

TEST(SigningKeyTest, SignaturesOfEs256HaveTheLowerS) {
  const SigningKey key = SampleKey(SigningAlgorithm::kEs256);
  for (int i = 0; i < 50; ++i) {
    const std::string message(static_cast<size_t>(i), 'm');
    const std::string signature = key.Sign(message);
    ASSERT_EQ(signature.size(), 64u);
    EXPECT_LT(static_cast<uint8_t>(signature[32]), 0x80);
    EXPECT_TRUE(key.verification_key().Verify(message, signature));
  }
}

TEST(SigningKeyTest, SignaturesOfRs256AreAsLongAsTheModulus) {
  const SigningKey key = SampleKey(SigningAlgorithm::kRs256);
  const std::string signature = key.Sign("message");
  EXPECT_EQ(signature.size(), 256u);
  EXPECT_EQ(key.Sign("message"), signature) << "the padding is not random";
  EXPECT_TRUE(key.verification_key().Verify("message", signature));
  EXPECT_FALSE(key.verification_key().Verify("other", signature));
}

// RFC 7638 section 3.1.
TEST(VerificationKeyTest, KidOfAnRsaKeyIsTheExampleOfRfc7638) {
  const std::string modulus = Decoded(
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj"
      "hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQ"
      "vRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK"
      "nqDKgw");
  const std::string der =
      FromHex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100") + modulus + FromHex("0203010001");
  const auto key = VerificationKey::Create(SigningAlgorithm::kRs256, der);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->kid(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  EXPECT_NE(key->ToJwk().find(R"({"alg":"RS256","e":"AQAB","kid":"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")"),
            std::string::npos);
  EXPECT_EQ(key->bytes(), der);
}

// Every other text for the same key would be another row in the database.
TEST(VerificationKeyTest, OnlyTheOneEncodingOfAKeyForTheAlgorithmIsAccepted) {
  for (const SigningAlgorithm algorithm : {SigningAlgorithm::kEs256, SigningAlgorithm::kRs256}) {
    const std::string der = SampleKey(algorithm).verification_key().bytes();
    EXPECT_TRUE(VerificationKey::Create(algorithm, der).ok());
    for (const std::string& other : {der + "x", der.substr(1), der.substr(0, der.size() - 1), std::string(),
                                     std::string("MIIB"), std::string(32, 'k'), der + der}) {
      EXPECT_FALSE(VerificationKey::Create(algorithm, other).ok());
    }
    for (const SigningAlgorithm other : kSigningAlgorithms) {
      EXPECT_EQ(VerificationKey::Create(other, der).ok(), other == algorithm);
      EXPECT_EQ(SigningKey::FromPrivate(other, SamplePrivateKey(algorithm)).ok(), other == algorithm);
    }
  }
}

TEST(VerificationKeyTest, PointThatIsNotOnTheCurveIsRefused) {
  std::string der = SampleKey(SigningAlgorithm::kEs256).verification_key().bytes();
  der.back() = static_cast<char>(der.back() ^ 1);
  EXPECT_FALSE(VerificationKey::Create(SigningAlgorithm::kEs256, der).ok());
}

TEST(Base64UrlTest, Rfc4648Vectors) {
  const struct {
    const char* bytes;
    const char* text;
  } kVectors[] = {{"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
                  {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}};
  for (const auto& vector : kVectors) {
    EXPECT_EQ(Base64UrlEncode(vector.bytes), vector.text);
    EXPECT_EQ(Decoded(vector.text), vector.bytes);
  }
}

TEST(Base64UrlTest, OnlyTheCanonicalFormIsAccepted) {
  std::string bytes;
  for (const std::string& text : {std::string("Z"), std::string("Zg=="), std::string("Zh"), std::string("Zm9"),
                                  std::string("Zm9vY"), std::string("+_8"), std::string("/_8"), std::string("Zm 9v"),
                                  std::string("Zm9v\n"), std::string("Zm9v."), std::string("Zm9v\0", 5)}) {
    EXPECT_FALSE(Base64UrlDecode(text, &bytes)) << text;
  }
}

TEST(Base64UrlTest, BytesAboveAsciiAreNoDigits) {
  for (int byte = 0x80; byte <= 0xff; ++byte) {
    for (size_t i = 0; i < 4; ++i) {
      std::string text = "Zm9v";
      text[i] = static_cast<char>(byte);
      std::string bytes;
      EXPECT_FALSE(Base64UrlDecode(text, &bytes)) << byte;
      EXPECT_FALSE(Base64Decode(text, Base64Padding::kNone, &bytes)) << byte;
      EXPECT_FALSE(Base64Decode(text, Base64Padding::kRequired, &bytes)) << byte;
    }
  }
}

TEST(Base64Test, PaddingIsRequiredOrRefused) {
  std::string bytes;
  EXPECT_TRUE(Base64Decode("+/8=", Base64Padding::kRequired, &bytes));
  EXPECT_EQ(bytes, "\xfb\xff");
  EXPECT_FALSE(Base64Decode("+/8", Base64Padding::kRequired, &bytes));
  EXPECT_TRUE(Base64Decode("+/8", Base64Padding::kNone, &bytes));
  EXPECT_EQ(bytes, "\xfb\xff");
  EXPECT_FALSE(Base64Decode("+/8=", Base64Padding::kNone, &bytes));
  EXPECT_FALSE(Base64Decode("-_8", Base64Padding::kNone, &bytes));
}

}  // namespace
}  // namespace identity
