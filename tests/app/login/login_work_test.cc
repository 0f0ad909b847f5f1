#include "server/app/login/login_work.h"

#include <gtest/gtest.h>

#include <string>

namespace identity {
namespace {

constexpr Argon2Parameters kOwn = {uint64_t{4} << 20, 2};

// A hash, and its cost by a clock that counts instead of measuring.
struct Sample {
  const char* hash;
  int steps;
};
#define ARGON2(cost) "$argon2id$v=19$" cost ",p=1$MDEyMzQ1Njc4OWFiY2RlZg$BaW4fpaHKjCZWAGDYdvtrxLvSh/SRTUPoEiB6ytkbCs"
constexpr Sample kOurs = {ARGON2("m=4096,t=2"), 8};
constexpr Sample kOlder = {ARGON2("m=2048,t=2"), 4};
constexpr Sample kCostly = {ARGON2("m=8192,t=3"), 24};
constexpr Sample kExtreme = {ARGON2("m=8192,t=16"), 128};
#undef ARGON2
constexpr Sample kOfBcrypt = {"$2b$05$abcdefghijklmnopqrstu..7bWYDP.nCKP1mT/ZtGwoi8Eom3hMci", 3};
constexpr Sample kOfPbkdf2 = {"$pbkdf2-sha256$1000$8PHy8/T19vf4.fr7/P3./w$7HZfd3DD5heXdDCAWfZ2glhiMUVuyokAifrD8lqLWks",
                              1};
constexpr Sample kOfScrypt = {
    "$firebase-scrypt$ln=10,r=1$42xEC+ixf3L2lwc$GjH2+Jz+dglLj5NuFkZHgBvZnv8Z8VZE5sdIgEAbIgeXy+ZfSpJLu1A++"
    "pZcpx0OhX41mDwv"
    "u2Olmp+PnfLfyQ",
    2};

// Counts the steps of a LoginWork. The time of a hash is its `steps`, and each further step takes one second.
class LoginWorkTest : public ::testing::Test {
 protected:
  // The steps that a wrong password costs, including those of its hash.
  int StepsOfWrongPassword(const Sample& sample) {
    reads_ = 0;
    hash_steps_ = sample.steps;
    const int before = done_;
    const LoginWork::Verified verified =
        work_.Verify(*PasswordHash::Parse(sample.hash), Secret(absl::string_view("wrong")));
    EXPECT_FALSE(verified.right);
    EXPECT_EQ(verified.work,
              PasswordHash::Parse(sample.hash)->work() + LoginWork::kStep * static_cast<uint64_t>(done_ - before));
    return sample.steps + done_ - before;
  }

  LoginWork work_{kOwn, {[this] { return Time(); }, [this] { ++done_; }}};
  int done_ = 0;

 private:
  // The hash is verified between the first and the second reading.
  absl::Duration Time() {
    if (++reads_ == 2) hashed_ += hash_steps_;
    return absl::Seconds(hashed_ + done_);
  }

  int reads_ = 0;
  int hash_steps_ = 0;
  int hashed_ = 0;
};

TEST_F(LoginWorkTest, AWrongPasswordCostsTheSameForEveryHash) {
  for (const Sample& sample : {kOurs, kOlder, kOfBcrypt, kOfPbkdf2, kOfScrypt, kOurs}) {
    EXPECT_EQ(StepsOfWrongPassword(sample), kOurs.steps) << sample.hash;
  }
}

TEST_F(LoginWorkTest, AfterAMoreExpensiveHashAllCostAsMuchAsThatOne) {
  EXPECT_EQ(StepsOfWrongPassword(kOurs), kOurs.steps);
  for (const Sample& sample : {kCostly, kOurs, kOlder, kOfBcrypt, kOfPbkdf2, kOfScrypt, kCostly}) {
    EXPECT_EQ(StepsOfWrongPassword(sample), kCostly.steps) << sample.hash;
  }
}

TEST_F(LoginWorkTest, OneExtremeHashDoesNotMakeAllGuessesExtreme) {
  EXPECT_EQ(StepsOfWrongPassword(kOurs), kOurs.steps);
  EXPECT_EQ(StepsOfWrongPassword(kExtreme), kExtreme.steps);
  EXPECT_EQ(StepsOfWrongPassword(kOurs), static_cast<int>(LoginWork::kMaxFactor) * kOurs.steps);
}

TEST_F(LoginWorkTest, ARightPasswordCostsOnlyItsHash) {
  StepsOfWrongPassword(kOurs);
  const LoginWork::Verified verified =
      work_.Verify(*PasswordHash::Parse(kOfBcrypt.hash), Secret(absl::string_view("correct horse")));
  EXPECT_TRUE(verified.right);
  EXPECT_EQ(done_, 0);
}

TEST(RealLoginWorkTest, AStepTakesTimeSoThatEveryPasswordEnds) {
  const LoginWork::Meter meter = LoginWork::RealMeter();
  const absl::Duration before = meter.time();
  meter.step();
  EXPECT_GT(meter.time(), before);
}

}  // namespace
}  // namespace identity
