#ifndef IDENTITY_APP_ADMIN_KEY_GENERATION_H_
#define IDENTITY_APP_ADMIN_KEY_GENERATION_H_

#include "absl/status/statusor.h"
#include "server/base/secret.h"
#include "server/domain/signatures/signing_algorithm.h"

namespace identity {

// A new private key, as SigningKey::FromPrivate reads it. A key for RS256 has 2048 bits, and making it takes up to a
// second: never do that in a transaction. INTERNAL when OpenSSL cannot make a key.
absl::StatusOr<Secret> NewPrivateKey(SigningAlgorithm algorithm);

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_KEY_GENERATION_H_
