#ifndef IDENTITY_APP_OPERATOR_USER_IMPORT_H_
#define IDENTITY_APP_OPERATOR_USER_IMPORT_H_

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "db/database.h"
#include "db/stores/user_imports.h"
#include "server/app/operator/refusal_report.h"
#include "server/app/operator/user_file.h"

namespace identity {

// Brings the users of a file into the database, of whatever size, in little memory. Each batch is one transaction that
// also writes how far it got, so a run that was ended in whatever way can be repeated: it goes on where the last one
// was, and nothing is imported twice. Files are known by their contents.
//
// There is no caller to check: who reaches the database with the server's rights may do all of it anyway. What is read
// is described in server/domain/user_record.h.
class UserImport {
 public:
  struct Options {
    std::string file;
    std::string report;         // where refused lines are told; empty: the file's name and ".refused", or ".dry-run"
    int64_t batch_users = 500;  // lines of a transaction, at most
    bool dry_run = false;       // imports nothing, and does not look for taken names
  };
  struct Summary {
    enum class End { kDone, kDoneBefore, kStopped };
    End end = End::kDone;
    user_imports::Standing standing;  // of all runs over the file
    absl::Duration time;              // of this one
    int64_t lines = 0;                // of this one
    std::string report;
  };

  // `stop` is asked between batches. `messages` is told how it goes, once a second at most.
  UserImport(Database& database, Options options, std::function<bool()> stop, std::ostream& messages);

  // INVALID_ARGUMENT (field "file" or "report") for files that cannot be used, or when another run imports the file,
  // too; what the database fails with. All batches before stay imported.
  absl::StatusOr<Summary> Run();

 private:
  struct Batch;
  absl::StatusOr<user_imports::Standing> FindStanding(const FileContents& contents);
  absl::Status CheckReport() const;
  absl::StatusOr<Batch> ReadBatch(LineReader& reader, const user_imports::Standing& from) const;
  absl::StatusOr<user_imports::Standing> Take(const FileContents& contents, const Batch& batch,
                                              const user_imports::Standing& from);
  absl::StatusOr<user_imports::Standing> TakeOnce(const FileContents& contents, const Batch& batch,
                                                  const user_imports::Standing& from);
  absl::StatusOr<user_imports::Standing> TakeDry(const Batch& batch, const user_imports::Standing& from);

  Database& database_;
  const Options options_;
  const std::function<bool()> stop_;
  std::ostream& messages_;
  RefusalReport report_;
};

// What a summary says to people, in lines.
std::string ToText(const UserImport::Summary& summary, bool dry_run);

}  // namespace identity

#endif  // IDENTITY_APP_OPERATOR_USER_IMPORT_H_
