#include "server/app/access/credentials.h"

#include <algorithm>
#include <utility>

#include "server/base/secret.h"
#include "server/base/status_macros.h"
#include "server/domain/opaque_token.h"

namespace identity {
namespace {

Subject SubjectOf(const AccessTokenClaims& claims, PrincipalFacts principal) {
  Subject subject(std::move(principal));
  subject.scopes = claims.scopes;
  subject.session_id = claims.session_id;
  subject.api_key_id = claims.api_key_id;
  subject.token_id = claims.id;
  subject.kid = claims.kid;
  subject.epoch = claims.epoch;
  subject.delegations = claims.delegations;
  subject.expire_time = claims.expire_time;
  // `auth_time` is the time of the latest proof: of the second factor, where there was one.
  if (std::find(claims.amr.begin(), claims.amr.end(), kMfa) != claims.amr.end()) subject.mfa_time = claims.auth_time;
  return subject;
}

// kGranted while the key is valid, otherwise the reason why it is not.
Reason StateOf(const api_keys::ApiKey& key, absl::Time now) {
  if (key.expire_time <= now) return Reason::kCredentialExpired;
  if (key.revoke_time) return Reason::kCredentialRevoked;
  return Reason::kGranted;
}

// Whether an exchanged token and the client that exchanged it still count.
absl::StatusOr<bool> IsInForce(Facts& facts, const Delegation& delegation, const absl::optional<SessionId>& session) {
  ASSIGN_OR_RETURN(const bool revoked, facts.TokenRevoked(delegation.parent, session, delegation.parent_kid));
  if (revoked) return false;
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> actor, facts.Principal(delegation.actor));
  if (!actor || actor->disabled()) return false;
  ASSIGN_OR_RETURN(const SharedApiKey key, facts.ApiKey(delegation.actor_key));
  ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
  return key && StateOf(*key, now.time) == Reason::kGranted;
}

// Whether the workload still is this service account. Sets the scopes that it has now.
absl::StatusOr<bool> IsInForce(Facts& facts, const WorkloadIdentity& workload, Subject& subject) {
  ASSIGN_OR_RETURN(WorkloadState now, facts.Workload({workload.issuer, workload.subject}));
  if (!now.accepted || now.revoked) return false;
  if (!now.account || now.account->service_account != subject.principal.id()) return false;
  subject.scopes = std::move(now.account->scopes);
  return true;
}

// kGranted when the subject's credential counts at the revision of `facts`, otherwise the reason why it does not. For
// credentials that are authentic and not past their own expiry. Fills in the quota of the subject's API key.
absl::StatusOr<Reason> StateOf(Facts& facts, Subject& subject) {
  if (subject.api_key_id) {
    ASSIGN_OR_RETURN(const SharedApiKey key, facts.ApiKey(*subject.api_key_id));
    ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
    if (!key) return Reason::kCredentialRevoked;
    if (const Reason state = StateOf(*key, now.time); state != Reason::kGranted) return state;
    subject.requests_per_minute = key->requests_per_minute;
  }
  if (subject.token_id) {
    ASSIGN_OR_RETURN(const bool revoked, facts.TokenRevoked(*subject.token_id, subject.session_id, subject.kid));
    if (subject.epoch > subject.principal.epoch()) RETURN_IF_ERROR(facts.ExpectNewer());
    if (revoked || subject.epoch != subject.principal.epoch()) return Reason::kCredentialRevoked;
  }
  if (subject.workload) {
    ASSIGN_OR_RETURN(const bool in_force, IsInForce(facts, *subject.workload, subject));
    if (!in_force) return Reason::kCredentialRevoked;
  }
  for (const Delegation& delegation : subject.delegations) {
    ASSIGN_OR_RETURN(const bool in_force, IsInForce(facts, delegation, subject.session_id));
    if (!in_force) return Reason::kCredentialRevoked;
  }
  return subject.principal.disabled() ? Reason::kPrincipalDisabled : Reason::kGranted;
}

// Null: the token is invalid.
const AccessTokenClaims* ClaimsOf(const AccessTokenVerifier::Result& result) {
  return result.token ? &result.token->claims() : result.expired_claims.get();
}

absl::StatusOr<Verification> Judge(Facts& facts, const AccessTokenClaims& claims, bool expired) {
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> principal, facts.Principal(claims.subject));
  if (!principal) return Verification();
  Subject subject = SubjectOf(claims, *std::move(principal));
  Reason reason = Reason::kCredentialExpired;
  if (!expired) {
    ASSIGN_OR_RETURN(reason, StateOf(facts, subject));
  }
  return Verification{reason, std::move(subject)};
}

}  // namespace

absl::StatusOr<absl::optional<SignedAccessToken>> Credentials::VerifySignature(Facts& facts,
                                                                               absl::string_view token) const {
  absl::optional<SignedAccessToken> known = view_.tokens().Find(token);
  if (known) return known;
  const auto verifier = keys_.verifier();
  if (!verifier->KnowsKeyOf(token)) return absl::optional<SignedAccessToken>();  // it may be one of a workload
  RETURN_IF_ERROR(facts.BeginSlowStep());
  absl::optional<SignedAccessToken> verified = verifier->VerifySignature(token);
  if (verified) view_.tokens().Keep(token, *verified);
  return verified;
}

absl::StatusOr<AccessTokenVerifier::Result> Credentials::VerifyToken(Facts& facts, absl::string_view token) const {
  ASSIGN_OR_RETURN(const absl::optional<SignedAccessToken> signed_token, VerifySignature(facts, token));
  if (!signed_token) return AccessTokenVerifier::Result();
  // Revocations are dropped by the database's clock. When this machine's clock is behind, a revoked token whose
  // revocation was dropped must not become valid again.
  ASSIGN_OR_RETURN(const change_log::Moment moment, facts.Now());
  return AccessTokenVerifier::VerifyTimes(*signed_token, std::max(clock_(), moment.time));
}

absl::StatusOr<Verification> Credentials::VerifyAccessToken(Facts& facts, absl::string_view token,
                                                            absl::string_view audience) const {
  ASSIGN_OR_RETURN(const AccessTokenVerifier::Result result, VerifyToken(facts, token));
  const AccessTokenClaims* const claims = ClaimsOf(result);
  if (claims == nullptr && audience == kOwnAudience) return VerifyWorkload(facts, token);
  if (claims == nullptr || claims->audience != audience) return Verification();
  return Judge(facts, *claims, !result.token);
}

absl::StatusOr<Verification> Credentials::VerifyWorkload(Facts& facts, absl::string_view token) const {
  ASSIGN_OR_RETURN(const change_log::Moment moment, facts.Now());
  ASSIGN_OR_RETURN(WorkloadTokens::Identified identified,
                   workloads_.Identify(facts, token, std::max(clock_(), moment.time)));
  Verification verification = {identified.reason, std::move(identified.subject)};
  if (verification.good()) {
    ASSIGN_OR_RETURN(verification.reason, StateOf(facts, *verification.subject));
  }
  return verification;
}

absl::StatusOr<Credentials::Inspection> Credentials::InspectAccessToken(Facts& facts, absl::string_view token) const {
  ASSIGN_OR_RETURN(AccessTokenVerifier::Result result, VerifyToken(facts, token));
  if (!result.token) return Inspection();
  ASSIGN_OR_RETURN(Verification verification, Judge(facts, result.token->claims(), false));
  if (!verification.good()) return Inspection{std::move(verification), absl::nullopt};
  return Inspection{std::move(verification), std::move(result.token)};
}

absl::StatusOr<Verification> Credentials::VerifyApiKey(Facts& facts, absl::string_view text) const {
  const absl::optional<OpaqueToken> presented = OpaqueToken::Parse(OpaqueToken::Kind::kApiKey, text);
  if (!presented) return Verification();
  ASSIGN_OR_RETURN(const SharedApiKey key, facts.ApiKey(ApiKeyId(presented->id())));
  if (!key || !EqualInConstantTime(key->hash, presented->Hash())) return Verification();
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> owner, facts.Principal(key->owner_id));
  if (!owner) return Verification();
  Subject subject(*std::move(owner));
  subject.scopes = key->scopes;
  subject.api_key_id = key->id;
  subject.expire_time = key->expire_time;
  ASSIGN_OR_RETURN(const Reason reason, StateOf(facts, subject));
  if (reason == Reason::kGranted) key_use_.Note(key->id);
  return Verification{reason, std::move(subject)};
}

absl::StatusOr<Verification> Credentials::VerifyCertificate(Facts& facts, absl::string_view uri) const {
  ASSIGN_OR_RETURN(const std::shared_ptr<const Workloads> workloads, facts.KnownWorkloads());
  const WorkloadAccount* const account = workloads->FindAccount(kCertificateIssuer, uri);
  if (account == nullptr) return Verification();
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> principal, facts.Principal(account->service_account));
  if (!principal) return Verification();
  Subject subject(*std::move(principal));
  subject.scopes = account->scopes;
  subject.workload = std::make_shared<const WorkloadIdentity>(
      WorkloadIdentity{std::string(kCertificateIssuer), std::string(uri), "", ""});
  ASSIGN_OR_RETURN(const Reason reason, StateOf(facts, subject));
  return Verification{reason, std::move(subject)};
}

absl::StatusOr<Verification> VerifyAgain(Facts& facts, const Subject& subject) {
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> principal, facts.Principal(subject.principal.id()));
  if (!principal) return Verification();
  Subject now = subject;
  now.principal = *std::move(principal);
  ASSIGN_OR_RETURN(const Reason reason, StateOf(facts, now));
  return Verification{reason, std::move(now)};
}

}  // namespace identity
