#include "server/view/token_cache.h"

#include <algorithm>

#include "server/base/mutex.h"
#include "server/base/random.h"
#include "server/base/sodium.h"

namespace identity {

TokenCache::TokenCache(size_t limit_bytes)
    : key_(RandomBytes(crypto_shorthash_siphashx24_KEYBYTES)), tokens_(limit_bytes) {}

absl::optional<SignedAccessToken> TokenCache::Find(absl::string_view text) {
  absl::optional<Entry> entry = tokens_.Find(HashOf(text));
  if (!entry) return absl::nullopt;
  return entry->token;
}

void TokenCache::Keep(absl::string_view text, const SignedAccessToken& token) {
  const TextHash hash = HashOf(text);
  // The lock is held until the token is in the cache: a later RemoveKeys finds it there.
  MutexLock lock(mutex_);
  for (const absl::string_view kid : token.kids()) {
    if (removed_kids_.contains(kid)) return;
  }
  tokens_.Put({hash, token});
}

void TokenCache::RemoveKeys(const std::vector<std::string>& kids) {
  if (kids.empty()) return;
  {
    MutexLock lock(mutex_);
    removed_kids_.insert(kids.begin(), kids.end());
  }
  const auto signed_by_them = [&](const Entry& entry) {
    const std::vector<absl::string_view> signers = entry.token.kids();
    return std::find_first_of(signers.begin(), signers.end(), kids.begin(), kids.end()) != signers.end();
  };
  tokens_.EraseIf(signed_by_them);
}

TokenCache::TextHash TokenCache::HashOf(absl::string_view text) const {
  TextHash hash;
  static_assert(sizeof(hash) == crypto_shorthash_siphashx24_BYTES);
  crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(hash.data()), Unsigned(text), text.size(),
                              Unsigned(key_.Reveal()));
  return hash;
}

}  // namespace identity
