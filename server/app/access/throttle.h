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
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/app/access/audit.h"
#include "server/app/access/caller.h"
#include "server/app/access/client_info.h"
#include "server/app/access/throttle_options.h"
#include "server/base/metrics.h"
#include "server/base/rate_limiter.h"
#include "server/base/request_context.h"
#include "server/base/worker_pool.h"
#include "server/domain/account_names.h"
#include "server/view/view.h"

namespace identity {

// Refuses calls that come too often from one address, for one account or with one API key. The address is the client's
// when the caller may vouch for it, otherwise the peer's; all addresses of an IPv6 /64 count as one.
//
// A refusal is RESOURCE_EXHAUSTED / RATE_LIMITED. Its retry delay is the rest of the window. It carries the limit,
// which `QuotaOf` reads, and no other fact about the attempt. The first refusal in a window is audited ("rate_limited",
// with the limit's name as its target). Thread-safe.
class Throttle {
 public:
  // Each is a row of the table in throttle.cc.
  enum class Limit {
    kLoginFailures,
    kRegistrations,
    kMailsForAddress,
    kMailsToAccount,
    kCalls,
    kApiKeyRequests,
    kSessionCalls,
    kNewPasswords,
    kProofs,
  };
  // The names of all limits, in order: "login_failures" …
  static std::vector<std::string> LimitNames();

  // `metrics` has a counter for each name. `workers` writes the audit for threads that may not block; it may be
  // constructed after this object.
  Throttle(Database& database, View& view, WorkerPool& workers, Metrics& metrics, const ThrottleOptions& options,
           const std::function<absl::Duration()>& uptime = Uptime);

  // A use that was counted. It stays counted unless `GiveBack` is called.
  class Use {
   public:
    Use(RateLimiter& limiter, std::string key) : limiter_(&limiter), key_(std::move(key)) {}
    void GiveBack() const { limiter_->Refund(key_); }

   private:
    RateLimiter* limiter_;
    std::string key_;
  };

  // Counts a failed login of the client's address before the login is attempted, so that parallel guesses cannot exceed
  // the limit. Call `GiveBack` when the login succeeded, or was not a guess. Counts a call as CountCallFor does, too:
  // that stays, since a right login costs as much as a wrong one.
  absl::StatusOr<Use> BeginLogin(const RequestContext& context, const Caller& caller, const ClientInfo& claimed);
  // The same for a caller that presents a code in its session. Counts by account, since all users of one frontend share
  // its address.
  absl::StatusOr<Use> BeginStepUp(const RequestContext& context, const Caller& caller);
  absl::StatusOr<Use> BeginRegistration(const RequestContext& context, const Caller& caller, const ClientInfo& claimed);

  // Counts a request for a mail to the account of `name`, by address and by name. The account need not exist.
  absl::Status CountMailRequest(const RequestContext& context, const Caller& caller, const ClientInfo& claimed,
                                const LoginName& name);
  // Counts a mail to `account`, whichever of its names the request used. Never return this to an anonymous caller: a
  // refusal would reveal that two names belong to one account. So would its audit, if the call waited for it. Mails
  // that the owner requests (`by_owner`) have their own count, so that strangers cannot use it up.
  absl::Status CountMailTo(const RequestContext& context, const Caller& caller, const PrincipalId& account,
                           bool by_owner);

  // Counts a new password before it is checked, which takes time whether or not it is accepted. By address, for an
  // account that does not exist yet, or by `account`.
  absl::Status CountNewPassword(const RequestContext& context, const Caller& caller, const ClientInfo& claimed);
  absl::Status CountNewPassword(const RequestContext& context, const Caller& caller, const PrincipalId& account);

  // Counts a proof of the caller's account before it is verified, which takes time whether or not it is right.
  absl::Status CountProof(const RequestContext& context, const Caller& caller);

  // Counts a call from `caller.client_address` without a good credential.
  absl::Status CountCall(const RequestContext& context, const Caller& caller);
  // The same for the address of a client that the caller vouches for. Counts nothing when there is no such client.
  absl::Status CountCallFor(const RequestContext& context, const Caller& caller, const ClientInfo& claimed);
  // Whether the next call without a good credential would be refused. Counts nothing.
  bool CallsSpent(const std::string& client_address) const;

  // The requests per minute that the API key of `subject` may make, directly or with a token that it was exchanged for,
  // or that all workloads of a service account may make together. 0: no limit, as for other subjects.
  int64_t RequestLimit(const Subject& subject) const {
    if (!subject.api_key_id && !subject.workload) return 0;
    const int64_t own = subject.requests_per_minute;
    const int64_t any = options_.api_key_requests_per_minute;
    return own == 0 || (any != 0 && any < own) ? any : own;
  }
  // Counts a request of `subject`, whose RequestLimit is not 0. Audits a refusal.
  RateLimiter::Outcome CountRequest(const RequestContext& context, const Caller& caller, const Subject& subject);
  // Whether the calls of `caller`, who has a credential, are limited: by its API key, as a workload, or by its session.
  // Not by its principal, since the owner of a stolen session must be able to end it from another one.
  bool LimitsCallsOf(const Caller& caller) const;
  // Counts a call against that limit. Audits a refusal.
  RateLimiter::Outcome CountCallOf(const RequestContext& context, const Caller& caller);
  // The error for a caller who has spent `quota`.
  static absl::Status Refuse(const Caller& caller, const RateLimiter::Outcome& quota);

 private:
  static constexpr size_t kLimits = static_cast<size_t>(Limit::kProofs) + 1;

  // One use of a limit.
  struct Counted {
    Limit limit;
    std::string key;
    // For the audit:
    std::string ip_address;
    absl::optional<PrincipalId> subject_id;  // the owner of the account or API key
    std::string details;
  };
  RateLimiter& LimiterOf(Limit limit) { return limiters_[static_cast<size_t>(limit)]; }
  absl::StatusOr<Use> Begin(const RequestContext& context, const Caller& caller, Counted counted);
  absl::Status Count(const RequestContext& context, const Caller& caller, const Counted& counted);
  absl::StatusOr<std::string> AddressOf(const RequestContext& context, const Caller& caller, const ClientInfo& claimed);
  void NoteRefusal(const RequestContext& context, const Caller& caller, const Counted& counted,
                   const RateLimiter::Outcome& outcome);
  void AuditRefusal(const Caller& caller, const ClientInfo& client, const AuditReport& report);

  Database& database_;
  View& view_;
  WorkerPool& workers_;
  Metrics& metrics_;
  const ThrottleOptions options_;
  std::array<RateLimiter, kLimits> limiters_;  // by Limit
};

// The limit that a refusal of Throttle carries; nullopt for any other status.
absl::optional<RateLimiter::Outcome> QuotaOf(const absl::Status& status);

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_THROTTLE_H_
