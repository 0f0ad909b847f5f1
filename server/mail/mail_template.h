#ifndef IDENTITY_MAIL_MAIL_TEMPLATE_H_
#define IDENTITY_MAIL_MAIL_TEMPLATE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/domain/mail_message.h"

namespace identity {

// The text of one kind of mail, with places for its values. Its file, in UTF-8:
//
//   Subject: one line
//   an empty line
//   the body, of any number of lines
//
// `{{name}}` stands for the value of that name. A line whose places are all empty is left out, and an empty line that
// follows it too. A value is put in as it is and never looked at again. A value of type MailTemplate has been checked.
class MailTemplate {
 public:
  // INVALID_ARGUMENT that names the kind's file and the line: another form, a name that the kind does not have, a
  // control character, or no UTF-8.
  static absl::StatusOr<MailTemplate> Parse(MailKind kind, absl::string_view text);

  struct Text {
    std::string subject;
    std::string body;  // lines that end with LF
  };
  // A value that is not there counts as empty. INVALID_ARGUMENT for one that is not UTF-8 or holds a control character,
  // CR and LF among them: nobody writes a line of a mail with a name of theirs.
  absl::StatusOr<Text> Render(const MailParameters& parameters) const;

 private:
  MailTemplate() = default;
  std::string subject_;
  std::string body_;
};

}  // namespace identity

#endif  // IDENTITY_MAIL_MAIL_TEMPLATE_H_
