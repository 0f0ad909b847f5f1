#include "server/app/operator/user_file.h"

#include <filesystem>
#include <limits>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/sodium.h"

namespace identity {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 18;

absl::Status Unreadable() { return InvalidField("file", "cannot be read, or changed during the import"); }

}  // namespace

absl::StatusOr<FileContents> ExamineFile(const std::string& file) {
  EnsureSodium();
  std::error_code ignored;
  std::ifstream in(file, std::ios::binary);
  if (!std::filesystem::is_regular_file(file, ignored) || !in) {
    return InvalidField("file", absl::StrCat(file, " is not a readable file"));
  }
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, crypto_generichash_BYTES);
  FileContents contents;
  std::vector<char> piece(kPieceBytes);
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto got = static_cast<size_t>(in.gcount());
    crypto_generichash_update(&state, Unsigned(absl::string_view(piece.data(), got)), got);
    contents.bytes += in.gcount();
  }
  if (in.bad()) return Unreadable();
  contents.fingerprint.resize(crypto_generichash_BYTES);
  crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(contents.fingerprint.data()),
                           contents.fingerprint.size());
  return contents;
}

LineReader::LineReader(const std::string& file, int64_t begin, int64_t end)
    : in_(file, std::ios::binary), offset_(begin), end_(end), buffer_(kMaxLineBytes + 1) {
  in_.seekg(begin);
}

absl::StatusOr<absl::optional<LineReader::Line>> LineReader::Next() {
  if (offset_ >= end_) return absl::optional<Line>();
  in_.getline(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  const int64_t got = in_.gcount();
  Line line;
  // The buffer is full, and neither a newline nor the end of the file came.
  line.too_long = in_.fail() && !in_.bad() && got == static_cast<int64_t>(kMaxLineBytes);
  offset_ += got;
  if (line.too_long) {
    in_.clear();
    in_.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    offset_ += in_.gcount();
    return absl::optional<Line>(line);
  }
  if (in_.bad() || got == 0) return Unreadable();
  // `got` counts the newline, which the last line of the file need not have.
  line.text = absl::string_view(buffer_.data(), static_cast<size_t>(in_.eof() ? got : got - 1));
  return absl::optional<Line>(line);
}

}  // namespace identity
