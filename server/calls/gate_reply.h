#ifndef IDENTITY_CALLS_GATE_REPLY_H_
#define IDENTITY_CALLS_GATE_REPLY_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/app/access/gatekeeper.h"

namespace identity {

// What every door tells a proxy about a request. The doors differ in where they write it.
struct GateReply {
  using Headers = std::vector<std::pair<std::string, std::string>>;

  // 200: pass the request on. Otherwise the answer for the client: 401, 403 or 429.
  int status = 403;
  // With 200: those of IdentityHeaders() that have a value, in the same order. The proxy sets them, and removes the
  // others, which a client could have sent. Otherwise: those of the answer for the client, WWW-Authenticate (RFC 6750,
  // RFC 9470) or Retry-After.
  Headers headers;
  // With another status: a text in JSON for the client (RFC 9457).
  std::string body;
};

// The headers by which a backend knows who sent a request: X-Identity-Principal-Id, X-Identity-Principal-Type,
// X-Identity-Username, X-Identity-Session-Id, X-Identity-Scopes. A request that is public or anonymous has none.
absl::Span<const char* const> IdentityHeaders();

GateReply ReplyTo(const GateAnswer& answer);

}  // namespace identity

#endif  // IDENTITY_CALLS_GATE_REPLY_H_
