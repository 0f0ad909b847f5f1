#ifndef IDENTITY_DOMAIN_OPAQUE_TOKEN_H_
#define IDENTITY_DOMAIN_OPAQUE_TOKEN_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/base/secret.h"
#include "server/domain/ids.h"

// Grammar (all digits base62: 0-9 A-Z a-z, most significant first, zero-padded to a fixed width):
//   token = kind "_" id "_" secret "_" crc
//   kind  = "idr" (refresh token) / "idk" (API key) / "idc" (challenge for a second factor) / "idm" (mailed token)
//   id    = 22 digits: the 128 bits of a UUID, the public look-up key
//   secret = 43 digits: 256 random bits
//   crc   = 6 digits: CRC-32 (ISO-HDLC, as zlib's) of all that stands before its underscore
// There is one text for a value: digits that would overflow the width's bits are refused.
namespace identity {

inline constexpr size_t kTokenSecretBytes = 32;

// A secret that its holder presents, of one of the kinds of the grammar. Move-only, for it holds the secret.
class OpaqueToken {
 public:
  enum class Kind { kRefreshToken, kApiKey, kMfaChallenge, kMailedToken };

  // Of an id and `secret` (kTokenSecretBytes random bytes).
  OpaqueToken(Kind kind, const Uuid& id, Secret secret);
  // nullopt for anything but the exact grammar with the right checksum and kind.
  static absl::optional<OpaqueToken> Parse(Kind kind, absl::string_view text);

  const Uuid& id() const { return id_; }
  // The 256 bits.
  const Secret& secret() const { return secret_; }
  // Fingerprint of the secret: what is kept. A fast hash is enough for 256 random bits (ASVS 2.9).
  std::string Hash() const;
  // The whole text.
  Secret ToText() const;

 private:
  Kind kind_;
  Uuid id_;
  Secret secret_;
};

// `idk_` and the id: what may be shown of a key.
std::string ApiKeyPrefix(const ApiKeyId& id);
// Does `text` claim to be an API key? True for "idk_…", whatever follows.
bool LooksLikeApiKey(absl::string_view text);

}  // namespace identity

#endif  // IDENTITY_DOMAIN_OPAQUE_TOKEN_H_
