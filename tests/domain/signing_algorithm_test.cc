#include "server/domain/signatures/signing_algorithm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace identity {
namespace {

TEST(SigningAlgorithmTest, ParseInvertsNameOf) {
  for (const SigningAlgorithm algorithm : kSigningAlgorithms) {
    EXPECT_EQ(ParseSigningAlgorithm(NameOf(algorithm)), algorithm);
  }
  EXPECT_THAT(SigningAlgorithmNames(), ::testing::ElementsAre("EdDSA", "ES256", "RS256"));
}

TEST(SigningAlgorithmTest, OtherNamesAreUnknown) {
  for (const char* name : {"", "none", "HS256", "es256", "EDDSA", "ES256 ", "Ed25519", "PS256", "ES384"}) {
    EXPECT_EQ(ParseSigningAlgorithm(name), absl::nullopt) << name;
  }
}

TEST(SigningChoiceTest, AnAudienceHasItsOwnAlgorithmOrTheUsualOne) {
  const SigningChoice choice = {SigningAlgorithm::kRs256, {{"orders", SigningAlgorithm::kEs256}}};
  EXPECT_EQ(choice.For("orders"), SigningAlgorithm::kEs256);
  for (const char* audience : {"identity", "Orders", "order", "orders2", ""}) {
    EXPECT_EQ(choice.For(audience), SigningAlgorithm::kRs256) << audience;
  }
  EXPECT_TRUE(choice.Includes(SigningAlgorithm::kEs256));
  EXPECT_TRUE(choice.Includes(SigningAlgorithm::kRs256));
  EXPECT_FALSE(choice.Includes(SigningAlgorithm::kEdDsa));
  EXPECT_EQ(SigningChoice().For("orders"), SigningAlgorithm::kEdDsa);
}

}  // namespace
}  // namespace identity
