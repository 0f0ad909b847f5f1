#include "server/app/change/mutation.h"

#include <utility>

#include "db/stores/audit.h"
#include "db/stores/principals.h"
#include "db/stores/requests.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr absl::Duration kRetryDelay = absl::Seconds(1);

absl::Status Lost() {
  return WithRetryDelay(Error(ErrorReason::kStorageUnavailable, "a failover of the database has lost the change"),
                        kRetryDelay);
}

// Nothing was changed, and the caller would rely on a change that this replica does not know of.
absl::Status NotYetKnown() {
  return WithRetryDelay(
      Error(ErrorReason::kStorageUnavailable, "this replica could not read the latest changes in time"), kRetryDelay);
}

// The change was committed, but this replica would still decide without it, and must not acknowledge it.
absl::Status InDoubt() {
  return Error(ErrorReason::kCommitInDoubt,
               "the change was committed, but this replica could not read it back in time, and a failover may lose it");
}

}  // namespace

absl::StatusOr<ConsistencyToken> Mutations::RunMutation(const RequestContext& context, const Caller& caller,
                                                        absl::FunctionRef<absl::Status(Mutation&)> body) const {
  ASSIGN_OR_RETURN(const CommitQueue::Done done, commits_ == nullptr
                                                     ? CommitQueue::RunAlone(database_, context, caller, body)
                                                     : commits_->Run(context, caller, body));
  switch (view_ == nullptr ? Progress::Fate::kKnown : view_->AwaitChange(context, done.token)) {
    case Progress::Fate::kKnown:
      return done.token;
    case Progress::Fate::kLost:
      return Lost();
    case Progress::Fate::kNotYet:
      break;
  }
  return done.discarded ? NotYetKnown() : InDoubt();
}

absl::Status Mutations::RunWrite(const RequestContext& context, const Caller& caller,
                                 absl::FunctionRef<absl::Status(AuditedWrite&)> body) const {
  return database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    // A concurrent transaction that ends the caller's sessions waits for this one, and then removes the data that it
    // wrote.
    if (caller.subject) RETURN_IF_ERROR(principals::LockState(transaction, *caller.id()));
    StoredFacts facts(transaction);
    AuditedWrite write(facts, caller);
    RETURN_IF_ERROR(write.RefreshCaller());
    RETURN_IF_ERROR(body(write));
    return audit::Append(transaction, write.events_);
  });
}

absl::Status Mutations::AwaitChange(const RequestContext& context, const ConsistencyToken& token) const {
  const bool known = view_ == nullptr || view_->AwaitChange(context, token) == Progress::Fate::kKnown;
  return known ? absl::OkStatus() : NotYetKnown();
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
