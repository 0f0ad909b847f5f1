#include "server/rpc/convert/api_keys.h"

#include "server/base/status_macros.h"
#include "server/domain/account_names.h"
#include "server/domain/opaque_token.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/logins.h"
#include "server/rpc/convert/time.h"

namespace identity {
namespace {

// A repeat of the request has another code of the second factor.
template <typename Request>
Request WithoutProof(Request request) {
  request.clear_proof();
  return request;
}

}  // namespace

v1::ApiKey ToProto(const api_keys::ApiKey& key) {
  v1::ApiKey proto;
  proto.set_id(key.id.ToString());
  proto.set_owner_id(key.owner_id.ToString());
  proto.set_display_name(key.display_name);
  proto.set_prefix(ApiKeyPrefix(key.id));
  WriteTexts(key.scopes.ToStrings(), *proto.mutable_scopes());
  *proto.mutable_create_time() = ToProto(key.create_time);
  if (key.expire_time != absl::InfiniteFuture()) *proto.mutable_expire_time() = ToProto(key.expire_time);
  if (key.last_use_time) *proto.mutable_last_use_time() = ToProto(*key.last_use_time);
  if (key.revoke_time) *proto.mutable_revoke_time() = ToProto(*key.revoke_time);
  proto.set_requests_per_minute(static_cast<int32_t>(key.requests_per_minute));
  return proto;
}

absl::StatusOr<ApiKeyIssuer::Request> ReadIssue(const v1::IssueApiKeyRequest& request) {
  ApiKeyIssuer::Request issue;
  issue.proof = ReadProof(request.proof());
  if (!request.owner_id().empty()) {
    ASSIGN_OR_RETURN(issue.owner, ReadId<PrincipalId>("owner_id", request.owner_id()));
  }
  RETURN_IF_ERROR(CheckLabel("display_name", request.display_name(), kMaxDisplayNameBytes));
  issue.display_name = request.display_name();
  ASSIGN_OR_RETURN(issue.scopes, ReadScopes(request.scopes()));
  if (request.has_expire_time()) {
    ASSIGN_OR_RETURN(issue.expire_time, FromProto("expire_time", request.expire_time()));
  }
  issue.requests_per_minute = request.requests_per_minute();
  ASSIGN_OR_RETURN(issue.idempotency, ReadIdempotency(request.request_id(), WithoutProof(request)));
  return issue;
}

absl::StatusOr<ApiKeyIssuer::Rotation> ReadRotation(const v1::RotateApiKeyRequest& request) {
  ApiKeyIssuer::Rotation rotation;
  rotation.proof = ReadProof(request.proof());
  ASSIGN_OR_RETURN(rotation.id, ReadId<ApiKeyId>("api_key_id", request.api_key_id()));
  if (request.has_overlap()) rotation.overlap = FromProto(request.overlap());
  ASSIGN_OR_RETURN(rotation.idempotency, ReadIdempotency(request.request_id(), WithoutProof(request)));
  return rotation;
}

}  // namespace identity
