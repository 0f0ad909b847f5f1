#include "server/view/token_cache.h"

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

void TokenCache::Keep(absl::string_view text, const SignedAccessToken& token) { tokens_.Put({HashOf(text), token}); }

TokenCache::TextHash TokenCache::HashOf(absl::string_view text) const {
  TextHash hash;
  static_assert(sizeof(hash) == crypto_shorthash_siphashx24_BYTES);
  crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(hash.data()), Unsigned(text), text.size(),
                              Unsigned(key_.Reveal()));
  return hash;
}

}  // namespace identity
