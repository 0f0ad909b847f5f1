#include "server/rpc/convert/reports.h"

#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/time.h"

namespace identity {
namespace {

// Empty text selects any outcome.
absl::StatusOr<absl::optional<audit::Outcome>> ReadOutcome(const std::string& text) {
  const absl::optional<audit::Outcome> outcome = audit::ParseOutcome(text);
  if (!outcome && !text.empty()) return InvalidField("outcome", "is not success or failure");
  return outcome;
}

}  // namespace

v1::AuditEvent ToProto(const audit::StoredEvent& stored) {
  v1::AuditEvent proto;
  proto.set_id(stored.id.ToString());
  *proto.mutable_event_time() = ToProto(stored.time);
  proto.set_event(stored.event);
  proto.set_outcome(stored.outcome);
  if (stored.actor_id) proto.set_actor_id(stored.actor_id->ToString());
  if (stored.subject_id) proto.set_subject_id(stored.subject_id->ToString());
  proto.set_target(stored.target);
  proto.set_ip_address(stored.ip_address);
  proto.set_user_agent(stored.user_agent);
  proto.set_details(stored.details);
  return proto;
}

absl::StatusOr<AuditLog::Query> ReadQuery(const v1::ListAuditEventsRequest& request) {
  AuditLog::Query query;
  if (!request.subject_id().empty()) {
    ASSIGN_OR_RETURN(query.subject_id, ReadPrincipalId("subject_id", request.subject_id()));
  }
  if (!request.actor_id().empty()) {
    ASSIGN_OR_RETURN(query.actor_id, ReadId<PrincipalId>("actor_id", request.actor_id()));
  }
  query.event = request.event();
  if (request.has_start_time()) {
    ASSIGN_OR_RETURN(query.start_time, FromProto("start_time", request.start_time()));
  }
  if (request.has_end_time()) {
    ASSIGN_OR_RETURN(query.end_time, FromProto("end_time", request.end_time()));
  }
  ASSIGN_OR_RETURN(query.outcome, ReadOutcome(request.outcome()));
  return query;
}

void Write(const Statistics::Numbers& numbers, v1::GetStatisticsResponse& proto) {
  proto.set_users(numbers.totals.users);
  proto.set_disabled_users(numbers.totals.disabled_users);
  proto.set_verified_users(numbers.totals.verified_users);
  proto.set_mfa_users(numbers.totals.mfa_users);
  proto.set_service_accounts(numbers.totals.service_accounts);
  proto.set_api_keys(numbers.totals.api_keys);
  for (const statistics::Day& day : numbers.days) {
    v1::DailyStatistics& daily = *proto.add_days();
    daily.set_date(day.date);
    daily.set_logins(day.logins);
    daily.set_failed_logins(day.failed_logins);
    daily.set_registrations(day.registrations);
  }
}

}  // namespace identity
