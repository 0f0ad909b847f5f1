#include "server/app/operator/housekeeping.h"

#include <utility>
#include <vector>

#include "db/stores/accounts.h"
#include "db/stores/api_keys.h"
#include "db/stores/maintenance.h"
#include "db/stores/second_factors.h"
#include "db/stores/sessions.h"
#include "server/app/admin/signing_key_administration.h"
#include "server/app/login/refresh.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr int64_t kBatch = 1000;

// How many rows of a kind were touched, at most: with a full batch there may be more.
absl::StatusOr<int64_t> CleanBatch(Transaction& transaction) {
  ASSIGN_OR_RETURN(const bool taken, maintenance::TakeTurn(transaction));
  if (!taken) return 0;
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
    RETURN_IF_ERROR(database.Write(context, [&](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(touched, CleanBatch(transaction));
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

void LogFailure(absl::string_view what, const absl::Status& status) {
  if (!status.ok())
    Log(LogLevel::kWarning, "housekeeping failed",
        {{"what", std::string(what)}, {"status", std::string(status.message())}});
}

}  // namespace

Housekeeping::Housekeeping(Database& database, KeyUse& key_use, absl::Duration interval)
    : database_(database), key_use_(key_use), interval_(interval), thread_([this] { Work(); }) {}

Housekeeping::~Housekeeping() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Housekeeping::Work() {
  absl::MutexLock lock(&mutex_);
  while (!stopping_) {
    mutex_.Unlock();
    RunOnce();
    mutex_.Lock();
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), interval_);
  }
  mutex_.Unlock();
  LogFailure("api key use", WriteKeyUse({absl::Now() + absl::Seconds(2)}));
  mutex_.Lock();
}

void Housekeeping::RunOnce() {
  const RequestContext context{absl::Now() + absl::Seconds(30)};
  LogFailure("partitions", database_.Write(context, [](Transaction& transaction) {
    return maintenance::MaintainPartitions(transaction);
  }));
  LogFailure("clean", Clean(context, database_));
  LogFailure("signing keys", RemoveRetiredSigningKeys(context, database_));
  LogFailure("api key use", WriteKeyUse(context));
}

absl::Status Housekeeping::WriteKeyUse(const RequestContext& context) {
  const auto used = key_use_.Take();
  if (used.empty()) return absl::OkStatus();
  const std::vector<ApiKeyId> ids(used.begin(), used.end());
  return database_.Write(context, [&](Transaction& transaction) { return api_keys::Touch(transaction, ids); });
}

}  // namespace identity
