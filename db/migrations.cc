#include "db/migrations.h"

#include <sodium.h>

#include <algorithm>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

struct Applied {
  int64_t version;
  std::string name;
  std::string checksum;
};

// Begins the transaction of one step, which may read whole tables. It waits without limit for other processes that
// migrate. It waits only briefly for locks, since a step that queues for a table blocks all later users of the table.
constexpr char kBegin[] =
    "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL enable_seqscan = on;"
    "SELECT pg_advisory_xact_lock(hashtextextended('identity.migrate', 0));"
    "SET LOCAL lock_timeout = '5s'";
constexpr char kCreateLedger[] =
    "CREATE SCHEMA IF NOT EXISTS identity;"
    "CREATE TABLE identity.schema_migrations ("
    "  version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,"
    "  apply_time timestamptz NOT NULL DEFAULT clock_timestamp())";
constexpr Statement kLedgerExists = {"migrations.ledger_exists",
                                     "SELECT to_regclass('identity.schema_migrations') IS NOT NULL AS present"};
constexpr Statement kListApplied = {"migrations.list",
                                    "SELECT version, name, checksum FROM identity.schema_migrations ORDER BY version"};
constexpr Statement kRecord = {"migrations.record",
                               "INSERT INTO identity.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)"};

constexpr int kTries = 10;                                       // a minute, if each waits for a lock
constexpr absl::Duration kPauseBetweenTries = absl::Seconds(1);  // in which the other transactions may end

std::string Checksum(const Migration& migration) {
  const absl::string_view sql = migration.sql;
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(sql.data()), sql.size());
  return absl::BytesToHexString(digest);
}

absl::StatusOr<bool> LedgerExists(Connection& connection) {
  ASSIGN_OR_RETURN(const Rows rows, connection.Execute(kLedgerExists, {}));
  return rows[0].Bool("present");
}

absl::StatusOr<std::vector<Applied>> ListApplied(Connection& connection) {
  ASSIGN_OR_RETURN(const Rows rows, connection.Execute(kListApplied, {}));
  std::vector<Applied> applied;
  for (size_t i = 0; i < rows.size(); ++i) {
    applied.push_back({rows[i].Int("version"), rows[i].Text("name"), rows[i].Text("checksum")});
  }
  return applied;
}

// OK when `applied` is a prefix of `migrations`, or all of them followed by at most `ahead` others.
absl::Status Compare(const std::vector<Applied>& applied, absl::Span<const Migration> migrations, size_t ahead) {
  const size_t common = std::min(applied.size(), migrations.size());
  for (size_t i = 0; i < common; ++i) {
    if (applied[i].version != migrations[i].version || applied[i].checksum != Checksum(migrations[i])) {
      return absl::FailedPreconditionError(
          absl::StrCat("migration ", applied[i].name, " was applied with a different text than this program's ",
                       migrations[i].name, ": run a program that is not older than the schema"));
    }
  }
  if (applied.size() > migrations.size() + ahead) {
    return absl::FailedPreconditionError(absl::StrCat("the schema is at ", applied.back().name,
                                                      " and this program knows ", migrations.size(),
                                                      " migrations: run a newer program"));
  }
  return absl::OkStatus();
}

// Within a transaction: applies the next of `migrations`. Returns its name, or "" when all are applied.
absl::StatusOr<std::string> ApplyNext(Connection& connection, absl::Span<const Migration> migrations) {
  ASSIGN_OR_RETURN(const bool exists, LedgerExists(connection));
  if (!exists) RETURN_IF_ERROR(connection.Run(kCreateLedger).status());
  ASSIGN_OR_RETURN(const std::vector<Applied> applied, ListApplied(connection));
  RETURN_IF_ERROR(Compare(applied, migrations, 0));
  if (applied.size() == migrations.size()) return std::string();
  const Migration& next = migrations[applied.size()];
  RETURN_IF_ERROR(connection.Run(next.sql).status());
  const Params record = Params().Add(int64_t{next.version}).Add(next.name).Add(Checksum(next));
  RETURN_IF_ERROR(connection.Execute(kRecord, record).status());
  return std::string(next.name);
}

absl::StatusOr<std::string> MigrateOnce(Connection& connection, absl::Span<const Migration> migrations) {
  RETURN_IF_ERROR(connection.Run(kBegin).status());
  auto name = ApplyNext(connection, migrations);
  if (name.ok()) {
    RETURN_IF_ERROR(connection.Run("COMMIT").status());
  } else if (!connection.Run("ROLLBACK").ok()) {
    Log(LogLevel::kWarning, "could not roll back a failed migration; the server does so when the connection ends");
  }
  return name;
}

// A server that works meanwhile may hold locks for too long, or lock the same tables in another order. Then PostgreSQL
// ends the step, which has changed nothing.
absl::StatusOr<std::string> MigrateNext(Connection& connection, absl::Span<const Migration> migrations) {
  for (int attempt = 1;; ++attempt) {
    absl::StatusOr<std::string> name = MigrateOnce(connection, migrations);
    if (ReasonOf(name.status()) != ErrorReason::kConflict || attempt == kTries) return name;
    Log(LogLevel::kWarning, "a migration lost against concurrent changes and is tried again",
        {{"attempt", std::to_string(attempt)}});
    absl::SleepFor(kPauseBetweenTries);
  }
}

}  // namespace

absl::StatusOr<std::vector<std::string>> Migrate(Connection& connection, absl::Span<const Migration> migrations) {
  std::vector<std::string> names;
  while (true) {
    ASSIGN_OR_RETURN(std::string name, MigrateNext(connection, migrations));
    if (name.empty()) return names;
    Log(LogLevel::kInfo, "migrated", {{"migration", name}});
    names.push_back(std::move(name));
  }
}

absl::Status CheckSchema(Connection& connection, absl::Span<const Migration> migrations) {
  std::vector<Applied> applied;
  ASSIGN_OR_RETURN(const bool exists, LedgerExists(connection));
  if (exists) {
    ASSIGN_OR_RETURN(applied, ListApplied(connection));
  }
  RETURN_IF_ERROR(Compare(applied, migrations, 1));
  if (applied.size() >= migrations.size()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the schema lacks ", migrations[applied.size()].name, ": run `identityd migrate`"));
}

}  // namespace identity
