#ifndef IDENTITY_MAIL_MAIL_TEMPLATE_H_
#define IDENTITY_MAIL_MAIL_TEMPLATE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/domain/mail_message.h"

namespace identity {

// The text of one kind of mail, with placeholders. The format of its file, in UTF-8:
//
//   Subject: one line
//   an empty line
//   the body, of any number of lines
//
// The value of a name replaces `{{name}}`. When all placeholders of a line are empty, the mail omits the line and an
// empty line that follows it. Placeholders within values are not replaced. A MailTemplate is always well-formed.
class MailTemplate {
 public:
  // INVALID_ARGUMENT names the kind's file and the line. Reasons: another format, a name that the kind does not have, a
  // control character, or invalid UTF-8.
  static absl::StatusOr<MailTemplate> Parse(MailKind kind, absl::string_view text);

  struct Text {
    std::string subject;
    std::string body;  // each line ends with LF
  };
  // A missing value counts as empty. INVALID_ARGUMENT for a value that is not UTF-8 or contains a control character,
  // including CR and LF. So a user's name cannot add lines to a mail.
  absl::StatusOr<Text> Render(const MailParameters& parameters) const;

 private:
  MailTemplate() = default;
  std::string subject_;
  std::string body_;
};

}  // namespace identity

#endif  // IDENTITY_MAIL_MAIL_TEMPLATE_H_
