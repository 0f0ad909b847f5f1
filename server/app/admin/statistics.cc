#include "server/app/admin/statistics.h"

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {

absl::StatusOr<Statistics::Numbers> Statistics::Read(const RequestContext& context, int64_t days) {
  if (days < 0 || days > kMaxDays) return InvalidField("days", absl::StrCat("is not 0 to ", kMaxDays));
  return database_.Read(context, [&](Transaction& transaction) -> absl::StatusOr<Numbers> {
    Numbers numbers;
    ASSIGN_OR_RETURN(numbers.totals, statistics::ReadTotals(transaction));
    ASSIGN_OR_RETURN(numbers.days, statistics::ReadDays(transaction, days == 0 ? kDefaultDays : days));
    return numbers;
  });
}

}  // namespace identity
