#ifndef IDENTITY_RPC_IDENTITY_SERVICE_H_
#define IDENTITY_RPC_IDENTITY_SERVICE_H_

#include "identity/v1/identity_service.pb.h"
#include "server/app/access/authorizer.h"
#include "server/app/admin/api_key_issuer.h"
#include "server/app/login/factor_login.h"
#include "server/app/login/key_exchange.h"
#include "server/app/login/password_login.h"
#include "server/app/login/provider_login.h"
#include "server/app/login/refresh.h"
#include "server/app/login/revocation.h"
#include "server/rpc/rpc_service.h"

namespace identity {

// The handlers of identity.v1.IdentityService. Thread-safe.
class IdentityService final : public RpcService {
 public:
  struct Logins {
    PasswordLogin& password_login;
    FactorLogin& factor_login;
    KeyExchange& key_exchange;
    ProviderLogin& provider_login;
  };
  IdentityService(RpcRunner& calls, const Logins& logins, Refresher& refresher, Revoker& revoker,
                  Authorizer& authorizer, ApiKeyIssuer& api_keys);

  Reactor* Authenticate(ServerContext*, const v1::AuthenticateRequest*, v1::AuthenticateResponse*);
  Reactor* Refresh(ServerContext*, const v1::RefreshRequest*, v1::RefreshResponse*);
  Reactor* Revoke(ServerContext*, const v1::RevokeRequest*, v1::RevokeResponse*);
  Reactor* CheckPermission(ServerContext*, const v1::CheckPermissionRequest*, v1::CheckPermissionResponse*);
  Reactor* BatchCheckPermissions(ServerContext*, const v1::BatchCheckPermissionsRequest*,
                                 v1::BatchCheckPermissionsResponse*);
  Reactor* IssueApiKey(ServerContext*, const v1::IssueApiKeyRequest*, v1::IssueApiKeyResponse*);

 private:
  absl::Status Check(const Call& call, const v1::CheckPermissionRequest& request,
                     v1::CheckPermissionResponse& response) const;
  absl::Status CheckAll(const Call& call, const v1::BatchCheckPermissionsRequest& request,
                        v1::BatchCheckPermissionsResponse& response) const;

  const Logins logins_;
  Refresher& refresher_;
  Revoker& revoker_;
  Authorizer& authorizer_;
  ApiKeyIssuer& api_keys_;
};

}  // namespace identity

#endif  // IDENTITY_RPC_IDENTITY_SERVICE_H_
