#ifndef IDENTITY_MAIL_MAIL_TEXT_H_
#define IDENTITY_MAIL_MAIL_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace identity {

// An address, and the name that is shown beside it or "". A value.
struct MailAddress {
  std::string name;
  std::string address;

  // From "name@example.com" or "A Name <name@example.com>"; the name may be in quotes. INVALID_ARGUMENT (field
  // "address") for anything else, control characters in the name among it.
  static absl::StatusOr<MailAddress> Parse(absl::string_view text);
  std::string domain() const { return address.substr(address.rfind('@') + 1); }
};

// What a mail says at its head.
struct MailHead {
  MailAddress from;
  std::string to;  // an address
  std::string subject;
  absl::Time time;
  std::string message_id;  // without the angle brackets
};

// A whole mail (RFC 5322) of plain text in UTF-8, lines ended by CRLF, none longer than 76 characters but for
// addresses. `body`, whose lines end with LF, is sent quoted-printable (RFC 2045 section 6.7); what is not ASCII at the
// head as encoded words (RFC 2047). It says of itself that a program wrote it (RFC 3834), so that nobody's absence is
// answered to it. INVALID_ARGUMENT when `to` is no address or the subject holds a control character.
absl::StatusOr<std::string> ComposeMail(const MailHead& head, absl::string_view body);

}  // namespace identity

#endif  // IDENTITY_MAIL_MAIL_TEXT_H_
