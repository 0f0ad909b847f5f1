#include "server/app/access/workload_tokens.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/base/sodium.h"
#include "server/base/status_macros.h"
#include "server/domain/external/token_rules.h"
#include "server/domain/external/workloads.h"

namespace identity {
namespace {

RequestContext NonBlocking() {
  RequestContext context;
  context.may_block = false;
  return context;
}

KeyOrigin OriginOf(const IdentityProvider& issuer) { return {issuer.issuer, issuer.jwks_uri}; }

}  // namespace

WorkloadTokens::WorkloadTokens(ExternalKeys& keys, size_t limit_bytes)
    : keys_(keys), hash_key_(RandomBytes(crypto_shorthash_siphashx24_KEYBYTES)), remembered_(limit_bytes) {}

WorkloadTokens::TextHash WorkloadTokens::HashOf(absl::string_view text) const {
  TextHash hash;
  static_assert(sizeof(hash) == crypto_shorthash_siphashx24_BYTES);
  crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(hash.data()), Unsigned(text), text.size(),
                              Unsigned(hash_key_.Reveal()));
  return hash;
}

// Asks for the key at each use, so that a key that the issuer has withdrawn counts no more.
absl::StatusOr<absl::optional<JsonWebKey>> WorkloadTokens::FindKey(Facts& facts, const IdentityProvider& issuer,
                                                                   const ExternalToken& token) const {
  const JwsAlgorithm algorithm = token.algorithm();
  absl::StatusOr<absl::optional<JsonWebKey>> key = keys_.Find(NonBlocking(), OriginOf(issuer), token.kid(), algorithm);
  if (!IsWouldBlock(key.status())) return key;
  const std::string name = absl::StrCat("keys\n", issuer.issuer, "\n", token.kid(), "\n", NameOf(algorithm));
  RETURN_IF_ERROR(facts.RunFirst(
      name, [keys = &keys_, origin = OriginOf(issuer), kid = token.kid(), algorithm](const RequestContext& context) {
        return keys->Find(context, origin, kid, algorithm).status();
      }));
  key = keys_.Find(NonBlocking(), OriginOf(issuer), token.kid(), algorithm);
  if (!IsWouldBlock(key.status())) return key;
  return WithRetryDelay(Error(ErrorReason::kProviderUnavailable, "the keys of the identity provider are being fetched"),
                        absl::Seconds(1));
}

// nullopt: the token is not one of a workload, or its signature is wrong.
absl::StatusOr<absl::optional<ExternalClaims>> WorkloadTokens::VerifySignature(Facts& facts, absl::string_view text,
                                                                               const Workloads& workloads) const {
  const TextHash hash = HashOf(text);
  const absl::optional<Entry> known = remembered_.Find(hash);
  const absl::optional<ExternalToken> token = known ? known->token : ExternalToken::Parse(text);
  if (!token) return absl::optional<ExternalClaims>();
  const IdentityProvider* const issuer = workloads.FindIssuer(token->claimed_issuer());
  if (issuer == nullptr || !issuer->Accepts(token->algorithm())) return absl::optional<ExternalClaims>();
  ASSIGN_OR_RETURN(const absl::optional<JsonWebKey> key, FindKey(facts, *issuer, *token));
  if (!key) return absl::optional<ExternalClaims>();
  if (known && known->key == *key) return absl::make_optional(known->claims);
  RETURN_IF_ERROR(facts.BeginSlowStep());
  absl::optional<ExternalClaims> claims = ExternalClaims::Verify(*token, *key);
  if (claims) remembered_.Put({hash, text.size(), *token, *claims, *key});
  return claims;
}

absl::StatusOr<WorkloadTokens::Identified> WorkloadTokens::Identify(Facts& facts, absl::string_view text,
                                                                    absl::Time now) const {
  ASSIGN_OR_RETURN(const std::shared_ptr<const Workloads> workloads, facts.KnownWorkloads());
  if (workloads->issuers().empty()) return Identified();
  ASSIGN_OR_RETURN(const absl::optional<ExternalClaims> claims, VerifySignature(facts, text, *workloads));
  if (!claims) return Identified();
  const std::string issuer = claims->Text("iss").value_or("");
  const IdentityProvider& row = *workloads->FindIssuer(issuer);
  const CheckedToken checked = CheckExternalToken(*claims, issuer, row.workload_audiences, now);
  if (!checked.identity) {
    const bool expired = checked.fault == TokenFault::kExpired && claims->Has("exp");
    return Identified{expired ? Reason::kCredentialExpired : Reason::kCredentialInvalid, absl::nullopt};
  }
  const std::string& name = checked.identity->subject();
  if (!Accepts(&row, name)) return Identified();
  const WorkloadAccount* const account = workloads->FindAccount(issuer, name);
  if (account == nullptr) return Identified();
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> principal, facts.Principal(account->service_account));
  if (!principal) return Identified();
  Subject subject(*std::move(principal));
  subject.scopes = account->scopes;
  subject.workload = std::make_shared<const WorkloadIdentity>(WorkloadOf(*claims, issuer, name));
  subject.expire_time = checked.expire_time;
  return Identified{Reason::kGranted, std::move(subject)};
}

}  // namespace identity
