#include "db/change_log.h"

#include "absl/strings/str_cat.h"
#include "server/base/enum_names.h"
#include "server/base/status_macros.h"

namespace identity::change_log {
namespace {

// Names that the database keeps never change.
constexpr EnumName<Kind> kKinds[] = {
    {Kind::kPrincipal, "principal"},      {Kind::kRole, "role"},
    {Kind::kApiKey, "api_key"},           {Kind::kSession, "session"},
    {Kind::kAccessToken, "access_token"}, {Kind::kSigningKey, "signing_key"},
    {Kind::kExternal, "external"},
};
static_assert(NamesEach(kKinds, Kind::kExternal));

Moment ReadMoment(const Transaction& transaction, const Rows& rows) {
  const absl::Time time = rows[0].Time("time");
  return {{transaction.history(), rows[0].Int("value")}, time, time};
}

}  // namespace

absl::string_view NameOf(Kind kind) { return NameIn(kKinds, kind); }

absl::StatusOr<Moment> Advance(Transaction& transaction) {
  static constexpr Statement kAdvance = {"advance_revision",
                                         "WITH advanced AS (UPDATE revision SET value = value + 1 RETURNING value) "
                                         "SELECT value, clock_timestamp() AS time, "
                                         "pg_notify('identity_changes', value::text) FROM advanced"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kAdvance));
  return ReadMoment(transaction, rows);
}

absl::Status Record(Transaction& transaction, const std::vector<Entry>& entries, int64_t last) {
  // A trigger (0006_timelines.sql) notes the first revision on each timeline, so `Advance` writes it. This statement
  // writes the last one: a later one, or the one before if nothing changed.
  static constexpr Statement kRecord = {"record_changes",
                                        "WITH last AS (UPDATE revision SET value = $1 WHERE value <> $1) "
                                        "INSERT INTO changes (revision, what, whose) "
                                        "SELECT * FROM unnest($2::text[]::bigint[], $3::text[], $4::text[])"};
  std::vector<std::string> revisions;
  std::vector<std::string> kinds;
  std::vector<std::string> ids;
  for (const Entry& entry : entries) {
    revisions.push_back(absl::StrCat(entry.revision));
    kinds.emplace_back(NameOf(entry.kind));
    ids.push_back(entry.id);
  }
  const auto params = Params().Add(last).AddTexts(revisions).AddTexts(kinds).AddTexts(ids);
  return transaction.Execute(kRecord, params).status();
}

absl::StatusOr<Moment> Now(Transaction& transaction) {
  static constexpr Statement kNow = {"moment", "SELECT value, clock_timestamp() AS time FROM revision"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kNow));
  return ReadMoment(transaction, rows);
}

absl::StatusOr<std::vector<Ancestor>> Ancestors(Transaction& transaction) {
  // The last one may have no successor yet: then all revisions until now are its own.
  static constexpr Statement kAncestors = {
      "ancestors",
      "SELECT system_identifier, timeline, last_revision FROM ("
      "SELECT system_identifier, timeline, "
      "coalesce(lead(first_revision) OVER (ORDER BY first_revision, timeline) - 1, value) AS last_revision "
      "FROM timelines, revision) AS histories "
      "WHERE (system_identifier, timeline) <> ($1, $2) ORDER BY last_revision"};
  const History& present = transaction.history();
  const auto key = Params().Add(static_cast<int64_t>(present.system_identifier)).Add(int64_t{present.timeline});
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kAncestors, key));
  std::vector<Ancestor> ancestors;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Rows::Row row = rows[i];
    const History history = {static_cast<uint64_t>(row.Int("system_identifier")),
                             static_cast<uint32_t>(row.Int("timeline"))};
    ancestors.push_back({history, row.Int("last_revision")});
  }
  return ancestors;
}

absl::StatusOr<std::vector<Change>> Since(Transaction& transaction, int64_t revision, int64_t limit) {
  static constexpr Statement kSince = {"changes_since",
                                       "SELECT revision, what, whose, change_time FROM changes WHERE revision > $1 "
                                       "ORDER BY revision FETCH FIRST ($2::bigint) ROWS WITH TIES"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kSince, Params().Add(revision).Add(limit)));
  std::vector<Change> changes;
  changes.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const Rows::Row row = rows[i];
    changes.push_back(
        {row.Int("revision"), FindByName(kKinds, row.Text("what")), row.Text("whose"), row.Time("change_time")});
  }
  return changes;
}

absl::StatusOr<bool> RightsChangedSince(Transaction& transaction, int64_t revision) {
  static constexpr Statement kChanged = {
      "rights_changed_since",
      "SELECT EXISTS (SELECT FROM changes WHERE revision > $1 AND what = ANY ($2::text[])) AS changed"};
  const std::vector<std::string> kinds = {std::string(NameOf(Kind::kPrincipal)), std::string(NameOf(Kind::kRole))};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kChanged, Params().Add(revision).AddTexts(kinds)));
  return rows[0].Bool("changed");
}

absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit) {
  static constexpr Statement kClean = {
      "clean_changes",
      "DELETE FROM changes WHERE ctid = ANY (ARRAY(SELECT ctid FROM changes "
      "WHERE change_time < clock_timestamp() - interval '1 day' ORDER BY revision LIMIT $1))"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kClean, Params().Add(limit)));
  return rows.affected();
}

}  // namespace identity::change_log
