#ifndef IDENTITY_VIEW_TOKEN_CACHE_H_
#define IDENTITY_VIEW_TOKEN_CACHE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "server/base/secret.h"
#include "server/domain/access_token.h"
#include "server/view/cache.h"

namespace identity {

// Access tokens whose signature was verified before, by a keyed hash of their text (SipHash-2-4 with 128 bits). Only
// this process has the hash key. So nobody can read a token out of memory here, or make a second text with the same
// hash. Thread-safe.
class TokenCache {
 public:
  explicit TokenCache(size_t limit_bytes);

  // The caller must still check the token's times.
  absl::optional<SignedAccessToken> Find(absl::string_view text);
  // Does nothing for a token of a key that was removed, or that came from such a token by exchanges.
  void Keep(absl::string_view text, const SignedAccessToken& token);
  // Drops all tokens that these keys signed, and those that came from them by exchanges. Later calls of Keep refuse
  // such tokens, also those of a caller that verified the signature before. A removed key never returns.
  void RemoveKeys(const std::vector<std::string>& kids);
  size_t size() const { return tokens_.size(); }
  uint64_t evictions() const { return tokens_.evictions(); }

 private:
  using TextHash = std::array<uint64_t, 2>;
  struct Entry {
    TextHash hash;
    SignedAccessToken token;
  };
  struct Traits {
    static TextHash KeyOf(const Entry& entry) { return entry.hash; }
    static size_t BytesOf(const Entry& entry) { return sizeof(Entry) + 16 + entry.token.memory(); }
  };
  TextHash HashOf(absl::string_view text) const;

  const Secret key_;
  Cache<Entry, Traits> tokens_;
  absl::Mutex mutex_;  // taken before those of `tokens_`
  absl::flat_hash_set<std::string> removed_kids_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace identity

#endif  // IDENTITY_VIEW_TOKEN_CACHE_H_
