#include "server/app/operator/user_file.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/sodium.h"

namespace identity {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 18;

// The longest space that may precede an array.
constexpr size_t kMaxPrefixBytes = 4096;

absl::Status Unreadable() { return InvalidField("file", "cannot be read, or changed during the import"); }

bool Consume(absl::string_view& text, absl::string_view token) {
  text = absl::StripLeadingAsciiWhitespace(text);
  return absl::ConsumePrefix(&text, token);
}

// Where the elements begin if the file is a JSON array, or an object that begins with an array "users".
absl::optional<int64_t> FindArray(std::ifstream& in) {
  std::string buffer(kMaxPrefixBytes, '\0');
  in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
  buffer.resize(static_cast<size_t>(in.gcount()));
  in.clear();
  absl::string_view rest = buffer;
  const bool is_object = Consume(rest, "{");
  if (is_object && !(Consume(rest, "\"users\"") && Consume(rest, ":"))) return absl::nullopt;
  if (!Consume(rest, "[")) return absl::nullopt;
  return static_cast<int64_t>(buffer.size() - rest.size());
}

// Finds the end of an element of a JSON array, character by character.
class ElementScanner {
 public:
  // True for the comma or the bracket behind the element.
  bool IsEnd(char c) const { return !in_text_ && depth_ == 0 && (c == ',' || c == ']'); }
  void Pass(char c) {
    if (in_text_) return PassInText(c);
    in_text_ = c == '"';
    if (c == '{' || c == '[') ++depth_;
    if ((c == '}' || c == ']') && depth_ > 0) --depth_;
  }

 private:
  void PassInText(char c) {
    in_text_ = escaped_ || c != '"';
    escaped_ = !escaped_ && c == '\\';
  }

  int64_t depth_ = 0;
  bool in_text_ = false;
  bool escaped_ = false;
};

}  // namespace

absl::StatusOr<FileContents> ExamineFile(const std::string& file, absl::string_view interpretation) {
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
  crypto_generichash_update(&state, Unsigned(interpretation), interpretation.size());
  contents.fingerprint.resize(crypto_generichash_BYTES);
  crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(contents.fingerprint.data()),
                           contents.fingerprint.size());
  return contents;
}

LineReader::LineReader(const std::string& file, int64_t begin, int64_t end)
    : in_(file, std::ios::binary), offset_(begin), end_(end), buffer_(kMaxLineBytes + 1) {
  const absl::optional<int64_t> array = FindArray(in_);
  is_array_ = array.has_value();
  offset_ = std::max(begin, array.value_or(0));
  in_.seekg(offset_);
}

absl::StatusOr<absl::optional<LineReader::Line>> LineReader::Next() {
  if (offset_ >= end_) return absl::optional<Line>();
  if (is_array_) return NextElement();
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

absl::StatusOr<absl::optional<LineReader::Line>> LineReader::NextElement() {
  ElementScanner scanner;
  Line line;
  size_t size = 0;
  char c = '\0';
  while (offset_ < end_) {
    if (!in_.get(c)) return Unreadable();
    ++offset_;
    if (scanner.IsEnd(c)) {
      if (c == ']') offset_ = end_;  // nothing that follows the array is a user
      break;
    }
    scanner.Pass(c);
    line.too_long = size == kMaxLineBytes;
    if (!line.too_long) buffer_[size++] = c;
  }
  if (!line.too_long) line.text = absl::string_view(buffer_.data(), size);
  return absl::optional<Line>(line);
}

}  // namespace identity
