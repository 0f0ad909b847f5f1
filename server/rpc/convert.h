#ifndef IDENTITY_RPC_CONVERT_H_
#define IDENTITY_RPC_CONVERT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/stores/api_keys.h"
#include "db/stores/audit.h"
#include "db/stores/bindings.h"
#include "db/stores/principals.h"
#include "db/stores/roles.h"
#include "db/stores/sessions.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/timestamp.pb.h"
#include "identity/v1/admin_service.pb.h"
#include "identity/v1/identity_service.pb.h"
#include "identity/v1/types.pb.h"
#include "server/app/access/admission.h"
#include "server/app/access/client_info.h"
#include "server/app/admin/signing_keys.h"
#include "server/app/login/token_issuer.h"
#include "server/base/error.h"
#include "server/base/secret.h"
#include "server/domain/decision.h"

// Between messages and our own types. Nothing is decided here.
namespace identity {

// Takes a secret out of a request: the message's own copy is wiped. The request is the server's alone until the call
// ends, whatever its constness says.
Secret TakeSecret(const std::string& field);
// The same for one that was only looked at.
void WipeField(const std::string& field);

google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration span);
absl::Duration FromProto(const google::protobuf::Duration& span);
// INVALID_ARGUMENT for what is not within the years 1 to 9999.
absl::StatusOr<absl::Time> FromProto(absl::string_view field, const google::protobuf::Timestamp& time);

// An id of one kind. INVALID_ARGUMENT naming `field`.
template <typename IdType>
absl::StatusOr<IdType> ReadId(absl::string_view field, absl::string_view text) {
  const auto id = IdType::Parse(text);
  if (!id) return InvalidField(field, "is not a UUID");
  return *id;
}
// A principal's id, or "anonymous".
absl::StatusOr<PrincipalId> ReadPrincipalId(absl::string_view field, absl::string_view text);
// `users/<id>`; everything when it is no id, so that nobody but who may act on all learns that it is none.
Resource ResourceOfPrincipal(absl::string_view id);
// The resource; everything when it is none, for the same reason.
Resource ResourceOrEverything(absl::string_view text);

// nullopt when there are none.
absl::StatusOr<absl::optional<Scopes>> ReadScopes(const google::protobuf::RepeatedPtrField<std::string>& scopes);

ClientInfo FromProto(const v1::ClientInfo& info);

v1::PrincipalType ToProto(PrincipalType type);
v1::Reason ToProto(Reason reason);
// Of every reason, in order: "granted", "credential_invalid" …
std::vector<std::string> ReasonNames();
// In its place, since a check has it in an arena, into which a finished one would be copied.
void Write(const PrincipalFacts& facts, v1::Principal& proto);
v1::TokenSet ToProto(const TokenSet& tokens);
v1::ApiKey ToProto(const api_keys::ApiKey& key);
v1::User ToProto(const principals::User& user);
v1::ServiceAccount ToProto(const principals::ServiceAccount& account);
v1::Role ToProto(const roles::Role& role);
v1::Binding ToProto(const bindings::StoredBinding& binding);
// `caller` tells which one is the current session.
v1::Session ToProto(const sessions::ListedSession& listed, const Caller& caller);
v1::AuditEvent ToProto(const audit::StoredEvent& stored);
v1::SigningKey ToProto(const SigningKeys::Key& key);

}  // namespace identity

#endif  // IDENTITY_RPC_CONVERT_H_
