#include "server/app/mutation.h"

#include <utility>

#include "db/audit_store.h"
#include "db/change_log.h"
#include "db/principal_store.h"
#include "db/request_store.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {

absl::Status Mutation::Record(absl::string_view what, absl::string_view whose) {
  return change_log::Record(transaction_, token_, what, whose);
}

absl::Status Mutation::Audit(absl::string_view event, const absl::optional<PrincipalId>& subject,
                             absl::string_view target, absl::string_view details) {
  audit::Event entry;
  entry.event = std::string(event);
  entry.outcome = "success";
  entry.actor_id = caller_.id();
  entry.subject_id = subject;
  entry.target = std::string(target);
  entry.ip_address = caller_.peer_address;
  entry.user_agent = caller_.user_agent;
  entry.details = std::string(details);
  return audit::Append(transaction_, entry);
}

absl::Status Mutation::Believe(const ClientInfo& told) {
  ASSIGN_OR_RETURN(const ClientInfo client, BelievedClientInfo(facts_, caller_, told));
  caller_.peer_address = client.ip_address;
  caller_.user_agent = client.user_agent;
  return absl::OkStatus();
}

absl::Status Mutation::RefreshCaller() {
  if (!caller_.subject) return absl::OkStatus();
  ASSIGN_OR_RETURN(Verification now, VerifyAgain(facts_, *caller_.subject));
  if (!now.good()) return Error(ErrorReason::kCallerInvalid, "metadata: the credential was revoked");
  caller_.subject = std::move(now.subject);
  return absl::OkStatus();
}

absl::StatusOr<ConsistencyToken> Mutations::Run(const RequestContext& context, const Caller& caller,
                                                absl::FunctionRef<absl::Status(Mutation&)> body) const {
  ConsistencyToken token;
  bool discarded = false;
  const absl::Status status = database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(token, change_log::Advance(transaction));
    Mutation mutation(transaction, token, caller);
    RETURN_IF_ERROR(mutation.RefreshCaller());
    RETURN_IF_ERROR(body(mutation));
    discarded = mutation.discarded_;
    if (discarded) return absl::CancelledError();  // rolls back
    return absl::OkStatus();
  });
  if (discarded) {
    --token.revision;  // the advance was rolled back, so the one before is the latest
  } else {
    RETURN_IF_ERROR(status);
  }
  Await(context, token);
  return token;
}

absl::Status Mutations::RunBeside(const RequestContext& context, const Caller& caller,
                                  absl::FunctionRef<absl::Status(Mutation&)> body) const {
  return database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    // Whoever ends the caller's sessions meanwhile waits, and undoes what is written here.
    if (caller.subject) RETURN_IF_ERROR(principals::LockState(transaction, *caller.id()));
    Mutation mutation(transaction, ConsistencyToken(), caller);
    RETURN_IF_ERROR(mutation.RefreshCaller());
    return body(mutation);
  });
}

void Mutations::Await(const RequestContext& context, const ConsistencyToken& token) const {
  if (view_ != nullptr) view_->Committed(context, token);
}

absl::StatusOr<Made> MakeOnce(Mutation& mutation, const Idempotency& idempotency,
                              absl::FunctionRef<absl::StatusOr<std::string>()> make) {
  const absl::optional<PrincipalId> caller = mutation.caller().id();
  const bool remembers = idempotency.request_id && caller;
  if (remembers) {
    ASSIGN_OR_RETURN(const absl::optional<requests::RememberedRequest> earlier,
                     requests::Find(mutation.transaction(), *caller, *idempotency.request_id));
    if (earlier && earlier->fingerprint != idempotency.fingerprint) {
      return Error(ErrorReason::kRequestIdReused, "request_id: was used before with other arguments");
    }
    if (earlier) {
      mutation.Discard();
      return Made{earlier->object_id, false};
    }
  }
  ASSIGN_OR_RETURN(std::string object_id, make());
  if (remembers) {
    RETURN_IF_ERROR(requests::Remember(mutation.transaction(), *caller, *idempotency.request_id,
                                       {idempotency.fingerprint, object_id}));
  }
  return Made{std::move(object_id), true};
}

}  // namespace identity
