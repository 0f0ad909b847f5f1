#ifndef IDENTITY_APP_OPERATOR_USER_FILE_H_
#define IDENTITY_APP_OPERATOR_USER_FILE_H_

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace identity {

// Identifies a file by its contents, not by its name.
struct FileContents {
  std::string fingerprint;  // BLAKE2b-256
  int64_t bytes = 0;
};
// Reads the whole file, in pieces. The fingerprint also covers `interpretation`, which says how its users are read.
// INVALID_ARGUMENT (field "file") when it is not a regular file or cannot be read.
absl::StatusOr<FileContents> ExamineFile(const std::string& file, absl::string_view interpretation);

// Reads a file line by line, with only one line in memory. If the file is a JSON array, or a JSON object that begins
// with an array "users", then each element of the array counts as a line. Not thread-safe.
class LineReader {
 public:
  static constexpr size_t kMaxLineBytes = size_t{1} << 20;

  // Reads the bytes from `begin` up to, but not including, `end`. `begin` is 0 or an earlier reader's offset.
  LineReader(const std::string& file, int64_t begin, int64_t end);

  struct Line {
    absl::string_view text;  // without its newline; valid until the next call
    bool too_long = false;   // more than kMaxLineBytes; `text` is empty
  };
  // nullopt at `end`. INVALID_ARGUMENT (field "file") when the file cannot be read or is shorter than `end`.
  absl::StatusOr<absl::optional<Line>> Next();
  // Where the next line begins.
  int64_t offset() const { return offset_; }

 private:
  absl::StatusOr<absl::optional<Line>> NextElement();

  std::ifstream in_;
  int64_t offset_;
  const int64_t end_;
  bool is_array_ = false;
  std::vector<char> buffer_;
};

}  // namespace identity

#endif  // IDENTITY_APP_OPERATOR_USER_FILE_H_
