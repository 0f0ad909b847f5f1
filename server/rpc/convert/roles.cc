#include "server/rpc/convert/roles.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/time.h"
#include "server/rpc/convert/update_mask.h"

namespace identity {
namespace {

absl::StatusOr<std::vector<PermissionPattern>> ReadPatterns(
    const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::vector<PermissionPattern> patterns;
  for (int i = 0; i < texts.size(); ++i) {
    auto pattern = PermissionPattern::Parse(texts[i]);
    if (!pattern.ok()) {
      return InvalidField(absl::StrCat("role.permissions[", i, "]"), FieldViolationsOf(pattern.status()).front().rule);
    }
    patterns.push_back(*std::move(pattern));
  }
  return patterns;
}

absl::Duration ReadMfaMaxAge(const v1::Role& role) {
  return role.has_mfa_max_age() ? FromProto(role.mfa_max_age()) : absl::InfiniteDuration();
}

std::vector<std::string> ReadInherits(const v1::Role& role) { return {role.inherits().begin(), role.inherits().end()}; }

}  // namespace

v1::Role ToProto(const roles::Role& role) {
  v1::Role proto;
  proto.set_name(role.definition.name);
  proto.set_description(role.description);
  for (const PermissionPattern& pattern : role.definition.permissions) proto.add_permissions(pattern.text());
  WriteTexts(role.definition.inherits, *proto.mutable_inherits());
  proto.set_built_in(role.built_in);
  if (role.definition.mfa_max_age != absl::InfiniteDuration()) {
    *proto.mutable_mfa_max_age() = ToProto(role.definition.mfa_max_age);
  }
  *proto.mutable_create_time() = ToProto(role.create_time);
  *proto.mutable_update_time() = ToProto(role.update_time);
  return proto;
}

absl::StatusOr<RoleDefinition> ReadDefinition(const v1::Role& role) {
  RoleDefinition definition;
  definition.name = role.name();
  ASSIGN_OR_RETURN(definition.permissions, ReadPatterns(role.permissions()));
  definition.inherits = ReadInherits(role);
  definition.mfa_max_age = ReadMfaMaxAge(role);
  return definition;
}

absl::StatusOr<Roles::Update> ReadUpdate(const v1::UpdateRoleRequest& request) {
  const v1::Role& role = request.role();
  ASSIGN_OR_RETURN(const UpdateMask mask, UpdateMask::Read(request.update_mask(), role,
                                                           {"description", "permissions", "inherits", "mfa_max_age"}));
  Roles::Update update;
  update.name = role.name();
  if (mask.Has("description")) update.description = role.description();
  if (mask.Has("permissions")) {
    ASSIGN_OR_RETURN(update.permissions, ReadPatterns(role.permissions()));
  }
  if (mask.Has("inherits")) update.inherits = ReadInherits(role);
  if (mask.Has("mfa_max_age")) update.mfa_max_age = ReadMfaMaxAge(role);
  return update;
}

}  // namespace identity
