#ifndef IDENTITY_APP_MUTATION_H_
#define IDENTITY_APP_MUTATION_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/app/admission.h"
#include "server/app/client_info.h"
#include "server/view/facts.h"
#include "server/view/view.h"

namespace identity {

// One change to what decisions depend on: a transaction that holds the revision. All that it reads is true until it
// commits, the caller's own rights among it, so rules are checked here and cannot be outrun. For one thread.
class Mutation {
 public:
  Transaction& transaction() { return transaction_; }
  StoredFacts& facts() { return facts_; }
  // The caller with its principal as it is now.
  const Caller& caller() const { return caller_; }

  // Tells replicas that something of `what` changed.
  absl::Status Record(absl::string_view what, absl::string_view whose);
  // Writes the audit event; who and from where are the caller's.
  absl::Status Audit(absl::string_view event, const absl::optional<PrincipalId>& subject, absl::string_view target,
                     absl::string_view details = "");
  // The call was made for somebody: the audit tells of `told`, as far as it may be believed, and not of the caller's
  // own address.
  absl::Status Believe(const ClientInfo& told);
  // There turned out to be nothing to change: the transaction is rolled back and the revision stays.
  void Discard() { discarded_ = true; }

 private:
  friend class Mutations;
  Mutation(Transaction& transaction, const ConsistencyToken& token, const Caller& caller)
      : transaction_(transaction), facts_(transaction), token_(token), caller_(caller) {}
  absl::Status RefreshCaller();

  Transaction& transaction_;
  StoredFacts facts_;
  const ConsistencyToken token_;
  Caller caller_;
  bool discarded_ = false;
};

// The one way to change what decisions depend on. Thread-safe.
class Mutations {
 public:
  // `view`: of this replica, null when it has none.
  Mutations(Database& database, View* view) : database_(database), view_(view) {}

  // Runs `body` in a transaction as above; it may run more than once. Returns the token of the change, or the latest
  // when the body discarded it. Once it has returned, no decision of this replica goes without the change.
  // UNAUTHENTICATED / CALLER_INVALID when the caller was disabled or its sessions ended meanwhile.
  absl::StatusOr<ConsistencyToken> Run(const RequestContext& context, const Caller& caller,
                                       absl::FunctionRef<absl::Status(Mutation&)> body) const;
  // The same for what no decision depends on: it leaves the revision alone and keeps nobody waiting. What `body` reads
  // may change before it commits; it records and discards nothing.
  absl::Status RunBeside(const RequestContext& context, const Caller& caller,
                         absl::FunctionRef<absl::Status(Mutation&)> body) const;
  // The promise of `Run` for what another replica changed.
  void Await(const RequestContext& context, const ConsistencyToken& token) const;

 private:
  Database& database_;
  View* const view_;
};

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

#endif  // IDENTITY_APP_MUTATION_H_
