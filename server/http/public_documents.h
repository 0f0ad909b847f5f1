#ifndef IDENTITY_HTTP_PUBLIC_DOCUMENTS_H_
#define IDENTITY_HTTP_PUBLIC_DOCUMENTS_H_

#include <string>
#include <vector>

#include "server/app/access/key_ring.h"
#include "server/http/doors.h"
#include "server/view/view.h"

namespace identity {

// The doors to what anybody may know, for GET, HEAD and scripts of any web page (CORS):
//
//   /.well-known/oauth-authorization-server  RFC 8414; with the path of the issuer at its end, too
//   /.well-known/openid-configuration        the same document, as OpenID Connect Discovery 1.0 names it
//   /.well-known/authzen-configuration       the addresses of AuthZEN's doors; with the path of the issuer, too
//   /.well-known/jwks.json                   the keys that verify access tokens (RFC 7517)
//
// All addresses in them begin with the issuer's, never with the Host of a request. The answers have an ETag, so a
// client that has the current one gets 304. A client may keep the keys for kJwksMaxAge: no key
// that they lack signs within that time. A replica whose facts are too old answers 503 for the keys.
// `keys` and `view` must outlive the doors.
// `grant_types`: those of the token endpoint.
std::vector<Door> PublicDocuments(const KeyRing& keys, View& view, const std::vector<std::string>& grant_types);

}  // namespace identity

#endif  // IDENTITY_HTTP_PUBLIC_DOCUMENTS_H_
