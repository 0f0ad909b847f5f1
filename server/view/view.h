#ifndef IDENTITY_VIEW_VIEW_H_
#define IDENTITY_VIEW_VIEW_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/base/metrics.h"
#include "server/base/request_context.h"
#include "server/base/run_for_value.h"
#include "server/domain/consistency_token.h"
#include "server/view/facts.h"
#include "server/view/progress.h"
#include "server/view/revocations.h"
#include "server/view/table.h"
#include "server/view/token_cache.h"

namespace identity {

// How new the facts of a decision must be. A value.
struct Freshness {
  absl::optional<ConsistencyToken> at_least;  // they include the change of this token and all before it
  bool full = false;                          // they include all changes that were committed before the request arrived
};

// The result of one round of the feed. Its facts are those of the revision of `position`.
struct ViewUpdate {
  std::shared_ptr<Position> position;
  bool everything = false;                      // replaces all that the view knew before
  std::vector<PrincipalId> changed_principals;  // or to be kept from now on
  std::vector<ApiKeyId> changed_api_keys;
  std::vector<PrincipalFacts> principals;  // the changed ones that the view keeps, and the owners of the keys
  std::vector<SharedApiKey> api_keys;      // the changed ones
  std::vector<Revocations::Revocation> revocations;
};

// The facts that this replica knows; it never keeps decisions. The feed keeps them true. The view reads a principal or
// an API key from the database when a caller first needs it. Thread-safe.
class View {
 public:
  struct Options {
    absl::Duration max_staleness = absl::Seconds(60);
    size_t memory_bytes = size_t{256} << 20;
    // Covers a failover after a crash (3 to 4 seconds), not one after the loss of a host. More would keep too many
    // workers waiting.
    absl::Duration commit_wait = absl::Seconds(5);
  };
  View(Database& database, const Options& options, Metrics& metrics);

  // Runs `body`, which takes Facts and returns absl::Status or absl::StatusOr<T>. All its facts are true at one
  // revision, as new as `freshness` requires. `body` may run several times, so it returns its results and writes to
  // nothing outside itself. Returns `WouldBlock` when it would have to wait and `context` forbids that. Other errors:
  // - those of `body`, Progress::WaitFor and Database::Read;
  // - UNAVAILABLE / STORAGE_UNAVAILABLE when the last successful read of the database is longer than `max_staleness`
  //   ago.
  template <typename Body>
  BodyResult<Facts, Body> Read(const RequestContext& context, const Freshness& freshness, Body&& body) {
    return RunForValue<Facts>(
        body, [&](absl::FunctionRef<absl::Status(Facts&)> run_body) { return Run(context, freshness, run_body); });
  }

  // Waits until the feed has applied a change that another connection of this process has committed or read. If it is
  // known then, every later `Read` sees it. Waits for at most Options::commit_wait and three quarters of the time that
  // is left, so that the caller gets the answer.
  Progress::Fate AwaitChange(const RequestContext& context, const ConsistencyToken& token);

  absl::Duration max_staleness() const { return options_.max_staleness; }

  // Access tokens whose signature was verified.
  TokenCache& tokens() { return tokens_; }

  // ---- For the feed.

  Progress& progress() { return progress_; }
  void Apply(ViewUpdate update);
  // Forgets revocations that no living token can match.
  void Prune(absl::Time now) { revocations_.Prune(now); }
  // Those of the principals whose records are kept.
  std::vector<PrincipalId> Kept(const std::vector<PrincipalId>& ids) const { return principals_.Kept(ids); }

  // ---- For metrics.

  struct Sizes {
    size_t principals;
    size_t api_keys;
    size_t tokens;
    size_t revocations;
  };
  Sizes sizes() const;
  // How many entries each kind's share of the memory was too small for, since the start.
  struct Evictions {
    uint64_t principals;
    uint64_t api_keys;
    uint64_t tokens;
  };
  Evictions evictions() const;

 private:
  class ViewFacts;
  class Watches;
  enum class Outcome { kDone, kIncomplete, kMoved };

  // A position that is as new as `freshness` requires and not too old. Sets `uptime` to now.
  absl::StatusOr<std::shared_ptr<const Position>> FreshPosition(const RequestContext& context,
                                                                const Freshness& freshness, absl::Duration* uptime);
  absl::Status Run(const RequestContext& context, const Freshness& freshness,
                   absl::FunctionRef<absl::Status(Facts&)> body);
  // Whether the position is as new as `freshness` requires, apart from `full`.
  static bool IsFresh(const Position& position, const Freshness& freshness);
  Outcome Attempt(ViewFacts& facts, std::shared_ptr<const Position> position, absl::Duration uptime,
                  absl::FunctionRef<absl::Status(Facts&)> body, absl::Status* status) const;
  absl::Status Load(const RequestContext& context, const std::vector<PrincipalId>& principals,
                    const std::vector<ApiKeyId>& api_keys, Watches& watches);
  absl::Status ReachLoaded(const RequestContext& context, const ConsistencyToken& token);

  struct PrincipalTraits {
    static PrincipalId KeyOf(const PrincipalFacts& facts) { return facts.id(); }
    // Includes its share of the table and the overhead of the allocator.
    static size_t BytesOf(const PrincipalFacts& facts) { return facts.memory() + 40; }
  };
  struct ApiKeyTraits {
    static ApiKeyId KeyOf(const SharedApiKey& key) { return key->id; }
    static size_t BytesOf(const SharedApiKey& key);
  };

  Database& database_;
  const Options options_;
  Metrics& metrics_;
  Progress progress_;
  // Odd while the feed applies an update. A reader that sees the same even number before and after it gathers facts has
  // facts of one revision.
  std::atomic<uint64_t> sequence_ = 0;
  absl::Mutex applying_;  // held while the sequence is odd
  Table<PrincipalFacts, PrincipalTraits> principals_;
  Table<SharedApiKey, ApiKeyTraits> api_keys_;
  Revocations revocations_;
  TokenCache tokens_;
};

}  // namespace identity

#endif  // IDENTITY_VIEW_VIEW_H_
