#ifndef IDENTITY_HTTP_OAUTH_TOKEN_DOOR_H_
#define IDENTITY_HTTP_OAUTH_TOKEN_DOOR_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/app/login/factor_login.h"
#include "server/app/login/key_exchange.h"
#include "server/app/login/password_login.h"
#include "server/app/login/refresh.h"
#include "server/app/login/token_exchange.h"
#include "server/calls/call_runner.h"
#include "server/http/doors.h"
#include "server/http/oauth/oauth_request.h"

namespace identity {

// /oauth2/token: OAuth 2.0 for software that speaks it already. Clients send forms and get JSON, and errors by RFC
// 6749, section 5.2, with our reason beside them. The grants:
//
//   refresh_token       the RPC Refresh
//   client_credentials  the RPC Authenticate with an API key, which is the client's secret
//   …:token-exchange    RFC 8693: an access token for another audience, by a client that authenticates
//   password            the RPC Authenticate with a password. Off by default. A due second factor is the answer
//                       403 `mfa_required` with an `mfa_token`
//   …:mfa               the RPC Authenticate with that token and the second factor's code
//
// Thread-safe.
class TokenDoor {
 public:
  // All objects must outlive the door.
  struct UseCases {
    Refresher& refresher;
    KeyExchange& key_exchange;
    TokenExchange& token_exchange;
    FactorLogin& factor_login;
    PasswordLogin* password_login;  // null: passwords are not accepted
  };
  TokenDoor(CallRunner& calls, const UseCases& use_cases) : calls_(calls), use_cases_(use_cases) {}

  // Valid as long as this object.
  Door door();

  // The grants' names, for the metadata (RFC 8414).
  static std::vector<std::string> GrantTypes(bool with_passwords);

 private:
  struct Grant;
  static const Grant kGrants[];
  const Grant* Find(absl::string_view type) const;
  void Serve(std::shared_ptr<HttpExchange> exchange);
  absl::Status GrantRefresh(const Call& call, const OAuthRequest& request) const;
  absl::Status GrantClient(const Call& call, const OAuthRequest& request) const;
  absl::Status GrantExchange(const Call& call, const OAuthRequest& request) const;
  absl::Status GrantPassword(const Call& call, const OAuthRequest& request) const;
  absl::Status GrantFactor(const Call& call, const OAuthRequest& request) const;

  CallRunner& calls_;
  const UseCases use_cases_;
};

}  // namespace identity

#endif  // IDENTITY_HTTP_OAUTH_TOKEN_DOOR_H_
