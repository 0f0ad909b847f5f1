#ifndef IDENTITY_APP_ADMIN_LOOKUPS_H_
#define IDENTITY_APP_ADMIN_LOOKUPS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/app/admin/paging.h"
#include "server/base/request_context.h"
#include "server/domain/consistency_token.h"
#include "server/domain/decision.h"
#include "server/domain/permission.h"
#include "server/domain/principal_facts.h"
#include "server/domain/resource.h"

namespace identity {

// Answers "who may do this here?" and "where may they do it?": completely, and at one named revision. Each item was
// decided as CheckPermission decides. Thread-safe.
class Lookups {
 public:
  Lookups(Database& database, const PageTokens& page_tokens) : database_(database), page_tokens_(page_tokens) {}

  struct Holder {
    PrincipalFacts principal;
    Right right;
  };
  struct Place {
    Resource resource;  // the right holds here and below
    Right right;
  };
  // A page, and the revision at which the whole list is true.
  template <typename T>
  struct List {
    Page<T> page;
    ConsistencyToken token;
  };

  // The principals that hold `permission` on `resource`, in the order of their ids; `anonymous` among them. No disabled
  // ones. ABORTED / CONFLICT for a later page, after a role, a binding or a principal has changed since the first one.
  absl::StatusOr<List<Holder>> Subjects(const RequestContext& context, const Permission& permission,
                                        const Resource& resource, const PageRequest& page) const;
  // The resources on which bindings give `principal` the permission, sorted. None for a disabled principal. NOT_FOUND;
  // CONFLICT as above.
  absl::StatusOr<List<Place>> Resources(const RequestContext& context, const PrincipalId& principal,
                                        const Permission& permission, const PageRequest& page) const;
  // The same for several permissions at once, each in one piece. `principal`: unset when there is none with this id.
  struct Places {
    absl::optional<PrincipalFacts> principal;
    std::vector<std::vector<Place>> of_each;  // permission, in order
    ConsistencyToken token;
  };
  absl::StatusOr<Places> ResourcesOfEach(const RequestContext& context, const PrincipalId& principal,
                                         const std::vector<Permission>& permissions) const;

 private:
  template <typename T, typename TextOf, typename ReadItems>
  absl::StatusOr<List<T>> ReadList(const RequestContext& context, const std::string& list, const PageRequest& page,
                                   const TextOf& text_of, const ReadItems& read_items) const;

  Database& database_;
  const PageTokens& page_tokens_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_LOOKUPS_H_
