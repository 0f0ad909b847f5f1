#ifndef IDENTITY_TESTS_SUPPORT_TOKEN_FORGE_H_
#define IDENTITY_TESTS_SUPPORT_TOKEN_FORGE_H_

#include <openssl/types.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/string_view.h"
#include "server/domain/external/jws_algorithm.h"

namespace identity {

// A key pair of another issuer, with which tests sign good tokens and forge bad ones.
class TokenForge {
 public:
  // A new key for `algorithm`. `rsa_bits` is for its RSA algorithms.
  explicit TokenForge(JwsAlgorithm algorithm, const std::string& kid = "k1", unsigned rsa_bits = 2048);

  JwsAlgorithm algorithm() const { return algorithm_; }
  // The public half, with its `kid`, `use` and `alg`.
  nlohmann::json Jwk() const;
  // {"alg":…,"kid":…,"typ":"JWT"}
  nlohmann::json Header() const;
  // A token with the usual header, or with another one.
  std::string Sign(const nlohmann::json& claims) const { return Sign(Header(), claims.dump()); }
  std::string Sign(const nlohmann::json& header, const std::string& claims) const;
  // As JWS has it: of an elliptic curve r and s.
  std::string SignatureOf(absl::string_view message) const;

 private:
  JwsAlgorithm algorithm_;
  std::string kid_;
  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_TOKEN_FORGE_H_
