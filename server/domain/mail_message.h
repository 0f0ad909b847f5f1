#ifndef IDENTITY_DOMAIN_MAIL_MESSAGE_H_
#define IDENTITY_DOMAIN_MAIL_MESSAGE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/base/secret.h"

namespace identity {

// The kinds of mails. The text of each comes from a template (see mail_template.h).
enum class MailKind {
  kVerifyEmail,
  kResetPassword,
  kAlreadyRegistered,
  kPasswordChanged,
  kEmailChanged,
  kMfaChanged,
  kAccountChanged
};
std::vector<MailKind> AllMailKinds();
// The name in the database and of the template's file, such as "verify_email".
absl::string_view MailKindName(MailKind kind);
// nullopt when no kind has `name`.
absl::optional<MailKind> MailKindOf(absl::string_view name);
// The names of the values that the text of a mail of this kind may use:
//   verify_email, reset_password         username, token, link
//   already_registered, password_changed username
//   email_changed                        username, email
//   mfa_changed, account_changed         username, change
// `link` is a configured address with the token at its end, or empty when none is configured. The sender of the mail
// adds it; the code that enqueues the mail sets the others.
std::vector<std::string> MailParameterNames(MailKind kind);

using MailParameters = std::map<std::string, std::string>;

// A mail to send. A value. `parameters` may contain a token: never log them.
struct MailMessage {
  MailKind kind = MailKind::kVerifyEmail;
  std::string to;
  MailParameters parameters;
  std::string traceparent = {};  // of the call that caused the mail (W3C Trace Context); empty: it is not traced
};

// The message as text, without its kind, which is stored beside it: {"parameters":{NAME:VALUE…},"to":ADDRESS}, and
// "traceparent" unless that is empty.
// Bytes that are not UTF-8 become U+FFFD.
Secret SerializeMail(const MailMessage& message);
// INVALID_ARGUMENT for text that SerializeMail did not return.
absl::StatusOr<MailMessage> ParseMail(MailKind kind, const Secret& text);

}  // namespace identity

#endif  // IDENTITY_DOMAIN_MAIL_MESSAGE_H_
