#ifndef IDENTITY_APP_ADMIN_BINDINGS_H_
#define IDENTITY_APP_ADMIN_BINDINGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/database.h"
#include "db/stores/bindings.h"
#include "server/app/access/caller.h"
#include "server/app/admin/paging.h"
#include "server/app/change/mutation.h"
#include "server/base/request_context.h"
#include "server/view/facts.h"

namespace identity {

// Creates, deletes and lists bindings, and lists the permissions that they give a principal. Thread-safe.
class Bindings {
 public:
  Bindings(Database& database, const Mutations& mutations, View& view, const PageTokens& page_tokens)
      : database_(database), mutations_(mutations), view_(view), page_tokens_(page_tokens) {}

  struct Created {
    bindings::StoredBinding binding;
    ConsistencyToken token;
  };
  // NOT_FOUND; ALREADY_EXISTS; FAILED_PRECONDITION / BUILT_IN; PERMISSION_DENIED / GRANT_EXCEEDS_CALLER, OWN_ROLES,
  // SUPER_ADMIN_REQUIRED. The id of `binding` is not read.
  absl::StatusOr<Created> Create(const RequestContext& context, const Caller& caller, const PrincipalId& principal,
                                 const Binding& binding, const Idempotency& idempotency);
  // An unknown id is NOT_FOUND for callers who may delete every binding, and PERMISSION_DENIED for others, so that they
  // cannot learn which ids exist. PERMISSION_DENIED as above.
  absl::StatusOr<ConsistencyToken> Delete(const RequestContext& context, const Caller& caller, const BindingId& id);

  // In the order of their creation.
  absl::StatusOr<Page<bindings::StoredBinding>> List(const RequestContext& context, const bindings::Filter& filter,
                                                     const PageRequest& page);

  struct Effective {
    std::vector<HeldPattern> patterns;  // by pattern
    ConsistencyToken token;
  };
  // NOT_FOUND.
  absl::StatusOr<Effective> ListEffective(const RequestContext& context, const PrincipalId& principal,
                                          const Resource& resource);

 private:
  Database& database_;
  const Mutations& mutations_;
  View& view_;
  const PageTokens& page_tokens_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_BINDINGS_H_
