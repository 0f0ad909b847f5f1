#ifndef IDENTITY_DOMAIN_EXTERNAL_JWS_ALGORITHM_H_
#define IDENTITY_DOMAIN_EXTERNAL_JWS_ALGORITHM_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace identity {

// The algorithms that sign tokens of other issuers (RFC 7518 section 3.1, RFC 8037 section 3.1). All are asymmetric: a
// secret that an issuer shares with us would let us make its tokens.
enum class JwsAlgorithm { kRs256, kRs384, kRs512, kPs256, kEs256, kEs384, kEdDsa };
inline constexpr JwsAlgorithm kJwsAlgorithms[] = {JwsAlgorithm::kRs256, JwsAlgorithm::kRs384, JwsAlgorithm::kRs512,
                                                  JwsAlgorithm::kPs256, JwsAlgorithm::kEs256, JwsAlgorithm::kEs384,
                                                  JwsAlgorithm::kEdDsa};

// The value of "alg" in a header, such as "RS256".
absl::string_view NameOf(JwsAlgorithm algorithm);
// nullopt for another name. Case counts.
absl::optional<JwsAlgorithm> ParseJwsAlgorithm(absl::string_view name);

}  // namespace identity

#endif  // IDENTITY_DOMAIN_EXTERNAL_JWS_ALGORITHM_H_
