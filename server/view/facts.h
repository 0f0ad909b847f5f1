#ifndef IDENTITY_VIEW_FACTS_H_
#define IDENTITY_VIEW_FACTS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/change_log.h"
#include "db/database.h"
#include "db/stores/api_keys.h"
#include "server/base/request_context.h"
#include "server/domain/external/workloads.h"
#include "server/domain/principal_facts.h"
#include "server/domain/role_graph.h"

namespace identity {

using SharedApiKey = std::shared_ptr<const api_keys::ApiKey>;

// The keys that exist, in no order.
absl::StatusOr<std::vector<SharedApiKey>> FindKeys(Transaction& transaction, const std::vector<ApiKeyId>& ids);

// The newest keys that callers may still use, up to `limit`: see api_keys::ListRecent.
absl::StatusOr<std::vector<SharedApiKey>> FindLikelyKeys(Transaction& transaction, int64_t limit);

absl::StatusOr<std::shared_ptr<const RoleGraph>> BuildRoleGraph(std::vector<RoleDefinition> definitions);

// The graph that `transaction` sees. Builds it only when the roles have changed since the last call in this process.
absl::StatusOr<std::shared_ptr<const RoleGraph>> LoadRoleGraph(Transaction& transaction);

// The facts that decisions depend on, all true at one revision. For one thread.
class Facts {
 public:
  virtual ~Facts() = default;

  // The revision of these facts, and the database's clock.
  virtual absl::StatusOr<change_log::Moment> Now() = 0;
  virtual absl::StatusOr<std::shared_ptr<const RoleGraph>> Roles() = 0;
  // nullopt: no such principal.
  virtual absl::StatusOr<absl::optional<PrincipalFacts>> Principal(const PrincipalId& id) = 0;
  // Null: no such key.
  virtual absl::StatusOr<SharedApiKey> ApiKey(const ApiKeyId& id) = 0;
  // True when the token or its session was revoked, or the key `kid` that signed the token was removed. Only for a
  // token that has not expired.
  virtual absl::StatusOr<bool> TokenRevoked(const TokenId& token, const absl::optional<SessionId>& session,
                                            const std::string& kid) = 0;

  // All of them. Costs much where a transaction reads them: ask for one if you know which.
  virtual absl::StatusOr<std::shared_ptr<const Workloads>> KnownWorkloads() = 0;
  virtual absl::StatusOr<WorkloadState> Workload(const ExternalKey& key) = 0;

  // Work that the body needs to be done before it goes on and that may wait for others, such as a fetch of keys. The
  // first call with this `name` returns an error with which the body must end. The work then runs, and the body runs
  // again: the same call then returns the result of the work. Only for facts of the view.
  using Preparation = std::function<absl::Status(const RequestContext&)>;
  virtual absl::Status RunFirst(const std::string& name, const Preparation& work);

  // Call it before each step that takes as long as dozens of look-ups, such as verifying a signature. Other calls wait
  // for a thread that must not block. So only the first kMostSlowSteps calls return OK there: 8 signatures take about
  // 0.3 ms. Later calls return an error with which the body must end, and a thread that may block runs it again.
  static constexpr int kMostSlowSteps = 8;
  virtual absl::Status BeginSlowStep() { return absl::OkStatus(); }

  // The caller saw proof that newer facts exist, for example a token of a session that began after these facts. Returns
  // an error when newer facts may exist: the work is then repeated on them, as below. Returns OK when these are the
  // newest.
  virtual absl::Status ExpectNewer() { return absl::OkStatus(); }

  // True when a fact was not loaded yet, or a step was too slow for this thread: a call returned an error, and the
  // whole work is repeated after the load, or on another thread. Callers that need many facts should request all of
  // them first, so that one load fetches them all.
  virtual bool incomplete() const { return false; }
};

// Facts that one transaction reads. Each is read once, unless `Forget` drops it.
class StoredFacts final : public Facts {
 public:
  // Reads through `transaction`, which must outlive this object. In a write transaction the facts are of one revision
  // only if the transaction has advanced the revision before. Logins and refreshes do not advance it: each of their
  // facts is true when it is read. Each later check decides again about the access that they granted.
  explicit StoredFacts(Transaction& transaction) : transaction_(transaction) {}

  absl::StatusOr<change_log::Moment> Now() override;
  absl::StatusOr<std::shared_ptr<const RoleGraph>> Roles() override;
  absl::StatusOr<absl::optional<PrincipalFacts>> Principal(const PrincipalId& id) override;
  absl::StatusOr<SharedApiKey> ApiKey(const ApiKeyId& id) override;
  absl::StatusOr<bool> TokenRevoked(const TokenId& token, const absl::optional<SessionId>& session,
                                    const std::string& kid) override;
  absl::StatusOr<std::shared_ptr<const Workloads>> KnownWorkloads() override;
  absl::StatusOr<WorkloadState> Workload(const ExternalKey& key) override;

  Transaction& transaction() { return transaction_; }

  // ---- For a transaction that holds the revision and makes several changes.

  // The moment of the next change.
  void SetNow(const change_log::Moment& now) { now_ = now; }
  // This transaction has changed an object: what depends on it will be read again.
  void Forget(change_log::Kind kind, absl::string_view id);
  // The same for everything.
  void ForgetAll();

 private:
  Transaction& transaction_;
  absl::optional<change_log::Moment> now_;
  std::shared_ptr<const RoleGraph> roles_;
  std::map<PrincipalId, absl::optional<PrincipalFacts>> principals_;
  std::map<ApiKeyId, SharedApiKey> api_keys_;
  struct TokenState {
    absl::optional<SessionId> session;
    bool revoked = false;
  };
  std::map<TokenId, TokenState> tokens_;
  std::shared_ptr<const Workloads> workloads_;
};

}  // namespace identity

#endif  // IDENTITY_VIEW_FACTS_H_
