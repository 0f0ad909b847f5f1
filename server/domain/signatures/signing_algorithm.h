#ifndef IDENTITY_DOMAIN_SIGNATURES_SIGNING_ALGORITHM_H_
#define IDENTITY_DOMAIN_SIGNATURES_SIGNING_ALGORITHM_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace identity {

// The algorithms that sign access tokens: Ed25519 (RFC 8037), ECDSA on P-256 with SHA-256, and RSASSA-PKCS1-v1_5 with
// SHA-256 (RFC 7518 sections 3.4 and 3.3).
enum class SigningAlgorithm { kEdDsa, kEs256, kRs256 };
inline constexpr SigningAlgorithm kSigningAlgorithms[] = {SigningAlgorithm::kEdDsa, SigningAlgorithm::kEs256,
                                                          SigningAlgorithm::kRs256};

// The value of "alg" in a header (RFC 7515): "EdDSA", "ES256" or "RS256".
absl::string_view NameOf(SigningAlgorithm algorithm);
// nullopt for another name. Case counts.
absl::optional<SigningAlgorithm> ParseSigningAlgorithm(absl::string_view name);
// All names.
std::vector<std::string> SigningAlgorithmNames();

// Which algorithm signs the tokens of which audience. A value.
struct SigningChoice {
  SigningAlgorithm usual = SigningAlgorithm::kEdDsa;  // for all other audiences
  std::map<std::string, SigningAlgorithm, std::less<>> by_audience;

  SigningAlgorithm For(absl::string_view audience) const;
  bool Includes(SigningAlgorithm algorithm) const;
};

}  // namespace identity

#endif  // IDENTITY_DOMAIN_SIGNATURES_SIGNING_ALGORITHM_H_
