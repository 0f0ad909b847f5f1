#include "server/routes/request_path.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "server/base/encoding/hex.h"

namespace identity {
namespace {

// By their bytes, since each character of each request is looked up.
constexpr std::array<bool, 256> kPathCharacters = [] {
  std::array<bool, 256> characters{};
  for (int c = 0; c < 128; ++c) {
    characters[static_cast<size_t>(c)] = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }
  for (const char c : absl::string_view("-._~!$&'()*+,=:@")) characters[static_cast<unsigned char>(c)] = true;
  return characters;
}();

bool IsSpaceOrControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= ' ' || byte == 0x7F;
}

// Why an unescaped character that no segment can have is refused.
RouteDenial DenialOf(char c) {
  switch (c) {
    case '#':
      return RouteDenial::kPathFragment;
    case '\\':
      return RouteDenial::kPathBackslash;
    case ';':
      return RouteDenial::kPathParameter;
    default:
      return RouteDenial::kPathCharacter;
  }
}

// Decodes the escapes of `path` once into `decoded`.
absl::optional<RouteDenial> Decode(absl::string_view path, std::string& decoded) {
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%') {
      if (path.size() - i < 3) return RouteDenial::kPathEscapeMalformed;
      const int high = HexValue(path[i + 1]);
      const int low = HexValue(path[i + 2]);
      if (high < 0 || low < 0) return RouteDenial::kPathEscapeMalformed;
      const char c = static_cast<char>(high * 16 + low);
      if (!IsPathCharacter(c)) return RouteDenial::kPathEscape;
      decoded += c;
      i += 2;
    } else if (path[i] == '/' || IsPathCharacter(path[i])) {
      decoded += path[i];
    } else {
      return DenialOf(path[i]);
    }
  }
  return absl::nullopt;
}

// `path`: decoded.
absl::optional<RouteDenial> FindUnsafeSegment(absl::string_view path) {
  if (absl::StrContains(path, "//")) return RouteDenial::kPathEmptySegment;
  if (!absl::StrContains(path, "/.")) return absl::nullopt;  // each segment follows a slash
  for (const absl::string_view segment : absl::StrSplit(path, '/')) {
    if (IsDotSegment(segment)) return RouteDenial::kPathDotSegment;
  }
  return absl::nullopt;
}

absl::optional<RouteDenial> FindUnsafeQuery(absl::string_view query) {
  if (absl::StrContains(query, "#")) return RouteDenial::kPathFragment;
  if (std::any_of(query.begin(), query.end(), IsSpaceOrControl)) return RouteDenial::kQueryCharacter;
  return absl::nullopt;
}

}  // namespace

bool IsPathCharacter(char c) { return kPathCharacters[static_cast<unsigned char>(c)]; }

bool IsDotSegment(absl::string_view segment) { return segment == "." || segment == ".."; }

std::variant<RouteDenial, RequestPath> RequestPath::Parse(absl::string_view target) {
  const size_t end = std::min(target.find('?'), target.size());
  const absl::string_view path = target.substr(0, end);
  if (path.size() > kMaxBytes) return RouteDenial::kPathTooLong;
  if (!absl::StartsWith(path, "/")) return RouteDenial::kPathNotAbsolute;
  std::string text;
  text.reserve(path.size());
  if (const auto denial = Decode(path, text)) return *denial;
  if (const auto denial = FindUnsafeSegment(text)) return *denial;
  if (const auto denial = FindUnsafeQuery(target.substr(end))) return *denial;
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  return RequestPath(std::move(text));
}

std::vector<absl::string_view> RequestPath::Segments() const {
  const absl::string_view text = text_;
  std::vector<absl::string_view> segments;
  segments.reserve(static_cast<size_t>(std::count(text.begin(), text.end(), '/')));
  for (size_t begin = 1; begin < text.size();) {
    const size_t end = std::min(text.find('/', begin), text.size());
    segments.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

}  // namespace identity
