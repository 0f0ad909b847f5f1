#ifndef IDENTITY_APP_CHANGE_MUTATION_H_
#define IDENTITY_APP_CHANGE_MUTATION_H_

#include <string>
#include <type_traits>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "db/change_log.h"
#include "db/database.h"
#include "server/app/change/audited_write.h"
#include "server/base/run_for_value.h"
#include "server/view/view.h"

namespace identity {

// A change to what decisions depend on: a write that holds the revision. All that it reads stays true until it commits,
// the caller's own rights included, so rules that are checked here cannot be outrun. For one thread.
class Mutation : public AuditedWrite {
 public:
  // Each tells replicas that something of the thing changed.
  absl::Status Changed(const PrincipalId& id) { return Record(change_log::Kind::kPrincipal, id.ToString()); }
  absl::Status Changed(const ApiKeyId& id) { return Record(change_log::Kind::kApiKey, id.ToString()); }
  absl::Status Changed(const SessionId& id) { return Record(change_log::Kind::kSession, id.ToString()); }
  absl::Status Changed(const TokenId& id) { return Record(change_log::Kind::kAccessToken, id.ToString()); }
  absl::Status ChangedRole(absl::string_view name) { return Record(change_log::Kind::kRole, name); }
  absl::Status ChangedSigningKey(absl::string_view kid) { return Record(change_log::Kind::kSigningKey, kid); }

  // There is nothing to change: the transaction is rolled back and the revision stays as it was.
  void Discard() { discarded_ = true; }

 private:
  friend class Mutations;
  Mutation(Transaction& transaction, const ConsistencyToken& token, const Caller& caller)
      : AuditedWrite(transaction, caller), token_(token) {}
  absl::Status Record(change_log::Kind kind, absl::string_view id) {
    return change_log::Record(transaction(), token_, kind, id);
  }

  const ConsistencyToken token_;
  bool discarded_ = false;
};

// What a mutation's body returned, and the token of its change.
template <typename T>
struct Committed {
  T value;
  ConsistencyToken token;
};

// Runs the writes of callers. Bodies return absl::Status or absl::StatusOr<T>; they return their results and write to
// nothing outside themselves, since they may run more than once. Thread-safe.
class Mutations {
 public:
  // `view` is this replica's, null when it has none.
  Mutations(Database& database, View* view) : database_(database), view_(view) {}

  // The one way to change what decisions depend on: runs `body(Mutation&)` in a transaction that holds the revision.
  // Returns an absl::StatusOr of the change's token, for a body with a value of a Committed<T>; the token is the latest
  // one when the body discarded the change. Once it has returned, no decision of this replica ignores the change.
  // UNAUTHENTICATED / CALLER_INVALID when the caller was disabled or its sessions ended meanwhile.
  template <typename Body>
  auto Run(const RequestContext& context, const Caller& caller, Body&& body) const;

  // Runs `body(AuditedWrite&)` for what no decision depends on: it leaves the revision alone and makes no other writer
  // wait. What the body reads may change before the commit.
  template <typename Body>
  BodyResult<AuditedWrite, Body> Write(const RequestContext& context, const Caller& caller, Body&& body) const {
    return RunForValue<AuditedWrite>(body, [&](absl::FunctionRef<absl::Status(AuditedWrite&)> run_body) {
      return RunWrite(context, caller, run_body);
    });
  }

  // The promise of `Run` for what another replica changed.
  void Await(const RequestContext& context, const ConsistencyToken& token) const;

 private:
  absl::StatusOr<ConsistencyToken> RunMutation(const RequestContext& context, const Caller& caller,
                                               absl::FunctionRef<absl::Status(Mutation&)> body) const;
  absl::Status RunWrite(const RequestContext& context, const Caller& caller,
                        absl::FunctionRef<absl::Status(AuditedWrite&)> body) const;

  Database& database_;
  View* const view_;
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

// A creating call that a client may repeat. A value.
struct Idempotency {
  absl::optional<RequestId> request_id;  // unset: every call makes something new
  std::string fingerprint;               // of the RPC and its arguments
};
struct Made {
  std::string object_id;
  bool fresh = false;  // false: an earlier call made it
};
// Runs `make`, which returns the new object's id, unless this request made one before. INVALID_ARGUMENT /
// REQUEST_ID_REUSED when it did with other arguments.
absl::StatusOr<Made> MakeOnce(Mutation& mutation, const Idempotency& idempotency,
                              absl::FunctionRef<absl::StatusOr<std::string>()> make);

}  // namespace identity

#endif  // IDENTITY_APP_CHANGE_MUTATION_H_
