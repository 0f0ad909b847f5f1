#ifndef IDENTITY_APP_ACCOUNT_EMAIL_VERIFICATION_H_
#define IDENTITY_APP_ACCOUNT_EMAIL_VERIFICATION_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "db/database.h"
#include "server/app/access/caller.h"
#include "server/app/access/client_info.h"
#include "server/app/access/throttle.h"
#include "server/app/change/mail_outbox.h"
#include "server/app/change/mutation.h"
#include "server/app/login/token_issuer.h"
#include "server/base/request_context.h"
#include "server/base/secret.h"
#include "server/domain/opaque_token.h"

namespace identity {

// Verifies that an address belongs to an account's owner, by a token that only a reader of that address's mail can
// know. Thread-safe.
class EmailVerification {
 public:
  static constexpr absl::Duration kTokenLifetime = absl::Hours(24);

  EmailVerification(Database& database, const Mutations& mutations, const TokenIssuer& issuer, MailOutbox& mail,
                    Throttle& throttle)
      : database_(database), mutations_(mutations), issuer_(issuer), mail_(mail), throttle_(throttle) {}

  // Enqueues a mail with a token to `email` (as typed) in `transaction`; wake the outbox after the commit. When another
  // account owns the address, the mail says so and has no token. The work and the result are the same, so the owner of
  // `id` cannot tell the difference.
  absl::Status Send(Transaction& transaction, const PrincipalId& id, const std::string& username,
                    const std::string& email) const;

  // Counts a mail that the caller requests, to any address. OK when the server sends no mail. RESOURCE_EXHAUSTED /
  // RATE_LIMITED, by account alone, since all users of one frontend share its address.
  absl::Status CountMail(const RequestContext& context, const Caller& caller) const;

  struct Verified {
    int64_t ended_sessions = 0;
    TokenSet tokens;  // only an access token
    ConsistencyToken token;
  };
  // Sets the address that `token` was mailed to as the caller's verified address. The first verification of an account
  // also ends its other sessions, its API keys and its second factor: a stranger may have registered the address.
  // UNAUTHENTICATED / MAILED_TOKEN_INVALID, also for another account's token; ALREADY_EXISTS when another account has
  // verified the address.
  absl::StatusOr<Verified> Verify(const RequestContext& context, const Caller& caller, const Secret& token,
                                  const ClientInfo& claimed);
  // Sends the mail for an unverified or pending address again; OK without a mail when there is none.
  // FAILED_PRECONDITION / MAIL_NOT_CONFIGURED; errors of CountMail.
  absl::Status Resend(const RequestContext& context, const Caller& caller);

 private:
  struct Change {
    int64_t ended_sessions = 0;
    sessions::Session session;
  };
  absl::Status RequireToken(const RequestContext& context, const Caller& caller, const OpaqueToken& token) const;
  absl::StatusOr<Change> Apply(Mutation& mutation, const OpaqueToken& token) const;
  absl::StatusOr<bool> TakeToken(Mutation& mutation, const OpaqueToken& token) const;

  Database& database_;
  const Mutations& mutations_;
  const TokenIssuer& issuer_;
  MailOutbox& mail_;
  Throttle& throttle_;
};

// FAILED_PRECONDITION / MAIL_NOT_CONFIGURED.
absl::Status MailNotConfigured();
// UNAUTHENTICATED / MAILED_TOKEN_INVALID.
absl::Status MailedTokenInvalid();

}  // namespace identity

#endif  // IDENTITY_APP_ACCOUNT_EMAIL_VERIFICATION_H_
