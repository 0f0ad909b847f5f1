#ifndef IDENTITY_RPC_CONVERT_IDENTITY_PROVIDERS_H_
#define IDENTITY_RPC_CONVERT_IDENTITY_PROVIDERS_H_

#include <functional>

#include "absl/status/statusor.h"
#include "db/stores/external/external_identities.h"
#include "identity/v1/account_service.pb.h"
#include "identity/v1/admin_service.pb.h"
#include "server/domain/external/identity_provider.h"

namespace identity {

v1::IdentityProvider ToProto(const IdentityProvider& provider);
v1::ExternalIdentity ToProto(const external_identities::Listed& identity);

// With the preset applied.
absl::StatusOr<IdentityProvider> ReadProvider(const v1::CreateIdentityProviderRequest& request);
// The function that changes a stored provider as the request says.
absl::StatusOr<std::function<void(IdentityProvider&)>> ReadProviderUpdate(
    const v1::UpdateIdentityProviderRequest& request);

}  // namespace identity

#endif  // IDENTITY_RPC_CONVERT_IDENTITY_PROVIDERS_H_
