#include "server/domain/external/json_web_key.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "server/base/encoding/base64url.h"
#include "tests/support/status_matchers.h"
#include "tests/support/token_forge.h"

namespace identity {
namespace {

using Json = nlohmann::json;

const TokenForge& Rsa() {
  static const auto* const forge = new TokenForge(JwsAlgorithm::kRs256, "rsa");
  return *forge;
}

Json With(Json jwk, const char* name, const Json& value) {
  jwk[name] = value;
  return jwk;
}
Json Without(Json jwk, const char* name) {
  jwk.erase(name);
  return jwk;
}

TEST(JsonWebKeyTest, EachAlgorithmVerifiesItsOwnSignatures) {
  for (const JwsAlgorithm algorithm : kJwsAlgorithms) {
    const TokenForge forge(algorithm);
    const absl::optional<JsonWebKey> key = JsonWebKey::FromJson(forge.Jwk());
    ASSERT_TRUE(key) << NameOf(algorithm);
    EXPECT_EQ(key->kid(), "k1");
    const std::string signature = forge.SignatureOf("message");
    EXPECT_TRUE(key->Verify(algorithm, "message", signature)) << NameOf(algorithm);
    EXPECT_FALSE(key->Verify(algorithm, "another", signature)) << NameOf(algorithm);
    EXPECT_FALSE(key->Verify(algorithm, "message", signature + '\0')) << NameOf(algorithm);
    EXPECT_FALSE(key->Verify(algorithm, "message", "")) << NameOf(algorithm);
    for (const JwsAlgorithm other : kJwsAlgorithms) {
      EXPECT_EQ(key->Verify(other, "message", signature), other == algorithm) << NameOf(algorithm) << NameOf(other);
    }
  }
}

TEST(JsonWebKeyTest, WithoutAnAlgorithmItIsForThoseOfItsType) {
  const auto key = JsonWebKey::FromJson(Without(Rsa().Jwk(), "alg"));
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->IsFor(JwsAlgorithm::kRs256));
  EXPECT_TRUE(key->IsFor(JwsAlgorithm::kRs512));
  EXPECT_TRUE(key->IsFor(JwsAlgorithm::kPs256));
  EXPECT_FALSE(key->IsFor(JwsAlgorithm::kEs256));
  EXPECT_FALSE(key->IsFor(JwsAlgorithm::kEdDsa));
}

TEST(JsonWebKeyTest, RefusesKeysForOtherPurposes) {
  const Json good = Rsa().Jwk();
  EXPECT_TRUE(JsonWebKey::FromJson(Without(good, "use")));
  EXPECT_TRUE(JsonWebKey::FromJson(With(good, "key_ops", {"verify"})));
  EXPECT_FALSE(JsonWebKey::FromJson(With(good, "use", "enc")));
  EXPECT_FALSE(JsonWebKey::FromJson(With(good, "use", 1)));
  EXPECT_FALSE(JsonWebKey::FromJson(With(good, "key_ops", {"encrypt"})));
  EXPECT_FALSE(JsonWebKey::FromJson(With(good, "key_ops", "verify")));
  for (const char* algorithm : {"RSA-OAEP", "HS256", "none", "ES256", ""}) {
    EXPECT_FALSE(JsonWebKey::FromJson(With(good, "alg", algorithm))) << algorithm;
  }
}

TEST(JsonWebKeyTest, RefusesWeakLargeAndDamagedKeys) {
  EXPECT_FALSE(JsonWebKey::FromJson(TokenForge(JwsAlgorithm::kRs256, "weak", 2040).Jwk()));
  EXPECT_FALSE(JsonWebKey::FromJson(TokenForge(JwsAlgorithm::kRs256, "weak", 1024).Jwk()));
  EXPECT_FALSE(JsonWebKey::FromJson(TokenForge(JwsAlgorithm::kRs256, "large", 4104).Jwk()));
  for (const std::string& exponent : {std::string("\1"), std::string("\1\0\0", 3), std::string(9, '\1')}) {
    EXPECT_FALSE(JsonWebKey::FromJson(With(Rsa().Jwk(), "e", Base64UrlEncode(exponent))));
  }
  const Json point = TokenForge(JwsAlgorithm::kEs256).Jwk();
  const Json ed25519 = TokenForge(JwsAlgorithm::kEdDsa).Jwk();
  EXPECT_FALSE(JsonWebKey::FromJson(With(point, "x", Base64UrlEncode(std::string(32, '\1')))));  // not on the curve
  EXPECT_FALSE(JsonWebKey::FromJson(With(point, "x", Base64UrlEncode(std::string(31, '\1')))));
  EXPECT_FALSE(JsonWebKey::FromJson(With(point, "crv", "P-384")));
  EXPECT_FALSE(JsonWebKey::FromJson(With(point, "crv", "P-521")));
  EXPECT_FALSE(JsonWebKey::FromJson(With(ed25519, "crv", "Ed448")));
  EXPECT_FALSE(JsonWebKey::FromJson(With(ed25519, "x", Base64UrlEncode(std::string(31, '\1')))));
  for (const Json& good : {Rsa().Jwk(), point, ed25519}) {
    for (const char* name : {"kty", "n", "e", "crv", "x", "y"}) {
      if (!good.contains(name)) continue;
      EXPECT_FALSE(JsonWebKey::FromJson(Without(good, name))) << name;
      EXPECT_FALSE(JsonWebKey::FromJson(With(good, name, ""))) << name;
      EXPECT_FALSE(JsonWebKey::FromJson(With(good, name, 1))) << name;
      EXPECT_FALSE(JsonWebKey::FromJson(With(good, name, "not base64url!"))) << name;
    }
  }
  EXPECT_FALSE(JsonWebKey::FromJson("RSA"));
  // A shared secret verifies nothing here.
  EXPECT_FALSE(JsonWebKey::FromJson({{"kty", "oct"}, {"k", Base64UrlEncode(std::string(32, 's'))}}));
}

// A signature that was verified once counts only as long as the issuer still has the same key.
TEST(JsonWebKeyTest, IsTheSameOnlyWithTheSameKeyNameAndPurpose) {
  for (const JwsAlgorithm algorithm : kJwsAlgorithms) {
    const Json jwk = TokenForge(algorithm).Jwk();
    const JsonWebKey key = *JsonWebKey::FromJson(jwk);
    EXPECT_TRUE(key == JsonWebKey(key)) << NameOf(algorithm);
    EXPECT_TRUE(key == *JsonWebKey::FromJson(jwk)) << NameOf(algorithm) << ": fetched again";
    EXPECT_FALSE(key == *JsonWebKey::FromJson(TokenForge(algorithm).Jwk())) << NameOf(algorithm) << ": another key";
    EXPECT_FALSE(key == *JsonWebKey::FromJson(With(jwk, "kid", "k2"))) << NameOf(algorithm);
    EXPECT_FALSE(key == *JsonWebKey::FromJson(Without(jwk, "alg"))) << NameOf(algorithm);
  }
  const JsonWebKey rsa = *JsonWebKey::FromJson(Rsa().Jwk());
  EXPECT_FALSE(rsa == *JsonWebKey::FromJson(With(Rsa().Jwk(), "alg", "PS256")));
  EXPECT_FALSE(rsa == *JsonWebKey::FromJson(TokenForge(JwsAlgorithm::kEdDsa, "rsa").Jwk()));
}

std::string SetOf(const std::vector<Json>& keys) { return Json{{"keys", keys}}.dump(); }

TEST(JsonWebKeySetTest, FindsAKeyByItsNameAndAlgorithm) {
  const TokenForge point(JwsAlgorithm::kEs256, "point");
  const auto set = JsonWebKeySet::Parse(SetOf({Rsa().Jwk(), point.Jwk(), {{"kty", "new"}}}));
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(set->size(), 2u);
  ASSERT_NE(set->Find("rsa", JwsAlgorithm::kRs256), nullptr);
  EXPECT_EQ(set->Find("rsa", JwsAlgorithm::kRs256)->kid(), "rsa");
  EXPECT_EQ(set->Find("rsa", JwsAlgorithm::kEs256), nullptr);
  EXPECT_EQ(set->Find("unknown", JwsAlgorithm::kRs256), nullptr);
}

TEST(JsonWebKeySetTest, WithoutANameOnlyASingleKeyIsMeant) {
  const TokenForge other(JwsAlgorithm::kRs256, "other");
  const TokenForge point(JwsAlgorithm::kEs256, "point");
  const auto set = JsonWebKeySet::Parse(SetOf({Rsa().Jwk(), point.Jwk()}));
  ASSERT_THAT(set, IsOk());
  EXPECT_NE(set->Find("", JwsAlgorithm::kRs256), nullptr);
  const auto two = JsonWebKeySet::Parse(SetOf({Rsa().Jwk(), other.Jwk()}));
  ASSERT_THAT(two, IsOk());
  EXPECT_EQ(two->Find("", JwsAlgorithm::kRs256), nullptr);
}

TEST(JsonWebKeySetTest, RefusesWhatIsNoSet) {
  for (const char* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[],"keys":[]})", "{\"keys\":[]} x", "<html>"}) {
    EXPECT_FALSE(JsonWebKeySet::Parse(text).ok()) << text;
  }
  EXPECT_THAT(JsonWebKeySet::Parse(R"({"keys":[]})"), IsOk());
  EXPECT_FALSE(JsonWebKeySet::Parse(SetOf(std::vector<Json>(JsonWebKeySet::kMaxKeys + 1, Json::object()))).ok());
  EXPECT_FALSE(JsonWebKeySet::Parse(std::string(JsonWebKeySet::kMaxBytes, ' ') + R"({"keys":[]})").ok());
}

}  // namespace
}  // namespace identity
