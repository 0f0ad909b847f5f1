#ifndef IDENTITY_APP_ADMIN_SERVICE_ACCOUNTS_H_
#define IDENTITY_APP_ADMIN_SERVICE_ACCOUNTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/principals.h"
#include "server/app/access/caller.h"
#include "server/app/admin/paging.h"
#include "server/app/change/mutation.h"
#include "server/base/request_context.h"
#include "server/domain/external/workloads.h"

namespace identity {

// Creates, lists and changes service accounts, and says which workloads they are. Thread-safe.
class ServiceAccounts {
 public:
  ServiceAccounts(Database& database, const Mutations& mutations, const PageTokens& page_tokens)
      : database_(database), mutations_(mutations), page_tokens_(page_tokens) {}

  struct Account {
    principals::ServiceAccount fields;
    std::vector<Workloads::Entry> workloads;  // ordered by issuer and subject
  };
  struct Written {
    Account account;
    ConsistencyToken token;
  };
  // INVALID_ARGUMENT; ALREADY_EXISTS.
  absl::StatusOr<Written> Create(const RequestContext& context, const Caller& caller, const std::string& name,
                                 const std::string& description, const Idempotency& idempotency);

  // In the order of their creation.
  absl::StatusOr<Page<Account>> List(const RequestContext& context, const PageRequest& page);

  struct Update {
    PrincipalId id;
    absl::optional<std::string> description;
    absl::optional<std::vector<Workloads::Entry>> workloads;  // replaces all
  };
  // A workload acts as the account, so the caller must be allowed to make a credential of the account that has its
  // scopes. Errors:
  // - INVALID_ARGUMENT, also for an issuer of which no provider has workloads;
  // - NOT_FOUND; ALREADY_EXISTS for a workload that is another account;
  // - PERMISSION_DENIED / GRANT_EXCEEDS_CALLER, SUPER_ADMIN_REQUIRED; OWN_ROLES for workloads of the caller itself.
  absl::StatusOr<Written> Apply(const RequestContext& context, const Caller& caller, const Update& update);

  // Refuses a person or a workload of another issuer from now on, or ends that (`undo`). Also for those that are nobody
  // here. Sessions of a person stay. INVALID_ARGUMENT; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED;
  // FAILED_PRECONDITION / LIMIT_REACHED beyond kMaxExternalRevocations.
  absl::StatusOr<ConsistencyToken> RevokeExternal(const RequestContext& context, const Caller& caller,
                                                  const ExternalKey& key, bool undo);

  // Deletes the account for good, with its keys; the audit stays, and the name becomes free after 30 days. NOT_FOUND;
  // PERMISSION_DENIED / OWN_ROLES, SUPER_ADMIN_REQUIRED; FAILED_PRECONDITION / LAST_SUPER_ADMIN.
  absl::StatusOr<ConsistencyToken> Delete(const RequestContext& context, const Caller& caller, const PrincipalId& id);

 private:
  Database& database_;
  const Mutations& mutations_;
  const PageTokens& page_tokens_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_SERVICE_ACCOUNTS_H_
