#include "db/stores/audit.h"

#include <algorithm>
#include <array>

#include "server/base/enum_names.h"
#include "server/base/status_macros.h"

namespace identity::audit {
namespace {

// One statement per index, so that the planner need not reason about conditions that are not set. Ids begin with their
// time in milliseconds, so the bounds of the ids select the partitions. The bounds of the finer times select the
// events.
#define SELECT_EVENTS                                                                                              \
  "SELECT id, event_time, event, outcome, actor_id, subject_id, target, ip_address, user_agent, details "          \
  "FROM audit_events WHERE id >= $1 AND id < $2 AND event_time >= $3 AND event_time < $4 "                         \
  "AND ($5::uuid IS NULL OR subject_id = $5) AND ($6::uuid IS NULL OR actor_id = $6) AND ($7 = '' OR event = $7) " \
  "AND starts_with(event, $8) AND ($9 = '' OR outcome = $9) "
#define NEWEST_FIRST "ORDER BY id DESC LIMIT $10"

const Statement& StatementFor(const Filter& filter) {
  static constexpr Statement kAll = {"list_audit_events", SELECT_EVENTS NEWEST_FIRST};
  static constexpr Statement kOfSubject = {"list_audit_events_of_subject",
                                           SELECT_EVENTS "AND subject_id = $5 " NEWEST_FIRST};
  static constexpr Statement kOfActor = {"list_audit_events_of_actor", SELECT_EVENTS "AND actor_id = $6 " NEWEST_FIRST};
  static constexpr Statement kOfEvent = {"list_audit_events_of_event", SELECT_EVENTS "AND event = $7 " NEWEST_FIRST};
  if (filter.subject_id) return kOfSubject;
  if (filter.actor_id) return kOfActor;
  return filter.event.empty() ? kAll : kOfEvent;
}

absl::optional<PrincipalId> OptionalPrincipal(const Rows::Row& row, absl::string_view column) {
  if (row.IsNull(column)) return absl::nullopt;
  return PrincipalId(row.Id(column));
}

StoredEvent ReadEvent(const Rows::Row& row) {
  StoredEvent stored;
  stored.id = AuditEventId(row.Id("id"));
  stored.time = row.Time("event_time");
  stored.event = row.Text("event");
  stored.outcome = row.Text("outcome");
  stored.actor_id = OptionalPrincipal(row, "actor_id");
  stored.subject_id = OptionalPrincipal(row, "subject_id");
  stored.target = row.Text("target");
  stored.ip_address = row.Text("ip_address");
  stored.user_agent = row.Text("user_agent");
  stored.details = row.Text("details");
  return stored;
}

constexpr EnumName<EventType> kEvents[] = {
    {EventType::kLogin, "login"},
    {EventType::kLoginChallenged, "login.challenged"},
    {EventType::kSessionSteppedUp, "session.stepped_up"},
    {EventType::kReauthentication, "reauthentication"},
    {EventType::kRefresh, "refresh"},
    {EventType::kRefreshTokenReused, "refresh_token.reused"},
    {EventType::kSessionRevoked, "session.revoked"},
    {EventType::kAccessTokenRevoked, "access_token.revoked"},
    {EventType::kPrincipalRevoked, "principal.revoked"},
    {EventType::kTokenExchanged, "token.exchanged"},
    {EventType::kApiKeyIssued, "api_key.issued"},
    {EventType::kApiKeyRotated, "api_key.rotated"},
    {EventType::kApiKeyRevoked, "api_key.revoked"},
    {EventType::kUserRegistered, "user.registered"},
    {EventType::kUserCreated, "user.created"},
    {EventType::kUserImported, "user.imported"},
    {EventType::kBootstrap, "bootstrap"},
    {EventType::kUserUpdated, "user.updated"},
    {EventType::kUserDeactivated, "user.deactivated"},
    {EventType::kUserDeleted, "user.deleted"},
    {EventType::kPrincipalDisabled, "principal.disabled"},
    {EventType::kPrincipalEnabled, "principal.enabled"},
    {EventType::kPrincipalRenamed, "principal.renamed"},
    {EventType::kUserUnlocked, "user.unlocked"},
    {EventType::kUserLocked, "user.locked"},
    {EventType::kPasswordChanged, "password.changed"},
    {EventType::kPasswordResetRequested, "password.reset_requested"},
    {EventType::kPasswordReset, "password.reset"},
    {EventType::kCredentialsReset, "credentials.reset"},
    {EventType::kEmailVerificationSent, "email.verification_sent"},
    {EventType::kEmailVerified, "email.verified"},
    {EventType::kMfaEnrolled, "mfa.enrolled"},
    {EventType::kMfaEnabled, "mfa.enabled"},
    {EventType::kMfaDisabled, "mfa.disabled"},
    {EventType::kMfaRecoveryCodesReplaced, "mfa.recovery_codes_replaced"},
    {EventType::kMfaReset, "mfa.reset"},
    {EventType::kMfaTrusted, "mfa.trusted"},
    {EventType::kServiceAccountCreated, "service_account.created"},
    {EventType::kServiceAccountUpdated, "service_account.updated"},
    {EventType::kServiceAccountDeleted, "service_account.deleted"},
    {EventType::kRoleCreated, "role.created"},
    {EventType::kRoleUpdated, "role.updated"},
    {EventType::kRoleDeleted, "role.deleted"},
    {EventType::kBindingCreated, "binding.created"},
    {EventType::kBindingDeleted, "binding.deleted"},
    {EventType::kSigningKeyRotated, "signing_key.rotated"},
    {EventType::kSigningKeyDeleted, "signing_key.deleted"},
    {EventType::kSigningKeyRemoved, "signing_key.removed"},
    {EventType::kIdentityProviderCreated, "identity_provider.created"},
    {EventType::kIdentityProviderUpdated, "identity_provider.updated"},
    {EventType::kIdentityProviderDeleted, "identity_provider.deleted"},
    {EventType::kIdentityLinked, "identity.linked"},
    {EventType::kIdentityUnlinked, "identity.unlinked"},
    {EventType::kRolesMapped, "roles.mapped"},
    {EventType::kExternalRevoked, "external.revoked"},
    {EventType::kExternalRestored, "external.restored"},
    {EventType::kRateLimited, "rate_limited"},
    {EventType::kAdministrationDenied, "administration.denied"},
};

static_assert(NamesEach(kEvents, EventType::kAdministrationDenied));

constexpr EnumName<Outcome> kOutcomes[] = {{Outcome::kSuccess, "success"}, {Outcome::kFailure, "failure"}};
static_assert(NamesEach(kOutcomes, Outcome::kFailure));

// Exclusive: above the ids of all events before `filter.end_time`, or the id at which the last page ended.
Uuid UpperBound(const Filter& filter, const absl::optional<AuditEventId>& before) {
  std::array<uint8_t, 16> all_ones;
  all_ones.fill(0xff);
  Uuid bound(all_ones);
  if (filter.end_time != absl::InfiniteFuture()) bound = LowestUuidOf(filter.end_time + absl::Milliseconds(1));
  return before ? std::min(bound, before->uuid()) : bound;
}

}  // namespace

absl::string_view NameOf(EventType type) { return NameIn(kEvents, type); }

std::vector<absl::string_view> EventNames() {
  std::vector<absl::string_view> names;
  for (const EnumName<EventType>& event : kEvents) names.emplace_back(event.name);
  return names;
}

absl::string_view NameOf(Outcome outcome) { return NameIn(kOutcomes, outcome); }

absl::optional<Outcome> ParseOutcome(absl::string_view name) { return FindByName(kOutcomes, name); }

absl::Status Append(Transaction& transaction, const Event& event) {
  static constexpr Statement kAppend = {
      "append_audit",
      "INSERT INTO audit_events (id, event_time, event, outcome, actor_id, subject_id, target, ip_address, user_agent, "
      "details) SELECT uuid_v7(now), now, $1, $2, $3, $4, $5, $6, $7, $8 FROM (SELECT clock_timestamp() AS now) AS "
      "clock"};
  return transaction
      .Execute(kAppend, Params()
                            .Add(NameOf(event.type))
                            .Add(NameOf(event.outcome))
                            .Add(event.actor_id)
                            .Add(event.subject_id)
                            .Add(event.target)
                            .Add(event.ip_address)
                            .Add(event.user_agent)
                            .Add(event.details))
      .status();
}

absl::Status Append(Transaction& transaction, const std::vector<Event>& events) {
  // The clock is read for each row, so the events keep their order.
  static constexpr Statement kAppend = {
      "append_audits",
      "INSERT INTO audit_events (id, event_time, event, outcome, actor_id, subject_id, target, ip_address, user_agent, "
      "details) SELECT uuid_v7(now), now, event, outcome, nullif(actor, '')::uuid, nullif(subject, '')::uuid, target, "
      "ip_address, user_agent, details FROM (SELECT clock_timestamp() AS now, * FROM unnest($1::text[], $2::text[], "
      "$3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) "
      "AS e (event, outcome, actor, subject, target, ip_address, user_agent, details)) AS events"};
  if (events.empty()) return absl::OkStatus();
  if (events.size() == 1) return Append(transaction, events.front());
  const auto name_of = [](const absl::optional<PrincipalId>& id) { return id ? id->ToString() : std::string(); };
  std::array<std::vector<std::string>, 8> columns;
  for (const Event& event : events) {
    const std::array<std::string, 8> values = {std::string(NameOf(event.type)),
                                               std::string(NameOf(event.outcome)),
                                               name_of(event.actor_id),
                                               name_of(event.subject_id),
                                               event.target,
                                               event.ip_address,
                                               event.user_agent,
                                               event.details};
    for (size_t i = 0; i < values.size(); ++i) columns[i].push_back(values[i]);
  }
  Params params;
  for (const std::vector<std::string>& column : columns) params.AddTexts(column);
  return transaction.Execute(kAppend, params).status();
}

absl::Status AppendNothing(Transaction& transaction) {
  static constexpr Statement kNothing = {"append_no_audit", "SELECT uuid_v7(clock_timestamp()) WHERE false"};
  return transaction.Execute(kNothing).status();
}

absl::StatusOr<std::vector<StoredEvent>> List(Transaction& transaction, const Filter& filter,
                                              const absl::optional<AuditEventId>& before, int64_t limit) {
  ASSIGN_OR_RETURN(const Rows rows,
                   transaction.Execute(StatementFor(filter), Params()
                                                                 .Add(LowestUuidOf(filter.start_time))
                                                                 .Add(UpperBound(filter, before))
                                                                 .Add(filter.start_time)
                                                                 .Add(filter.end_time)
                                                                 .Add(filter.subject_id)
                                                                 .Add(filter.actor_id)
                                                                 .Add(filter.event)
                                                                 .Add(filter.event_prefix)
                                                                 .Add(filter.outcome ? NameOf(*filter.outcome) : "")
                                                                 .Add(limit)));
  std::vector<StoredEvent> events;
  for (size_t i = 0; i < rows.size(); ++i) events.push_back(ReadEvent(rows[i]));
  return events;
}

}  // namespace identity::audit
