#ifndef IDENTITY_RPC_CONVERT_API_KEYS_H_
#define IDENTITY_RPC_CONVERT_API_KEYS_H_

#include "absl/status/statusor.h"
#include "db/stores/api_keys.h"
#include "identity/v1/account_service.pb.h"
#include "identity/v1/identity_service.pb.h"
#include "identity/v1/types.pb.h"
#include "server/app/admin/api_key_issuer.h"

namespace identity {

v1::ApiKey ToProto(const api_keys::ApiKey& key);
// INVALID_ARGUMENT.
absl::StatusOr<ApiKeyIssuer::Request> ReadIssue(const v1::IssueApiKeyRequest& request);
// INVALID_ARGUMENT.
absl::StatusOr<ApiKeyIssuer::Rotation> ReadRotation(const v1::RotateApiKeyRequest& request);
// Fills an IssueApiKeyResponse or a RotateApiKeyResponse.
template <typename Response>
void Write(const ApiKeyIssuer::Issued& issued, Response& response) {
  response.set_secret(std::string(issued.secret.Reveal()));
  *response.mutable_api_key() = ToProto(issued.key);
  response.set_consistency_token(issued.token.ToText());
}

}  // namespace identity

#endif  // IDENTITY_RPC_CONVERT_API_KEYS_H_
