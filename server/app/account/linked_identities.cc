#include "server/app/account/linked_identities.h"

#include "absl/strings/str_cat.h"
#include "db/stores/passwords.h"
#include "db/stores/principals.h"
#include "server/app/access/audit.h"
#include "server/app/change/guard.h"
#include "server/app/login/mapped_roles.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

// The account must keep a way in besides this identity.
absl::Status RequireAnotherWayIn(Transaction& transaction, const PrincipalId& id, const external_identities::Key& key) {
  ASSIGN_OR_RETURN(const bool has_password, passwords::Exists(transaction, id));
  if (has_password) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool has_other, external_identities::HasOther(transaction, id, key));
  if (has_other) return absl::OkStatus();
  return Error(
      ErrorReason::kLastCredential,
      "the account has no password: set one with ChangePassword or RequestPasswordReset, then nobody is locked "
      "out");
}

}  // namespace

absl::StatusOr<std::vector<external_identities::Listed>> LinkedIdentities::List(const RequestContext& context,
                                                                                const Caller& caller) {
  return database_.Read(context,
                        [&](Transaction& transaction) { return external_identities::List(transaction, *caller.id()); });
}

absl::StatusOr<ConsistencyToken> LinkedIdentities::Unlink(const RequestContext& context, const Caller& caller,
                                                          const external_identities::Key& key, const Proof& proof) {
  if (key.issuer.empty()) return InvalidField("issuer", "is required");
  if (key.subject.empty()) return InvalidField("subject", "is required");
  const PrincipalId id = *caller.id();
  RETURN_IF_ERROR(
      database_.Read(context, [&](Transaction& transaction) { return RequireAnotherWayIn(transaction, id, key); }));
  RETURN_IF_ERROR(proofs_.Require(context, caller, proof).status());
  const auto unlink = [&](Mutation& write) -> absl::Status {
    Transaction& transaction = write.transaction();
    RETURN_IF_ERROR(guard::RequireOwnSession(write));
    RETURN_IF_ERROR(principals::LockForChange(transaction, id));  // logins wait
    RETURN_IF_ERROR(external_identities::Lock(transaction, key));
    RETURN_IF_ERROR(RequireAnotherWayIn(transaction, id, key));
    ASSIGN_OR_RETURN(const bool removed, external_identities::Remove(transaction, id, key));
    if (!removed) return Error(ErrorReason::kNotFound, "no such identity is linked to the account");
    RETURN_IF_ERROR(EndMappedRoles(write, {key.issuer, id}));
    write.Changed(id);
    write.Audit({audit::EventType::kIdentityUnlinked, id, key.subject, key.issuer});
    return mail_.EnqueueToOwner(
        transaction, id, MailKind::kAccountChanged,
        {{"change", absl::StrCat("an identity at ", key.issuer, " was unlinked, and can no longer log in")}});
  };
  ASSIGN_OR_RETURN(const ConsistencyToken token, mutations_.Run(context, caller, unlink));
  mail_.Wake();
  return token;
}

}  // namespace identity
