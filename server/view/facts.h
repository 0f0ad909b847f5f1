#ifndef IDENTITY_VIEW_FACTS_H_
#define IDENTITY_VIEW_FACTS_H_

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "db/api_key_store.h"
#include "db/change_log.h"
#include "db/database.h"
#include "server/base/request_context.h"
#include "server/domain/decision.h"
#include "server/domain/role_graph.h"

namespace identity {

// What decisions depend on, as one transaction sees it; each thing is read once. For one thread.
class Facts {
 public:
  // Reads through `transaction`, which must outlive it. In a writing one all is true at one revision only when that was
  // advanced before. Logins and refreshes do not: each of their facts is true when it is read, and what they grant is
  // decided again at each check.
  explicit Facts(Transaction& transaction) : transaction_(transaction) {}

  // The revision that all of this is true at, and the database's clock.
  absl::StatusOr<change_log::Moment> Now();
  absl::StatusOr<std::shared_ptr<const RoleGraph>> Roles();
  // nullopt: no such principal.
  absl::StatusOr<absl::optional<PrincipalFacts>> Principal(const PrincipalId& id);
  absl::StatusOr<absl::optional<api_keys::ApiKey>> ApiKey(const ApiKeyId& id);
  // The token was revoked by itself or with its session.
  absl::StatusOr<bool> TokenRevoked(const TokenId& token, const absl::optional<SessionId>& session);

  Transaction& transaction() { return transaction_; }

 private:
  friend class View;
  Transaction& transaction_;
  absl::optional<change_log::Moment> now_;
  std::shared_ptr<const RoleGraph> roles_;
  absl::flat_hash_map<PrincipalId, absl::optional<PrincipalFacts>> principals_;
  absl::flat_hash_map<ApiKeyId, absl::optional<api_keys::ApiKey>> api_keys_;
  absl::flat_hash_map<TokenId, bool> tokens_revoked_;
};

// How this replica comes to know facts: it asks the database for each request, and keeps the role graph for as long as
// the revision stands still. Thread-safe.
class View {
 public:
  explicit View(Database& database) : database_(database) {}

  // Runs `body` on facts that are all true at one revision, at least that of `at_least` when set. FAILED_PRECONDITION /
  // CONSISTENCY_TOKEN_UNKNOWN when the database has no such revision.
  absl::Status Read(const RequestContext& context, const absl::optional<ConsistencyToken>& at_least,
                    absl::FunctionRef<absl::Status(Facts&)> body);

 private:
  absl::Status Prepare(Facts& facts, const absl::optional<ConsistencyToken>& at_least);
  void Keep(const Facts& facts);

  Database& database_;
  absl::Mutex mutex_;
  ConsistencyToken roles_token_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const RoleGraph> roles_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace identity

#endif  // IDENTITY_VIEW_FACTS_H_
