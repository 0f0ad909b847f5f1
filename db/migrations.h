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

// All that this program knows, in order. Static data, generated from db/migrations/ by the build.
absl::Span<const Migration> KnownMigrations();

// Brings the schema up to `migrations`, each in a transaction of its own with a row in `identity.schema_migrations`
// (version, name, SHA-256 of its text, time). Idempotent; an advisory lock lets one run at a time and makes others wait
// for it. Returns the names of what was applied now. FAILED_PRECONDITION when the database holds a newer version than
// it knows, or one whose text differs.
absl::StatusOr<std::vector<std::string>> Migrate(Connection& connection,
                                                 absl::Span<const Migration> migrations = KnownMigrations());

// OK when the schema is at least at `migrations` and each text is the same: the server's condition for its start. A
// newer schema is fine when it is one ahead (expand, then contract). FAILED_PRECONDITION says what to run.
absl::Status CheckSchema(Connection& connection, absl::Span<const Migration> migrations = KnownMigrations());

}  // namespace identity

#endif  // IDENTITY_DB_MIGRATIONS_H_
