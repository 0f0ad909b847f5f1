#ifndef IDENTITY_APP_ACCESS_THROTTLE_H_
#define IDENTITY_APP_ACCESS_THROTTLE_H_

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/app/access/admission.h"
#include "server/app/access/audit.h"
#include "server/app/access/client_info.h"
#include "server/app/access/throttle_options.h"
#include "server/base/metrics.h"
#include "server/base/rate_limiter.h"
#include "server/base/request_context.h"
#include "server/base/worker_pool.h"
#include "server/domain/account_names.h"
#include "server/view/view.h"

namespace identity {

// Refuses what is done too often from one address, to one account or with one API key. An address is that of the client
// where the caller may vouch for it, else the peer's; those of an IPv6 /64 are one.
//
// A refusal is RESOURCE_EXHAUSTED / RATE_LIMITED with the rest of the window as its retry delay, says no more of what
// was tried, and carries what `QuotaOf` gives. The first one in a window is audited ("rate_limited", its target names
// the limit). Thread-safe.
class Throttle {
 public:
  // A row of the table in throttle.cc each, in that order.
  enum class Limit {
    kLoginFailures,
    kRegistrations,
    kMailsForAddress,
    kMailsToAccount,
    kCalls,
    kApiKeyRequests,
  };
  // Of every limit, in order: "login_failures" …
  static std::vector<std::string> LimitNames();

  // `metrics` has a counter for each of the names. `workers` writes the audit for threads that may not block, and may
  // be made later than this.
  Throttle(Database& database, View& view, WorkerPool& workers, Metrics& metrics, const ThrottleOptions& options,
           const std::function<absl::Duration()>& uptime = Uptime);

  // A use that was counted. Stays counted unless it is given back.
  class Use {
   public:
    Use(RateLimiter& limiter, std::string key) : limiter_(&limiter), key_(std::move(key)) {}
    void GiveBack() const { limiter_->Refund(key_); }

   private:
    RateLimiter* limiter_;
    std::string key_;
  };

  // Takes one of the failures that the client's address has left, before anything is tried: so guesses made at the same
  // time cannot outrun the limit. To be given back when the guess turns out to be none, or right.
  absl::StatusOr<Use> BeginLogin(const RequestContext& context, const Caller& caller, const ClientInfo& told);
  // The same for who is logged in and shows a code: by account, since all who come by one frontend share its address.
  absl::StatusOr<Use> BeginStepUp(const RequestContext& context, const Caller& caller);
  absl::StatusOr<Use> BeginRegistration(const RequestContext& context, const Caller& caller, const ClientInfo& told);

  // Somebody asks for a mail to the account of `name`, which may be nobody's.
  absl::Status CountMailRequest(const RequestContext& context, const Caller& caller, const ClientInfo& told,
                                const LoginName& name);
  // Mail goes to `account`, by whichever of its names. Not for the ears of who asked without being logged in: a refusal
  // would tell that two names are one account's.
  // `asked_by_owner`: counted apart, so that strangers cannot use up what the owner may ask for.
  absl::Status CountMailTo(const RequestContext& context, const Caller& caller, const PrincipalId& account,
                           bool asked_by_owner);

  // A call from `caller.peer_address` without a good credential.
  absl::Status CountCall(const RequestContext& context, const Caller& caller);
  // The same for a client that a caller with a good credential vouches for; nothing for others.
  absl::Status CountCallFor(const RequestContext& context, const Caller& caller, const ClientInfo& told);
  // The next call without a good credential would be refused. Counts nothing.
  bool CallsSpent(const std::string& peer_address) const;

  // How many requests a minute the API key behind `subject` may make, exchanged for a token or not. 0: any number, as
  // with other credentials.
  int64_t RequestLimit(const Subject& subject) const {
    if (!subject.api_key_id) return 0;
    const int64_t own = subject.requests_per_minute;
    const int64_t any = options_.api_key_requests_per_minute;
    return own == 0 || (any != 0 && any < own) ? any : own;
  }
  // A request by the API key behind `subject`, which has such a limit. When it is not allowed, that has been audited.
  RateLimiter::Outcome CountRequest(const RequestContext& context, const Caller& caller, const Subject& subject);
  // What a caller is told whose key has made too many.
  static absl::Status RequestsSpent(const RateLimiter::Outcome& quota);

 private:
  // What is counted.
  struct Counted {
    Limit limit;
    std::string key;
    std::string ip_address;                  // for the audit, as `subject`
    absl::optional<PrincipalId> subject_id;  // whose account or API key it is
    std::string details;
  };
  RateLimiter& LimiterOf(Limit limit) { return limiters_[static_cast<size_t>(limit)]; }
  absl::StatusOr<Use> Begin(const RequestContext& context, const Caller& caller, Counted counted);
  absl::Status Count(const RequestContext& context, const Caller& caller, const Counted& counted);
  absl::StatusOr<std::string> AddressOf(const RequestContext& context, const Caller& caller, const ClientInfo& told);
  void NoteRefusal(const RequestContext& context, const Caller& caller, const Counted& counted,
                   const RateLimiter::Outcome& outcome);
  void AuditRefusal(const Caller& caller, const ClientInfo& client, const AuditReport& report);

  Database& database_;
  View& view_;
  WorkerPool& workers_;
  Metrics& metrics_;
  const ThrottleOptions options_;
  std::array<RateLimiter, 6> limiters_;
};

// What a refusal of Throttle says of its limit; nullopt for any other status.
absl::optional<RateLimiter::Outcome> QuotaOf(const absl::Status& status);

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_THROTTLE_H_
