#ifndef IDENTITY_DOMAIN_EXTERNAL_JSON_WEB_KEY_H_
#define IDENTITY_DOMAIN_EXTERNAL_JSON_WEB_KEY_H_

#include <openssl/types.h>

#include <cstddef>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/domain/external/jws_algorithm.h"

namespace identity {

// A public key of another issuer, which verifies its signatures (RFC 7517). Immutable, so safe from any thread; copies
// share the key.
class JsonWebKey {
 public:
  // nullopt unless the JWK is for signatures and one of these:
  // - RSA of 2048 to 4096 bits, with an odd exponent from 3 to 2⁶⁴,
  // - EC: a point on P-256 or P-384,
  // - OKP: Ed25519.
  // `use`, `key_ops` and `alg`, where present, must agree.
  static absl::optional<JsonWebKey> FromJson(const nlohmann::json& jwk);

  // "" when the JWK names none.
  const std::string& kid() const { return kid_; }
  // Whether the key verifies signatures of this algorithm. It never verifies others, so the header of a token cannot
  // choose how the key is used (RFC 8725 section 3.1).
  bool IsFor(JwsAlgorithm algorithm) const;
  // Whether both are the same key, with the same name and purpose.
  friend bool operator==(const JsonWebKey& a, const JsonWebKey& b);
  // RS*, PS256: as long as the modulus. ES*: r and s (RFC 7518 section 3.4). PS256: the salt is as long as the hash.
  bool Verify(JwsAlgorithm algorithm, absl::string_view message, absl::string_view signature) const;

 private:
  enum class Type { kRsa, kP256, kP384, kEd25519 };
  friend struct AlgorithmRow;

  JsonWebKey(Type type, std::shared_ptr<EVP_PKEY> key) : type_(type), key_(std::move(key)) {}
  static absl::optional<JsonWebKey> ReadRsa(const nlohmann::json& jwk);
  static absl::optional<JsonWebKey> ReadPoint(const nlohmann::json& jwk);
  static absl::optional<JsonWebKey> ReadEd25519(const nlohmann::json& jwk);

  Type type_;
  std::shared_ptr<EVP_PKEY> key_;  // null for Ed25519; never changed, but OpenSSL takes no pointer to const
  std::string ed25519_;
  std::string kid_;
  absl::optional<JwsAlgorithm> only_;  // the `alg` of the JWK
};

// The keys that an issuer publishes. Immutable.
class JsonWebKeySet {
 public:
  static constexpr size_t kMaxBytes = 256 * 1024;
  static constexpr size_t kMaxKeys = 100;

  JsonWebKeySet() = default;
  // Ignores keys that JsonWebKey refuses (RFC 7517, section 5). INVALID_ARGUMENT if the text is not a JWK set,
  // and for one with more than kMaxBytes or kMaxKeys.
  static absl::StatusOr<JsonWebKeySet> Parse(absl::string_view json);

  // The key with this `kid` that is for `algorithm`. A token without a `kid` ("") is good only while a single key of
  // the set is for its algorithm (OpenID Connect Core, section 10.1). nullptr: there is none. Valid as long as the set.
  const JsonWebKey* Find(absl::string_view kid, JwsAlgorithm algorithm) const;
  size_t size() const { return keys_.size(); }

 private:
  std::vector<JsonWebKey> keys_;
};

}  // namespace identity

#endif  // IDENTITY_DOMAIN_EXTERNAL_JSON_WEB_KEY_H_
