#ifndef IDENTITY_APP_AUTHORIZER_H_
#define IDENTITY_APP_AUTHORIZER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "db/change_log.h"
#include "server/app/admission.h"
#include "server/app/credentials.h"
#include "server/base/secret.h"
#include "server/domain/decision.h"
#include "server/view/facts.h"

namespace identity {

// One question. Move-only, for it may hold a credential.
struct CheckQuery {
  struct AccessToken {
    Secret text;
  };
  struct ApiKey {
    Secret text;
  };
  struct ById {
    absl::optional<PrincipalId> id;  // unset: what was given is no id
  };
  struct Anonymous {};
  struct Self {};
  absl::variant<AccessToken, ApiKey, ById, Anonymous, Self> subject;
  Permission permission;
  Resource resource;
  std::string audience;  // "": any
};

// The answer to it. `decision.reason` is what the credential or the bindings gave.
struct CheckAnswer {
  Decision decision;
  absl::optional<Subject> subject;
  change_log::Moment moment;
};

// Decides what subjects may do. Thread-safe.
class Authorizer {
 public:
  Authorizer(View& view, const Credentials& credentials) : view_(view), credentials_(credentials) {}

  // An answer for each query, in order, all at one revision. A query that is an error (it could not be read) stays one.
  // Errors: FAILED_PRECONDITION / CONSISTENCY_TOKEN_UNKNOWN, and whatever keeps the facts from being read.
  absl::StatusOr<std::vector<absl::StatusOr<CheckAnswer>>> Check(
      const RequestContext& context, const Caller& caller, const std::vector<absl::StatusOr<CheckQuery>>& queries,
      const absl::optional<ConsistencyToken>& at_least) const;

 private:
  absl::StatusOr<CheckAnswer> CheckOne(Facts& facts, const Caller& caller, const CheckQuery& query) const;
  absl::StatusOr<Verification> Verify(Facts& facts, const Caller& caller, const CheckQuery& query) const;

  View& view_;
  const Credentials& credentials_;
};

}  // namespace identity

#endif  // IDENTITY_APP_AUTHORIZER_H_
