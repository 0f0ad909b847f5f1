#ifndef IDENTITY_APP_AUTHORIZER_H_
#define IDENTITY_APP_AUTHORIZER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "absl/types/variant.h"
#include "db/change_log.h"
#include "server/app/admission.h"
#include "server/app/credentials.h"
#include "server/domain/decision.h"
#include "server/view/view.h"

namespace identity {

// One question. What it shows is borrowed from the request.
struct CheckQuery {
  struct AccessToken {
    absl::string_view text;
  };
  struct ApiKey {
    absl::string_view text;
  };
  struct ById {
    absl::optional<PrincipalId> id;  // unset: what was given is no id
  };
  struct Anonymous {};
  struct Self {};
  absl::variant<AccessToken, ApiKey, ById, Anonymous, Self> subject;
  Permission permission;
  Resource resource;
  absl::string_view audience;  // "": any
  bool explain = false;
};

// The answer to it. `decision.reason` is what the credential or the bindings gave.
struct CheckAnswer {
  Decision decision;
  absl::optional<Explanation> explanation;  // of an approval, when it was asked for
  absl::optional<Subject> subject;
  change_log::Moment moment;
};

// Decides what subjects may do. Thread-safe.
class Authorizer {
 public:
  Authorizer(View& view, const Credentials& credentials) : view_(view), credentials_(credentials) {}

  // An answer for each query, in order, all at one revision. A query that is an error (it could not be read) stays one.
  // Errors: those of View::Read.
  absl::StatusOr<std::vector<absl::StatusOr<CheckAnswer>>> Check(const RequestContext& context, const Caller& caller,
                                                                 absl::Span<const absl::StatusOr<CheckQuery>> queries,
                                                                 const Freshness& freshness) const;

 private:
  absl::StatusOr<CheckAnswer> CheckOne(Facts& facts, const Caller& caller, const CheckQuery& query) const;
  absl::StatusOr<Verification> Verify(Facts& facts, const Caller& caller, const CheckQuery& query) const;

  View& view_;
  const Credentials& credentials_;
};

}  // namespace identity

#endif  // IDENTITY_APP_AUTHORIZER_H_
