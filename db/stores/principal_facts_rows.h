#ifndef IDENTITY_DB_STORES_PRINCIPAL_FACTS_ROWS_H_
#define IDENTITY_DB_STORES_PRINCIPAL_FACTS_ROWS_H_

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "server/domain/principal_facts.h"

// For the statements of the stores that select the facts of principals.
namespace identity::principals {

// The facts of `principals p`, one row per principal, grouped by `p.id`. Grammar of `bindings`:
//   bindings = binding *( LF binding )
//   binding  = id SP role SP resource SP expire_time
// `expire_time` is in microseconds since 1970, and empty for none. None of the fields can contain a space.
#define FACTS_COLUMNS                                                                                      \
  "p.id, p.type, p.username, p.disabled_time IS NOT NULL AS disabled, p.epoch, "                           \
  "string_agg(concat_ws(' ', b.id, b.role, b.resource, CASE WHEN b.expire_time = 'infinity' THEN '' ELSE " \
  "(extract(epoch FROM b.expire_time) * 1000000)::bigint::text END), E'\\n') AS bindings "
#define JOIN_BINDINGS "LEFT JOIN bindings b ON b.principal_id = p.id AND b.expire_time > now() "

// INTERNAL when a binding cannot be read.
absl::StatusOr<PrincipalFacts> ReadFacts(const Rows::Row& row);

}  // namespace identity::principals

#endif  // IDENTITY_DB_STORES_PRINCIPAL_FACTS_ROWS_H_
