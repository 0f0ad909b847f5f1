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
namespace {

constexpr size_t kMaxNonceBytes = 1024;

std::string AboutToken(absl::string_view cause) { return absl::StrCat("ID token: ", cause); }

}  // namespace

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
                                                 const Credential& credential, const LoginRequest& request) {
  if (credential.issuer.empty()) return InvalidField("id_token.issuer", "is required");
  if (credential.token.empty()) return InvalidField("id_token.token", "is required");
  if (credential.nonce.size() > kMaxNonceBytes) return InvalidField("id_token.nonce", "is longer than 1,024 bytes");
  ASSIGN_OR_RETURN(const Throttle::Use use, throttle_.BeginLogin(context, caller, request.client_info));
  return RefundUnlessWrong(use, TryLogIn(context, caller, credential, request, use));
}

absl::StatusOr<LoginResult> ProviderLogin::TryLogIn(const RequestContext& context, const Caller& caller,
                                                    const Credential& credential, const LoginRequest& request,
                                                    const Throttle::Use& use) {
  ASSIGN_OR_RETURN(const auto verified, Verify(context, credential));
  const RequestContext writing = WithTimeToWrite(context);
  if (const auto* failure = std::get_if<Failure>(&verified)) {
    RETURN_IF_ERROR(AuditFailure(writing, caller, request, *failure));
    if (!failure->counts) use.GiveBack();
    return InvalidCredentials();
  }
  LoginSecrets secrets = NewLoginSecrets();
  ASSIGN_OR_RETURN(const Outcome outcome, LogPersonIn(writing, {caller, request, std::get<Person>(verified), secrets}));
  if (const auto* refused = std::get_if<Refused>(&outcome)) return refused->status;
  if (const auto* challenge = std::get_if<second_factors::StoredChallenge>(&outcome)) {
    return ChallengeOf(*challenge, std::move(secrets));
  }
  if (const auto* login = std::get_if<BegunLogin>(&outcome)) return TokensOf(issuer_, *login, std::move(secrets));
  return InvalidCredentials();
}

ProviderLogin::Person ProviderLogin::PersonOf(const IdentityProvider& provider, const ExternalIdentity& identity,
                                              const ExternalClaims& claims) const {
  const external_identities::Key key = {identity.issuer(), identity.subject()};
  ExternalProfile profile = ProfileOf(provider, claims);
  const std::string label = profile.email.empty() ? key.subject : profile.email;
  const absl::Time issue_time = claims.Time("iat").value_or(absl::InfinitePast());
  return {provider,
          {key, label},
          std::move(profile),
          {key, MappedRolesOf(provider, claims), issue_time, options_.lifetimes.session}};
}

// Looks the provider up and verifies the token. The row is read at each login, so a disabled provider logs nobody in
// any more, on any replica.
absl::StatusOr<std::variant<ProviderLogin::Person, ProviderLogin::Failure>> ProviderLogin::Verify(
    const RequestContext& context, const Credential& credential) {
  using Result = std::variant<Person, Failure>;
  const absl::optional<ExternalToken> token = ExternalToken::Parse(credential.token.Reveal());
  if (!token) return Result(Failure{AboutToken("malformed")});
  if (token->claimed_issuer() != credential.issuer) return Result(Failure{AboutToken("issuer")});
  ASSIGN_OR_RETURN(const absl::optional<IdentityProvider> provider,
                   database_.Read(context, [&](Transaction& transaction) {
                     return identity_providers::FindByIssuer(transaction, credential.issuer);
                   }));
  if (!provider || provider->issuer == options_.own_issuer) return Result(Failure{AboutToken("unknown provider")});
  if (provider->disabled) return Result(Failure{AboutToken("disabled provider")});
  if (!provider->Accepts(token->algorithm())) return Result(Failure{AboutToken("algorithm")});
  ASSIGN_OR_RETURN(const absl::optional<JsonWebKey> key,
                   keys_.Find(context, {provider->issuer, provider->jwks_uri}, token->kid(), token->algorithm()));
  // It may be a new one: the keys are fetched at most once a minute. The people of one frontend must not lock each
  // other out meanwhile.
  if (!key) return Result(Failure{AboutToken("unknown key"), absl::nullopt, false});
  const absl::optional<ExternalClaims> claims = ExternalClaims::Verify(*token, *key);
  if (!claims) return Result(Failure{AboutToken("signature")});
  const IdTokenContext beside = {std::string(credential.nonce.Reveal()), std::string(credential.access_token.Reveal())};
  const CheckedToken checked = CheckIdToken(*claims, provider->issuer, provider->audiences, beside, clock_());
  if (!checked.identity) return Result(Failure{AboutToken(NameOf(checked.fault))});
  return Result(PersonOf(*provider, *checked.identity, *claims));
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
  // Only accounts count.
  if (!created.ok() || !created->value) use.GiveBack();
  return created.status();
}

absl::StatusOr<ProviderLogin::Outcome> ProviderLogin::Finish(Transaction& transaction, const Login& login) const {
  StoredFacts facts(transaction);
  ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, login.caller, login.request.client_info));
  const external_identities::Key& key = login.person.identity.key;
  ASSIGN_OR_RETURN(const bool unchanged, identity_providers::KeepUnchanged(transaction, login.person.provider));
  ASSIGN_OR_RETURN(const auto link, external_identities::Find(transaction, key));
  absl::StatusOr<Outcome> outcome = !unchanged ? Outcome(Failure{"the provider changed during the login"})
                                    : !link    ? FindByAddress(transaction, login, client)
                                               : BeginFor(transaction, login, client, link->principal_id, true);
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
    ASSIGN_OR_RETURN(const absl::optional<PrincipalId> owner, OwnerOfAddress(transaction, login));
    ASSIGN_OR_RETURN(const auto user, principals::FindUser(transaction, *found));
    const bool factor_due = user && user->mfa_enabled && !login.person.profile.second_factor;
    if (owner != found || !user || user->disabled || user->locked_until || factor_due) return absl::OkStatus();
    return linking_.Link(transaction, login.caller, client, *owner, login.person.identity).status();
  });
}

// `linked`: whether the identity is linked to `owner`, or is to be.
absl::StatusOr<ProviderLogin::Outcome> ProviderLogin::BeginFor(Transaction& transaction, const Login& login,
                                                               const ClientInfo& client, const PrincipalId& owner,
                                                               bool linked) const {
  const auto failed = [&owner](FailureCause cause) { return Outcome(Failure{std::string(NameOf(cause)), owner}); };
  // A reset of the account forgets its identities. It waits for this transaction, or this one sees what it did.
  RETURN_IF_ERROR(principals::LockState(transaction, owner));
  const external_identities::Key& key = login.person.identity.key;
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
  ASSIGN_OR_RETURN(const absl::optional<DeviceId> device,
                   RememberDevice(transaction, login.request, false, begun->session, login.secrets));
  return Outcome(BegunLogin{*std::move(begun), beginning.principal, beginning.must_enroll, device});
}

absl::Status ProviderLogin::AuditFailure(const RequestContext& context, const Caller& caller,
                                         const LoginRequest& request, const Failure& failure) {
  return database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, request.client_info));
    return Audit(transaction, caller, client,
                 {audit::EventType::kLogin, failure.account, "", failure.cause, audit::Outcome::kFailure});
  });
}

}  // namespace identity
