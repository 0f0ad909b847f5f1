#ifndef IDENTITY_APP_ACCESS_EXTERNAL_KEYS_H_
#define IDENTITY_APP_ACCESS_EXTERNAL_KEYS_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/app/access/document_source.h"
#include "server/base/metrics.h"
#include "server/base/request_context.h"
#include "server/domain/external/json_web_key.h"
#include "server/domain/external/jws_algorithm.h"

namespace identity {

// Where an issuer publishes its keys. A value.
struct KeyOrigin {
  std::string issuer;
  std::string jwks_uri;  // "": its metadata tells (OpenID Connect Discovery 1.0, section 4)
};

// The keys of other issuers. They are fetched when a token needs them first, and again when they have become old. An
// issuer whose server is away keeps the keys that it has, for a day. Thread-safe.
//
// Strangers choose the names of keys in tokens. So a name that is not known causes a fetch only when the last one of
// that issuer is a minute ago, and all who need it wait for the same one. Threads of this object fetch, so a caller
// waits only as long as its context allows.
class ExternalKeys {
 public:
  static constexpr absl::Duration kFetchInterval = absl::Minutes(1);
  static constexpr absl::Duration kRetryInterval = absl::Seconds(10);  // after a failure
  static constexpr absl::Duration kUsualAge = absl::Minutes(5);        // of keys whose server names no max-age
  static constexpr absl::Duration kLongestAge = absl::Hours(24);
  // However long a max-age is: the other half of the day is for an outage.
  static constexpr absl::Duration kLongestFresh = absl::Hours(12);
  static constexpr absl::Duration kShownFor = absl::Hours(1);  // in metrics, after its last use

  struct Options {
    // How many callers may wait at a time, over all issuers: a slow server must not take all workers.
    size_t max_waiting = 4;
    // Files with JWK sets, by issuer. Such an issuer is never asked over the network.
    std::map<std::string, std::string> files = {};
  };
  // `source` must outlive the object. `uptime`: of this machine. A clock that somebody sets must not decide how old
  // keys are.
  ExternalKeys(DocumentSource& source, std::function<absl::Duration()> uptime, const Options& options);
  ~ExternalKeys();
  ExternalKeys(const ExternalKeys&) = delete;
  ExternalKeys& operator=(const ExternalKeys&) = delete;

  // The key that verifies tokens with this header. nullopt: the issuer has no such key. UNAVAILABLE /
  // PROVIDER_UNAVAILABLE, with a delay, when its keys cannot be had now. `WouldBlock` as the context says.
  absl::StatusOr<absl::optional<JsonWebKey>> Find(const RequestContext& context, const KeyOrigin& origin,
                                                  absl::string_view kid, JwsAlgorithm algorithm);

  // Begins to fetch the keys, if there are none, so that the first callers find them.
  void Prefetch(const KeyOrigin& origin);

  // For metrics: of the issuers that were needed in the last hour, since others may be none of ours any more.
  struct Health {
    std::string issuer;
    bool has_keys = false;
    bool last_fetch_failed = false;
    absl::Duration age;  // of the keys
    int64_t fetches = 0;
    int64_t failures = 0;
  };
  std::vector<Health> health() const;
  // A series for each issuer that was asked for its keys. They hold values of now.
  std::vector<Gauge> Gauges() const;

 private:
  struct Entry;
  using Step = absl::optional<absl::StatusOr<absl::optional<JsonWebKey>>>;

  const std::shared_ptr<Entry>& EntryOf(const KeyOrigin& origin) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The answer, or nullopt after the wait for a fetch, to be asked again.
  Step Try(const RequestContext& context, const KeyOrigin& origin, absl::string_view kid, JwsAlgorithm algorithm)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Lets a thread fetch the keys, unless one will already.
  void Order(const KeyOrigin& origin, Entry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // A fetch for which somebody waits comes before the others.
  void Hasten(const KeyOrigin& origin) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Wait(const RequestContext& context, std::shared_ptr<const Entry> entry)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Fetches the keys of an entry that says `fetching`.
  void Fetch(const KeyOrigin& origin) ABSL_LOCKS_EXCLUDED(mutex_);
  struct Fetched {
    JsonWebKeySet keys;
    absl::Duration max_age;
  };
  absl::StatusOr<Fetched> Read(const RequestContext& context, const KeyOrigin& origin);
  static absl::StatusOr<Fetched> ReadKeys(const std::string& text, absl::Duration max_age);
  void FetchOrdered();

  DocumentSource& source_;
  const std::function<absl::Duration()> uptime_;
  const Options options_;
  mutable absl::Mutex mutex_;
  std::map<std::string, std::shared_ptr<Entry>> entries_ ABSL_GUARDED_BY(mutex_);  // by issuer
  std::deque<KeyOrigin> ordered_ ABSL_GUARDED_BY(mutex_);                          // their entries say `fetching`
  size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_EXTERNAL_KEYS_H_
