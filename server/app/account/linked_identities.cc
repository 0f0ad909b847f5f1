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

absl::StatusOr<std::vector<external_identities::Listed>> LinkedIdentities::List(const RequestContext& context,
                                                                                const Caller& caller) {
  return database_.Read(context,
                        [&](Transaction& transaction) { return external_identities::List(transaction, *caller.id()); });
}

absl::Status LinkedIdentities::Unlink(const RequestContext& context, const Caller& caller,
                                      const external_identities::Key& key, const Proof& proof) {
  if (key.issuer.empty()) return InvalidField("issuer", "is required");
  if (key.subject.empty()) return InvalidField("subject", "is required");
  const PrincipalId id = *caller.id();
  ASSIGN_OR_RETURN(const bool has_password, database_.Read(context, [&](Transaction& transaction) {
    return passwords::Exists(transaction, id);
  }));
  // A password stays in any case, since nothing removes one.
  if (!has_password) {
    return Error(ErrorReason::kLastCredential,
                 "the account has no password: set one with RequestPasswordReset, then nobody is locked out");
  }
  RETURN_IF_ERROR(proofs_.Require(context, caller, proof).status());
  RETURN_IF_ERROR(
      mutations_
          .Run(context, caller,
               [&](Mutation& write) -> absl::Status {
                 RETURN_IF_ERROR(guard::RequireOwnSession(write));
                 RETURN_IF_ERROR(principals::LockForChange(write.transaction(), id));  // logins wait
                 ASSIGN_OR_RETURN(const bool removed, external_identities::Remove(write.transaction(), id, key));
                 if (!removed) return Error(ErrorReason::kNotFound, "no such identity is linked to the account");
                 RETURN_IF_ERROR(EndMappedRoles(write, {key.issuer, id}));
                 RETURN_IF_ERROR(write.Changed(id));
                 RETURN_IF_ERROR(write.Audit({audit::EventType::kIdentityUnlinked, id, key.subject, key.issuer}));
                 return mail_.EnqueueToOwner(
                     write.transaction(), id, MailKind::kAccountChanged,
                     {{"change", absl::StrCat("a login of ", key.issuer, " can no longer log in to it")}});
               })
          .status());
  mail_.Wake();
  return absl::OkStatus();
}

}  // namespace identity
