#include "server/app/login/key_exchange.h"

#include <string>
#include <utility>

#include "server/app/access/audit.h"
#include "server/base/status_macros.h"
#include "server/domain/opaque_token.h"

namespace identity {

namespace {

FailureCause CauseOfReason(Reason reason) {
  if (reason == Reason::kCredentialExpired) return FailureCause::kExpiredKey;
  if (reason == Reason::kCredentialRevoked) return FailureCause::kRevokedKey;
  return reason == Reason::kPrincipalDisabled ? FailureCause::kDisabled : FailureCause::kUnknownKey;
}

}  // namespace

// A verified key, and what its token may do.
struct KeyExchange::GoodKey {
  SharedApiKey key;
  PrincipalFacts principal;
  Scopes scopes;
};

absl::StatusOr<TokenSet> KeyExchange::Exchange(const RequestContext& context, const Caller& caller, const Secret& key,
                                               const LoginRequest& request, absl::string_view client_id) {
  ASSIGN_OR_RETURN(const Throttle::Use use, throttle_.BeginLogin(context, caller, request.client_info));
  if (!OpaqueToken::Parse(OpaqueToken::Kind::kApiKey, key.Reveal())) return InvalidCredentials();
  return RefundUnlessWrong(use, TryExchange(context, caller, key, request, client_id));
}

absl::StatusOr<TokenSet> KeyExchange::TryExchange(const RequestContext& context, const Caller& caller,
                                                  const Secret& key, const LoginRequest& request,
                                                  absl::string_view client_id) {
  ASSIGN_OR_RETURN(const absl::optional<GoodKey> good, database_.Write(context, [&](Transaction& transaction) {
    return Verify(transaction, caller, key, request, client_id);
  }));
  if (!good) return InvalidCredentials();
  return issuer_.ForApiKey(*good->key, good->principal, good->scopes, AudienceOf(request), ClientIdOf(caller));
}

// Returns nullopt for a key that is not good; that is audited.
absl::StatusOr<absl::optional<KeyExchange::GoodKey>> KeyExchange::Verify(Transaction& transaction, const Caller& caller,
                                                                         const Secret& key, const LoginRequest& request,
                                                                         absl::string_view client_id) const {
  StoredFacts facts(transaction);
  ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, request.client_info));
  ASSIGN_OR_RETURN(Verification verification, credentials_.VerifyApiKey(facts, key.Reveal()));
  if (verification.good() && !client_id.empty() && !IsClientIdOf(verification.subject->principal, client_id)) {
    verification.reason = Reason::kCredentialInvalid;
  }
  const absl::optional<Subject>& subject = verification.subject;
  AuditReport report{audit::EventType::kLogin};
  if (subject) {
    report.subject = subject->principal.id();
    report.target = subject->api_key_id->ToString();
  }
  if (!verification.good()) {
    report.outcome = audit::Outcome::kFailure;
    report.details = std::string(NameOf(CauseOfReason(verification.reason)));
    RETURN_IF_ERROR(Audit(transaction, caller, client, report));
    return absl::optional<GoodKey>();
  }
  ASSIGN_OR_RETURN(Scopes scopes, GrantedScopes(facts, subject->principal, request.scopes, subject->scopes));
  ASSIGN_OR_RETURN(SharedApiKey stored, facts.ApiKey(*subject->api_key_id));
  RETURN_IF_ERROR(Audit(transaction, caller, client, report));
  return absl::make_optional(GoodKey{std::move(stored), subject->principal, std::move(scopes)});
}

}  // namespace identity
