// AdminService: signing keys.

#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/rpc/admin/admin_service.h"
#include "server/rpc/convert/signing_keys.h"

namespace identity {

Reactor* AdminService::ListSigningKeys(ServerContext* context, const v1::ListSigningKeysRequest* /*request*/,
                                       v1::ListSigningKeysResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/ListSigningKeys"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<SigningKeys::Key> keys, signing_keys_.List(call.context));
    for (const SigningKeys::Key& key : keys) *response->add_signing_keys() = ToProto(key);
    return absl::OkStatus();
  });
}

Reactor* AdminService::RotateSigningKey(ServerContext* context, const v1::RotateSigningKeyRequest* request,
                                        v1::RotateSigningKeyResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/RotateSigningKey"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const absl::optional<SigningAlgorithm> algorithm, FromProto(request->algorithm()));
    ASSIGN_OR_RETURN(const SigningKeys::Rotated rotated, signing_keys_.Rotate(call.context, call.caller, algorithm));
    *response->mutable_signing_key() = ToProto(rotated.active);
    response->set_consistency_token(rotated.token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::RemoveSigningKey(ServerContext* context, const v1::RemoveSigningKeyRequest* request,
                                        v1::RemoveSigningKeyResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/RemoveSigningKey"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    if (request->kid().empty()) return InvalidField("kid", "is required");
    ASSIGN_OR_RETURN(const SigningKeys::Rotated removed,
                     signing_keys_.Remove(call.context, call.caller, request->kid()));
    *response->mutable_signing_key() = ToProto(removed.active);
    response->set_consistency_token(removed.token.ToText());
    return absl::OkStatus();
  });
}

}  // namespace identity
