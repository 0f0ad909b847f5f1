#ifndef IDENTITY_APP_ADMIN_SERVICE_ACCOUNTS_H_
#define IDENTITY_APP_ADMIN_SERVICE_ACCOUNTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "db/database.h"
#include "db/stores/principals.h"
#include "server/app/access/caller.h"
#include "server/app/admin/paging.h"
#include "server/app/change/mutation.h"
#include "server/base/request_context.h"

namespace identity {

// Creates and lists service accounts. Thread-safe.
class ServiceAccounts {
 public:
  ServiceAccounts(Database& database, const Mutations& mutations, const PageTokens& page_tokens)
      : database_(database), mutations_(mutations), page_tokens_(page_tokens) {}

  struct Created {
    principals::ServiceAccount account;
    ConsistencyToken token;
  };
  // INVALID_ARGUMENT; ALREADY_EXISTS.
  absl::StatusOr<Created> Create(const RequestContext& context, const Caller& caller, const std::string& name,
                                 const std::string& description, const Idempotency& idempotency);

  // In the order of their creation.
  absl::StatusOr<Page<principals::ServiceAccount>> List(const RequestContext& context, const PageRequest& page);

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
