#include "server/app/admin/audit_log.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr size_t kMaxNameBytes = 64;

bool IsEventName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
           c == '_' || c == '.';
  });
}

// PostgreSQL keeps whole microseconds and would round a parameter down.
absl::Time RoundUp(absl::Time time) {
  return absl::UnixEpoch() + absl::Ceil(time - absl::UnixEpoch(), absl::Microseconds(1));
}

absl::StatusOr<audit::Filter> ReadQuery(const AuditLog::Query& query) {
  audit::Filter filter;
  filter.subject_id = query.subject_id;
  filter.actor_id = query.actor_id;
  filter.start_time = RoundUp(query.start_time);
  filter.end_time = RoundUp(query.end_time);
  filter.outcome = query.outcome;
  absl::string_view event = query.event;
  if (event.empty()) return filter;
  // The dot stays: `api_key.*` is not `api_keys`.
  const bool is_prefix = absl::EndsWith(event, ".*") && absl::ConsumeSuffix(&event, "*");
  if (!IsEventName(event))
    return InvalidField("event", "is not 1 to 64 of [a-z0-9_.], optionally with * after the last dot");
  (is_prefix ? filter.event_prefix : filter.event) = std::string(event);
  return filter;
}

std::string TextOf(const absl::optional<PrincipalId>& id) { return id ? id->ToString() : ""; }

// Names the list for its page tokens.
std::string NameOf(const AuditLog::Query& query) {
  return absl::StrCat("ListAuditEvents\n", TextOf(query.subject_id), "\n", TextOf(query.actor_id), "\n", query.event,
                      "\n", query.outcome ? audit::NameOf(*query.outcome) : "", "\n",
                      absl::FormatTime(query.start_time, absl::UTCTimeZone()), "\n",
                      absl::FormatTime(query.end_time, absl::UTCTimeZone()));
}

}  // namespace

absl::StatusOr<Page<audit::StoredEvent>> AuditLog::List(const RequestContext& context, const Query& query,
                                                        const PageRequest& page) {
  ASSIGN_OR_RETURN(const audit::Filter filter, ReadQuery(query));
  const std::string list = NameOf(query);
  const auto read = [&](const std::string& cursor) {
    return database_.Read(context, [&](Transaction& transaction) {
      return audit::List(transaction, filter, AuditEventId::Parse(cursor), page.read_limit());
    });
  };
  return page_tokens_.ReadPage(list, page, read, [](const audit::StoredEvent& event) { return event.id.ToString(); });
}

}  // namespace identity
