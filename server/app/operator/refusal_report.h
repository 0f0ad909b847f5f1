#ifndef IDENTITY_APP_OPERATOR_REFUSAL_REPORT_H_
#define IDENTITY_APP_OPERATOR_REFUSAL_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace identity {

// A line of a file that was not imported. Holds nothing that must stay secret.
struct Refusal {
  int64_t line = 0;      // the first is 1
  std::string username;  // "" when the line has none
  std::string reason;
};

// A file of JSON lines {"line", "username", "reason"}. What is written is either kept or written over. Not thread-safe.
class RefusalReport {
 public:
  explicit RefusalReport(const std::string& file) : file_(file) {}

  // Goes on with what an earlier run wrote about the first `lines` lines, and drops what it wrote beyond; with 0 lines
  // the report begins anew. INVALID_ARGUMENT (field "report") when it cannot be written.
  absl::Status Open(int64_t lines);
  // Puts `refusals` after what was kept, in the place of what was written since. Errors as above.
  absl::Status Write(const std::vector<Refusal>& refusals);
  void Keep() { kept_ += written_; }
  // Deletes the file when it is empty.
  void Close();

 private:
  const std::string file_;
  uintmax_t kept_ = 0;
  uintmax_t written_ = 0;  // behind what is kept
};

}  // namespace identity

#endif  // IDENTITY_APP_OPERATOR_REFUSAL_REPORT_H_
