#ifndef IDENTITY_DB_MIGRATIONS_H_
#define IDENTITY_DB_MIGRATIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "db/postgres.h"

namespace identity {

// One step of the schema. `db/migrations/NNNN_name.sql`, compiled into the program.
struct Migration {
  int version;       // 1, 2 … without a gap
  const char* name;  // "0001_core"
  const char* sql;
};

// All migrations that this program knows, in order. Static data that the build generates from db/migrations/.
absl::Span<const Migration> KnownMigrations();

// Applies the `migrations` that the schema lacks, each in its own transaction with a row in
// `identity.schema_migrations` (version, name, SHA-256 of its text, time). Idempotent. An advisory lock makes
// concurrent runs wait for each other. A migration that loses against other transactions (a deadlock, or a lock that it
// waits for in vain) is tried 10 times, and then CONFLICT. Returns the names of the migrations that it applied.
// FAILED_PRECONDITION when the database has a newer version than `migrations`, or one with another text.
absl::StatusOr<std::vector<std::string>> Migrate(Connection& connection,
                                                 absl::Span<const Migration> migrations = KnownMigrations());

// Checks that the schema has all `migrations` with the same texts. The server does not start when this check fails. The
// schema may be one migration ahead (expand, then contract). The message of FAILED_PRECONDITION names the command to
// run.
absl::Status CheckSchema(Connection& connection, absl::Span<const Migration> migrations = KnownMigrations());

}  // namespace identity

#endif  // IDENTITY_DB_MIGRATIONS_H_
