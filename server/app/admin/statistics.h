#ifndef IDENTITY_APP_ADMIN_STATISTICS_H_
#define IDENTITY_APP_ADMIN_STATISTICS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "db/database.h"
#include "db/stores/statistics.h"
#include "server/base/request_context.h"

namespace identity {

// Numbers for a dashboard. Thread-safe.
class Statistics {
 public:
  static constexpr int64_t kDefaultDays = 30;
  static constexpr int64_t kMaxDays = 400;

  explicit Statistics(Database& database) : database_(database) {}

  struct Numbers {
    statistics::Totals totals;
    std::vector<statistics::Day> days;  // newest first
  };
  // `days` is how many days to return, today included; 0 means kDefaultDays. INVALID_ARGUMENT (field "days") when it
  // is negative or above kMaxDays.
  absl::StatusOr<Numbers> Read(const RequestContext& context, int64_t days);

 private:
  Database& database_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_STATISTICS_H_
