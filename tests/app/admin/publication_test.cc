#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/app/access/key_ring.h"
#include "server/app/admin/signing_keys.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

// Services that verify tokens themselves keep the published keys for as long as they may. None of them ever meets a
// token of a key that it does not know, however soon the keys are rotated.
namespace identity {
namespace {

using Kids = std::set<std::string>;

RequestContext HalfAMinute() { return {absl::Now() + absl::Seconds(30)}; }

// A service that verifies tokens. It reads the keys again only when its copy is too old.
struct VerifyingService {
  absl::Time read_time = absl::InfinitePast();
  Kids kids;
};

// Keys in a real database, with a clock that the test advances. Time passes by making everything in the database older.
class PublicationTest : public ::testing::Test {
 protected:
  static constexpr size_t kServices = 12;

  PublicationTest() { Start(SigningChoice()); }

  absl::Time Now() const { return absl::Now() + passed_; }
  void Pass(absl::Duration span) {
    passed_ += span;
    database_.Execute(
        absl::StrCat("UPDATE all_signing_keys SET create_time = create_time - interval '1 millisecond' * ",
                     absl::ToInt64Milliseconds(span)));
  }
  absl::Duration Random(absl::Duration least, absl::Duration most) {
    std::uniform_int_distribution<int64_t> milliseconds(absl::ToInt64Milliseconds(least),
                                                        absl::ToInt64Milliseconds(most));
    return absl::Milliseconds(milliseconds(random_));
  }

  // As a server with this configuration does it.
  void Start(const SigningChoice& choice) {
    ASSERT_THAT(MakeMissingSigningKeys(HalfAMinute(), database_.database(), master_keys_, choice), IsOk());
  }
  // True when the next key may sign already.
  bool Rotate(SigningAlgorithm algorithm, absl::Duration publication_time) {
    const auto next = NewSigningKey(master_keys_, algorithm);
    const auto rotate = [&](Mutation& mutation) { return RotateSigningKey(mutation, *next, publication_time); };
    const auto rotated = Mutations(database_.database(), nullptr).Run(HalfAMinute(), Caller(), rotate);
    if (!rotated.ok()) {
      EXPECT_THAT(rotated.status(), HasReason(ErrorReason::kSigningKeyTooNew));
    }
    return rotated.ok();
  }
  std::string KidOfNewToken(SigningAlgorithm algorithm) {
    const auto ring = KeyRing::Load(HalfAMinute(), database_.database(), master_keys_, "issuer");
    EXPECT_THAT(ring, IsOk());
    return (*ring)->signing_key(algorithm)->verification_key().kid();
  }

  // Records the keys that the servers publish from now on.
  void Record() {
    Kids kids;
    const auto jwks = ReadJwks(HalfAMinute(), database_.database());
    EXPECT_THAT(jwks, IsOk());
    const auto set = nlohmann::json::parse(*jwks);
    for (const auto& key : set["keys"]) kids.insert(key["kid"]);
    published_.emplace_back(Now(), std::move(kids));
  }
  // What a server publishes that is `late` with the changes of the database.
  const Kids& Published(absl::Duration late) const {
    for (size_t i = published_.size(); i-- > 1;) {
      if (published_[i].first <= Now() - late) return published_[i].second;
    }
    return published_.front().second;
  }
  // How many services do not know the key `kid` of a token. Some of them get a token.
  int Refusals(const std::string& kid) {
    int refusals = 0;
    for (VerifyingService& service : services_) {
      if (random_() % 2 == 0) continue;
      if (Now() - service.read_time >= kJwksMaxAge) {
        service.kids = Published(Random(absl::ZeroDuration(), kJwksMargin - absl::Seconds(1)));
        service.read_time = Now();
      }
      if (service.kids.count(kid) == 0) ++refusals;
    }
    return refusals;
  }
  // Rotates as soon as it is possible, `times`, and returns how often a service met an unknown key.
  int RefusalsDuringRotations(SigningAlgorithm algorithm, int times, absl::Duration publication_time) {
    int refusals = 0;
    while (times > 0) {
      Pass(Random(absl::Seconds(1), absl::Seconds(25)));
      if (Rotate(algorithm, publication_time)) --times;
      Record();
      refusals += Refusals(KidOfNewToken(algorithm));
    }
    return refusals;
  }

  TestDatabase database_;
  const MasterKeys master_keys_ = *MasterKeys::Parse(Secret(std::string(64, '7')));
  std::vector<VerifyingService> services_{kServices};
  std::vector<std::pair<absl::Time, Kids>> published_;
  std::minstd_rand random_{20261127};
  absl::Duration passed_;
};

TEST_F(PublicationTest, NoVerifierMeetsAnUnknownKeyOverSeveralRotations) {
  Record();
  EXPECT_EQ(RefusalsDuringRotations(SigningAlgorithm::kEdDsa, 8, kPublicationTime), 0);
}

TEST_F(PublicationTest, WithoutTheWaitingTimeVerifiersMeetUnknownKeys) {
  Record();
  EXPECT_GT(RefusalsDuringRotations(SigningAlgorithm::kEdDsa, 8, absl::ZeroDuration()), 0);
}

TEST_F(PublicationTest, WithoutTheMarginVerifiersMeetUnknownKeys) {
  Record();
  EXPECT_GT(RefusalsDuringRotations(SigningAlgorithm::kEdDsa, 8, kJwksMaxAge), 0);
}

TEST_F(PublicationTest, NoVerifierMeetsAnUnknownKeyWhenADeploymentGetsAnotherAlgorithm) {
  Record();
  EXPECT_EQ(RefusalsDuringRotations(SigningAlgorithm::kEdDsa, 1, kPublicationTime), 0);
  const std::string before = KidOfNewToken(SigningAlgorithm::kEs256);
  Start({SigningAlgorithm::kEs256, {}});
  const absl::Time start = Now();
  while (KidOfNewToken(SigningAlgorithm::kEs256) == before) {
    Record();
    EXPECT_EQ(Refusals(before), 0);
    Pass(Random(absl::Seconds(1), absl::Seconds(25)));
    ASSERT_THAT(ActivatePublishedSigningKeys(HalfAMinute(), database_.database(), master_keys_), IsOk());
    ASSERT_LT(Now() - start, kPublicationTime + absl::Minutes(1));
  }
  EXPECT_GE(Now() - start, kPublicationTime);
  EXPECT_EQ(RefusalsDuringRotations(SigningAlgorithm::kEs256, 3, kPublicationTime), 0);
}

}  // namespace
}  // namespace identity
