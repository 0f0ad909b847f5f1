#include "server/app/operator/housekeeping.h"

#include <utility>
#include <vector>

#include "db/stores/accounts.h"
#include "db/stores/api_keys.h"
#include "db/stores/maintenance.h"
#include "db/stores/second_factors.h"
#include "db/stores/sessions.h"
#include "server/app/admin/signing_keys.h"
#include "server/app/login/refresh.h"
#include "server/base/log.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr int64_t kBatch = 1000;

// Returns the number of rows that were touched. When it is kBatch or more, there may be further rows to clean.
absl::StatusOr<int64_t> CleanBatch(Transaction& transaction) {
  ASSIGN_OR_RETURN(const bool has_turn, maintenance::TakeTurn(transaction));
  if (!has_turn) return 0;
  ASSIGN_OR_RETURN(const int64_t sessions, sessions::Clean(transaction, Refresher::kRetryGrace, kBatch));
  ASSIGN_OR_RETURN(const int64_t factors, second_factors::Clean(transaction, kBatch));
  ASSIGN_OR_RETURN(const int64_t accounts, accounts::Clean(transaction, kBatch));
  ASSIGN_OR_RETURN(const int64_t others, maintenance::Clean(transaction, kBatch));
  return sessions + factors + accounts + others;
}

// In batches, so that no transaction holds locks for long.
absl::Status Clean(const RequestContext& context, Database& database) {
  int64_t touched = kBatch;
  while (touched >= kBatch) {
    ASSIGN_OR_RETURN(touched, database.Write(context, CleanBatch));
  }
  return absl::OkStatus();
}

void LogFailure(absl::string_view what, const absl::Status& status) {
  if (status.ok()) return;
  Log(LogLevel::kWarning, "housekeeping failed",
      {{"what", std::string(what)}, {"status", std::string(status.message())}});
}

}  // namespace

Housekeeping::Housekeeping(Database& database, const MasterKeys& master_keys, KeyUse& key_use, absl::Duration interval)
    : database_(database), master_keys_(master_keys), key_use_(key_use), interval_(interval), thread_([this] {
        Work();
      }) {}

Housekeeping::~Housekeeping() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Housekeeping::Work() {
  MutexLock lock(mutex_);
  while (!stopping_) {
    Unlock(mutex_);
    RunOnce();
    Lock(mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), interval_);
  }
  Unlock(mutex_);
  LogFailure("api key use", WriteKeyUse({absl::Now() + absl::Seconds(2)}));
  Lock(mutex_);
}

void Housekeeping::RunOnce() {
  const RequestContext context{absl::Now() + absl::Seconds(30)};
  LogFailure("partitions", database_.Write(context, [](Transaction& transaction) {
    return maintenance::MaintainPartitions(transaction);
  }));
  LogFailure("clean", Clean(context, database_));
  LogFailure("signing keys", RemoveRetiredSigningKeys(context, database_));
  LogFailure("new signing keys", ActivatePublishedSigningKeys(context, database_, master_keys_));
  LogFailure("api key use", WriteKeyUse(context));
}

absl::Status Housekeeping::WriteKeyUse(const RequestContext& context) {
  const auto used = key_use_.Take();
  if (used.empty()) return absl::OkStatus();
  const std::vector<ApiKeyId> ids(used.begin(), used.end());
  return database_.Write(context, [&](Transaction& transaction) { return api_keys::Touch(transaction, ids); });
}

}  // namespace identity
