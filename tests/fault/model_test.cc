#include "tests/fault/model.h"

#include <gtest/gtest.h>

#include <iostream>
#include <random>

#include "absl/strings/numbers.h"

namespace identity {
namespace {

// IDENTITY_SEED repeats the choices of an earlier run, but not the interleaving of its threads.
unsigned Seed() {
  unsigned seed = std::random_device()();
  if (const char* text = std::getenv("IDENTITY_SEED")) {
    if (!absl::SimpleAtoi(text, &seed)) throw std::runtime_error("IDENTITY_SEED is not a number");
  }
  std::cout << "IDENTITY_SEED=" << seed << std::endl;
  return seed;
}

void ExpectAllSeen(const ModelOutcome& outcome) {
  for (const v1::Reason reason : {v1::REASON_GRANTED, v1::REASON_CREDENTIAL_REVOKED, v1::REASON_PRINCIPAL_DISABLED,
                                  v1::REASON_NO_BINDING, v1::REASON_SCOPE_INSUFFICIENT}) {
    const auto seen = outcome.reasons.find(reason);
    EXPECT_NE(seen, outcome.reasons.end()) << "the choices must not be one-sided: " << v1::Reason_Name(reason);
    if (seen != outcome.reasons.end()) std::cout << v1::Reason_Name(reason) << ": " << seen->second << std::endl;
  }
}

TEST(ModelTest, EveryAnswerIsRightAtTheRevisionThatItNames) {
  ModelOptions options;
  options.seed = Seed();
  options.changes = Rounds(450);
  ExpectAllSeen(RunModel(options));
}

// The view has so little memory that it evicts principals which checks need again. Checks ask for principals from their
// creation on, while they change.
TEST(ModelTest, LoadsThatRaceChangesGiveRightAnswers) {
  ModelOptions options;
  options.seed = Seed();
  options.changes = Rounds(400);
  options.flags = {"--view-memory-mib", "1"};
  options.checkers = 4;
  options.large_principals = true;
  const ModelOutcome outcome = RunModel(options);
  ExpectAllSeen(outcome);
  std::cout << "evictions: " << outcome.evictions << std::endl;
  EXPECT_GT(outcome.evictions, 0) << "the view was large enough for everything";
}

}  // namespace
}  // namespace identity
