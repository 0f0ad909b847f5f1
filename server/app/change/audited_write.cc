#include "server/app/change/audited_write.h"

#include <utility>

#include "server/app/access/credentials.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {

absl::Status AuditedWrite::ActFor(const ClientInfo& claimed) {
  ASSIGN_OR_RETURN(client_, TrustedClientInfo(facts_, caller_, claimed));
  return absl::OkStatus();
}

absl::Status AuditedWrite::RefreshCaller() {
  if (!caller_.subject) return absl::OkStatus();
  ASSIGN_OR_RETURN(Verification now, VerifyAgain(facts_, *caller_.subject));
  if (!now.good()) return Error(ErrorReason::kCallerInvalid, "metadata: the credential was revoked");
  caller_.subject = std::move(now.subject);
  return absl::OkStatus();
}

}  // namespace identity
