#ifndef IDENTITY_APP_ACCESS_OWN_PERMISSIONS_H_
#define IDENTITY_APP_ACCESS_OWN_PERMISSIONS_H_

// The names of the service's own permissions, which decide who may call its RPCs. Names never change: roles and scopes
// in the database and at clients contain them.
namespace identity::own_permissions {

inline constexpr char kApiKeysRead[] = "identity:api_keys:read";
inline constexpr char kApiKeysWrite[] = "identity:api_keys:write";
inline constexpr char kAuditRead[] = "identity:audit:read";
inline constexpr char kBindingsRead[] = "identity:bindings:read";
inline constexpr char kBindingsWrite[] = "identity:bindings:write";
inline constexpr char kCheck[] = "identity:check";
inline constexpr char kClientInfoVouch[] = "identity:client_info:vouch";
inline constexpr char kIdentityProvidersRead[] = "identity:identity_providers:read";
inline constexpr char kIdentityProvidersWrite[] = "identity:identity_providers:write";
inline constexpr char kPrincipalsWrite[] = "identity:principals:write";
inline constexpr char kRolesRead[] = "identity:roles:read";
inline constexpr char kRolesWrite[] = "identity:roles:write";
inline constexpr char kSelfRead[] = "identity:self:read";
inline constexpr char kSelfWrite[] = "identity:self:write";
inline constexpr char kServiceAccountsRead[] = "identity:service_accounts:read";
inline constexpr char kServiceAccountsWrite[] = "identity:service_accounts:write";
inline constexpr char kSessionsRead[] = "identity:sessions:read";
inline constexpr char kSessionsWrite[] = "identity:sessions:write";
inline constexpr char kSigningKeysRead[] = "identity:signing_keys:read";
inline constexpr char kSigningKeysWrite[] = "identity:signing_keys:write";
inline constexpr char kStatisticsRead[] = "identity:statistics:read";
inline constexpr char kTokensAccept[] = "identity:tokens:accept";
inline constexpr char kTokensExchange[] = "identity:tokens:exchange";
inline constexpr char kUsersRead[] = "identity:users:read";
inline constexpr char kUsersWrite[] = "identity:users:write";

// The pattern that matches both permissions on the own account.
inline constexpr char kSelfPattern[] = "identity:self:*";

}  // namespace identity::own_permissions

#endif  // IDENTITY_APP_ACCESS_OWN_PERMISSIONS_H_
