#ifndef IDENTITY_FETCH_KEYS_H_
#define IDENTITY_FETCH_KEYS_H_

#include <string>

#include "absl/status/statusor.h"
#include "identity/local_verification.h"

namespace identity {
inline namespace client {

// Fetches a JWKS over HTTPS, or over plain HTTP from loopback; INVALID_ARGUMENT for another address. `tls_root_file`:
// PEM; empty for the roots of the system.
absl::StatusOr<KeyFetch> FetchKeysFrom(std::string url, std::string tls_root_file);

}  // namespace client
}  // namespace identity

#endif  // IDENTITY_FETCH_KEYS_H_
