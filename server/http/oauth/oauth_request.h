#ifndef IDENTITY_HTTP_OAUTH_OAUTH_REQUEST_H_
#define IDENTITY_HTTP_OAUTH_OAUTH_REQUEST_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/app/access/caller.h"
#include "server/base/secret.h"
#include "server/calls/call_runner.h"
#include "server/http/http_call.h"
#include "server/http/oauth/form.h"

namespace identity {

// Who a client says it is (RFC 6749, section 2.3.1): by HTTP Basic (client_secret_basic) or by the parameters client_id
// and client_secret (client_secret_post). Its secret is an API key; its id is the id or the name of the key's owner.
// Move-only.
struct ClientAuthentication {
  std::string id;  // "": it does not say
  Secret secret;   // empty: it does not authenticate
};

// What a client sent to an endpoint of OAuth, and its call. Shared, because handlers are copied.
struct OAuthRequest {
  HttpCall& call;
  Form form;
  ClientAuthentication client;

  bool authenticates() const { return !client.secret.empty(); }
  // The call's caller is the client, whatever other credential the request has. Call it before the call runs.
  void AdmitClient() const { call.UseApiKey(Secret(client.secret.Reveal())); }
  // UNAUTHENTICATED / CALLER_INVALID when the client authenticated, and `caller` is another one than it says.
  absl::Status CheckClientId(const Caller& caller) const;
  // The answer if the call succeeds: JSON.
  void Reply(std::string json, int status = 200) const;
};

// Reads the request. Null when it is malformed: then the call was refused.
std::shared_ptr<const OAuthRequest> ReceiveOAuth(CallRunner& calls, std::shared_ptr<HttpExchange> exchange,
                                                 absl::string_view method);
// Ends a call that is not worth running. It counts as one without a credential.
void RefuseOAuth(CallRunner& calls, HttpCall& call, absl::string_view method, absl::Status error);

}  // namespace identity

#endif  // IDENTITY_HTTP_OAUTH_OAUTH_REQUEST_H_
