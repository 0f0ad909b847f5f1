#include "server/app/login/provider_login.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "db/stores/accounts.h"
#include "db/stores/external/external_identities.h"
#include "db/stores/external/identity_providers.h"
#include "db/stores/external/workloads.h"
#include "db/stores/principals.h"
#include "server/app/access/audit.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {

// A login with a good token. Refers to its parts.
struct ProviderLogin::Login {
  const Caller& caller;
  const LoginRequest& request;
  const Person& person;
  const LoginSecrets& secrets;

  // What the audit says of a login that succeeded.
  std::string details() const {
    const std::string& shown = person.profile.shown;
    return absl::StrCat("by ", person.provider.name, shown.empty() ? "" : ", which has shown ", shown);
  }
};

absl::StatusOr<LoginResult> ProviderLogin::LogIn(const RequestContext& context, const Caller& caller,
                                                 const IdToken& token, const LoginRequest& request) {
  RETURN_IF_ERROR(token.Check("id_token"));
  ASSIGN_OR_RETURN(const Throttle::Use use, throttle_.BeginLogin(context, caller, request.client_info));
  return RefundUnlessWrong(use, TryLogIn(context, caller, token, request, use));
}

absl::StatusOr<LoginResult> ProviderLogin::TryLogIn(const RequestContext& context, const Caller& caller,
                                                    const IdToken& token, const LoginRequest& request,
                                                    const Throttle::Use& use) {
  constexpr int kMaxTries = 3;
  for (int i = 0; i < kMaxTries; ++i) {
    ASSIGN_OR_RETURN(const IdTokens::Verified verified, id_tokens_.Verify(context, token));
    const RequestContext writing = WithTimeToWrite(context);
    if (const auto* refusal = std::get_if<IdTokens::Refusal>(&verified)) {
      RETURN_IF_ERROR(AuditRefusal(writing, caller, request, refusal->cause));
      if (!refusal->counts) use.GiveBack();
      return InvalidCredentials();
    }
    const Person person = PersonOf(std::get<VerifiedIdToken>(verified));
    LoginSecrets secrets = NewLoginSecrets();
    ASSIGN_OR_RETURN(const Outcome outcome, LogPersonIn(writing, {caller, request, person, secrets}));
    if (std::holds_alternative<ProviderChanged>(outcome)) continue;
    if (const auto* refused = std::get_if<Refused>(&outcome)) return refused->status;
    if (const auto* challenge = std::get_if<second_factors::StoredChallenge>(&outcome)) {
      return ChallengeOf(*challenge, std::move(secrets));
    }
    if (const auto* login = std::get_if<BegunLogin>(&outcome)) return TokensOf(issuer_, *login, std::move(secrets));
    return InvalidCredentials();
  }
  return Error(ErrorReason::kConflict, "the provider changed again and again during the login");
}

ProviderLogin::Person ProviderLogin::PersonOf(const VerifiedIdToken& verified) const {
  const auto& [provider, key, claims] = verified;
  ExternalProfile profile = ProfileOf(provider, claims);
  const std::string label = profile.email.empty() ? key.subject : profile.email;
  const absl::Time issue_time = claims.Time("iat").value_or(absl::InfinitePast());
  return {provider,
          {key, label},
          std::move(profile),
          {key, MappedRolesOf(provider, claims), issue_time, options_.lifetimes.session}};
}

absl::StatusOr<ProviderLogin::Outcome> ProviderLogin::LogPersonIn(const RequestContext& context, const Login& login) {
  // An account that another login creates meanwhile is found in the second step, and linked in the third.
  constexpr int kMaxSteps = 4;
  for (int step = 0; step < kMaxSteps; ++step) {
    // Before the login, whose scopes depend on the roles.
    RETURN_IF_ERROR(SetRoles(context, login));
    ASSIGN_OR_RETURN(Outcome outcome,
                     database_.Write(context, [&](Transaction& transaction) { return Finish(transaction, login); }));
    if (std::holds_alternative<NeedsLink>(outcome)) {
      RETURN_IF_ERROR(LinkByAddress(context, login));
    } else if (std::holds_alternative<NeedsAccount>(outcome)) {
      RETURN_IF_ERROR(CreateAccount(context, login));
    } else {
      linking_.WakeMail();
      return outcome;
    }
  }
  return Error(ErrorReason::kConflict, "the account changed again and again during the login");
}

// Gives and takes the roles that the token's claims map to.
absl::Status ProviderLogin::SetRoles(const RequestContext& context, const Login& login) {
  if (login.person.provider.role_mappings.empty()) return absl::OkStatus();
  const MappedRoles& roles = login.person.roles;
  ASSIGN_OR_RETURN(const bool due,
                   database_.Read(context, [&](Transaction& transaction) { return AreDue(transaction, roles); }));
  if (!due) return absl::OkStatus();
  const auto apply = [&](Mutation& mutation) -> absl::Status {
    ASSIGN_OR_RETURN(const bool unchanged,
                     identity_providers::KeepUnchanged(mutation.transaction(), login.person.provider));
    if (!unchanged) {  // the login that follows sees it, too
      mutation.Discard();
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(mutation.ActFor(login.request.client_info));
    return Apply(mutation, roles);
  };
  return mutations_.Run(context, login.caller, apply).status();
}

absl::Status ProviderLogin::CreateAccount(const RequestContext& context, const Login& login) {
  ASSIGN_OR_RETURN(const Throttle::Use use,
                   throttle_.BeginRegistration(context, login.caller, login.request.client_info));
  const Person& person = login.person;
  const auto created = mutations_.Run(context, login.caller, [&](Mutation& mutation) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const bool unchanged, identity_providers::KeepUnchanged(mutation.transaction(), person.provider));
    if (!unchanged) {
      mutation.Discard();
      return false;
    }
    return linking_.CreateAccount(mutation, login.request.client_info, person.profile, person.identity);
  });
  // Only accounts count, and those that may exist.
  const bool none = created.ok() ? !created->value : ReasonOf(created.status()) != ErrorReason::kCommitInDoubt;
  if (none) use.GiveBack();
  return created.status();
}

absl::StatusOr<ProviderLogin::Outcome> ProviderLogin::Finish(Transaction& transaction, const Login& login) const {
  StoredFacts facts(transaction);
  ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, login.caller, login.request.client_info));
  ASSIGN_OR_RETURN(const bool unchanged, identity_providers::KeepUnchanged(transaction, login.person.provider));
  if (!unchanged) return Outcome(ProviderChanged());
  ASSIGN_OR_RETURN(const auto link, external_identities::Find(transaction, login.person.identity.key));
  absl::StatusOr<Outcome> outcome =
      link ? BeginFor(transaction, login, client, link->principal_id, true) : FindByAddress(transaction, login, client);
  RETURN_IF_ERROR(outcome.status());
  if (const auto* failure = std::get_if<Failure>(&*outcome)) {
    AuditReport report = {audit::EventType::kLogin, failure->account, "",
                          absl::StrCat(login.details(), ": ", failure->cause), audit::Outcome::kFailure};
    RETURN_IF_ERROR(Audit(transaction, login.caller, client, report));
  }
  return outcome;
}

// The account that owns the address of the token, if both sides have verified it.
absl::StatusOr<absl::optional<PrincipalId>> ProviderLogin::OwnerOfAddress(Transaction& transaction,
                                                                          const Login& login) const {
  const ExternalProfile& profile = login.person.profile;
  if (!profile.email_verified) return absl::optional<PrincipalId>();
  ASSIGN_OR_RETURN(const auto account, accounts::Find(transaction, ParseLoginName(profile.email)));
  const bool owns = account && account->email_owned && account->email_verified;
  return owns ? absl::make_optional(account->id) : absl::nullopt;
}

// For an identity that is not linked.
absl::StatusOr<ProviderLogin::Outcome> ProviderLogin::FindByAddress(Transaction& transaction, const Login& login,
                                                                    const ClientInfo& client) const {
  const external_identities::Key& key = login.person.identity.key;
  ASSIGN_OR_RETURN(const bool revoked, workloads::IsRevoked(transaction, {key.issuer, key.subject}));
  if (revoked) return Outcome(Failure{std::string(NameOf(FailureCause::kRevokedIdentity))});
  const LinkPolicy policy = login.person.provider.link_policy;
  if (policy != LinkPolicy::kNone && !login.person.profile.email.empty()) {
    ASSIGN_OR_RETURN(const absl::optional<PrincipalId> owner, OwnerOfAddress(transaction, login));
    if (owner) return BeginFor(transaction, login, client, *owner, false);
    if (policy == LinkPolicy::kCreate) return Outcome(NeedsAccount());
  }
  return Outcome(Failure{std::string(NameOf(FailureCause::kNotLinked))});
}

// Links the identity to the account with its address, unless that needs the answer to a challenge. Does nothing when
// the account has changed since: the login that follows says why it fails.
absl::Status ProviderLogin::LinkByAddress(const RequestContext& context, const Login& login) {
  return database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, login.caller, login.request.client_info));
    ASSIGN_OR_RETURN(const bool unchanged, identity_providers::KeepUnchanged(transaction, login.person.provider));
    ASSIGN_OR_RETURN(const absl::optional<PrincipalId> found, OwnerOfAddress(transaction, login));
    if (!unchanged || !found) return absl::OkStatus();
    RETURN_IF_ERROR(principals::LockState(transaction, *found));
    const external_identities::Key& key = login.person.identity.key;
    RETURN_IF_ERROR(external_identities::Lock(transaction, key));
    ASSIGN_OR_RETURN(const bool revoked, workloads::IsRevoked(transaction, {key.issuer, key.subject}));
    ASSIGN_OR_RETURN(const absl::optional<PrincipalId> owner, OwnerOfAddress(transaction, login));
    ASSIGN_OR_RETURN(const auto user, principals::FindUser(transaction, *found));
    const bool factor_due = user && user->mfa_enabled && !login.person.profile.second_factor;
    const bool may_link = user && !user->disabled && !user->locked_until && !factor_due && !revoked;
    if (owner != found || !may_link) return absl::OkStatus();
    return linking_.Link(transaction, login.caller, client, *owner, login.person.identity).status();
  });
}

// `linked`: whether the identity is linked to `owner`, or is to be.
absl::StatusOr<ProviderLogin::Outcome> ProviderLogin::BeginFor(Transaction& transaction, const Login& login,
                                                               const ClientInfo& client, const PrincipalId& owner,
                                                               bool linked) const {
  const auto failed = [&owner](FailureCause cause) { return Outcome(Failure{std::string(NameOf(cause)), owner}); };
  // A reset of the account forgets its identities, and an administrator may refuse this one. Either waits for this
  // transaction, or this one sees what it did.
  RETURN_IF_ERROR(principals::LockState(transaction, owner));
  const external_identities::Key& key = login.person.identity.key;
  RETURN_IF_ERROR(external_identities::Lock(transaction, key));
  ASSIGN_OR_RETURN(const bool revoked, workloads::IsRevoked(transaction, {key.issuer, key.subject}));
  if (revoked) return failed(FailureCause::kRevokedIdentity);
  ASSIGN_OR_RETURN(const auto link, external_identities::Find(transaction, key));
  if (link && link->removed) return failed(FailureCause::kUnlinked);
  if ((linked && !link) || (link && link->principal_id != owner)) return failed(FailureCause::kAccountChanged);
  linked = link.has_value();  // by a login at the same time
  StoredFacts facts(transaction);
  ASSIGN_OR_RETURN(const auto user, principals::FindUser(transaction, owner));
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> principal, facts.Principal(owner));
  if (!user || !principal) return failed(FailureCause::kUnknownAccount);
  if (user->disabled) return failed(FailureCause::kDisabled);
  if (user->locked_until) return failed(FailureCause::kLocked);
  const bool factor_due = user->mfa_enabled && !login.person.profile.second_factor;
  if (!linked && !factor_due) return Outcome(NeedsLink());
  const bool has_factor = user->mfa_enabled || login.person.profile.second_factor;
  bool must_enroll = false;
  if (!has_factor) {
    ASSIGN_OR_RETURN(must_enroll, MustEnroll(facts, *principal));
  }
  const absl::StatusOr<Scopes> scopes =
      must_enroll ? OnlyOwnAccount() : GrantedScopes(facts, *principal, login.request.scopes, Scopes::Unlimited());
  if (!scopes.ok()) return Outcome(Refused{scopes.status()});
  if (options_.require_verified_email && !user->email_verified && !AllowOnlyOwnAccount(*scopes)) {
    const std::string details = absl::StrCat(login.details(), ": ", NameOf(FailureCause::kEmailNotVerified));
    RETURN_IF_ERROR(Audit(transaction, login.caller, client,
                          {audit::EventType::kLogin, owner, "", details, audit::Outcome::kFailure}));
    return Outcome(Refused{EmailNotVerified()});
  }
  const Beginning beginning = {client, *principal, must_enroll, *scopes};
  return factor_due ? PoseChallenge(transaction, login, beginning) : BeginSession(transaction, login, beginning);
}

// An identity that is not linked yet is linked once the challenge is answered.
absl::StatusOr<ProviderLogin::Outcome> ProviderLogin::PoseChallenge(Transaction& transaction, const Login& login,
                                                                    const Beginning& beginning) const {
  const PrincipalId& owner = beginning.principal.id();
  second_factors::NewChallenge challenge = {owner,
                                            absl::nullopt,
                                            Fingerprint(login.secrets.refresh_token),
                                            ClientIdOf(login.caller),
                                            AudienceOf(login.request),
                                            beginning.scopes,
                                            false,
                                            beginning.client.user_agent,
                                            beginning.client.device_name};
  challenge.amr = login.person.profile.amr;
  challenge.identity = login.person.identity;
  ASSIGN_OR_RETURN(const auto stored, second_factors::InsertChallenge(transaction, challenge, kChallengeLifetime));
  if (!stored) return Outcome(Failure{std::string(NameOf(FailureCause::kAccountChanged)), owner});
  RETURN_IF_ERROR(NoteClaims(transaction, login));
  RETURN_IF_ERROR(Audit(transaction, login.caller, beginning.client,
                        {audit::EventType::kLoginChallenged, owner, "", login.details()}));
  return Outcome(*stored);
}

// From now on an older token changes no roles.
absl::Status ProviderLogin::NoteClaims(Transaction& transaction, const Login& login) {
  const Person& person = login.person;
  if (person.provider.role_mappings.empty()) return absl::OkStatus();
  return external_identities::SetClaimsTime(transaction, person.identity.key, person.roles.claims_time);
}

absl::StatusOr<ProviderLogin::Outcome> ProviderLogin::BeginSession(Transaction& transaction, const Login& login,
                                                                   const Beginning& beginning) const {
  const ExternalProfile& profile = login.person.profile;
  const ClientInfo& client = beginning.client;
  const PrincipalId& owner = beginning.principal.id();
  ASSIGN_OR_RETURN(auto begun, sessions::BeginWithIdentity(
                                   transaction,
                                   {owner, ClientIdOf(login.caller), AudienceOf(login.request), beginning.scopes,
                                    profile.amr, profile.second_factor, profile.auth_time, client.ip_address,
                                    client.user_agent, client.device_name, Fingerprint(login.secrets.refresh_token)},
                                   options_.lifetimes));
  if (!begun) return Outcome(Failure{std::string(NameOf(FailureCause::kAccountChanged)), owner});
  RETURN_IF_ERROR(NoteClaims(transaction, login));
  AuditReport report = SuccessfulLogin(owner, begun->session.id);
  report.details = login.details();
  RETURN_IF_ERROR(Audit(transaction, login.caller, client, report));
  return Outcome(BegunLogin{*std::move(begun), beginning.principal, beginning.must_enroll, absl::nullopt});
}

absl::Status ProviderLogin::AuditRefusal(const RequestContext& context, const Caller& caller,
                                         const LoginRequest& request, const std::string& cause) {
  return database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, request.client_info));
    return Audit(transaction, caller, client,
                 {audit::EventType::kLogin, absl::nullopt, "", cause, audit::Outcome::kFailure});
  });
}

}  // namespace identity
