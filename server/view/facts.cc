#include "server/view/facts.h"

#include <utility>

#include "db/stores/principals.h"
#include "db/stores/roles.h"
#include "db/stores/sessions.h"
#include "server/base/status_macros.h"

namespace identity {

absl::StatusOr<std::vector<SharedApiKey>> FindKeys(Transaction& transaction, const std::vector<ApiKeyId>& ids) {
  std::vector<SharedApiKey> shared;
  ASSIGN_OR_RETURN(std::vector<api_keys::ApiKey> keys, api_keys::Find(transaction, ids));
  for (api_keys::ApiKey& key : keys) shared.push_back(std::make_shared<const api_keys::ApiKey>(std::move(key)));
  return shared;
}

absl::StatusOr<std::shared_ptr<const RoleGraph>> BuildRoleGraph(std::vector<RoleDefinition> definitions) {
  ASSIGN_OR_RETURN(RoleGraph graph, RoleGraph::Create(std::move(definitions)));
  return std::make_shared<const RoleGraph>(std::move(graph));
}

absl::StatusOr<change_log::Moment> StoredFacts::Now() {
  if (!now_) {
    ASSIGN_OR_RETURN(now_, change_log::Now(transaction_));
  }
  return *now_;
}

absl::StatusOr<std::shared_ptr<const RoleGraph>> StoredFacts::Roles() {
  if (!roles_) {
    ASSIGN_OR_RETURN(std::vector<RoleDefinition> definitions, roles::AllDefinitions(transaction_));
    ASSIGN_OR_RETURN(roles_, BuildRoleGraph(std::move(definitions)));
  }
  return roles_;
}

absl::StatusOr<absl::optional<PrincipalFacts>> StoredFacts::Principal(const PrincipalId& id) {
  if (const auto known = principals_.find(id); known != principals_.end()) return known->second;
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> facts, principals::FindFacts(transaction_, id));
  return principals_.emplace(id, std::move(facts)).first->second;
}

absl::StatusOr<SharedApiKey> StoredFacts::ApiKey(const ApiKeyId& id) {
  if (const auto known = api_keys_.find(id); known != api_keys_.end()) return known->second;
  ASSIGN_OR_RETURN(absl::optional<api_keys::ApiKey> found, api_keys::Find(transaction_, id));
  SharedApiKey key = found ? std::make_shared<const api_keys::ApiKey>(*std::move(found)) : nullptr;
  return api_keys_.emplace(id, std::move(key)).first->second;
}

absl::StatusOr<bool> StoredFacts::TokenRevoked(const TokenId& token, const absl::optional<SessionId>& session) {
  if (const auto known = tokens_revoked_.find(token); known != tokens_revoked_.end()) return known->second;
  ASSIGN_OR_RETURN(const bool revoked, sessions::IsTokenRevoked(transaction_, token, session));
  return tokens_revoked_.emplace(token, revoked).first->second;
}

}  // namespace identity
