#ifndef IDENTITY_HTTP_FORWARD_AUTH_H_
#define IDENTITY_HTTP_FORWARD_AUTH_H_

#include <memory>
#include <vector>

#include "server/app/access/gatekeeper.h"
#include "server/calls/call_runner.h"
#include "server/http/doors.h"

namespace identity {

// /authz/forward, for proxies that ask before they pass a request on: nginx (auth_request), Traefik (ForwardAuth),
// Caddy (forward_auth), HAProxy. The proxy sends the headers of its client, and in others
//
//   X-Forwarded-Method, X-Forwarded-Host, X-Forwarded-Uri   the request that it asks about
//   X-Identity-Gateway-Key                                  its own API key, with the permission identity:check
//
// The answer is 200 with all IdentityHeaders(), those without a value empty, so that a proxy which copies them removes
// what the client has sent. Otherwise it is the answer for the client, 401, 403 or 429, from GateReply. When nothing
// could be decided, it is 400, 500 or 503. No proxy passes the request on then; some give this answer to the client.
// Thread-safe.
class ForwardAuth {
 public:
  // Both must outlive this object.
  ForwardAuth(CallRunner& calls, const Gatekeeper& gatekeeper) : calls_(calls), gatekeeper_(gatekeeper) {}

  // Valid as long as this object. None when there are no route rules.
  std::vector<Door> doors();

 private:
  void Decide(std::shared_ptr<HttpExchange> exchange);

  CallRunner& calls_;
  const Gatekeeper& gatekeeper_;
};

}  // namespace identity

#endif  // IDENTITY_HTTP_FORWARD_AUTH_H_
