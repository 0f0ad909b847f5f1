#ifndef IDENTITY_APP_ADMIN_IDENTITY_PROVIDERS_H_
#define IDENTITY_APP_ADMIN_IDENTITY_PROVIDERS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "db/database.h"
#include "server/app/access/caller.h"
#include "server/app/admin/paging.h"
#include "server/app/change/mutation.h"
#include "server/base/request_context.h"
#include "server/domain/external/identity_provider.h"

namespace identity {

// Manages the providers. Their ID tokens log people in, and their tokens are credentials of workloads. A provider can
// log in as everybody whose identity it has, or whose address it claims to have verified. So only super admins may
// change one. Thread-safe.
class IdentityProviders {
 public:
  // `own_issuer`: of this service.
  IdentityProviders(Database& database, const Mutations& mutations, const PageTokens& page_tokens,
                    std::string own_issuer)
      : database_(database), mutations_(mutations), page_tokens_(page_tokens), own_issuer_(std::move(own_issuer)) {}

  struct Written {
    IdentityProvider provider;
    ConsistencyToken token;
  };
  // INVALID_ARGUMENT; ALREADY_EXISTS for the name and the issuer; FAILED_PRECONDITION / LIMIT_REACHED;
  // PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
  absl::StatusOr<Written> Create(const RequestContext& context, const Caller& caller, const IdentityProvider& provider,
                                 const Idempotency& idempotency);
  // NOT_FOUND.
  absl::StatusOr<IdentityProvider> Get(const RequestContext& context, const std::string& name);
  // In the order of their names.
  absl::StatusOr<Page<IdentityProvider>> List(const RequestContext& context, const PageRequest& page);
  // `apply` changes the stored provider. It must not change the name or the issuer. NOT_FOUND; INVALID_ARGUMENT;
  // PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
  absl::StatusOr<Written> Update(const RequestContext& context, const Caller& caller, const std::string& name,
                                 absl::FunctionRef<void(IdentityProvider&)> apply);
  // Identities and sessions stay. NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
  absl::StatusOr<ConsistencyToken> Delete(const RequestContext& context, const Caller& caller, const std::string& name);

 private:
  Database& database_;
  const Mutations& mutations_;
  const PageTokens& page_tokens_;
  const std::string own_issuer_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_IDENTITY_PROVIDERS_H_
