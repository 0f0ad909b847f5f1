#ifndef IDENTITY_APP_ACCESS_CLIENT_INFO_H_
#define IDENTITY_APP_ACCESS_CLIENT_INFO_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/app/access/caller.h"
#include "server/base/request_context.h"
#include "server/view/facts.h"
#include "server/view/view.h"

namespace identity {

// The device that a person uses. A value.
struct ClientInfo {
  std::string ip_address;
  std::string user_agent;
  std::string device_name;
};

// `text` cut to 512 bytes of whole characters; empty when it is not valid UTF-8 or holds a control character. The text
// goes into the audit, and an invalid text must never prevent the event from being written.
std::string CleanUserAgent(absl::string_view text);

// The part of `claimed` that the server trusts. The address counts when the caller holds `identity:client_info:vouch`;
// otherwise it is the peer's. Texts that are invalid are dropped; texts that are too long are cut.
absl::StatusOr<ClientInfo> TrustedClientInfo(Facts& facts, const Caller& caller, const ClientInfo& claimed);
// The same by the facts of the view, by which the caller was admitted. Reads them only if the caller's rights matter.
absl::StatusOr<ClientInfo> TrustedClientInfo(const RequestContext& context, View& view, const Caller& caller,
                                             const ClientInfo& claimed);

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_CLIENT_INFO_H_
