#include "server/app/access/introspection.h"

#include <utility>

#include "db/stores/sessions.h"
#include "server/base/status_macros.h"
#include "server/domain/access_token.h"
#include "server/domain/opaque_token.h"

namespace identity {
namespace {

using Answer = absl::optional<Introspection>;
using Kind = OpaqueToken::Kind;

Introspection Of(const Subject& subject, Introspection::Kind kind) {
  Introspection found;
  found.kind = kind;
  found.principal_id = subject.principal.id();
  found.username = std::string(subject.principal.username());
  found.scopes = subject.scopes;
  found.expire_time = subject.expire_time;
  found.session_id = subject.session_id;
  found.token_id = subject.token_id;
  found.delegations = subject.delegations;
  return found;
}

Introspection Of(const sessions::SessionAndToken& stored, const PrincipalFacts& principal) {
  Introspection found;
  found.kind = Introspection::Kind::kRefreshToken;
  found.principal_id = principal.id();
  found.username = std::string(principal.username());
  found.scopes = stored.session.scopes;
  found.client_id = stored.session.client_id;
  found.audience = stored.session.audience;
  found.auth_time = stored.session.auth_time;
  found.expire_time = stored.token.expire_time;
  found.session_id = stored.session.id;
  return found;
}

absl::StatusOr<Answer> FindRefreshToken(Transaction& transaction, const OpaqueToken& token) {
  ASSIGN_OR_RETURN(const absl::optional<sessions::SessionAndToken> stored,
                   sessions::FindSpendable(transaction, RefreshTokenId(token.id()), token.Hash()));
  if (!stored) return Answer();
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> principal,
                   StoredFacts(transaction).Principal(stored->session.principal_id));
  return principal ? Answer(Of(*stored, *principal)) : Answer();
}

}  // namespace

absl::StatusOr<Answer> Introspector::Introspect(const RequestContext& context, absl::string_view text) const {
  if (const auto token = OpaqueToken::Parse(Kind::kRefreshToken, text)) {
    if (!context.may_block) return WouldBlock();
    return database_.Read(context, [&](Transaction& transaction) { return FindRefreshToken(transaction, *token); });
  }
  const bool is_key = OpaqueToken::Parse(Kind::kApiKey, text).has_value();
  return view_.Read(context, Freshness(), [&](Facts& facts) {
    return is_key ? IntrospectApiKey(facts, text) : IntrospectAccessToken(facts, text);
  });
}

absl::StatusOr<Answer> Introspector::IntrospectAccessToken(Facts& facts, absl::string_view token) const {
  ASSIGN_OR_RETURN(const Credentials::Inspection inspection, credentials_.InspectAccessToken(facts, token));
  if (!inspection.token) return Answer();
  Introspection found = Of(*inspection.verification.subject, Introspection::Kind::kAccessToken);
  const AccessTokenClaims& claims = inspection.token->claims();
  found.client_id = claims.client_id;
  found.audience = claims.audience;
  found.issue_time = claims.issue_time;
  found.auth_time = claims.auth_time;
  return Answer(std::move(found));
}

absl::StatusOr<Answer> Introspector::IntrospectApiKey(Facts& facts, absl::string_view key) const {
  ASSIGN_OR_RETURN(const Verification verification, credentials_.VerifyApiKey(facts, key));
  return verification.good() ? Answer(Of(*verification.subject, Introspection::Kind::kApiKey)) : Answer();
}

}  // namespace identity
