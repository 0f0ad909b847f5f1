#ifndef IDENTITY_APP_ACCOUNT_EMAIL_VERIFICATION_H_
#define IDENTITY_APP_ACCOUNT_EMAIL_VERIFICATION_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "db/database.h"
#include "server/app/access/admission.h"
#include "server/app/access/client_info.h"
#include "server/app/access/throttle.h"
#include "server/app/change/mail_outbox.h"
#include "server/base/request_context.h"
#include "server/base/secret.h"

namespace identity {

// How an address becomes an account's: by a token that only who reads its mail can show. Thread-safe.
class EmailVerification {
 public:
  static constexpr absl::Duration kTokenLifetime = absl::Hours(24);

  EmailVerification(Database& database, MailOutbox& mail, Throttle& throttle)
      : database_(database), mail_(mail), throttle_(throttle) {}

  // Mails the token for `email` (as typed) to it, as part of `transaction`. When the address is another account's, a
  // mail that says so goes there instead; whoever asked does the same work and learns nothing. The caller wakes the
  // outbox.
  absl::Status Send(Transaction& transaction, const PrincipalId& id, const std::string& username,
                    const std::string& email) const;

  // Before a mail that the caller asks for, to whatever address. OK when none is sent; RESOURCE_EXHAUSTED /
  // RATE_LIMITED, by account alone: all who come by one frontend share its address.
  absl::Status CountMail(const RequestContext& context, const Caller& caller) const;

  // UNAUTHENTICATED / MAILED_TOKEN_INVALID; ALREADY_EXISTS when another account verified the address meanwhile.
  absl::Status Verify(const RequestContext& context, const Caller& caller, const Secret& token, const ClientInfo& told);
  // Mails once more what is to be verified; nothing when there is nothing. FAILED_PRECONDITION / MAIL_NOT_CONFIGURED;
  // errors of CountMail.
  absl::Status Resend(const RequestContext& context, const Caller& caller);

 private:
  Database& database_;
  MailOutbox& mail_;
  Throttle& throttle_;
};

// FAILED_PRECONDITION / MAIL_NOT_CONFIGURED.
absl::Status MailNotConfigured();
// UNAUTHENTICATED / MAILED_TOKEN_INVALID.
absl::Status MailedTokenInvalid();

}  // namespace identity

#endif  // IDENTITY_APP_ACCOUNT_EMAIL_VERIFICATION_H_
