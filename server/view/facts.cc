#include "server/view/facts.h"

#include "db/principal_store.h"
#include "db/role_store.h"
#include "db/session_store.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {

absl::StatusOr<change_log::Moment> Facts::Now() {
  if (!now_) {
    ASSIGN_OR_RETURN(now_, change_log::Now(transaction_));
  }
  return *now_;
}

absl::StatusOr<std::shared_ptr<const RoleGraph>> Facts::Roles() {
  if (!roles_) {
    ASSIGN_OR_RETURN(std::vector<RoleDefinition> definitions, roles::AllDefinitions(transaction_));
    ASSIGN_OR_RETURN(RoleGraph graph, RoleGraph::Create(std::move(definitions)));
    roles_ = std::make_shared<const RoleGraph>(std::move(graph));
  }
  return roles_;
}

absl::StatusOr<absl::optional<PrincipalFacts>> Facts::Principal(const PrincipalId& id) {
  if (const auto known = principals_.find(id); known != principals_.end()) return known->second;
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> facts, principals::FindFacts(transaction_, id));
  return principals_.emplace(id, std::move(facts)).first->second;
}

absl::StatusOr<absl::optional<api_keys::ApiKey>> Facts::ApiKey(const ApiKeyId& id) {
  if (const auto known = api_keys_.find(id); known != api_keys_.end()) return known->second;
  ASSIGN_OR_RETURN(absl::optional<api_keys::ApiKey> key, api_keys::Find(transaction_, id));
  return api_keys_.emplace(id, std::move(key)).first->second;
}

absl::StatusOr<bool> Facts::TokenRevoked(const TokenId& token, const absl::optional<SessionId>& session) {
  if (const auto known = tokens_revoked_.find(token); known != tokens_revoked_.end()) return known->second;
  ASSIGN_OR_RETURN(const bool revoked, sessions::IsTokenRevoked(transaction_, token, session));
  return tokens_revoked_.emplace(token, revoked).first->second;
}

absl::Status View::Read(const RequestContext& context, const absl::optional<ConsistencyToken>& at_least,
                        absl::FunctionRef<absl::Status(Facts&)> body) {
  return database_.Read(context, [&](Transaction& transaction) -> absl::Status {
    Facts facts(transaction);
    RETURN_IF_ERROR(Prepare(facts, at_least));
    RETURN_IF_ERROR(body(facts));
    Keep(facts);
    return absl::OkStatus();
  });
}

absl::Status View::Prepare(Facts& facts, const absl::optional<ConsistencyToken>& at_least) {
  ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
  if (at_least && !(at_least->history == now.token.history && at_least->revision <= now.token.revision)) {
    return Error(ErrorReason::kConsistencyTokenUnknown,
                 "consistency.at_least_as_fresh: the database has no such revision; check fully_consistent");
  }
  absl::MutexLock lock(&mutex_);
  if (roles_token_.history == now.token.history && roles_token_.revision == now.token.revision) facts.roles_ = roles_;
  return absl::OkStatus();
}

void View::Keep(const Facts& facts) {
  if (!facts.roles_) return;
  absl::MutexLock lock(&mutex_);
  roles_ = facts.roles_;
  roles_token_ = facts.now_->token;
}

}  // namespace identity
