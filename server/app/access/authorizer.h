#ifndef IDENTITY_APP_ACCESS_AUTHORIZER_H_
#define IDENTITY_APP_ACCESS_AUTHORIZER_H_

#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "db/change_log.h"
#include "server/app/access/admission.h"
#include "server/app/access/credentials.h"
#include "server/app/access/throttle.h"
#include "server/base/rate_limiter.h"
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
  std::variant<AccessToken, ApiKey, ById, Anonymous, Self> subject;
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
  absl::optional<RateLimiter::Outcome> quota;  // of the API key that was asked about, when it has one
};

// Decides what subjects may do. Thread-safe.
class Authorizer {
 public:
  Authorizer(View& view, const Credentials& credentials, Throttle& throttle)
      : view_(view), credentials_(credentials), throttle_(throttle) {}

  // An answer for each query, in order, all at one revision. A query that is an error (it could not be read) stays one.
  // A query about a good API key, or a token that one was exchanged for, is one of the key's requests. Errors: those of
  // View::Read.
  absl::StatusOr<std::vector<absl::StatusOr<CheckAnswer>>> Check(const RequestContext& context, const Caller& caller,
                                                                 absl::Span<const absl::StatusOr<CheckQuery>> queries,
                                                                 const Freshness& freshness) const;

 private:
  absl::StatusOr<CheckAnswer> CheckOne(Facts& facts, const Caller& caller, const CheckQuery& query) const;
  void CountRequest(const RequestContext& context, const Caller& caller, const CheckQuery& query,
                    CheckAnswer& answer) const;
  absl::StatusOr<Verification> Verify(Facts& facts, const Caller& caller, const CheckQuery& query) const;

  View& view_;
  const Credentials& credentials_;
  Throttle& throttle_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_AUTHORIZER_H_
