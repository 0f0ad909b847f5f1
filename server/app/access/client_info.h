#ifndef IDENTITY_APP_ACCESS_CLIENT_INFO_H_
#define IDENTITY_APP_ACCESS_CLIENT_INFO_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/app/access/admission.h"
#include "server/view/facts.h"

namespace identity {

// What is told of the device that a person uses. A value.
struct ClientInfo {
  std::string ip_address;
  std::string user_agent;
  std::string device_name;
};

// Cut to 512 bytes of whole characters; empty when it is not valid UTF-8 or holds a control character, for it goes into
// the audit, where it must never stand in the way of what is reported.
std::string CleanUserAgent(absl::string_view text);

// What may be believed of `told`: its address from a caller who holds `identity:client_info:vouch`, else the peer's;
// texts that are not valid, or too long, are dropped or cut.
absl::StatusOr<ClientInfo> TrustedClientInfo(Facts& facts, const Caller& caller, const ClientInfo& told);

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_CLIENT_INFO_H_
