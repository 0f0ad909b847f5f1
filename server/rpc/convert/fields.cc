#include "server/rpc/convert/fields.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "server/base/sealed_box.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

// Writes the UUIDs of all ids in lower case, so that equal ids have equal bytes.
void FoldIds(google::protobuf::Message& message) {
  using google::protobuf::FieldDescriptor;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated()) continue;  // no creating request has a repeated id
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) FoldIds(*reflection.MutableMessage(&message, field));
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || !absl::EndsWith(field->name(), "_id")) continue;
    const absl::optional<Uuid> id = Uuid::Parse(reflection.GetString(message, field));
    if (id) reflection.SetString(&message, field, id->ToString());
  }
}

}  // namespace

Secret TakeSecret(const std::string& field) {
  Secret secret{absl::string_view(field)};
  WipeField(field);
  return secret;
}

void WipeField(const std::string& field) {
  // An unset field is one empty string that all messages share: nothing may ever write to it.
  if (!field.empty()) Wipe(const_cast<std::string&>(field));
}

absl::StatusOr<PrincipalId> ReadPrincipalId(absl::string_view field, absl::string_view text) {
  if (text == "anonymous") return AnonymousPrincipal();
  return ReadId<PrincipalId>(field, text);
}

Resource ResourceOfPrincipal(absl::string_view id) {
  const auto parsed = PrincipalId::Parse(id);
  return parsed ? Resource::OfPrincipal(*parsed) : Resource();
}

Resource ResourceOrEverything(absl::string_view text) {
  auto resource = Resource::Parse(text);
  return resource.ok() ? *std::move(resource) : Resource();
}

absl::StatusOr<absl::optional<Scopes>> ReadScopes(const google::protobuf::RepeatedPtrField<std::string>& scopes) {
  if (scopes.empty()) return absl::optional<Scopes>();
  ASSIGN_OR_RETURN(Scopes parsed, Scopes::Parse({scopes.begin(), scopes.end()}));
  return absl::optional<Scopes>(std::move(parsed));
}

absl::StatusOr<Idempotency> ReadIdempotency(absl::string_view request_id, const google::protobuf::Message& request) {
  if (request_id.empty()) return Idempotency();
  const auto id = RequestId::Parse(request_id);
  if (!id) return InvalidField("request_id", "is not a UUID");
  // The server owns the request until the call ends, so it may write to it although the request is const.
  FoldIds(const_cast<google::protobuf::Message&>(request));
  // No request has a map, so equal arguments have equal bytes. The bytes may hold a password hash, so they are hashed.
  const Secret arguments(absl::StrCat(request.GetTypeName(), "\n", request.SerializeAsString()));
  return Idempotency{*id, Fingerprint(arguments)};
}

ClientInfo FromProto(const v1::ClientInfo& info) { return {info.ip_address(), info.user_agent(), info.device_name()}; }

void WriteTexts(const std::vector<std::string>& texts, google::protobuf::RepeatedPtrField<std::string>& field) {
  field.Assign(texts.begin(), texts.end());
}

}  // namespace identity
