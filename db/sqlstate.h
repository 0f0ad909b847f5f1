#ifndef IDENTITY_DB_SQLSTATE_H_
#define IDENTITY_DB_SQLSTATE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// The errors of the database, by SQLSTATE (the codes of PostgreSQL's appendix A). "" stands for a failure without a
// code.
namespace identity::sqlstate {

// Whether the server ends the connection with this error.
bool EndsTheConnection(absl::string_view sqlstate);

// UNAVAILABLE / STORAGE_UNAVAILABLE with a retry delay.
absl::Status Unavailable(absl::string_view message);

// The status of a statement that lost its connection. Logs the failure.
absl::Status ConnectionLost(const char* statement, absl::string_view sqlstate);

// The status of a statement that the server refused, as listed at `Connection`. Logs the failure. `message` is libpq's,
// in its verbose form. It may quote the values of a row, so the status and the log have only the constraint's name.
absl::Status RefusedByServer(const char* statement, absl::string_view sqlstate, const std::string& message);

}  // namespace identity::sqlstate

#endif  // IDENTITY_DB_SQLSTATE_H_
