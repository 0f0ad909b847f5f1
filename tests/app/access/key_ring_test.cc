#include "server/app/access/key_ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/time/clock.h"
#include "server/app/admin/signing_keys.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

RequestContext InTime() { return {absl::Now() + absl::Seconds(30)}; }

class KeyRingTest : public ::testing::Test {
 protected:
  // Makes the missing keys of EdDSA and of `usual`.
  void MakeKeys(SigningAlgorithm usual = SigningAlgorithm::kEdDsa) {
    ASSERT_THAT(MakeMissingSigningKeys(InTime(), database_.database(), master_keys_, {usual, {}}), IsOk());
  }
  std::unique_ptr<KeyRing> Load() {
    auto ring = KeyRing::Load(InTime(), database_.database(), master_keys_, "issuer");
    EXPECT_THAT(ring, IsOk());
    return *std::move(ring);
  }
  void Reload(KeyRing& ring) {
    EXPECT_THAT(database_.database().Read(InTime(), [&](Transaction& transaction) { return ring.Reload(transaction); }),
                IsOk());
  }
  static SigningAlgorithm SignsWith(const KeyRing& ring, SigningAlgorithm algorithm) {
    return ring.signing_key(algorithm)->verification_key().algorithm();
  }
  static std::vector<std::string> AlgorithmsIn(const std::string& jwks) {
    std::vector<std::string> algorithms;
    const auto set = nlohmann::json::parse(jwks);
    for (const auto& key : set["keys"]) algorithms.push_back(key["alg"]);
    return algorithms;
  }

  TestDatabase database_;
  const MasterKeys master_keys_ = *MasterKeys::Parse(Secret(std::string(64, '7')));
};

TEST_F(KeyRingTest, TheSetHasTheKeysOfAllStatesAndAlgorithms) {
  MakeKeys(SigningAlgorithm::kEs256);
  const std::unique_ptr<KeyRing> ring = Load();
  const std::shared_ptr<const std::string> before = ring->jwks();
  EXPECT_THAT(AlgorithmsIn(*before), UnorderedElementsAre("EdDSA", "EdDSA", "ES256", "ES256"));
  EXPECT_THAT(ReadJwks(InTime(), database_.database()), IsOkAndHolds(*before));
  database_.Execute("UPDATE all_signing_keys SET state = 'retiring', retire_time = now() WHERE algorithm = 'ES256'");
  Reload(*ring);
  EXPECT_EQ(*ring->jwks(), *before) << "tokens of retiring keys are valid";
  database_.Execute("DELETE FROM all_signing_keys WHERE state = 'retiring'");
  EXPECT_EQ(*ring->jwks(), *before) << "until the next reload";
  Reload(*ring);
  EXPECT_THAT(AlgorithmsIn(*ring->jwks()), ElementsAre("EdDSA", "EdDSA"));
  EXPECT_THAT(AlgorithmsIn(*before), UnorderedElementsAre("EdDSA", "EdDSA", "ES256", "ES256"));
}

TEST_F(KeyRingTest, EdDsaSignsForAnAlgorithmWithoutAnActiveKey) {
  MakeKeys();
  const std::unique_ptr<KeyRing> ring = Load();
  EXPECT_EQ(SignsWith(*ring, SigningAlgorithm::kEs256), SigningAlgorithm::kEdDsa);
  MakeKeys(SigningAlgorithm::kEs256);
  Reload(*ring);
  EXPECT_EQ(SignsWith(*ring, SigningAlgorithm::kEs256), SigningAlgorithm::kEdDsa) << "its key is new";
  database_.Execute("UPDATE all_signing_keys SET state = 'active' WHERE algorithm = 'ES256'");
  Reload(*ring);
  EXPECT_EQ(SignsWith(*ring, SigningAlgorithm::kEs256), SigningAlgorithm::kEs256);
  EXPECT_EQ(SignsWith(*ring, SigningAlgorithm::kEdDsa), SigningAlgorithm::kEdDsa);
  EXPECT_EQ(SignsWith(*ring, SigningAlgorithm::kRs256), SigningAlgorithm::kEdDsa);
  database_.Execute("DELETE FROM all_signing_keys WHERE algorithm = 'ES256'");
  Reload(*ring);
  EXPECT_EQ(SignsWith(*ring, SigningAlgorithm::kEs256), SigningAlgorithm::kEdDsa);
}

TEST_F(KeyRingTest, AKeyThatWasMovedToAnotherRowDoesNotOpen) {
  MakeKeys(SigningAlgorithm::kEs256);
  database_.Execute(
      "UPDATE all_signing_keys SET sealed_private_key = (SELECT sealed_private_key FROM all_signing_keys"
      "  WHERE algorithm = 'ES256' AND state = 'next') WHERE algorithm = 'ES256' AND state = 'active'");
  EXPECT_THAT(KeyRing::Load(InTime(), database_.database(), master_keys_, "issuer"),
              StatusIs(absl::StatusCode::kDataLoss));
}

// A database that a newer version uses.
TEST_F(KeyRingTest, AKeyOfAnAlgorithmOfANewerVersionIsIgnored) {
  MakeKeys();
  database_.Execute(
      "ALTER TABLE all_signing_keys DROP CONSTRAINT all_signing_keys_algorithm_check;"
      "INSERT INTO all_signing_keys (kid, algorithm, state, public_key, sealed_private_key, master_key_id)"
      " VALUES ('k', 'ML-DSA-65', 'active', '', '', 'm')");
  EXPECT_THAT(AlgorithmsIn(*Load()->jwks()), ElementsAre("EdDSA", "EdDSA"));
}

}  // namespace
}  // namespace identity
