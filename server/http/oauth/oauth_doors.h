#ifndef IDENTITY_HTTP_OAUTH_OAUTH_DOORS_H_
#define IDENTITY_HTTP_OAUTH_OAUTH_DOORS_H_

#include <memory>
#include <string>
#include <vector>

#include "server/app/access/introspection.h"
#include "server/app/login/revocation.h"
#include "server/calls/call_runner.h"
#include "server/http/doors.h"

namespace identity {

// The endpoints of OAuth 2.0 about tokens that exist:
//
//   /oauth2/introspect  RFC 7662, for callers with the permission identity:check. They authenticate as clients, or by
//                       an access token as Bearer
//   /oauth2/revoke      RFC 7009, for the holder of a token or key: the RPC Revoke
//
// Thread-safe.
class OAuthDoors {
 public:
  // All objects must outlive this one.
  OAuthDoors(CallRunner& calls, Introspector& introspector, Revoker& revoker, const std::string& issuer)
      : calls_(calls), introspector_(introspector), revoker_(revoker), issuer_(issuer) {}

  // Valid as long as this object.
  std::vector<Door> doors();

 private:
  void Introspect(std::shared_ptr<HttpExchange> exchange);
  void Revoke(std::shared_ptr<HttpExchange> exchange);

  CallRunner& calls_;
  Introspector& introspector_;
  Revoker& revoker_;
  const std::string issuer_;
};

}  // namespace identity

#endif  // IDENTITY_HTTP_OAUTH_OAUTH_DOORS_H_
