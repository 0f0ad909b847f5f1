#include "server/app/access/denials.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/types/optional.h"
#include "server/base/error.h"
#include "server/base/log.h"

namespace identity {
namespace {

constexpr absl::Duration kWriteTimeout = absl::Seconds(2);

}  // namespace

void Denials::Note(const Caller& caller, absl::string_view method, const absl::Status& error) {
  const absl::optional<ErrorReason> reason = ReasonOf(error);
  const bool denied = error.code() == absl::StatusCode::kPermissionDenied && reason != ErrorReason::kProofRequired;
  if (!denied || !reason || !caller.subject) return;
  const RateLimiter::Outcome outcome = limiter_.Take(absl::StrCat(caller.id()->ToString(), " ", method));
  if (!outcome.allowed) return;
  const absl::string_view more = outcome.remaining == 0 ? "; further denials within a minute are not listed" : "";
  Write(caller, {audit::EventType::kAdministrationDenied, absl::nullopt, std::string(method),
                 absl::StrCat(ErrorReasonName(*reason), ": ", error.message(), more), audit::Outcome::kFailure});
}

// Uses its own deadline, not the call's, so that a client cannot hide its attempt by hanging up.
void Denials::Write(const Caller& caller, const AuditReport& report) {
  const absl::Status written = database_.Write({absl::Now() + kWriteTimeout}, [&](Transaction& transaction) {
    return Audit(transaction, caller, ClientOf(caller), report);
  });
  if (!written.ok()) Log(LogLevel::kWarning, "denial not audited", {{"method", report.target}});
}

}  // namespace identity
