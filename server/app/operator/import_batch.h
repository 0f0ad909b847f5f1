#ifndef IDENTITY_APP_OPERATOR_IMPORT_BATCH_H_
#define IDENTITY_APP_OPERATOR_IMPORT_BATCH_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "db/stores/user_imports.h"
#include "server/app/operator/refusal_report.h"
#include "server/app/operator/user_file.h"
#include "server/app/operator/user_format.h"
#include "server/domain/user_record.h"

namespace identity {

// The lines of a batch, divided into users to import and refusals. A value.
struct CheckedBatch {
  std::vector<UserRecord> users;  // can be imported
  std::vector<Refusal> refused;   // by line
};

// Consecutive lines of a file that are imported in one transaction. A value.
class ImportBatch {
 public:
  // Reads the lines after `from`: at most `max_lines`, and fewer when they are long, so that memory stays bounded.
  // Errors as LineReader::Next.
  static absl::StatusOr<ImportBatch> Read(LineReader& reader, const UserParser& parser,
                                          const user_imports::Standing& from, int64_t max_lines);

  // False when every line is empty or was already refused, so that the database need not be read.
  bool has_users() const { return !users_.empty(); }
  // The names to look up in the database.
  const user_imports::Names& names() const { return names_; }
  // Refuses users whose names are taken, in the database or by an earlier line, and users with unknown roles.
  CheckedBatch Check(const user_imports::KnownNames& known) const;
  // The position in the file after this batch, which began at `from`.
  user_imports::Standing After(const user_imports::Standing& from, const CheckedBatch& checked) const;

 private:
  struct NumberedUser {
    int64_t line = 0;
    UserRecord user;
  };
  void Add(const UserParser& parser, int64_t line, const LineReader::Line& text);
  void CollectNames();

  std::vector<NumberedUser> users_;
  std::vector<Refusal> refused_;
  user_imports::Names names_;
  int64_t lines_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace identity

#endif  // IDENTITY_APP_OPERATOR_IMPORT_BATCH_H_
