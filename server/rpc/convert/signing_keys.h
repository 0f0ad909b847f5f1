#ifndef IDENTITY_RPC_CONVERT_SIGNING_KEYS_H_
#define IDENTITY_RPC_CONVERT_SIGNING_KEYS_H_

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "identity/v1/admin_service.pb.h"
#include "server/app/admin/signing_keys.h"

namespace identity {

v1::SigningKey ToProto(const SigningKeys::Key& key);
// nullopt for SIGNING_ALGORITHM_UNSPECIFIED. INVALID_ARGUMENT (field "algorithm") for a value that this server does not
// know.
absl::StatusOr<absl::optional<SigningAlgorithm>> FromProto(v1::SigningAlgorithm algorithm);

}  // namespace identity

#endif  // IDENTITY_RPC_CONVERT_SIGNING_KEYS_H_
