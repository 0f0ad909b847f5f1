#ifndef IDENTITY_APP_LOGIN_REFRESH_H_
#define IDENTITY_APP_LOGIN_REFRESH_H_

#include <variant>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/sessions.h"
#include "server/app/access/caller.h"
#include "server/app/access/client_info.h"
#include "server/app/access/throttle.h"
#include "server/app/change/mutation.h"
#include "server/app/login/token_issuer.h"
#include "server/base/request_context.h"
#include "server/domain/opaque_token.h"

namespace identity {

// Refreshes sessions. A refresh token is spent once; its child is the session's next refresh token. Thread-safe.
class Refresher {
 public:
  // How long a spent refresh token still gives its child to a client that lost the reply.
  static constexpr absl::Duration kRetryGrace = absl::Seconds(10);

  Refresher(Database& database, const Mutations& mutations, const TokenIssuer& issuer, Throttle& throttle,
            const sessions::Lifetimes& lifetimes)
      : database_(database), mutations_(mutations), issuer_(issuer), throttle_(throttle), lifetimes_(lifetimes) {}

  struct Request {
    Secret refresh_token;
    absl::optional<Scopes> scopes;  // unset: the session's
    ClientInfo client_info;
  };
  // RFC 6749 section 6, RFC 9700 section 4.14.2. Errors:
  // - UNAUTHENTICATED / REFRESH_TOKEN_INVALID;
  // - UNAUTHENTICATED / REFRESH_TOKEN_REUSED, and the session has ended;
  // - INVALID_ARGUMENT / INVALID_SCOPE, and the token is not spent;
  // - RESOURCE_EXHAUSTED / RATE_LIMITED.
  absl::StatusOr<TokenSet> Refresh(const RequestContext& context, const Caller& caller, const Request& request);

 private:
  struct Invalid;
  struct Reused;
  struct Granted;
  using Outcome = std::variant<Invalid, Reused, Granted>;
  struct Child;
  absl::StatusOr<Outcome> TryRefresh(Transaction& transaction, const Caller& caller, const OpaqueToken& parent,
                                     const Request& request) const;
  absl::StatusOr<absl::optional<Child>> Spend(Transaction& transaction, const OpaqueToken& parent) const;
  static absl::StatusOr<Outcome> RepeatLostReply(StoredFacts& facts, const OpaqueToken& parent, const Request& request);
  static absl::StatusOr<Outcome> Grant(Facts& facts, Child child, const Request& request);
  absl::Status EndReusedFamily(const Caller& caller, const Reused& reused);

  Database& database_;
  const Mutations& mutations_;
  const TokenIssuer& issuer_;
  Throttle& throttle_;
  const sessions::Lifetimes lifetimes_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_REFRESH_H_
