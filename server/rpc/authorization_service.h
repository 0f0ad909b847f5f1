#ifndef IDENTITY_RPC_AUTHORIZATION_SERVICE_H_
#define IDENTITY_RPC_AUTHORIZATION_SERVICE_H_

#include "envoy/service/auth/v3/external_auth.pb.h"
#include "server/app/access/gatekeeper.h"
#include "server/rpc/rpc_service.h"

namespace identity {

// Envoy's external authorization (ext_authz), for Envoy, Istio and Envoy Gateway. The proxy's own credential is in the
// metadata of the call, and needs the permission identity:check. That of its client is in the headers of the request.
//
// The route rules say what a request needs, unless the route's configuration has `context_extensions` with
// `permission`, and perhaps `resource` and `audience`. A request that may pass gets the IdentityHeaders() that have a
// value, and the others are removed. The same values are in the dynamic metadata. When nothing could be decided, the
// call fails, and the proxy's own failure mode applies. Thread-safe.
class AuthorizationService final : public RpcService {
 public:
  // Both must outlive this object.
  AuthorizationService(RpcRunner& calls, const Gatekeeper& gatekeeper);

 private:
  Reactor* Check(ServerContext* context, const envoy::service::auth::v3::CheckRequest* request,
                 envoy::service::auth::v3::CheckResponse* response);

  const Gatekeeper& gatekeeper_;
};

}  // namespace identity

#endif  // IDENTITY_RPC_AUTHORIZATION_SERVICE_H_
