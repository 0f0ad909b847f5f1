#ifndef IDENTITY_DOMAIN_EXTERNAL_EXTERNAL_TOKEN_H_
#define IDENTITY_DOMAIN_EXTERNAL_EXTERNAL_TOKEN_H_

#include <cstddef>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/domain/external/json_web_key.h"
#include "server/domain/external/jws_algorithm.h"

namespace identity {

// A JWT of another issuer as it came (RFC 7519, in the compact form of RFC 7515 section 3.1). Nothing in it is
// verified, so it tells only which key would verify it. A value that refers to no other text.
class ExternalToken {
 public:
  static constexpr size_t kMaxBytes = 16 * 1024;

  // nullopt for another form, for an algorithm that we do not have, for a token of another purpose by its `typ` (RFC
  // 8725 section 3.11), and for a header that names a key or demands an extension (jku, jwk, x5u, x5c, crit, b64).
  static absl::optional<ExternalToken> Parse(absl::string_view text);

  JwsAlgorithm algorithm() const { return algorithm_; }
  // "" when the header names none.
  const std::string& kid() const { return kid_; }
  // The `iss` that the token claims, and "" when it claims none.
  const std::string& claimed_issuer() const { return claimed_issuer_; }

 private:
  friend class ExternalClaims;
  ExternalToken() = default;

  JwsAlgorithm algorithm_ = JwsAlgorithm::kRs256;
  std::string kid_;
  std::string claimed_issuer_;
  std::string signed_part_;
  std::string signature_;
  std::shared_ptr<const nlohmann::json> claims_;
};

// The claims of a token whose signature was verified. Times, issuer and audience are not: see CheckExternalToken.
// Immutable; copies share the claims.
class ExternalClaims {
 public:
  // The only way to get claims: nullopt unless `key` verifies the signature.
  static absl::optional<ExternalClaims> Verify(const ExternalToken& token, const JsonWebKey& key);

  // A claim is named by its name, or by a JSON pointer (RFC 6901) to a member within one, such as
  // "/realm_access/roles". All of these give nullopt for a claim that is missing or has another type.
  absl::optional<std::string> Text(absl::string_view claim) const;
  absl::optional<bool> Bool(absl::string_view claim) const;
  // Whole seconds (RFC 7519 section 2, NumericDate); fractions are dropped. nullopt beyond the year 9999, too.
  absl::optional<absl::Time> Time(absl::string_view claim) const;
  // The texts of an array, or a single text as a list of one. nullopt when any element is no text.
  absl::optional<std::vector<std::string>> Texts(absl::string_view claim) const;
  bool Has(absl::string_view claim) const;

  JwsAlgorithm algorithm() const { return algorithm_; }

 private:
  ExternalClaims(JwsAlgorithm algorithm, std::shared_ptr<const nlohmann::json> json)
      : algorithm_(algorithm), json_(std::move(json)) {}
  const nlohmann::json* Find(absl::string_view claim) const;

  JwsAlgorithm algorithm_;
  std::shared_ptr<const nlohmann::json> json_;
};

}  // namespace identity

#endif  // IDENTITY_DOMAIN_EXTERNAL_EXTERNAL_TOKEN_H_
