#ifndef IDENTITY_APP_ADMIN_EVALUATIONS_H_
#define IDENTITY_APP_ADMIN_EVALUATIONS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "db/database.h"
#include "server/app/access/authorizer.h"
#include "server/app/access/caller.h"
#include "server/app/admin/lookups.h"
#include "server/app/admin/paging.h"
#include "server/base/request_context.h"
#include "server/domain/consistency_token.h"
#include "server/routes/authzen_rules.h"
#include "server/routes/routes_file.h"

namespace identity {

// Answers the questions of AuthZEN 1.0: as CheckPermission and the look-ups answer what the mapping of the file of
// route rules makes of them. Thread-safe.
//
// The type of a subject says what its id is: a principal's id or name for `user` and `service_account`, the credential
// itself for `access_token` and `api_key`, nothing for `anonymous`. A subject of another type may do nothing.
class Evaluations {
 public:
  // `routes`: null when there is no file; then the usual mapping holds.
  Evaluations(Database& database, const Authorizer& authorizer, const Lookups& lookups, const RoutesFile* routes)
      : database_(database), authorizer_(authorizer), lookups_(lookups), routes_(routes) {}

  using Questions = absl::Span<const absl::StatusOr<AuthZenQuestion>>;
  // An answer for each question, in order, all at one revision. A question's own error is its answer; one that no rule
  // is for is denied with kNoBinding. Principals that are named by their names cost a read of the database. Errors:
  // those of Authorizer::Check.
  absl::StatusOr<Authorizer::Answers> Evaluate(const RequestContext& context, const Caller& caller,
                                               Questions questions) const;

  // The result of a search.
  struct Found {
    std::vector<std::string> ids;  // names of actions; names of principals; ids of resources
    std::string next_page_token;
    // False: there are more ids than can be listed, since a right covers whatever is below a parent.
    bool complete = true;
    absl::optional<ConsistencyToken> token;  // the revision at which it is true
  };
  // The principals of the subject's type that may do this. Reads the database. Errors: those of Lookups::Subjects.
  absl::StatusOr<Found> FindSubjects(const RequestContext& context, const AuthZenQuestion& question,
                                     const PageRequest& page) const;
  // The resources of the type on which the subject, a principal, may do this. Reads the database. Errors: those of
  // Lookups::ResourcesOfEach, but none for a principal that does not exist.
  absl::StatusOr<Found> FindResources(const RequestContext& context, const AuthZenQuestion& question) const;
  // The actions that the subject may do, among those that rules name: an evaluation of each. Errors: those of Evaluate.
  absl::StatusOr<Found> FindActions(const RequestContext& context, const Caller& caller,
                                    const AuthZenQuestion& question) const;

 private:
  class Names;
  // Keeps the rules in force alive.
  struct Rules {
    std::shared_ptr<const RouteRules> file;
    const AuthZenRules* rules;
  };
  Rules CurrentRules() const;
  absl::StatusOr<Names> FindNames(const RequestContext& context, Questions questions) const;

  Database& database_;
  const Authorizer& authorizer_;
  const Lookups& lookups_;
  const RoutesFile* const routes_;
  const AuthZenRules usual_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_EVALUATIONS_H_
