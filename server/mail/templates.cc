#include "server/mail/templates.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

using std::filesystem::path;

absl::Status Refused(absl::string_view rule) { return InvalidField("mail-templates", rule); }

// The text of each kind that has a file.
absl::StatusOr<std::map<MailKind, std::string>> ReadDirectory(const std::string& directory) {
  std::map<MailKind, std::string> texts;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(directory, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const path& file = entry->path();
    if (file.extension() != ".txt") continue;
    const absl::optional<MailKind> kind = MailKindOf(file.stem().string());
    if (!kind) return Refused(absl::StrCat("no kind of mail has the name of the file ", file.filename().string()));
    std::ifstream in(file);
    texts[*kind] = std::string(std::istreambuf_iterator<char>(in), {});
    if (!in) return Refused(absl::StrCat("cannot read ", file.string()));
  }
  if (error) return Refused(absl::StrCat("cannot read the directory ", directory));
  return texts;
}

}  // namespace

absl::StatusOr<MailTemplates> MailTemplates::Load(const std::string& directory) {
  std::map<MailKind, std::string> texts;
  if (!directory.empty()) {
    ASSIGN_OR_RETURN(texts, ReadDirectory(directory));
  }
  std::map<MailKind, MailTemplate> templates;
  for (const MailKind kind : AllMailKinds()) {
    const auto own = texts.find(kind);
    const absl::string_view text = own == texts.end() ? BuiltInMailTemplate(MailKindName(kind)) : own->second;
    absl::StatusOr<MailTemplate> parsed = MailTemplate::Parse(kind, text);
    if (!parsed.ok()) return Refused(parsed.status().message());
    templates.emplace(kind, *std::move(parsed));
  }
  return MailTemplates(std::move(templates));
}

}  // namespace identity
