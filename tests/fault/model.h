#ifndef IDENTITY_TESTS_FAULT_MODEL_H_
#define IDENTITY_TESTS_FAULT_MODEL_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/fault/naive.h"
#include "tests/support/deployment.h"

// Makes random changes at one replica and random checks at all replicas, in parallel. Afterwards it compares each
// answer with a second implementation's decision at the revision that the answer names.
namespace identity {

// Random choices. Equal seeds give equal choices on every platform.
class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  size_t Pick(size_t count) { return random_() % count; }
  // An index into a list of `count`, every second time one of the last few: new items change most.
  size_t PlaceOf(size_t count) { return count - 1 - Pick(Pick(2) == 0 ? std::min<size_t>(count, 3) : count); }
  template <typename T>
  const T& PickOf(const std::vector<T>& list) {
    return list[Pick(list.size())];
  }
  std::string Permission() { return Words(1 + Pick(3), ':'); }
  std::string Resource() { return Words(Pick(4), '/'); }
  // One to three patterns.
  std::vector<std::string> Patterns();

 private:
  std::string Words(size_t count, char separator);
  std::mt19937 random_;
};

// The acknowledged changes. Thread-safe.
class Ledger {
 public:
  using Effect = std::function<void(naive::State&)>;
  // `state` is the state at `base`, a consistency token. Every later revision is recorded here.
  Ledger(const std::string& base, naive::State state);

  // Returns the revision.
  int64_t Add(const std::string& consistency_token, Effect effect);
  // The latest acknowledged revision before this call.
  int64_t latest() const { return latest_.load(); }
  // One of the last few tokens.
  std::string RecentToken(Dice& dice) const;

  struct Answer {
    int64_t revision = 0;
    naive::Question question;
    v1::Reason reason = v1::REASON_UNSPECIFIED;
  };
  // Compares all answers with the second implementation, and checks that no revision is missing. A difference fails the
  // test. Returns the number of answers by reason.
  std::map<v1::Reason, int> Verify(std::vector<Answer> answers) const;

 private:
  struct Entry {
    int64_t revision;
    Effect effect;
  };
  const naive::State initial_;
  mutable absl::Mutex mutex_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> tokens_ ABSL_GUARDED_BY(mutex_);
  std::atomic<int64_t> latest_;
};

// The revision of a consistency token. Ends the test for anything else.
int64_t RevisionOf(const std::string& consistency_token);

// The subjects that checks can ask about. Thread-safe.
class Subjects {
 public:
  void Add(naive::Subject subject);
  // Every second time one of the newest.
  naive::Subject Any(Dice& dice) const;

 private:
  mutable absl::Mutex mutex_;
  std::vector<naive::Subject> subjects_ ABSL_GUARDED_BY(mutex_);
};

struct ModelOptions {
  std::vector<std::string> flags;  // of the replicas
  int writers = 2;
  int checkers = 3;    // per replica
  int changes = 1000;  // of all writers together
  // Adds many principals, each with a binding that takes a lot of memory.
  bool large_principals = false;
  unsigned seed = 0;
};
struct ModelOutcome {
  std::map<v1::Reason, int> reasons;  // number of answers by reason
  int64_t evictions = 0;              // principals that had no room in the read-only replica's view
};
// Writes to replica 0 and reads from both replicas.
ModelOutcome RunModel(const ModelOptions& options);

}  // namespace identity

#endif  // IDENTITY_TESTS_FAULT_MODEL_H_
