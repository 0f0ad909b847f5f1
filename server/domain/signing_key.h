#ifndef IDENTITY_DOMAIN_SIGNING_KEY_H_
#define IDENTITY_DOMAIN_SIGNING_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/base/secret.h"

namespace identity {

inline constexpr size_t kSigningSeedBytes = 32;

// `kNext` is published before it signs, `kActive` signs, and `kRetiring` verifies until its last token has expired.
enum class SigningKeyState { kNext, kActive, kRetiring };
// The name in the database: "next", "active" or "retiring".
absl::string_view NameOf(SigningKeyState state);
// nullopt for another name.
absl::optional<SigningKeyState> ParseSigningKeyState(absl::string_view name);

// The public half of an Ed25519 key (RFC 8032, RFC 8037). A value.
class VerificationKey {
 public:
  // INVALID_ARGUMENT unless `bytes` are 32.
  static absl::StatusOr<VerificationKey> Create(absl::string_view bytes);

  const std::string& bytes() const { return bytes_; }
  // The RFC 7638 thumbprint (SHA-256) in base64url.
  const std::string& kid() const { return kid_; }
  // RFC 7517 / 8037: {"alg":"EdDSA","crv":"Ed25519","kid":…,"kty":"OKP","use":"sig","x":…}.
  std::string ToJwk() const;
  bool Verify(absl::string_view message, absl::string_view signature) const;

 private:
  VerificationKey(std::string bytes, std::string kid) : bytes_(std::move(bytes)), kid_(std::move(kid)) {}
  std::string bytes_;
  std::string kid_;
};

// Both halves of a key. Move-only, since it contains the private one.
class SigningKey {
 public:
  // From a 32-byte seed. INVALID_ARGUMENT for another length.
  static absl::StatusOr<SigningKey> FromSeed(const Secret& seed);

  const VerificationKey& verification_key() const { return public_; }
  // 64 bytes.
  std::string Sign(absl::string_view message) const;

 private:
  SigningKey(Secret expanded, VerificationKey key) : private_(std::move(expanded)), public_(std::move(key)) {}
  Secret private_;
  VerificationKey public_;
};

}  // namespace identity

#endif  // IDENTITY_DOMAIN_SIGNING_KEY_H_
