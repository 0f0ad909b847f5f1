#ifndef IDENTITY_HTTP_OAUTH_OAUTH_DOORS_H_
#define IDENTITY_HTTP_OAUTH_OAUTH_DOORS_H_

#include <memory>
#include <string>
#include <vector>

#include "server/app/access/introspection.h"
#include "server/app/login/key_exchange.h"
#include "server/app/login/refresh.h"
#include "server/app/login/revocation.h"
#include "server/base/secret.h"
#include "server/calls/call_runner.h"
#include "server/http/doors.h"
#include "server/http/http_call.h"

namespace identity {

// OAuth 2.0 for software that speaks it already. Clients send forms and get JSON, and errors by RFC 6749, section 5.2,
// with our reason beside them.
//
//   /oauth2/token       refresh_token: the RPC Refresh. client_credentials, with an API key as the client's secret: the
//                       RPC Authenticate with that key
//   /oauth2/introspect  RFC 7662, for callers with the permission identity:check
//   /oauth2/revoke      RFC 7009, for the holder of a token or key: the RPC Revoke
//
// A client authenticates by HTTP Basic (client_secret_basic) or by the parameters client_id and client_secret
// (client_secret_post). Its secret is an API key; its id is the id or the name of the key's owner. Introspection also
// accepts an access token as Bearer. Thread-safe.
class OAuthDoors {
 public:
  // All objects must outlive this one.
  OAuthDoors(CallRunner& calls, Refresher& refresher, KeyExchange& key_exchange, Introspector& introspector,
             Revoker& revoker, const std::string& issuer)
      : calls_(calls),
        refresher_(refresher),
        key_exchange_(key_exchange),
        introspector_(introspector),
        revoker_(revoker),
        issuer_(issuer) {}

  // Valid as long as this object.
  std::vector<Door> doors();

  // Who a client says it is (RFC 6749, section 2.3.1). Move-only.
  struct ClientAuthentication {
    std::string id;  // "": it does not say
    Secret secret;   // empty: it does not authenticate
  };

 private:
  struct Received;
  static absl::StatusOr<Received> Read(HttpCall& call);
  // Null when the call was refused.
  std::shared_ptr<const Received> Receive(std::shared_ptr<HttpExchange> exchange, absl::string_view method);
  void Refuse(HttpCall& call, absl::string_view method, absl::Status error);
  absl::Status GrantClient(const Call& call, const Received& received);
  absl::Status GrantRefresh(const Call& call, const Received& received);
  void Token(std::shared_ptr<HttpExchange> exchange);
  void Introspect(std::shared_ptr<HttpExchange> exchange);
  void Revoke(std::shared_ptr<HttpExchange> exchange);

  CallRunner& calls_;
  Refresher& refresher_;
  KeyExchange& key_exchange_;
  Introspector& introspector_;
  Revoker& revoker_;
  const std::string issuer_;
};

}  // namespace identity

#endif  // IDENTITY_HTTP_OAUTH_OAUTH_DOORS_H_
