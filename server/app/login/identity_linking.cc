#include "server/app/login/identity_linking.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "db/stores/accounts.h"
#include "db/stores/external/external_identities.h"
#include "db/stores/external/identity_providers.h"
#include "db/stores/external/workloads.h"
#include "server/app/access/audit.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

constexpr size_t kMaxStemBytes = 30;
constexpr size_t kRandomBytes = 6;

// A name like "ada-lovelace-u3f9c01d2aa07", which is never an id or a reserved name. Its end is random: otherwise
// somebody could register the name that a person would get, and others would take the one for the other.
std::string NewUsername(absl::string_view email) {
  std::string stem;
  for (const char letter : email.substr(0, email.find('@'))) {
    if (stem.size() == kMaxStemBytes) break;
    const auto c = static_cast<unsigned char>(letter);
    stem.push_back(absl::ascii_isalnum(c) ? absl::ascii_tolower(c) : '-');
  }
  return absl::StrCat(stem, "-u", absl::BytesToHexString(RandomBytes(kRandomBytes)));
}

}  // namespace

absl::StatusOr<bool> IdentityLinking::Link(Transaction& transaction, const Caller& caller, const ClientInfo& client,
                                           const PrincipalId& owner,
                                           const second_factors::PendingIdentity& identity) const {
  ASSIGN_OR_RETURN(const bool linked, external_identities::Insert(transaction, identity.key, owner, identity.label));
  if (!linked) return false;
  const std::string change =
      absl::StrCat(identity.label, " at ", identity.key.issuer, " was linked, and can now log in");
  RETURN_IF_ERROR(mail_.EnqueueToOwner(transaction, owner, MailKind::kAccountChanged, {{"change", change}}));
  RETURN_IF_ERROR(Audit(transaction, caller, client,
                        {audit::EventType::kIdentityLinked, owner, identity.key.subject, identity.key.issuer}));
  return true;
}

absl::StatusOr<absl::optional<FailureCause>> IdentityLinking::LinkAfterChallenge(
    Transaction& transaction, const Caller& caller, const ClientInfo& client, const PrincipalId& owner,
    const second_factors::PendingIdentity& identity) const {
  using Obstacle = absl::optional<FailureCause>;
  const external_identities::Key& key = identity.key;
  ASSIGN_OR_RETURN(const auto provider, identity_providers::FindByIssuer(transaction, key.issuer));
  bool may_link = false;
  if (provider && provider->link_policy != LinkPolicy::kNone) {
    ASSIGN_OR_RETURN(may_link, identity_providers::KeepUnchanged(transaction, *provider));
  }
  RETURN_IF_ERROR(external_identities::Lock(transaction, key));
  ASSIGN_OR_RETURN(const bool revoked, workloads::IsRevoked(transaction, {key.issuer, key.subject}));
  if (revoked) return Obstacle(FailureCause::kRevokedIdentity);
  ASSIGN_OR_RETURN(const auto link, external_identities::Find(transaction, key));
  if (link && link->removed) return Obstacle(FailureCause::kUnlinked);
  if (link) return link->principal_id == owner ? Obstacle() : Obstacle(FailureCause::kNotLinked);
  if (!may_link) return Obstacle(FailureCause::kNotLinked);
  ASSIGN_OR_RETURN(const bool linked, Link(transaction, caller, client, owner, identity));
  return linked ? Obstacle() : Obstacle(FailureCause::kNotLinked);
}

absl::StatusOr<bool> IdentityLinking::CreateAccount(Mutation& mutation, const ClientInfo& claimed,
                                                    const ExternalProfile& profile,
                                                    const second_factors::PendingIdentity& identity) const {
  Transaction& transaction = mutation.transaction();
  RETURN_IF_ERROR(mutation.ActFor(claimed));
  // The login that follows says why.
  ASSIGN_OR_RETURN(const auto link, external_identities::Find(transaction, identity.key));
  ASSIGN_OR_RETURN(const bool revoked, workloads::IsRevoked(transaction, {identity.key.issuer, identity.key.subject}));
  if (link || revoked) {
    mutation.Discard();
    return false;
  }
  const std::string username = NewUsername(profile.email);
  ASSIGN_OR_RETURN(const PrincipalId id,
                   accounts::InsertClaiming(transaction, {username, profile.email, profile.full_name}));
  if (profile.email_verified) {
    ASSIGN_OR_RETURN(const std::string folded, FoldEmail(profile.email));
    const absl::Status owned = accounts::SetVerifiedEmail(transaction, id, profile.email, folded);
    if (ReasonOf(owned) == ErrorReason::kAlreadyExists) {
      mutation.Discard();
      return false;
    }
    RETURN_IF_ERROR(owned);
  }
  ASSIGN_OR_RETURN(const bool linked, external_identities::Insert(transaction, identity.key, id, identity.label));
  if (!linked) return Error(ErrorReason::kConflict, "another login has just linked this identity");
  mutation.Changed(id);
  mutation.Audit({audit::EventType::kIdentityLinked, id, identity.key.subject, identity.key.issuer});
  mutation.Audit(
      {audit::EventType::kUserRegistered, id, id.ToString(), absl::StrCat("by a login at ", identity.key.issuer)});
  return true;
}

}  // namespace identity
