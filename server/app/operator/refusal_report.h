#ifndef IDENTITY_APP_OPERATOR_REFUSAL_REPORT_H_
#define IDENTITY_APP_OPERATOR_REFUSAL_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace identity {

// Why a line of a file was not imported. Holds no secret. A value.
struct Refusal {
  int64_t line = 0;      // the first is 1
  std::string username;  // "" when the line has no valid one
  std::string reason;
};

// A file of JSON lines {"line", "username", "reason"}. Each write replaces everything that was written since the last
// `Keep`. Not thread-safe.
class RefusalReport {
 public:
  explicit RefusalReport(const std::string& file) : file_(file) {}

  // Keeps the records of an earlier run about the first `lines` lines and deletes the rest; with 0 lines the report
  // starts empty. INVALID_ARGUMENT (field "report") when the file cannot be written.
  absl::Status Open(int64_t lines);
  // Writes `refusals` after the kept part. Errors as above.
  absl::Status Write(const std::vector<Refusal>& refusals);
  // Keeps the records of the last `Write`. Call it after its batch was committed.
  void Keep() { kept_ += written_; }
  // Deletes the file when it is empty.
  void Close();

 private:
  const std::string file_;
  uintmax_t kept_ = 0;     // bytes
  uintmax_t written_ = 0;  // bytes after the kept ones
};

}  // namespace identity

#endif  // IDENTITY_APP_OPERATOR_REFUSAL_REPORT_H_
