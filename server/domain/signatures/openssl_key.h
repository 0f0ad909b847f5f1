#ifndef IDENTITY_DOMAIN_SIGNATURES_OPENSSL_KEY_H_
#define IDENTITY_DOMAIN_SIGNATURES_OPENSSL_KEY_H_

#include <openssl/types.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/base/secret.h"
#include "server/domain/signatures/signing_algorithm.h"

namespace identity {

// A key for ES256 (on the curve P-256) or RS256 (2048 to 4096 bits, with the exponent 65537). Immutable, so safe from
// any thread; copies share the key.
class OpenSslKey {
 public:
  // The public half, from a SubjectPublicKeyInfo (RFC 5280 section 4.1) in DER. nullopt unless it is the one encoding
  // of a key for `algorithm`. `algorithm` must not be kEdDsa.
  static absl::optional<OpenSslKey> FromPublic(SigningAlgorithm algorithm, absl::string_view der);
  // Both halves, from PKCS #8 (RFC 5208) in DER. nullopt unless it is a key for `algorithm` whose signatures verify.
  static absl::optional<OpenSslKey> FromPrivate(SigningAlgorithm algorithm, const Secret& der);

  // The SubjectPublicKeyInfo.
  std::string PublicDer() const;
  // The members of the JWK that RFC 7638 section 3.2 requires: for ES256 crv, kty, x and y, for RS256 e, kty and n.
  std::map<std::string, std::string> JwkMembers() const;
  // ES256: 64 bytes, r and s, with the lower of the two values that s can have. RS256: as long as the modulus. Only
  // this form verifies, so nobody can derive a second signature from a first.
  bool Verify(absl::string_view message, absl::string_view signature) const;
  // Needs both halves. OpenSSL draws the nonce of ES256 from the private key, the message and its random generator.
  std::string Sign(absl::string_view message) const;

 private:
  OpenSslKey(SigningAlgorithm algorithm, std::shared_ptr<EVP_PKEY> key) : algorithm_(algorithm), key_(std::move(key)) {}
  SigningAlgorithm algorithm_;
  std::shared_ptr<EVP_PKEY> key_;  // never changed; OpenSSL takes no pointer to const
};

}  // namespace identity

#endif  // IDENTITY_DOMAIN_SIGNATURES_OPENSSL_KEY_H_
