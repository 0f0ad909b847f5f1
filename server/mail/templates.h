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

// The file templates/<name>.txt as it was when the program was built; "" when there was none.
absl::string_view BuiltInMailTemplate(absl::string_view name);

// The texts of all mails. Safe from any thread once made.
class MailTemplates {
 public:
  // Those of the program; a file <kind>.txt in `directory`, unless that is "", stands for the one of its kind.
  // INVALID_ARGUMENT (field "mail-templates") when the directory cannot be read, when a text in it is malformed, or
  // when a file ends with .txt and no kind is called so.
  static absl::StatusOr<MailTemplates> Load(const std::string& directory);

  const MailTemplate& of(MailKind kind) const { return templates_.at(kind); }

 private:
  explicit MailTemplates(std::map<MailKind, MailTemplate> templates) : templates_(std::move(templates)) {}
  std::map<MailKind, MailTemplate> templates_;  // of every kind
};

}  // namespace identity

#endif  // IDENTITY_MAIL_TEMPLATES_H_
