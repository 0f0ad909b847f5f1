#ifndef IDENTITY_BASE_SEALED_BOX_H_
#define IDENTITY_BASE_SEALED_BOX_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/base/secret.h"

namespace identity {

inline constexpr size_t kSealKeyBytes = 32;
inline constexpr size_t kSealNonceBytes = 24;

// XChaCha20-Poly1305 with `context` as associated data, so that a box that was moved to another row does not open.
// `nonce`: kSealNonceBytes random bytes, which begin the result. `key`: kSealKeyBytes.
std::string Seal(const Secret& key, absl::string_view plain, absl::string_view context, absl::string_view nonce);
// nullopt when the key, the box or the context differs.
absl::optional<Secret> Open(const Secret& key, absl::string_view box, absl::string_view context);
// Derives a key for `purpose` (at most 16 bytes) from `secret` (16 to 64 bytes), by keyed BLAKE2b.
Secret DeriveKey(const Secret& secret, absl::string_view purpose);

// The master keys: the first seals, all open. Move-only; safe from any thread once made.
class MasterKeys {
 public:
  // One key per line: 32 bytes in base64 (RFC 4648 section 4, padded) or 64 hexadecimal digits. Ignores empty lines and
  // lines that begin with '#'. INVALID_ARGUMENT that names a malformed or duplicate line, or when there is no key.
  static absl::StatusOr<MasterKeys> Parse(const Secret& text);

  // The id of the key that seals. It reveals nothing about the key.
  const std::string& current_id() const { return keys_.front().first; }
  // The ids of all keys, in the order of their lines.
  std::vector<std::string> ids() const;
  bool Contains(absl::string_view id) const;
  std::string Seal(absl::string_view plain, absl::string_view context, absl::string_view nonce) const;
  // Opens with the key `id`. FAILED_PRECONDITION when there is no such key; DATA_LOSS when the box does not open.
  absl::StatusOr<Secret> Open(absl::string_view id, absl::string_view box, absl::string_view context) const;
  // Derives a key for `purpose` from the key that seals, for data that need not outlive it, such as page tokens.
  Secret Derive(absl::string_view purpose) const;

 private:
  explicit MasterKeys(std::vector<std::pair<std::string, Secret>> keys) : keys_(std::move(keys)) {}
  std::vector<std::pair<std::string, Secret>> keys_;  // id and key
};

}  // namespace identity

#endif  // IDENTITY_BASE_SEALED_BOX_H_
