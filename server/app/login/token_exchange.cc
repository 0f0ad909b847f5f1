#include "server/app/login/token_exchange.h"

#include "absl/strings/str_cat.h"
#include "server/app/access/own_permissions.h"
#include "server/app/access/require_permission.h"
#include "server/app/login/login_attempt.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/resource.h"

namespace identity {
namespace {

absl::Status SubjectTokenInvalid() {
  return InvalidField("subject_token", "is not an access token of this service, or has expired, or was revoked");
}

Resource ResourceOf(absl::string_view audience) {
  const absl::StatusOr<Resource> path = Resource::Parse(absl::StrCat("audiences/", audience));
  return path.ok() ? *path : Resource();
}

// A client that authenticated with its key, not with a token, which may be stolen.
absl::Status RequireApiKey(const Caller& caller) {
  const bool has_key = caller.subject && caller.subject->api_key_id && !caller.subject->token_id;
  return has_key ? absl::OkStatus() : CallerUnknown();
}

}  // namespace

// A valid subject token, and what the new token may do.
struct TokenExchange::Granted {
  VerifiedAccessToken parent;
  PrincipalFacts principal;
  Scopes scopes;
};

absl::StatusOr<TokenSet> TokenExchange::Exchange(const RequestContext& context, const Caller& caller,
                                                 const Request& request) {
  RETURN_IF_ERROR(RequireApiKey(caller));
  if (request.audience == kOwnAudience) {
    return InvalidField("audience", "is that of the identity service, which no exchange gives");
  }
  // From memory, without a lock: whatever ends the subject token, the new one is judged by it at each use.
  const auto judge = [&](Facts& facts) { return Judge(facts, caller, request); };
  ASSIGN_OR_RETURN(const absl::optional<Granted> granted, view_.Read(context, Freshness(), judge));
  const Subject& actor = *caller.subject;
  AuditReport report{audit::EventType::kTokenExchanged};
  if (!granted) {
    if (!audited_failures_.Take(actor.api_key_id->ToString()).allowed) return SubjectTokenInvalid();
    report.outcome = audit::Outcome::kFailure;
    report.details = absl::StrCat("for ", request.audience, ", with a bad token");
    RETURN_IF_ERROR(Audit(context, caller, report));
    return SubjectTokenInvalid();
  }
  const AccessTokenClaims& parent = granted->parent.claims();
  TokenSet tokens =
      issuer_.ForDelegation(parent, granted->principal, granted->scopes, request.audience,
                            {actor.principal.id(), *actor.api_key_id, parent.id, parent.kid}, actor.expire_time);
  report.subject = parent.subject;
  report.target = tokens.access_token_id.ToString();
  report.details = absl::StrCat("for ", request.audience, ", from the token ", parent.id.ToString(), ", by the key ",
                                actor.api_key_id->ToString());
  RETURN_IF_ERROR(Audit(context, caller, report));
  return tokens;
}

// nullopt: the subject token is not good.
absl::StatusOr<absl::optional<TokenExchange::Granted>> TokenExchange::Judge(Facts& facts, const Caller& caller,
                                                                            const Request& request) const {
  RETURN_IF_ERROR(RequirePermission(facts, caller.subject, LiteralPermission(own_permissions::kTokensExchange),
                                    ResourceOf(request.audience)));
  ASSIGN_OR_RETURN(Credentials::Inspection inspection,
                   credentials_.InspectAccessToken(facts, request.subject_token.Reveal()));
  // The leeway for clocks is not for making new tokens.
  if (!inspection.token || inspection.token->claims().expire_time <= clock_()) return absl::optional<Granted>();
  const AccessTokenClaims& parent = inspection.token->claims();
  RETURN_IF_ERROR(RequirePermission(facts, caller.subject, LiteralPermission(own_permissions::kTokensAccept),
                                    ResourceOf(parent.audience)));
  if (parent.delegations.size() == kMaxDelegations) {
    return InvalidField("subject_token", absl::StrCat("was exchanged ", kMaxDelegations, " times, the most there is"));
  }
  const PrincipalFacts& principal = inspection.verification.subject->principal;
  ASSIGN_OR_RETURN(Scopes scopes, GrantedScopes(facts, principal, request.scopes, parent.scopes));
  return absl::make_optional(Granted{*std::move(inspection.token), principal, std::move(scopes)});
}

absl::Status TokenExchange::Audit(const RequestContext& context, const Caller& caller,
                                  const AuditReport& report) const {
  return database_.Write(context, [&](Transaction& transaction) {
    return identity::Audit(transaction, caller, ClientOf(caller), report);
  });
}

}  // namespace identity
