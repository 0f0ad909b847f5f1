#include "server/view/facts.h"

#include <algorithm>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "db/stores/external/workloads.h"
#include "db/stores/principals.h"
#include "db/stores/roles.h"
#include "db/stores/sessions.h"
#include "server/base/error.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"

namespace identity {

namespace {

void Share(std::vector<api_keys::ApiKey> keys, std::vector<SharedApiKey>& shared) {
  for (api_keys::ApiKey& key : keys) shared.push_back(std::make_shared<const api_keys::ApiKey>(std::move(key)));
}

}  // namespace

absl::StatusOr<std::vector<SharedApiKey>> FindKeys(Transaction& transaction, const std::vector<ApiKeyId>& ids) {
  std::vector<SharedApiKey> shared;
  ASSIGN_OR_RETURN(std::vector<api_keys::ApiKey> keys, api_keys::Find(transaction, ids));
  Share(std::move(keys), shared);
  return shared;
}

absl::StatusOr<std::vector<SharedApiKey>> FindLikelyKeys(Transaction& transaction, int64_t limit) {
  constexpr int64_t kBatch = 4000;  // so that the rows are in memory only a few at a time
  std::vector<SharedApiKey> shared;
  absl::optional<ApiKeyId> before;
  for (int64_t left = limit; left > 0; left -= kBatch) {
    ASSIGN_OR_RETURN(std::vector<api_keys::ApiKey> keys,
                     api_keys::ListRecent(transaction, before, std::min(left, kBatch)));
    if (keys.empty()) break;
    before = keys.back().id;
    Share(std::move(keys), shared);
  }
  return shared;
}

absl::StatusOr<std::shared_ptr<const RoleGraph>> BuildRoleGraph(std::vector<RoleDefinition> definitions) {
  ASSIGN_OR_RETURN(RoleGraph graph, RoleGraph::Create(std::move(definitions)));
  return std::make_shared<const RoleGraph>(std::move(graph));
}

namespace {

// The graph that this process built last, by the version of the roles. To build it takes milliseconds, for which a
// mutation would make all other mutations wait. No two databases have the same version.
struct LastGraph {
  absl::Mutex mutex;
  Uuid version ABSL_GUARDED_BY(mutex);
  std::shared_ptr<const RoleGraph> graph ABSL_GUARDED_BY(mutex);
};

LastGraph& TheLastGraph() {
  static LastGraph* const last = new LastGraph();
  return *last;
}

std::shared_ptr<const RoleGraph> FindGraph(const Uuid& version) {
  LastGraph& last = TheLastGraph();
  MutexLock lock(last.mutex);
  return last.graph != nullptr && last.version == version ? last.graph : nullptr;
}

void KeepGraph(const Uuid& version, std::shared_ptr<const RoleGraph> graph) {
  LastGraph& last = TheLastGraph();
  MutexLock lock(last.mutex);
  last.version = version;
  last.graph = std::move(graph);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const RoleGraph>> LoadRoleGraph(Transaction& transaction) {
  ASSIGN_OR_RETURN(const Uuid version, roles::Version(transaction));
  if (auto known = FindGraph(version)) return known;
  ASSIGN_OR_RETURN(std::vector<RoleDefinition> definitions, roles::AllDefinitions(transaction));
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> graph, BuildRoleGraph(std::move(definitions)));
  // A change that was committed between the two statements is in the graph, but not in the version.
  ASSIGN_OR_RETURN(const Uuid version_after, roles::Version(transaction));
  if (version == version_after) KeepGraph(version, graph);
  return graph;
}

absl::Status Facts::RunFirst(const std::string& name, const Preparation& /*work*/) {
  return Error(ErrorReason::kInternal, absl::StrCat("a transaction must not wait for ", name));
}

absl::StatusOr<change_log::Moment> StoredFacts::Now() {
  if (!now_) {
    ASSIGN_OR_RETURN(now_, change_log::Now(transaction_));
  }
  return *now_;
}

absl::StatusOr<std::shared_ptr<const RoleGraph>> StoredFacts::Roles() {
  if (!roles_) {
    ASSIGN_OR_RETURN(roles_, LoadRoleGraph(transaction_));
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

absl::StatusOr<bool> StoredFacts::TokenRevoked(const TokenId& token, const absl::optional<SessionId>& session,
                                               const std::string& kid) {
  if (const auto known = tokens_.find(token); known != tokens_.end()) return known->second.revoked;
  ASSIGN_OR_RETURN(const bool revoked, sessions::IsTokenRevoked(transaction_, token, session, kid));
  return tokens_.emplace(token, TokenState{session, revoked}).first->second.revoked;
}

absl::StatusOr<std::shared_ptr<const Workloads>> StoredFacts::KnownWorkloads() {
  if (workloads_ == nullptr) {
    ASSIGN_OR_RETURN(workloads_, workloads::Load(transaction_));
  }
  return workloads_;
}

absl::StatusOr<WorkloadState> StoredFacts::Workload(const ExternalKey& key) {
  return workloads::Find(transaction_, key);
}

void StoredFacts::Forget(change_log::Kind kind, absl::string_view id) {
  using change_log::Kind;
  const Uuid uuid = Uuid::Parse(id).value_or(Uuid());  // others have names instead
  switch (kind) {
    case Kind::kPrincipal:
      principals_.erase(PrincipalId(uuid));  // its tokens and keys are good only with it
      return;
    case Kind::kApiKey:
      api_keys_.erase(ApiKeyId(uuid));
      return;
    case Kind::kSession:
      std::erase_if(tokens_, [&](const auto& token) { return token.second.session == SessionId(uuid); });
      return;
    case Kind::kAccessToken:
      tokens_.erase(TokenId(uuid));
      return;
    case Kind::kSigningKey:
      return tokens_.clear();
    case Kind::kRole:
    case Kind::kExternal:
      return ForgetAll();
  }
}

void StoredFacts::ForgetAll() {
  roles_.reset();
  principals_.clear();
  api_keys_.clear();
  tokens_.clear();
  workloads_.reset();
}

}  // namespace identity
