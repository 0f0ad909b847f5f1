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
#include "server/view/view.h"

namespace identity {

// Refreshes sessions. A refresh token is spent once; its child is the session's next refresh token. Thread-safe.
class Refresher {
 public:
  // How long a spent refresh token still gives its child to a client that lost the reply.
  static constexpr absl::Duration kRetryGrace = absl::Seconds(10);

  Refresher(Database& database, View& view, const Mutations& mutations, const TokenIssuer& issuer, Throttle& throttle,
            const sessions::Lifetimes& lifetimes)
      : database_(database),
        view_(view),
        mutations_(mutations),
        issuer_(issuer),
        throttle_(throttle),
        lifetimes_(lifetimes) {}

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
  struct Granted;
  struct Reused;
  struct Invalid {};  // the token is unknown or expired, or its session has ended
  using Outcome = std::variant<Invalid, Reused, Granted>;
  absl::StatusOr<absl::optional<Granted>> Spend(const RequestContext& context, const Caller& caller,
                                                const ClientInfo& client, const OpaqueToken& parent,
                                                const Request& request) const;
  static absl::StatusOr<Scopes> ScopesOf(const sessions::Session& session, const Request& request);
  static absl::StatusOr<Outcome> RepeatLostReply(Transaction& transaction, const OpaqueToken& parent,
                                                 const Request& request);
  absl::Status EndReusedFamily(const Caller& caller, const Reused& reused);

  Database& database_;
  View& view_;
  const Mutations& mutations_;
  const TokenIssuer& issuer_;
  Throttle& throttle_;
  const sessions::Lifetimes lifetimes_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_REFRESH_H_
