#ifndef IDENTITY_APP_LOGIN_KEY_EXCHANGE_H_
#define IDENTITY_APP_LOGIN_KEY_EXCHANGE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/app/access/caller.h"
#include "server/app/access/credentials.h"
#include "server/app/access/throttle.h"
#include "server/app/login/login_attempt.h"
#include "server/app/login/token_issuer.h"
#include "server/base/request_context.h"

namespace identity {

// Exchanges API keys for access tokens. Thread-safe.
class KeyExchange {
 public:
  KeyExchange(Database& database, const Credentials& credentials, const TokenIssuer& issuer, Throttle& throttle)
      : database_(database), credentials_(credentials), issuer_(issuer), throttle_(throttle) {}

  // `client_id`: if it is not empty, that of the key's owner. Errors:
  // - UNAUTHENTICATED / INVALID_CREDENTIALS, identical for malformed, unknown, expired and revoked keys, and for the
  // key
  //   of another client;
  // - INVALID_ARGUMENT / INVALID_SCOPE;
  // - RESOURCE_EXHAUSTED / RATE_LIMITED for any key, after too many failures of the client.
  absl::StatusOr<TokenSet> Exchange(const RequestContext& context, const Caller& caller, const Secret& key,
                                    const LoginRequest& request, absl::string_view client_id = "");

 private:
  struct GoodKey;
  absl::StatusOr<TokenSet> TryExchange(const RequestContext& context, const Caller& caller, const Secret& key,
                                       const LoginRequest& request, absl::string_view client_id);
  absl::StatusOr<absl::optional<GoodKey>> Verify(Transaction& transaction, const Caller& caller, const Secret& key,
                                                 const LoginRequest& request, absl::string_view client_id) const;

  Database& database_;
  const Credentials& credentials_;
  const TokenIssuer& issuer_;
  Throttle& throttle_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_KEY_EXCHANGE_H_
