#include "identity/token.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <mutex>
#include <ostream>
#include <sstream>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace identity {
inline namespace client {
namespace {

constexpr absl::Duration kRereadAfter = absl::Seconds(10);

// Remembers what a file had. Thread-safe.
class WatchedFile {
 public:
  WatchedFile(std::string path, std::function<absl::Time()> clock) : path_(std::move(path)), clock_(std::move(clock)) {}

  absl::StatusOr<Token> Read() {
    const std::lock_guard<std::mutex> lock(mutex_);
    const absl::Time now = clock_();
    if (!token_.empty() && now - read_at_ < kRereadAfter) return token_;
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    Token token{std::string(absl::StripAsciiWhitespace(text.str()))};
    if (!token.empty()) token_ = std::move(token);
    if (token_.empty()) return absl::UnauthenticatedError(absl::StrCat(path_, " has no token"));
    read_at_ = now;
    return token_;
  }

 private:
  const std::string path_;
  const std::function<absl::Time()> clock_;
  std::mutex mutex_;  // guards what follows
  Token token_;
  absl::Time read_at_;
};

}  // namespace

void PrintTo(const Token&, std::ostream* out) { *out << "<secret>"; }

TokenSource FixedToken(std::string text) {
  return [token = Token(std::move(text))] { return token; };
}

TokenSource TokenFile(std::string path, std::function<absl::Time()> clock) {
  const auto file = std::make_shared<WatchedFile>(std::move(path), std::move(clock));
  return [file] { return file->Read(); };
}

bool IsCredential(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace client
}  // namespace identity
