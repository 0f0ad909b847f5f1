#ifndef IDENTITY_APP_OPERATOR_USER_IMPORT_H_
#define IDENTITY_APP_OPERATOR_USER_IMPORT_H_

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "db/database.h"
#include "db/stores/user_imports.h"
#include "server/app/change/mutation.h"
#include "server/app/operator/import_batch.h"
#include "server/app/operator/refusal_report.h"
#include "server/app/operator/user_file.h"
#include "server/app/operator/user_format.h"

namespace identity {

// Imports the users of a file of any size in little memory. Each batch is one transaction that also stores the position
// in the file. A run that ended early can therefore be repeated: it continues at that position, and no line is imported
// twice. Files are recognized by their contents and format, not by their names.
//
// There is no caller to check: an operator with the server's access to the database can write to it anyway.
// server/domain/user_record.h and user_format.h describe the lines.
class UserImport {
 public:
  struct Options {
    std::string file;
    UserFormat format = UserFormat::kIdentity;
    std::string firebase_hash_config_file;  // for UserFormat::kFirebase
    std::string report;         // the file for refused lines; empty: `file` with ".refused" or ".dry-run" appended
    int64_t batch_users = 500;  // maximum lines of one transaction
    bool dry_run = false;       // checks the file, imports nothing and does not look for taken names
  };
  struct Summary {
    enum class End { kDone, kDoneBefore, kStopped };
    End end = End::kDone;
    user_imports::Standing standing;  // of all runs over the file
    absl::Duration time;              // of this run
    int64_t lines = 0;                // of this run
    std::string report;
  };

  // The run ends early when `stop` returns true between two batches. The progress is written to `messages`, once a
  // second at most.
  UserImport(Database& database, Options options, std::function<bool()> stop, std::ostream& messages);

  // INVALID_ARGUMENT (field "file", "report" or "firebase-hash-config-file") for files that cannot be used, or while
  // another run imports the same file; else the database's error. The batches before an error stay imported.
  absl::StatusOr<Summary> Run();

 private:
  absl::StatusOr<user_imports::Standing> FindStanding(const FileContents& contents);
  absl::Status CheckReport() const;
  absl::StatusOr<user_imports::Standing> Process(const FileContents& contents, const ImportBatch& batch,
                                                 const user_imports::Standing& from);
  absl::StatusOr<user_imports::Standing> ProcessOnce(const FileContents& contents, const ImportBatch& batch,
                                                     const user_imports::Standing& from);
  absl::StatusOr<CheckedBatch> Import(const FileContents& contents, const ImportBatch& batch,
                                      const user_imports::Standing& from);
  absl::Status Advance(AuditedWrite& write, const FileContents& contents, const ImportBatch& batch,
                       const user_imports::Standing& from, const CheckedBatch& checked);
  absl::StatusOr<user_imports::Standing> CheckOnly(const ImportBatch& batch, const user_imports::Standing& from);

  Database& database_;
  const Mutations mutations_;
  const Options options_;
  const std::function<bool()> stop_;
  std::ostream& messages_;
  RefusalReport report_;
};

// The summary as lines of text for the operator.
std::string ToText(const UserImport::Summary& summary, bool dry_run);

}  // namespace identity

#endif  // IDENTITY_APP_OPERATOR_USER_IMPORT_H_
