#include "server/app/change/mutation.h"

#include <utility>

#include "db/stores/principals.h"
#include "db/stores/requests.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

ConsistencyToken Before(ConsistencyToken token) {
  --token.revision;
  return token;
}

}  // namespace

absl::StatusOr<ConsistencyToken> Mutations::RunMutation(const RequestContext& context, const Caller& caller,
                                                        absl::FunctionRef<absl::Status(Mutation&)> body) const {
  const auto change = [&](Transaction& transaction) -> absl::StatusOr<ConsistencyToken> {
    ASSIGN_OR_RETURN(const ConsistencyToken token, change_log::Advance(transaction));
    Mutation mutation(transaction, token, caller);
    RETURN_IF_ERROR(mutation.RefreshCaller());
    RETURN_IF_ERROR(body(mutation));
    if (!mutation.discarded_) return token;
    transaction.Discard();
    return Before(token);
  };
  ASSIGN_OR_RETURN(const ConsistencyToken token, database_.Write(context, change));
  Await(context, token);
  return token;
}

absl::Status Mutations::RunWrite(const RequestContext& context, const Caller& caller,
                                 absl::FunctionRef<absl::Status(AuditedWrite&)> body) const {
  return database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    // A concurrent transaction that ends the caller's sessions waits for this one, and then removes the data that it
    // wrote.
    if (caller.subject) RETURN_IF_ERROR(principals::LockState(transaction, *caller.id()));
    AuditedWrite write(transaction, caller);
    RETURN_IF_ERROR(write.RefreshCaller());
    return body(write);
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
      return Error(ErrorReason::kRequestIdReused, "request_id: was already used with other arguments");
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
