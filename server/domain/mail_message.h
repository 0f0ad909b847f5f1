#ifndef IDENTITY_DOMAIN_MAIL_MESSAGE_H_
#define IDENTITY_DOMAIN_MAIL_MESSAGE_H_

#include <array>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/base/secret.h"

namespace identity {

// What a mail is about. The text of each comes from a template (see mail_template.h).
enum class MailKind { kVerifyEmail, kResetPassword, kAlreadyRegistered, kPasswordChanged, kEmailChanged, kMfaChanged };
inline constexpr std::array<MailKind, 6> kMailKinds = {MailKind::kVerifyEmail,       MailKind::kResetPassword,
                                                       MailKind::kAlreadyRegistered, MailKind::kPasswordChanged,
                                                       MailKind::kEmailChanged,      MailKind::kMfaChanged};

// As it is stored, and as its template's file is called: "verify_email".
absl::string_view MailKindName(MailKind kind);
absl::optional<MailKind> MailKindOf(absl::string_view name);
// The names of the values that the text of a mail of this kind may show:
//   verify_email, reset_password         username, token, link
//   already_registered, password_changed username
//   email_changed                        username, email
//   mfa_changed                          username, change
// `link` is a configured address with the token at its end, empty when none is configured. Who delivers the mail adds
// it; whoever asks for the mail gives the rest.
const std::vector<std::string>& MailParameterNames(MailKind kind);

using MailParameters = std::map<std::string, std::string>;

// A mail that is to be sent. A value. `parameters` may hold a token: never logged.
struct MailMessage {
  MailKind kind = MailKind::kVerifyEmail;
  std::string to;
  MailParameters parameters;
};

// All of it but the kind, which is known beside it, as one piece of text: {"parameters":{NAME:VALUE…},"to":ADDRESS}.
// Bytes that are not UTF-8 become U+FFFD.
Secret SerializeMail(const MailMessage& message);
// INVALID_ARGUMENT for what SerializeMail did not make.
absl::StatusOr<MailMessage> ParseMail(MailKind kind, const Secret& text);

}  // namespace identity

#endif  // IDENTITY_DOMAIN_MAIL_MESSAGE_H_
