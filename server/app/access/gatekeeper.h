#ifndef IDENTITY_APP_ACCESS_GATEKEEPER_H_
#define IDENTITY_APP_ACCESS_GATEKEEPER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/app/access/admission.h"
#include "server/app/access/authorizer.h"
#include "server/base/request_context.h"
#include "server/routes/routes_file.h"

namespace identity {

// An HTTP request that a proxy has received and asks about. Its texts are borrowed.
struct GateRequest {
  absl::string_view method;
  absl::string_view host;
  absl::string_view target;        // a path, and perhaps a query
  PresentedCredential credential;  // of the client, as the proxy received it
  // Set: the proxy's own configuration says what the request needs, not a rule. The path then needs one form: it has no
  // escapes, and nothing that the rules would deny.
  absl::optional<RouteCheck> from_proxy;
};

// Whether the proxy may pass the request on, and as whose.
struct GateAnswer {
  enum class Verdict {
    kPublic,           // everybody may, and nobody looked at the credential
    kAllowed,          // the subject may
    kRouteDenied,      // a rule, or the lack of one, denies it to everybody: see `route`
    kUnauthenticated,  // it needs a credential, and there is none or a bad one
    kStepUpRequired,   // the session must show a second factor
    kDenied,           // the subject may not
    kQuotaExceeded     // the subject has used up its requests
  };
  Verdict verdict = Verdict::kRouteDenied;
  RouteDenial route = RouteDenial::kNoRule;  // with kRouteDenied
  absl::optional<RouteCheck> check;          // what the request needs; unset with kPublic and kRouteDenied
  bool has_credential = false;
  Reason reason = Reason::kNoBinding;          // of the check
  absl::optional<Subject> subject;             // with kAllowed, unless the request is anonymous
  absl::optional<RateLimiter::Outcome> quota;  // of the subject's API key, when it has one
};

// Decides about HTTP requests by the route rules: what CheckPermission says of the rule's permission and resource, for
// the subject whose credential the request has. A request without one is checked for `anonymous`. Thread-safe.
class Gatekeeper {
 public:
  // `routes`: null when there is no file of route rules; then only the proxies know what a request needs.
  Gatekeeper(const Authorizer& authorizer, const RoutesFile* routes) : authorizer_(authorizer), routes_(routes) {}

  // Errors: those of Authorizer::Check. They are no answer, so the proxy must not pass the request on.
  absl::StatusOr<GateAnswer> Decide(const RequestContext& context, const Caller& caller,
                                    const GateRequest& request) const;

  bool has_routes() const { return routes_ != nullptr; }

 private:
  RouteDecision Route(const GateRequest& request) const;

  const Authorizer& authorizer_;
  const RoutesFile* const routes_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_GATEKEEPER_H_
