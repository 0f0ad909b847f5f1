#ifndef IDENTITY_APP_EVENT_H_
#define IDENTITY_APP_EVENT_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "db/audit_store.h"
#include "server/app/admission.h"
#include "server/app/client_info.h"

namespace identity {

// An audit event of what `caller` does, a success unless it is changed, from where `client` says.
inline audit::Event NewEvent(const Caller& caller, const ClientInfo& client, absl::string_view event,
                             const absl::optional<PrincipalId>& subject, absl::string_view target = "") {
  return {std::string(event),  "success",         caller.id(),       subject,
          std::string(target), client.ip_address, client.user_agent, ""};
}

// Where a caller is who speaks for itself.
inline ClientInfo ClientOf(const Caller& caller) { return {caller.peer_address, caller.user_agent, ""}; }

}  // namespace identity

#endif  // IDENTITY_APP_EVENT_H_
