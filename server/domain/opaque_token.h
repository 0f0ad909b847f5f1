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
//         / "idd" (trusted device)
//   id    = 22 digits: the 128 bits of a UUID, the public look-up key
//   secret = 43 digits: 256 random bits
//   crc   = 6 digits: CRC-32 (ISO-HDLC, as in zlib) of everything before its underscore
// Each value has exactly one text: digits that would overflow the width's bits are refused.
namespace identity {

inline constexpr size_t kTokenSecretBytes = 32;

// A token of one of the kinds of the grammar, which its holder presents. Move-only, since it contains the secret.
class OpaqueToken {
 public:
  enum class Kind { kRefreshToken, kApiKey, kMfaChallenge, kMailedToken, kDevice };

  // `secret`: kTokenSecretBytes random bytes.
  OpaqueToken(Kind kind, const Uuid& id, Secret secret);
  // nullopt unless `text` follows the grammar exactly, with the right checksum and kind.
  static absl::optional<OpaqueToken> Parse(Kind kind, absl::string_view text);

  const Uuid& id() const { return id_; }
  // The 256 bits.
  const Secret& secret() const { return secret_; }
  // The fingerprint of the secret, which the database keeps. A fast hash is enough for 256 random bits (ASVS 2.9).
  std::string Hash() const;
  // The whole text.
  Secret ToText() const;

 private:
  Kind kind_;
  Uuid id_;
  Secret secret_;
};

// `idk_` and the id: the part of a key that may be shown.
std::string ApiKeyPrefix(const ApiKeyId& id);
// True when `text` begins with "idk_", whether or not it is a valid API key.
bool LooksLikeApiKey(absl::string_view text);

}  // namespace identity

#endif  // IDENTITY_DOMAIN_OPAQUE_TOKEN_H_
