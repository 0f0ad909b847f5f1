#ifndef IDENTITY_APP_LOGIN_TOKEN_EXCHANGE_H_
#define IDENTITY_APP_LOGIN_TOKEN_EXCHANGE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/app/access/audit.h"
#include "server/app/access/caller.h"
#include "server/app/access/credentials.h"
#include "server/app/login/token_issuer.h"
#include "server/base/clock.h"
#include "server/base/rate_limiter.h"
#include "server/base/request_context.h"
#include "server/base/secret.h"
#include "server/view/view.h"

namespace identity {

// Exchanges an access token for one of another audience (RFC 8693): a service calls the next one for the user who
// called it. Thread-safe.
class TokenExchange {
 public:
  // The failures of one API key that are audited in a minute.
  static constexpr int64_t kMaxFailuresPerMinute = 10;

  TokenExchange(Database& database, View& view, const Credentials& credentials, const TokenIssuer& issuer, Clock clock,
                const std::function<absl::Duration()>& uptime = Uptime)
      : database_(database),
        view_(view),
        credentials_(credentials),
        issuer_(issuer),
        clock_(std::move(clock)),
        audited_failures_({kMaxFailuresPerMinute, absl::Minutes(1)}, uptime) {}

  struct Request {
    Secret subject_token;
    std::string audience;
    absl::optional<Scopes> scopes;  // unset: those of the subject token
  };
  // An access token of the same principal, session and second factor. It allows at most what the subject token allows,
  // ends with it and with the caller's API key, and names the caller in `act`. An audience is the resource
  // `audiences/<audience>`, or everywhere if it is no path. Errors:
  // - UNAUTHENTICATED / CALLER_UNKNOWN for a caller without an API key;
  // - PERMISSION_DENIED without identity:tokens:exchange on the audience, or without identity:tokens:accept on that of
  //   the subject token;
  // - INVALID_ARGUMENT / INVALID_FIELD "subject_token": it is unknown, expired or revoked, or was exchanged
  //   kMaxDelegations times. No limit counts this: nobody can guess a token, and users with bad tokens must not stop
  //   their service;
  // - INVALID_ARGUMENT / INVALID_FIELD "audience": is this service's own, whose tokens change accounts;
  // - INVALID_ARGUMENT / INVALID_SCOPE.
  absl::StatusOr<TokenSet> Exchange(const RequestContext& context, const Caller& caller, const Request& request);

 private:
  struct Granted;
  absl::StatusOr<absl::optional<Granted>> Judge(Facts& facts, const Caller& caller, const Request& request) const;
  absl::Status Audit(const RequestContext& context, const Caller& caller, const AuditReport& report) const;

  Database& database_;
  View& view_;
  const Credentials& credentials_;
  const TokenIssuer& issuer_;
  const Clock clock_;
  RateLimiter audited_failures_;  // by API key
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_TOKEN_EXCHANGE_H_
