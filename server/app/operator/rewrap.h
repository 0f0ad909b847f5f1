#ifndef IDENTITY_APP_OPERATOR_REWRAP_H_
#define IDENTITY_APP_OPERATOR_REWRAP_H_

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "db/database.h"
#include "db/stores/sealed_values.h"
#include "server/base/request_context.h"
#include "server/base/sealed_box.h"

namespace identity {

// OK when `keys` contains every master key that sealed a value in the database. Otherwise FAILED_PRECONDITION, with a
// message that names the missing keys, what they sealed, and the way out. Reads whole tables.
absl::Status RequireMasterKeys(const RequestContext& context, Database& database, const MasterKeys& keys);

// Seals every value that another master key sealed with the current one, so that the other keys can be removed. Servers
// keep serving meanwhile, since each transaction locks a few rows. A run that ended early can be repeated: it continues
// with the values that are left.
class Rewrap {
 public:
  // `database`: connects as the schema's owner, because the server's role cannot change sealed values. The run ends
  // early when `stop` returns true between two batches. The progress is written to `messages`.
  Rewrap(Database& database, const MasterKeys& keys, std::function<bool()> stop, std::ostream& messages);

  // Repeats until a new transaction sees no value of another key. Errors:
  // - PERMISSION_DENIED when the connection's role is not the owner;
  // - those of RequireMasterKeys;
  // - DATA_LOSS when values do not open. They are left as they are; the messages have their ids;
  // - CANCELLED when `stop` ended the run.
  absl::Status Run();

 private:
  using Counts = std::vector<sealed_values::Count>;
  absl::Status RequireOwner();
  absl::StatusOr<Counts> CountOthers();
  // Returns how many values did not open.
  absl::StatusOr<int64_t> RewrapAll(const Counts& others);
  absl::StatusOr<int64_t> RewrapKind(sealed_values::Kind kind, int64_t total);
  void ReportDone();

  Database& database_;
  const MasterKeys& keys_;
  const std::function<bool()> stop_;
  std::ostream& messages_;
};

}  // namespace identity

#endif  // IDENTITY_APP_OPERATOR_REWRAP_H_
