#ifndef IDENTITY_RPC_CONVERT_FIELDS_H_
#define IDENTITY_RPC_CONVERT_FIELDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_field.h"
#include "identity/v1/types.pb.h"
#include "server/app/access/client_info.h"
#include "server/app/admin/paging.h"
#include "server/app/change/mutation.h"
#include "server/base/error.h"
#include "server/base/secret.h"
#include "server/domain/ids.h"
#include "server/domain/permission.h"
#include "server/domain/resource.h"

// Fields that many messages have: secrets, ids, resources, scopes, pages, the client.
namespace identity {

// Moves a secret out of a request and wipes the message's own copy. The server owns the request until the call ends,
// so this is safe although the request is const.
Secret TakeSecret(const std::string& field);
// Wipes a secret that was read in place.
void WipeField(const std::string& field);

// An id of one kind. INVALID_ARGUMENT naming `field`.
template <typename IdType>
absl::StatusOr<IdType> ReadId(absl::string_view field, absl::string_view text) {
  const auto id = IdType::Parse(text);
  if (!id) return InvalidField(field, "is not a UUID");
  return *id;
}
// A principal's id, or "anonymous".
absl::StatusOr<PrincipalId> ReadPrincipalId(absl::string_view field, absl::string_view text);
// `users/<id>`. For a malformed id, the resource of everything: only callers that may act on everything learn that it
// is malformed.
Resource ResourceOfPrincipal(absl::string_view id);
// The resource. For a malformed one, the resource of everything, for the same reason.
Resource ResourceOrEverything(absl::string_view text);

// nullopt when there are none.
absl::StatusOr<absl::optional<Scopes>> ReadScopes(const google::protobuf::RepeatedPtrField<std::string>& scopes);
// The request id of a creating call, with the fingerprint of all its arguments. INVALID_ARGUMENT (field
// "request_id").
absl::StatusOr<Idempotency> ReadIdempotency(absl::string_view request_id, const google::protobuf::Message& request);
ClientInfo FromProto(const v1::ClientInfo& info);
// Reads the page fields of a listing request.
template <typename Request>
PageRequest ReadPage(const Request& request) {
  return {request.page_size(), request.page_token()};
}

void WriteTexts(const std::vector<std::string>& texts, google::protobuf::RepeatedPtrField<std::string>& field);

}  // namespace identity

#endif  // IDENTITY_RPC_CONVERT_FIELDS_H_
