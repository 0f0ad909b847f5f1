#ifndef IDENTITY_APP_ACCESS_EVALUATIONS_H_
#define IDENTITY_APP_ACCESS_EVALUATIONS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "db/database.h"
#include "server/app/access/authorizer.h"
#include "server/app/access/caller.h"
#include "server/base/request_context.h"
#include "server/routes/authzen_rules.h"
#include "server/routes/routes_file.h"

namespace identity {

// Answers the questions of AuthZEN 1.0 for decisions: as CheckPermission answers what the mapping of the file of route
// rules makes of them. Thread-safe.
//
// The type of a subject says what its id is: a principal's id or name for `user` and `service_account`, the credential
// itself for `access_token` and `api_key`, nothing for `anonymous`. A subject of another type may do nothing.
class Evaluations {
 public:
  // `routes`: null when there is no file; then the usual mapping holds.
  Evaluations(Database& database, const Authorizer& authorizer, const RoutesFile* routes)
      : database_(database), authorizer_(authorizer), routes_(routes) {}

  using Questions = absl::Span<const absl::StatusOr<AuthZenQuestion>>;
  // An answer for each question, in order, all at one revision. A question's own error is its answer; one that no rule
  // is for is denied with kNoBinding. Principals that are named by their names cost a read of the database. Errors:
  // those of Authorizer::Check.
  absl::StatusOr<Authorizer::Answers> Evaluate(const RequestContext& context, const Caller& caller,
                                               Questions questions) const;

  // The subject is a credential itself. Nobody can list those.
  static bool IsCredential(const AuthZenEntity& subject);
  // The principal that the subject names by its id or its name. Without an id when it names none.
  absl::StatusOr<CheckQuery::ById> PrincipalOf(const RequestContext& context, const AuthZenEntity& subject) const;

  // The mapping in force. The file keeps it alive.
  struct Rules {
    std::shared_ptr<const RouteRules> file;
    const AuthZenRules* rules;
  };
  Rules CurrentRules() const;

 private:
  class Names;
  absl::StatusOr<Names> FindNames(const RequestContext& context, Questions questions) const;

  Database& database_;
  const Authorizer& authorizer_;
  const RoutesFile* const routes_;
  const AuthZenRules usual_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_EVALUATIONS_H_
