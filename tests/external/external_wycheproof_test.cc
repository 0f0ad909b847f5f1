#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/domain/external/json_web_key.h"
#include "server/domain/signatures/signing_algorithm.h"
#include "server/domain/signing_key.h"
#include "tests/support/hex.h"

// The vectors of Wycheproof through the function that verifies tokens of other issuers.
namespace identity {
namespace {

using Json = nlohmann::json;

struct Vectors {
  const char* file;
  JwsAlgorithm algorithm;
  size_t count;
  absl::optional<SigningAlgorithm> ours;  // of a file whose keys have the form of our own
};

class ExternalWycheproofTest : public testing::TestWithParam<Vectors> {};

// nullopt for a key that is not for `ours`.
absl::optional<JsonWebKey> KeyOf(const Json& key, const absl::optional<SigningAlgorithm>& ours) {
  if (!ours) return JsonWebKey::FromJson(key);
  const auto read = VerificationKey::Create(*ours, FromHex(key.get<std::string>()));
  return read.ok() ? JsonWebKey::FromJson(Json::parse(read->ToJwk())) : absl::nullopt;
}

TEST_P(ExternalWycheproofTest, ExactlyTheValidSignaturesVerify) {
  std::ifstream file(absl::StrCat(IDENTITY_WYCHEPROOF_DIRECTORY, "/", GetParam().file));
  const Json vectors = Json::parse(file);
  size_t count = 0;
  for (const Json& group : vectors.at("keys")) {
    const absl::optional<JsonWebKey> key = KeyOf(group.at("key"), GetParam().ours);
    if (!key) continue;
    for (const Json& test : group.at("tests")) {
      ++count;
      const std::string result = test.at(1);
      const std::string flag = test.at(2);
      const bool verifies = key->Verify(GetParam().algorithm, FromHex(test.at(4).get<std::string>()),
                                        FromHex(test.at(5).get<std::string>()));
      // "acceptable": a verifier may refuse it, and we do.
      EXPECT_EQ(verifies, result == "valid") << test.at(0) << " " << flag << " " << test.at(3);
    }
  }
  EXPECT_EQ(count, GetParam().count);
}

INSTANTIATE_TEST_SUITE_P(
    Files, ExternalWycheproofTest,
    testing::Values(Vectors{"ecdsa_p384.json", JwsAlgorithm::kEs384, 280, {}},
                    Vectors{"rsa_pss_2048.json", JwsAlgorithm::kPs256, 108, {}},
                    Vectors{"rsa_pkcs1_2048_sha512.json", JwsAlgorithm::kRs512, 259, {}},
                    Vectors{"rsa_pkcs1_3072.json", JwsAlgorithm::kRs256, 259, {}},
                    Vectors{"ecdsa_p256.json", JwsAlgorithm::kEs256, 262, SigningAlgorithm::kEs256},
                    Vectors{"ed25519.json", JwsAlgorithm::kEdDsa, 151, SigningAlgorithm::kEdDsa},
                    // Two keys with the exponent 3 have no form of ours. The files above have such keys, too.
                    Vectors{"rsa_pkcs1_2048.json", JwsAlgorithm::kRs256, 257, SigningAlgorithm::kRs256}),
    [](const auto& parameter) {
      const std::string name = parameter.param.file;
      return name.substr(0, name.find('.'));
    });

}  // namespace
}  // namespace identity
