#include "server/app/access/gatekeeper.h"

#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "server/base/status_macros.h"
#include "server/domain/opaque_token.h"
#include "server/routes/request_path.h"

namespace identity {
namespace {

using Verdict = GateAnswer::Verdict;

// A bearer may be an access token or an API key, as in the metadata of a call. A malformed credential is an access
// token that no check accepts.
CheckQuery QueryOf(const PresentedCredential& credential, const RouteCheck& check) {
  using Kind = PresentedCredential::Kind;
  CheckQuery query = {CheckQuery::Anonymous(), check.permission, check.resource, check.audience};
  const bool is_key =
      credential.kind == Kind::kApiKey ||
      (credential.kind == Kind::kBearer && OpaqueToken::Parse(OpaqueToken::Kind::kApiKey, credential.text).has_value());
  if (is_key) {
    query.subject = CheckQuery::ApiKey{credential.text};
  } else if (credential.kind != Kind::kNone) {
    query.subject = CheckQuery::AccessToken{credential.text};
  }
  return query;
}

Verdict VerdictOf(Reason reason, bool has_credential) {
  switch (reason) {
    case Reason::kGranted:
      return Verdict::kAllowed;
    case Reason::kCredentialInvalid:
    case Reason::kCredentialExpired:
    case Reason::kCredentialRevoked:
    case Reason::kPrincipalDisabled:
      return Verdict::kUnauthenticated;
    case Reason::kQuotaExceeded:
      return Verdict::kQuotaExceeded;
    case Reason::kStepUpRequired:
      return Verdict::kStepUpRequired;
    case Reason::kNoBinding:
    case Reason::kScopeInsufficient:
      break;
  }
  return has_credential ? Verdict::kDenied : Verdict::kUnauthenticated;
}

}  // namespace

RouteDecision Gatekeeper::Route(const GateRequest& request) const {
  if (request.from_proxy) {
    // The proxy chose its configuration by the path as it arrived, so the service must read the path in the same way.
    const auto path = RequestPath::Parse(request.target);
    if (const auto* denial = std::get_if<RouteDenial>(&path)) return RouteDenied{*denial, {}};
    const absl::string_view undecoded = request.target.substr(0, request.target.find('?'));
    if (absl::StrContains(undecoded, '%')) return RouteDenied{RouteDenial::kPathEscape, {}};
    return *request.from_proxy;
  }
  if (routes_ == nullptr) return RouteDenied();
  return routes_->rules()->Match(request.method, request.host, request.target);
}

absl::StatusOr<GateAnswer> Gatekeeper::Decide(const RequestContext& context, const Caller& caller,
                                              const GateRequest& request) const {
  RouteDecision route = Route(request);
  GateAnswer answer;
  answer.has_credential = request.credential.kind != PresentedCredential::Kind::kNone;
  if (const auto* denied = std::get_if<RouteDenied>(&route)) {
    answer.route = denied->reason;
    return answer;
  }
  if (std::holds_alternative<RoutePublic>(route)) {
    answer.verdict = Verdict::kPublic;
    return answer;
  }
  answer.check = std::get<RouteCheck>(std::move(route));
  const absl::StatusOr<CheckQuery> query = QueryOf(request.credential, *answer.check);
  ASSIGN_OR_RETURN(Authorizer::Answers checked, authorizer_.Check(context, caller, {&query, 1}, Freshness()));
  RETURN_IF_ERROR(checked[0].status());
  CheckAnswer& check = *checked[0];
  answer.reason = check.decision.reason;
  answer.verdict = VerdictOf(answer.reason, answer.has_credential);
  answer.quota = check.quota;
  if (answer.verdict == Verdict::kAllowed && answer.has_credential) answer.subject = std::move(check.subject);
  return answer;
}

}  // namespace identity
