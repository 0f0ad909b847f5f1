#ifndef IDENTITY_MAIL_TEMPLATES_H_
#define IDENTITY_MAIL_TEMPLATES_H_

#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/domain/mail_message.h"
#include "server/mail/mail_template.h"

namespace identity {

// The content of templates/<name>.txt at build time; "" without such a file.
absl::string_view BuiltInMailTemplate(absl::string_view name);

// The texts of all mails. Immutable.
class MailTemplates {
 public:
  // The built-in texts. A file <kind>.txt in `directory` replaces the text of its kind; "": no directory.
  // INVALID_ARGUMENT (field "mail-templates") when the directory cannot be read, a text is malformed, or the name of a
  // .txt file is not a kind.
  static absl::StatusOr<MailTemplates> Load(const std::string& directory);

  const MailTemplate& of(MailKind kind) const { return templates_.at(kind); }

 private:
  explicit MailTemplates(std::map<MailKind, MailTemplate> templates) : templates_(std::move(templates)) {}
  std::map<MailKind, MailTemplate> templates_;  // of every kind
};

}  // namespace identity

#endif  // IDENTITY_MAIL_TEMPLATES_H_
