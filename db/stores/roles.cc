#include "db/stores/roles.h"

#include <utility>

#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity::roles {
namespace {

#define ROLE_COLUMNS                                                     \
  "name, description, permissions, built_in, create_time, update_time, " \
  "extract(epoch FROM mfa_max_age)::bigint AS mfa_max_age, "             \
  "ARRAY(SELECT i.inherits FROM role_inherits i WHERE i.role = name ORDER BY i.inherits) AS inherits FROM roles"

absl::StatusOr<RoleDefinition> ReadDefinition(const Rows::Row& row) {
  RoleDefinition definition;
  definition.name = row.Text("name");
  for (const std::string& text : row.Texts("permissions")) {
    ASSIGN_OR_RETURN(PermissionPattern pattern, PermissionPattern::Parse(text));
    definition.permissions.push_back(std::move(pattern));
  }
  definition.inherits = row.Texts("inherits");
  if (!row.IsNull("mfa_max_age")) definition.mfa_max_age = absl::Seconds(row.Int("mfa_max_age"));
  return definition;
}

absl::StatusOr<Role> ReadRole(const Rows::Row& row) {
  ASSIGN_OR_RETURN(RoleDefinition definition, ReadDefinition(row));
  return Role{std::move(definition), row.Text("description"), row.Bool("built_in"), row.Time("create_time"),
              row.Time("update_time")};
}

std::vector<std::string> Texts(const std::vector<PermissionPattern>& patterns) {
  std::vector<std::string> texts;
  for (const PermissionPattern& pattern : patterns) texts.push_back(pattern.text());
  return texts;
}

absl::optional<absl::Duration> MfaMaxAge(const RoleDefinition& definition) {
  if (definition.mfa_max_age == absl::InfiniteDuration()) return absl::nullopt;
  return definition.mfa_max_age;
}

absl::Status ReplaceInherits(Transaction& transaction, const RoleDefinition& definition) {
  static constexpr Statement kDelete = {"delete_role_inherits", "DELETE FROM role_inherits WHERE role = $1"};
  static constexpr Statement kInsert = {
      "insert_role_inherits", "INSERT INTO role_inherits (role, inherits) SELECT DISTINCT $1, unnest($2::text[])"};
  RETURN_IF_ERROR(transaction.Execute(kDelete, Params().Add(definition.name)).status());
  if (definition.inherits.empty()) return absl::OkStatus();
  return transaction.Execute(kInsert, Params().Add(definition.name).AddTexts(definition.inherits)).status();
}

}  // namespace

absl::StatusOr<Uuid> Version(Transaction& transaction) {
  static constexpr Statement kVersion = {"roles_version", "SELECT value FROM roles_version"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kVersion));
  return rows[0].Id("value");
}

absl::StatusOr<std::vector<RoleDefinition>> AllDefinitions(Transaction& transaction) {
  static constexpr Statement kAll = {"all_roles", "SELECT " ROLE_COLUMNS};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kAll));
  std::vector<RoleDefinition> definitions;
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSIGN_OR_RETURN(RoleDefinition definition, ReadDefinition(rows[i]));
    definitions.push_back(std::move(definition));
  }
  return definitions;
}

absl::StatusOr<absl::optional<Role>> Find(Transaction& transaction, absl::string_view name) {
  static constexpr Statement kFind = {"find_role", "SELECT " ROLE_COLUMNS " WHERE name = $1"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(name)));
  if (rows.empty()) return absl::optional<Role>();
  ASSIGN_OR_RETURN(Role role, ReadRole(rows[0]));
  return absl::optional<Role>(std::move(role));
}

absl::StatusOr<std::vector<Role>> List(Transaction& transaction, absl::string_view after, int64_t limit) {
  static constexpr Statement kList = {
      "list_roles", "SELECT " ROLE_COLUMNS " WHERE name COLLATE \"C\" > $1 ORDER BY name COLLATE \"C\" LIMIT $2"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kList, Params().Add(after).Add(limit)));
  std::vector<Role> roles;
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSIGN_OR_RETURN(Role role, ReadRole(rows[i]));
    roles.push_back(std::move(role));
  }
  return roles;
}

absl::Status Insert(Transaction& transaction, const RoleDefinition& definition, absl::string_view description) {
  static constexpr Statement kInsert = {"insert_role",
                                        "INSERT INTO roles (name, description, permissions, mfa_max_age) "
                                        "VALUES ($1, $2, $3, $4::interval) "
                                        "ON CONFLICT (name) DO NOTHING RETURNING name"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kInsert, Params()
                                                                     .Add(definition.name)
                                                                     .Add(description)
                                                                     .AddTexts(Texts(definition.permissions))
                                                                     .Add(MfaMaxAge(definition))));
  if (rows.empty()) return Error(ErrorReason::kAlreadyExists, "role.name: is taken");
  return ReplaceInherits(transaction, definition);
}

absl::Status Update(Transaction& transaction, const RoleDefinition& definition, absl::string_view description) {
  static constexpr Statement kUpdate = {
      "update_role",
      "UPDATE roles SET description = $2, permissions = $3, mfa_max_age = $4::interval,"
      " update_time = clock_timestamp() WHERE name = $1"};
  RETURN_IF_ERROR(transaction
                      .Execute(kUpdate, Params()
                                            .Add(definition.name)
                                            .Add(description)
                                            .AddTexts(Texts(definition.permissions))
                                            .Add(MfaMaxAge(definition)))
                      .status());
  return ReplaceInherits(transaction, definition);
}

absl::Status Delete(Transaction& transaction, absl::string_view name) {
  static constexpr Statement kDeleteExpired = {
      "delete_expired_bindings_of_role", "DELETE FROM bindings WHERE role = $1 AND expire_time <= clock_timestamp()"};
  static constexpr Statement kUsed = {"role_used",
                                      "SELECT EXISTS (SELECT FROM bindings WHERE role = $1) AS bound, "
                                      "EXISTS (SELECT FROM role_inherits WHERE inherits = $1) AS inherited"};
  static constexpr Statement kDelete = {"delete_role", "DELETE FROM roles WHERE name = $1"};
  RETURN_IF_ERROR(transaction.Execute(kDeleteExpired, Params().Add(name)).status());
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kUsed, Params().Add(name)));
  if (rows[0].Bool("bound"))
    return Error(ErrorReason::kRoleInUse, "name: the role is bound; delete its bindings first");
  if (rows[0].Bool("inherited")) return Error(ErrorReason::kRoleInUse, "name: other roles inherit the role");
  return transaction.Execute(kDelete, Params().Add(name)).status();
}

}  // namespace identity::roles
