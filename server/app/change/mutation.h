#ifndef IDENTITY_APP_CHANGE_MUTATION_H_
#define IDENTITY_APP_CHANGE_MUTATION_H_

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "db/change_log.h"
#include "db/database.h"
#include "server/app/change/audited_write.h"
#include "server/app/change/commit_queue.h"
#include "server/base/run_for_value.h"
#include "server/view/view.h"

namespace identity {

// A change to the data that decisions depend on: a write that holds the revision. Everything that it reads stays true
// until it commits, including the caller's own rights. So no concurrent change can invalidate a rule that is checked
// here. For one thread.
class Mutation : public AuditedWrite {
 public:
  // Each records the changed object, so that replicas and later changes of the group read it again. Call it directly
  // after the write.
  void Changed(const PrincipalId& id) { Record(change_log::Kind::kPrincipal, id.ToString()); }
  void Changed(const std::vector<PrincipalId>& ids) {
    for (const PrincipalId& id : ids) Changed(id);
  }
  void Changed(const ApiKeyId& id) { Record(change_log::Kind::kApiKey, id.ToString()); }
  void Changed(const SessionId& id) { Record(change_log::Kind::kSession, id.ToString()); }
  void Changed(const TokenId& id) { Record(change_log::Kind::kAccessToken, id.ToString()); }
  void ChangedRole(absl::string_view name) { Record(change_log::Kind::kRole, name); }
  void ChangedExternal(absl::string_view name) { Record(change_log::Kind::kExternal, name); }
  void ChangedSigningKey(absl::string_view kid) { Record(change_log::Kind::kSigningKey, kid); }

  // For a body that finds nothing to change. Undoes all that it has written; the change gets no revision.
  void Discard() {
    discarded_ = true;
    transaction().Discard();
  }

 private:
  friend class ChangeRunner;
  using AuditedWrite::AuditedWrite;
  struct Object {
    change_log::Kind kind;
    std::string id;
  };
  void Record(change_log::Kind kind, absl::string_view id) {
    changed_.push_back({kind, std::string(id)});
    facts().Forget(kind, id);
  }

  std::vector<Object> changed_;
  bool discarded_ = false;
};

// The value that a mutation's body returned, and the token of its change.
template <typename T>
struct Committed {
  T value;
  ConsistencyToken token;
};

// Runs the writes of callers. Bodies return absl::Status or absl::StatusOr<T>. They may run more than once, and on
// another thread, so they return their results and write to no variable outside themselves. Thread-safe.
class Mutations {
 public:
  // `view` is this replica's; null in processes without one.
  Mutations(Database& database, View* view)
      : database_(database),
        view_(view),
        commits_(view == nullptr ? nullptr : std::make_unique<CommitQueue>(database)) {}

  // The one way to change the data that decisions depend on: runs `body(Mutation&)` in a transaction that holds the
  // revision, maybe after changes of others (CommitQueue). Returns absl::StatusOr<ConsistencyToken> with the change's
  // token, or absl::StatusOr<Committed<T>> for a body with a value. When the body discarded the change, the token is
  // the latest one. After OK, every decision of this replica includes the change. Errors:
  // - UNAUTHENTICATED / CALLER_INVALID when the caller was disabled or its session ended in the meantime;
  // - UNKNOWN / COMMIT_IN_DOUBT when it may have been committed, or was, and the view did not follow in time;
  // - UNAVAILABLE / STORAGE_UNAVAILABLE when a failover lost it, or it was discarded and the view did not follow.
  template <typename Body>
  auto Run(const RequestContext& context, const Caller& caller, Body&& body) const;

  // Runs `body(AuditedWrite&)` for data that no decision depends on. Leaves the revision alone and does not make other
  // writers wait; what the body reads may change before the commit. UNAUTHENTICATED / CALLER_INVALID as for Run.
  template <typename Body>
  BodyResult<AuditedWrite, Body> Write(const RequestContext& context, const Caller& caller, Body&& body) const {
    return RunForValue<AuditedWrite>(body, [&](absl::FunctionRef<absl::Status(AuditedWrite&)> run_body) {
      return RunWrite(context, caller, run_body);
    });
  }

  // For a change that another replica made: after OK, every decision of this replica includes it. UNAVAILABLE /
  // STORAGE_UNAVAILABLE otherwise.
  absl::Status AwaitChange(const RequestContext& context, const ConsistencyToken& token) const;

 private:
  absl::StatusOr<ConsistencyToken> RunMutation(const RequestContext& context, const Caller& caller,
                                               absl::FunctionRef<absl::Status(Mutation&)> body) const;
  absl::Status RunWrite(const RequestContext& context, const Caller& caller,
                        absl::FunctionRef<absl::Status(AuditedWrite&)> body) const;

  Database& database_;
  View* const view_;
  const std::unique_ptr<CommitQueue> commits_;  // null: the changes of this process are few
};

template <typename Body>
auto Mutations::Run(const RequestContext& context, const Caller& caller, Body&& body) const {
  using Result = BodyResult<Mutation, Body>;
  if constexpr (std::is_same_v<Result, absl::Status>) {
    return RunMutation(context, caller, body);
  } else {
    using Value = typename Result::value_type;
    absl::StatusOr<ConsistencyToken> token;
    auto value = RunForValue<Mutation>(body, [&](absl::FunctionRef<absl::Status(Mutation&)> run_body) {
      token = RunMutation(context, caller, run_body);
      return token.status();
    });
    if (!value.ok()) return absl::StatusOr<Committed<Value>>(value.status());
    return absl::StatusOr<Committed<Value>>(Committed<Value>{*std::move(value), *token});
  }
}

// Identifies a creating call, so that a client may repeat it. A value.
struct Idempotency {
  absl::optional<RequestId> request_id;  // unset: each call creates a new object
  std::string fingerprint;               // of the RPC and its arguments
};
struct Made {
  std::string object_id;
  bool fresh = false;  // false: an earlier call made it
};
// Runs `make`, which returns the new object's id, unless the same request has already made one. In that case discards
// the mutation and returns the earlier id. INVALID_ARGUMENT / REQUEST_ID_REUSED when the earlier arguments differ.
absl::StatusOr<Made> MakeOnce(Mutation& mutation, const Idempotency& idempotency,
                              absl::FunctionRef<absl::StatusOr<std::string>()> make);

}  // namespace identity

#endif  // IDENTITY_APP_CHANGE_MUTATION_H_
