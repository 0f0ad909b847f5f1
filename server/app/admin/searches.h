#ifndef IDENTITY_APP_ADMIN_SEARCHES_H_
#define IDENTITY_APP_ADMIN_SEARCHES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/app/access/caller.h"
#include "server/app/access/evaluations.h"
#include "server/app/admin/lookups.h"
#include "server/app/admin/paging.h"
#include "server/base/request_context.h"
#include "server/domain/consistency_token.h"
#include "server/routes/authzen_rules.h"

namespace identity {

// Answers the searches of AuthZEN 1.0, as the look-ups answer what the mapping makes of them. Thread-safe.
class Searches {
 public:
  Searches(const Evaluations& evaluations, const Lookups& lookups) : evaluations_(evaluations), lookups_(lookups) {}

  struct Found {
    std::vector<std::string> ids;  // names of actions; names of principals; ids of resources
    std::string next_page_token;
    // False: there are more ids than can be listed, since a right covers whatever is below a parent.
    bool complete = true;
    absl::optional<ConsistencyToken> token;  // the revision at which it is true
  };
  // The principals of the subject's type that may do this. Reads the database. Errors: those of Lookups::Subjects.
  absl::StatusOr<Found> Subjects(const RequestContext& context, const AuthZenQuestion& question,
                                 const PageRequest& page) const;
  // The resources of the type on which the subject, a principal, may do this. Reads the database. Errors: those of
  // Lookups::ResourcesOfEach, but none for a principal that does not exist.
  absl::StatusOr<Found> Resources(const RequestContext& context, const AuthZenQuestion& question) const;
  // The actions that the subject may do, among those that rules name: an evaluation of each. Errors: those of
  // Evaluations::Evaluate.
  absl::StatusOr<Found> Actions(const RequestContext& context, const Caller& caller,
                                const AuthZenQuestion& question) const;

 private:
  const Evaluations& evaluations_;
  const Lookups& lookups_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_SEARCHES_H_
