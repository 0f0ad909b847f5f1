#ifndef IDENTITY_MAIL_MAIL_TEXT_H_
#define IDENTITY_MAIL_MAIL_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace identity {

// An address with its display name or "". A value.
struct MailAddress {
  std::string name;
  std::string address;

  // From "name@example.com" or "A Name <name@example.com>"; the name may be in quotes. INVALID_ARGUMENT (field
  // "address") for anything else, and for control characters in the name.
  static absl::StatusOr<MailAddress> Parse(absl::string_view text);
  std::string domain() const { return address.substr(address.rfind('@') + 1); }
};

// The headers of a mail.
struct MailHead {
  MailAddress from;
  std::string to;  // an address
  std::string subject;
  absl::Time time;
  std::string message_id;  // without the angle brackets
};

// A whole mail (RFC 5322) of plain text in UTF-8. Lines end with CRLF and have at most 76 characters, except addresses.
// The lines of `body` end with LF; the mail contains them as quoted-printable (RFC 2045 section 6.7). Headers that are
// not ASCII become encoded words (RFC 2047). The mail is marked as written by a program (RFC 3834), so that absence
// notices do not reply. INVALID_ARGUMENT when `to` is not an address or the subject contains a control character.
absl::StatusOr<std::string> ComposeMail(const MailHead& head, absl::string_view body);

}  // namespace identity

#endif  // IDENTITY_MAIL_MAIL_TEXT_H_
