#include "db/stores/statistics.h"

#include <map>

#include "server/base/status_macros.h"

namespace identity::statistics {

absl::StatusOr<Totals> ReadTotals(Transaction& transaction) {
  static constexpr Statement kTotals = {"read_totals",
                                        "SELECT name, sum(count)::bigint AS total FROM totals GROUP BY name"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kTotals));
  std::map<std::string, int64_t> by_name;
  for (size_t i = 0; i < rows.size(); ++i) by_name[rows[i].Text("name")] = rows[i].Int("total");
  Totals totals;
  totals.users = by_name["users"];
  totals.disabled_users = by_name["disabled_users"];
  totals.verified_users = by_name["verified_users"];
  totals.mfa_users = by_name["mfa_users"];
  totals.service_accounts = by_name["service_accounts"];
  totals.api_keys = by_name["api_keys"];
  return totals;
}

absl::StatusOr<std::vector<Day>> ReadDays(Transaction& transaction, int64_t days) {
  static constexpr Statement kDays = {
      "read_days",
      "SELECT to_char(day, 'YYYY-MM-DD') AS date, "
      "coalesce(sum(count) FILTER (WHERE event = 'login' AND outcome = 'success'), 0)::bigint AS logins, "
      "coalesce(sum(count) FILTER (WHERE event = 'login' AND outcome = 'failure'), 0)::bigint AS failed_logins, "
      "coalesce(sum(count) FILTER (WHERE event = 'user.registered' AND outcome = 'success'), 0)::bigint "
      "  AS registrations "
      "FROM daily_counts WHERE day > (clock_timestamp() AT TIME ZONE 'UTC')::date - $1::integer "
      "GROUP BY day ORDER BY day DESC"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kDays, Params().Add(days)));
  std::vector<Day> read;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Rows::Row row = rows[i];
    read.push_back({row.Text("date"), row.Int("logins"), row.Int("failed_logins"), row.Int("registrations")});
  }
  return read;
}

}  // namespace identity::statistics
