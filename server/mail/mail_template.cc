#include "server/mail/mail_template.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

constexpr absl::string_view kSubject = "Subject: ";
constexpr absl::string_view kOpen = "{{";
constexpr absl::string_view kClose = "}}";
constexpr size_t kMaxValueBytes = 2048;
constexpr size_t kMaxLineBytes = 4096;
constexpr size_t kHeadLines = 2;

// The first placeholder of a line, and the text before and after it.
struct Placeholder {
  absl::string_view before;
  absl::string_view name;
  absl::string_view after;
};

// False when there is none.
bool FindPlaceholder(absl::string_view line, Placeholder* place) {
  const size_t open = line.find(kOpen);
  if (open == absl::string_view::npos) return false;
  const size_t close = line.find(kClose, open);
  if (close == absl::string_view::npos) return false;
  const size_t name = open + kOpen.size();
  *place = {line.substr(0, open), line.substr(name, close - name), line.substr(close + kClose.size())};
  return true;
}

// `number`: of the line, starting at 1.
absl::Status Malformed(MailKind kind, size_t number, absl::string_view rule) {
  return InvalidField(absl::StrCat(MailKindName(kind), ".txt"), absl::StrCat("line ", number, " ", rule));
}

absl::Status CheckLine(MailKind kind, size_t number, absl::string_view line) {
  if (!CheckLabel("", line, kMaxLineBytes).ok()) {
    return Malformed(kind, number, "must be UTF-8 without control characters, and shorter");
  }
  const std::vector<std::string> known = MailParameterNames(kind);
  Placeholder place;
  for (; FindPlaceholder(line, &place); line = place.after) {
    if (std::find(known.begin(), known.end(), place.name) == known.end()) {
      return Malformed(kind, number,
                       absl::StrCat("may not show {{", place.name, "}}, only ", absl::StrJoin(known, ", ")));
    }
  }
  return absl::StrContains(line, kOpen) ? Malformed(kind, number, "must close {{ with }}") : absl::OkStatus();
}

absl::Status CheckHead(MailKind kind, const std::vector<absl::string_view>& lines) {
  if (!absl::StartsWith(lines[0], kSubject) || lines[0].size() == kSubject.size()) {
    return Malformed(kind, 1, "must be Subject: and the subject");
  }
  if (lines.size() <= kHeadLines || !lines[1].empty()) {
    return Malformed(kind, 2, "must be empty and the body must follow");
  }
  return absl::OkStatus();
}

// A line with its values, and whether the mail omits it.
struct Filled {
  std::string text;
  bool omitted = false;
};

Filled Fill(absl::string_view line, const MailParameters& parameters) {
  Filled filled;
  bool any_place = false;
  bool any_value = false;
  Placeholder place;
  for (; FindPlaceholder(line, &place); line = place.after) {
    const auto value = parameters.find(std::string(place.name));
    absl::StrAppend(&filled.text, place.before, value == parameters.end() ? "" : value->second);
    any_place = true;
    any_value |= value != parameters.end() && !value->second.empty();
  }
  absl::StrAppend(&filled.text, line);
  filled.omitted = any_place && !any_value;
  return filled;
}

}  // namespace

absl::StatusOr<MailTemplate> MailTemplate::Parse(MailKind kind, absl::string_view text) {
  std::vector<absl::string_view> lines = absl::StrSplit(absl::StripSuffix(text, "\n"), '\n');
  for (size_t i = 0; i < lines.size(); ++i) {
    absl::ConsumeSuffix(&lines[i], "\r");
    RETURN_IF_ERROR(CheckLine(kind, i + 1, lines[i]));
  }
  RETURN_IF_ERROR(CheckHead(kind, lines));
  MailTemplate parsed;
  parsed.subject_ = std::string(lines[0].substr(kSubject.size()));
  lines.erase(lines.begin(), lines.begin() + kHeadLines);
  parsed.body_ = absl::StrJoin(lines, "\n");
  return parsed;
}

absl::StatusOr<MailTemplate::Text> MailTemplate::Render(const MailParameters& parameters) const {
  for (const auto& [name, value] : parameters) RETURN_IF_ERROR(CheckLabel(name, value, kMaxValueBytes));
  Text text{Fill(subject_, parameters).text, ""};
  bool after_omitted = false;
  for (const absl::string_view line : absl::StrSplit(body_, '\n')) {
    const bool drop = after_omitted && line.empty();
    const Filled filled = Fill(line, parameters);
    after_omitted = filled.omitted;
    if (!drop && !filled.omitted) absl::StrAppend(&text.body, filled.text, "\n");
  }
  return text;
}

}  // namespace identity
