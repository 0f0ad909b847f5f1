#include "server/domain/permission.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"

namespace identity {
namespace {

constexpr size_t kMaxSegments = 8;
constexpr size_t kMaxSegmentBytes = 64;
constexpr size_t kMaxScopes = 100;
constexpr size_t kMaxScopeBytes = 4096;  // so that a token with them fits into the metadata of a call
constexpr absl::string_view kServicePatterns = "identity:*";

bool IsSegment(absl::string_view text) {
  if (text.empty() || text.size() > kMaxSegmentBytes) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

bool IsPermission(absl::string_view text, size_t max_segments) {
  size_t segments = 0;
  for (const absl::string_view segment : absl::StrSplit(text, ':')) {
    if (++segments > max_segments || !IsSegment(segment)) return false;
  }
  return true;
}

bool IsPattern(absl::string_view text) {
  if (text == "*") return true;
  if (absl::ConsumeSuffix(&text, ":*")) return IsPermission(text, kMaxSegments - 1);
  return IsPermission(text, kMaxSegments);
}

}  // namespace

absl::StatusOr<Permission> Permission::Parse(absl::string_view text) {
  if (!IsPermission(text, kMaxSegments)) {
    return InvalidField("permission", "must be 1 to 8 segments of [a-z0-9_-]{1,64} joined by ':'");
  }
  return Permission(std::string(text));
}

absl::StatusOr<PermissionPattern> PermissionPattern::Parse(absl::string_view text) {
  if (!IsPattern(text)) {
    return InvalidField(
        "permission pattern",
        "must be '*', or 1 to 8 segments of [a-z0-9_-]{1,64} joined by ':', of which the last may be '*'");
  }
  return PermissionPattern(std::string(text));
}

PermissionPattern PermissionPattern::Everything() { return PermissionPattern("*"); }

std::vector<PermissionPattern> PermissionPattern::AllMatching(const Permission& permission) {
  const std::string& text = permission.text();
  std::vector<PermissionPattern> patterns = {PermissionPattern(text), Everything()};
  for (size_t colon = text.find(':'); colon != std::string::npos; colon = text.find(':', colon + 1)) {
    patterns.push_back(PermissionPattern(absl::StrCat(text.substr(0, colon + 1), "*")));
  }
  return patterns;
}

bool PermissionPattern::Matches(const Permission& permission) const {
  return wildcard() ? absl::StartsWith(permission.text(), prefix()) : permission.text() == text_;
}

bool PermissionPattern::Covers(const PermissionPattern& other) const {
  return wildcard() ? absl::StartsWith(other.text_, prefix()) : other.text_ == text_;
}

bool PermissionPattern::IsOfTheService() const { return Overlaps(PermissionPattern(std::string(kServicePatterns))); }

Scopes Scopes::Unlimited() {
  static const Scopes* const unlimited = new Scopes(Of({PermissionPattern::Everything()}));
  return *unlimited;
}

Scopes Scopes::Of(std::vector<PermissionPattern> patterns) {
  std::sort(patterns.begin(), patterns.end());
  patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
  Scopes scopes;
  scopes.patterns_ = std::make_shared<const std::vector<PermissionPattern>>(std::move(patterns));
  return scopes;
}

const std::vector<PermissionPattern>& Scopes::patterns() const {
  static const std::vector<PermissionPattern>* const none = new std::vector<PermissionPattern>();
  return patterns_ == nullptr ? *none : *patterns_;
}

absl::StatusOr<Scopes> Scopes::Parse(const std::vector<std::string>& patterns) {
  size_t bytes = 0;
  for (const std::string& pattern : patterns) bytes += pattern.size();
  if (patterns.size() > kMaxScopes || bytes > kMaxScopeBytes) {
    return InvalidField("scopes", absl::StrCat("must be at most ", kMaxScopes, " and ", kMaxScopeBytes, " bytes"));
  }
  return ParseStored(patterns);
}

absl::StatusOr<Scopes> Scopes::ParseStored(const std::vector<std::string>& patterns) {
  std::vector<PermissionPattern> parsed;
  parsed.reserve(patterns.size());
  for (size_t i = 0; i < patterns.size(); ++i) {
    auto pattern = PermissionPattern::Parse(patterns[i]);
    if (!pattern.ok()) {
      return InvalidField(absl::StrCat("scopes[", i, "]"), FieldViolationsOf(pattern.status()).front().rule);
    }
    parsed.push_back(*std::move(pattern));
  }
  return Of(std::move(parsed));
}

absl::StatusOr<Scopes> Scopes::ParseClaim(absl::string_view claim) {
  if (claim.empty()) return Scopes();
  std::vector<PermissionPattern> parsed;
  for (const absl::string_view text : absl::StrSplit(claim, ' ')) {
    auto pattern = PermissionPattern::Parse(text);
    if (!pattern.ok()) return InvalidField("scope", "must be permission patterns, separated by single spaces");
    parsed.push_back(*std::move(pattern));
  }
  return Of(std::move(parsed));
}

bool Scopes::Matches(const Permission& permission) const {
  return std::any_of(patterns().begin(), patterns().end(),
                     [&](const PermissionPattern& pattern) { return pattern.Matches(permission); });
}

bool Scopes::Covers(const PermissionPattern& pattern) const {
  return std::any_of(patterns().begin(), patterns().end(),
                     [&](const PermissionPattern& own) { return own.Covers(pattern); });
}

Scopes Scopes::Intersect(const Scopes& other) const {
  // Of two patterns that overlap, one covers the other. So the narrower one is the intersection.
  std::vector<PermissionPattern> both;
  for (const PermissionPattern& pattern : patterns()) {
    if (other.Covers(pattern)) both.push_back(pattern);
  }
  for (const PermissionPattern& pattern : other.patterns()) {
    if (Covers(pattern)) both.push_back(pattern);
  }
  return Of(std::move(both));
}

Scopes Scopes::KeepHeld(const std::vector<PermissionPattern>& held) const {
  std::vector<PermissionPattern> kept;
  for (const PermissionPattern& pattern : patterns()) {
    const bool any =
        std::any_of(held.begin(), held.end(), [&](const PermissionPattern& other) { return pattern.Overlaps(other); });
    if (any) kept.push_back(pattern);
  }
  return Of(std::move(kept));
}

std::vector<std::string> Scopes::ToStrings() const {
  std::vector<std::string> texts;
  texts.reserve(patterns().size());
  for (const PermissionPattern& pattern : patterns()) texts.push_back(pattern.text());
  return texts;
}

std::string Scopes::ToClaim() const {
  return absl::StrJoin(patterns(), " ",
                       [](std::string* claim, const PermissionPattern& pattern) { claim->append(pattern.text()); });
}

}  // namespace identity
