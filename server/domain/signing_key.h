#ifndef IDENTITY_DOMAIN_SIGNING_KEY_H_
#define IDENTITY_DOMAIN_SIGNING_KEY_H_

#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/base/secret.h"
#include "server/domain/signatures/openssl_key.h"
#include "server/domain/signatures/signing_algorithm.h"

namespace identity {

inline constexpr size_t kSigningSeedBytes = 32;

// `kNext` is published before it signs, `kActive` signs, and `kRetiring` verifies until its last token has expired.
enum class SigningKeyState { kNext, kActive, kRetiring };
// The name in the database: "next", "active" or "retiring".
absl::string_view NameOf(SigningKeyState state);
// nullopt for another name.
absl::optional<SigningKeyState> ParseSigningKeyState(absl::string_view name);

// The public half of a key, which verifies signatures of one algorithm only. A value.
class VerificationKey {
 public:
  // `bytes`: 32 bytes for EdDSA (RFC 8032), otherwise a SubjectPublicKeyInfo in DER, as OpenSslKey reads it.
  // INVALID_ARGUMENT for anything else.
  static absl::StatusOr<VerificationKey> Create(SigningAlgorithm algorithm, absl::string_view bytes);

  SigningAlgorithm algorithm() const { return algorithm_; }
  const std::string& bytes() const { return bytes_; }
  // The RFC 7638 thumbprint (SHA-256) in base64url.
  const std::string& kid() const { return kid_; }
  // RFC 7517, 7518, 8037, such as {"alg":"EdDSA","crv":"Ed25519","kid":…,"kty":"OKP","use":"sig","x":…}. The members
  // are in the order of their names.
  std::string ToJwk() const;
  // Signatures are 64 bytes for EdDSA, otherwise as OpenSslKey::Verify describes.
  bool Verify(absl::string_view message, absl::string_view signature) const;

 private:
  VerificationKey(SigningAlgorithm algorithm, absl::string_view bytes, absl::optional<OpenSslKey> key);
  SigningAlgorithm algorithm_;
  std::string bytes_;
  absl::optional<OpenSslKey> key_;  // unset for EdDSA
  std::map<std::string, std::string> members_;
  std::string kid_;
};

// Both halves of a key. Move-only, since it contains the private one.
class SigningKey {
 public:
  // An EdDSA key from a 32-byte seed. INVALID_ARGUMENT for another length.
  static absl::StatusOr<SigningKey> FromSeed(const Secret& seed);
  // `private_key`: the seed for EdDSA, otherwise PKCS #8 in DER. INVALID_ARGUMENT for anything else.
  static absl::StatusOr<SigningKey> FromPrivate(SigningAlgorithm algorithm, const Secret& private_key);

  const VerificationKey& verification_key() const { return public_; }
  // As VerificationKey::Verify takes it.
  std::string Sign(absl::string_view message) const;

 private:
  SigningKey(Secret expanded, absl::optional<OpenSslKey> key, VerificationKey public_half)
      : expanded_(std::move(expanded)), key_(std::move(key)), public_(std::move(public_half)) {}
  Secret expanded_;                 // of EdDSA
  absl::optional<OpenSslKey> key_;  // of the other algorithms
  VerificationKey public_;
};

// How long verifiers may keep the published keys (the max-age of their response), and how long it may take after that
// until every server publishes a new key and the clocks agree.
inline constexpr absl::Duration kJwksMaxAge = absl::Minutes(5);
inline constexpr absl::Duration kJwksMargin = absl::Minutes(1);
// A key that has been published for this time is known to every verifier that keeps the keys for up to kJwksMaxAge.
inline const absl::Duration kPublicationTime = kJwksMaxAge + kJwksMargin;

}  // namespace identity

#endif  // IDENTITY_DOMAIN_SIGNING_KEY_H_
