#ifndef IDENTITY_HTTP_OAUTH_OAUTH_ERROR_H_
#define IDENTITY_HTTP_OAUTH_OAUTH_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/http/http_message.h"

namespace identity {

// RFC 6749, section 5.2: {"error","error_description"}, and beside them our "reason" and the "request_id". With 401
// also WWW-Authenticate. An ErrorForm.
HttpResponse OAuthErrorOf(const absl::Status& error, absl::string_view request_id);
// The same for a call whose grant is a credential of somebody else than the client: a wrong one is `invalid_grant`.
HttpResponse GrantErrorOf(const absl::Status& error, absl::string_view request_id);

}  // namespace identity

#endif  // IDENTITY_HTTP_OAUTH_OAUTH_ERROR_H_
