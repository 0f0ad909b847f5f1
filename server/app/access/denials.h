#ifndef IDENTITY_APP_ACCESS_DENIALS_H_
#define IDENTITY_APP_ACCESS_DENIALS_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "db/database.h"
#include "server/app/access/audit.h"
#include "server/app/access/caller.h"
#include "server/base/clock.h"
#include "server/base/rate_limiter.h"

namespace identity {

// Audits calls of administration that their caller may not make. The number of events is bounded, so that a caller
// cannot fill the audit. Each server counts for itself. Thread-safe.
class Denials {
 public:
  // The events of one principal and method in a minute. The last of them says that no more follow.
  static constexpr int64_t kMaxPerMinute = 10;

  explicit Denials(Database& database, const std::function<absl::Duration()>& uptime = Uptime)
      : database_(database), limiter_({kMaxPerMinute, absl::Minutes(1)}, uptime) {}

  // Audits `error`, the result of a call of `method`. Does nothing unless it is PERMISSION_DENIED and the caller has a
  // good credential, nor for PROOF_REQUIRED, which only asks the owner for the password. The denial stands even when
  // the audit fails. May block.
  void Note(const Caller& caller, absl::string_view method, const absl::Status& error);

 private:
  void Write(const Caller& caller, const AuditReport& report);

  Database& database_;
  RateLimiter limiter_;  // by principal and method
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_DENIALS_H_
