#ifndef IDENTITY_VIEW_FACTS_H_
#define IDENTITY_VIEW_FACTS_H_

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/change_log.h"
#include "db/database.h"
#include "db/stores/api_keys.h"
#include "server/domain/principal_facts.h"
#include "server/domain/role_graph.h"

namespace identity {

using SharedApiKey = std::shared_ptr<const api_keys::ApiKey>;

// Those of the keys that exist.
absl::StatusOr<std::vector<SharedApiKey>> FindKeys(Transaction& transaction, const std::vector<ApiKeyId>& ids);

absl::StatusOr<std::shared_ptr<const RoleGraph>> BuildRoleGraph(std::vector<RoleDefinition> definitions);

// What decisions depend on, all true at one revision. For one thread.
class Facts {
 public:
  virtual ~Facts() = default;

  // The revision that all of this is true at, and the database's clock.
  virtual absl::StatusOr<change_log::Moment> Now() = 0;
  virtual absl::StatusOr<std::shared_ptr<const RoleGraph>> Roles() = 0;
  // nullopt: no such principal.
  virtual absl::StatusOr<absl::optional<PrincipalFacts>> Principal(const PrincipalId& id) = 0;
  // Null: no such key.
  virtual absl::StatusOr<SharedApiKey> ApiKey(const ApiKeyId& id) = 0;
  // The token was revoked by itself or with its session. For a token that has not expired.
  virtual absl::StatusOr<bool> TokenRevoked(const TokenId& token, const absl::optional<SessionId>& session) = 0;

  // What is being decided on shows that there must be newer facts than these, as a token of a session that began after
  // them does: an error when it is worth waiting for those, as below; OK when there are none.
  virtual absl::Status ExpectNewer() { return absl::OkStatus(); }

  // A fact was asked for that is not at hand: it gave an error, and the whole work will be done again once it is. Who
  // asks for many does well to ask for the others, too.
  virtual bool incomplete() const { return false; }
};

// Facts as one transaction sees them; each thing is read once.
class StoredFacts final : public Facts {
 public:
  // Reads through `transaction`, which must outlive it. In a writing one all is true at one revision only when that was
  // advanced before. Logins and refreshes do not: each of their facts is true when it is read, and what they grant is
  // decided again at each check.
  explicit StoredFacts(Transaction& transaction) : transaction_(transaction) {}

  absl::StatusOr<change_log::Moment> Now() override;
  absl::StatusOr<std::shared_ptr<const RoleGraph>> Roles() override;
  absl::StatusOr<absl::optional<PrincipalFacts>> Principal(const PrincipalId& id) override;
  absl::StatusOr<SharedApiKey> ApiKey(const ApiKeyId& id) override;
  absl::StatusOr<bool> TokenRevoked(const TokenId& token, const absl::optional<SessionId>& session) override;

  Transaction& transaction() { return transaction_; }

 private:
  Transaction& transaction_;
  absl::optional<change_log::Moment> now_;
  std::shared_ptr<const RoleGraph> roles_;
  std::map<PrincipalId, absl::optional<PrincipalFacts>> principals_;
  std::map<ApiKeyId, SharedApiKey> api_keys_;
  std::map<TokenId, bool> tokens_revoked_;
};

}  // namespace identity

#endif  // IDENTITY_VIEW_FACTS_H_
