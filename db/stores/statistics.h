#ifndef IDENTITY_DB_STORES_STATISTICS_H_
#define IDENTITY_DB_STORES_STATISTICS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/database.h"

// Counts that triggers in the database maintain. The cost of reading them does not depend on the counts.
namespace identity::statistics {

struct Totals {
  int64_t users = 0;
  int64_t disabled_users = 0;
  int64_t verified_users = 0;
  int64_t mfa_users = 0;
  int64_t service_accounts = 0;
  int64_t api_keys = 0;  // not revoked
};
absl::StatusOr<Totals> ReadTotals(Transaction& transaction);

struct Day {
  std::string date;  // in UTC, as 2026-11-22
  int64_t logins = 0;
  int64_t failed_logins = 0;
  int64_t registrations = 0;
};
// The last `days` days including today, newest first, without days that have no events.
absl::StatusOr<std::vector<Day>> ReadDays(Transaction& transaction, int64_t days);

}  // namespace identity::statistics

#endif  // IDENTITY_DB_STORES_STATISTICS_H_
