#include "server/domain/resource.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"

namespace identity {
namespace {

constexpr size_t kMaxResourceSegments = 32;
constexpr size_t kMaxResourceSegmentBytes = 128;

bool IsResourceSegment(absl::string_view text) {
  constexpr absl::string_view kMarks = "._~@-";
  if (text.empty() || text.size() > kMaxResourceSegmentBytes || text == "." || text == "..") return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || kMarks.find(c) != absl::string_view::npos;
  });
}

bool IsResource(absl::string_view text) {
  if (text.empty()) return true;
  size_t segments = 0;
  for (const absl::string_view segment : absl::StrSplit(text, '/')) {
    if (++segments > kMaxResourceSegments || !IsResourceSegment(segment)) return false;
  }
  return true;
}

constexpr absl::string_view kUsersPrefix = "users/";

// The segment after `users/`. "": there is none.
absl::string_view UserSegment(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, kUsersPrefix)) return "";
  return text.substr(0, text.find('/'));
}

// Resources are compared as text, so the id in `users/<id>` gets the form of OfPrincipal: lower case.
std::string Canonical(absl::string_view text) {
  std::string canonical(text);
  const absl::string_view id = UserSegment(text);
  if (const absl::optional<Uuid> uuid = Uuid::Parse(id)) {
    canonical.replace(kUsersPrefix.size(), id.size(), uuid->ToString());
  }
  return canonical;
}

}  // namespace

absl::StatusOr<Resource> Resource::Parse(absl::string_view text) {
  if (!IsResource(text)) {
    return InvalidField(
        "resource",
        "must be empty or 1 to 32 segments of [A-Za-z0-9._~@-]{1,128} joined by '/', none of them '.' or '..'");
  }
  return Resource(Canonical(text));
}

Resource Resource::OfPrincipal(const PrincipalId& id) { return Resource(absl::StrCat(kUsersPrefix, id.ToString())); }

std::vector<std::string> Resource::CoveringTexts() const {
  std::vector<std::string> texts = {""};
  for (size_t end = text_.find('/'); end != std::string::npos; end = text_.find('/', end + 1)) {
    texts.push_back(text_.substr(0, end));
  }
  if (!text_.empty()) texts.push_back(text_);
  return texts;
}

absl::optional<PrincipalId> Resource::Owner() const { return PrincipalId::Parse(UserSegment(text_)); }

bool Resource::PathCovers(absl::string_view path, absl::string_view other) {
  if (path.empty()) return true;
  if (!absl::StartsWith(other, path)) return false;
  return other.size() == path.size() || other[path.size()] == '/';
}

}  // namespace identity
