#ifndef IDENTITY_APP_ACCESS_AUTHORIZER_H_
#define IDENTITY_APP_ACCESS_AUTHORIZER_H_

#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "db/change_log.h"
#include "server/app/access/caller.h"
#include "server/app/access/credentials.h"
#include "server/app/access/throttle.h"
#include "server/base/metrics.h"
#include "server/base/rate_limiter.h"
#include "server/domain/decision.h"
#include "server/view/view.h"

namespace identity {

// One check that a caller requests. Its texts are borrowed from the request.
struct CheckQuery {
  struct AccessToken {
    absl::string_view text;
  };
  struct ApiKey {
    absl::string_view text;
  };
  struct ById {
    absl::optional<PrincipalId> id;                      // unset: the text in the request is not an id
    absl::optional<PrincipalType> type = absl::nullopt;  // set: a principal of another type counts as none
  };
  struct Anonymous {};
  struct Self {};
  std::variant<AccessToken, ApiKey, ById, Anonymous, Self> subject;
  Permission permission;
  Resource resource;
  absl::string_view audience;  // "": that of the service itself
  bool explain = false;
};

// The answer to a query. `decision.reason` comes from the credential when it is bad, otherwise from the quota, the
// scopes and the bindings.
struct CheckAnswer {
  Decision decision;
  absl::optional<Explanation> explanation;  // of an approval, when the query requests it
  absl::optional<Subject> subject;
  change_log::Moment moment;
  absl::optional<RateLimiter::Outcome> quota;  // of the API key in the query, when it has one
};

// Decides what subjects may do. Thread-safe.
class Authorizer {
 public:
  // `metrics` counts the decisions, by their reasons.
  Authorizer(View& view, const Credentials& credentials, Throttle& throttle, Metrics& metrics)
      : view_(view), credentials_(credentials), throttle_(throttle), metrics_(metrics) {}

  using Answers = std::vector<absl::StatusOr<CheckAnswer>>;
  // An answer for each query, in order, all at one revision. For a malformed query, pass its error: it becomes the
  // answer. So does PROVIDER_UNAVAILABLE of one query. A query about a good API key, or about a token that one was
  // exchanged for, counts as one of the key's requests. Errors: those of View::Read.
  absl::StatusOr<Answers> Check(const RequestContext& context, const Caller& caller,
                                absl::Span<const absl::StatusOr<CheckQuery>> queries, const Freshness& freshness) const;

 private:
  absl::StatusOr<Answers> CheckAll(Facts& facts, const Caller& caller,
                                   absl::Span<const absl::StatusOr<CheckQuery>> queries) const;
  absl::StatusOr<CheckAnswer> CheckOne(Facts& facts, const Caller& caller, const CheckQuery& query) const;
  void CountRequest(const RequestContext& context, const Caller& caller, const CheckQuery& query,
                    CheckAnswer& answer) const;
  absl::StatusOr<Verification> Verify(Facts& facts, const Caller& caller, const CheckQuery& query) const;

  View& view_;
  const Credentials& credentials_;
  Throttle& throttle_;
  Metrics& metrics_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_AUTHORIZER_H_
