#include "server/app/access/throttle.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/app/access/audit.h"
#include "server/base/client_address.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

using Limit = Throttle::Limit;

struct LimitText {
  const char* name;  // in metrics and the audit
  const char* rule;  // for who is refused
};
// In the order of Throttle::Limit.
constexpr LimitText kTexts[] = {
    {"login_failures", "too many failed logins from this address"},
    {"registrations", "too many registrations from this address"},
    {"mails_for_address", "too many mails asked for from this address"},
    {"mails_to_account", "too many mails asked for to this account"},
    {"calls", "too many calls without a good credential from this address"},
    {"api_key_requests", "too many requests with this API key"},
};

const LimitText& TextOf(Limit limit) { return kTexts[static_cast<size_t>(limit)]; }

constexpr int64_t kMailsOfAddress = 20;
constexpr absl::Duration kAuditTimeout = absl::Seconds(2);
constexpr char kQuotaUrl[] = "identity/quota";

RateLimiter::Options PerMinute(int64_t limit) { return {limit, absl::Minutes(1)}; }
RateLimiter::Options PerHour(int64_t limit) { return {limit, absl::Hours(1)}; }
// Many people may share an address, so it is never below what one of them may ask for.
int64_t MailsOfAddress(int64_t of_account) { return of_account == 0 ? 0 : std::max(of_account, kMailsOfAddress); }

absl::Status Refusal(Limit limit, const RateLimiter::Outcome& outcome) {
  absl::Status status = WithRetryDelay(Error(ErrorReason::kRateLimited, TextOf(limit).rule), outcome.reset);
  status.SetPayload(kQuotaUrl, absl::Cord(absl::StrCat(outcome.limit)));
  return status;
}

// A name and an id are keys of one counter, so they must not look alike.
std::string AccountKey(const PrincipalId& id) { return absl::StrCat("id ", id.ToString()); }
std::string NameKey(const LoginName& name) { return absl::StrCat("name ", name.folded); }

}  // namespace

std::vector<std::string> Throttle::LimitNames() {
  std::vector<std::string> names;
  for (const LimitText& text : kTexts) names.emplace_back(text.name);
  return names;
}

Throttle::Throttle(Database& database, View& view, WorkerPool& workers, Metrics& metrics,
                   const ThrottleOptions& options, const std::function<absl::Duration()>& uptime)
    : database_(database),
      view_(view),
      workers_(workers),
      metrics_(metrics),
      options_(options),
      limiters_{RateLimiter(PerMinute(options.login_failures_per_minute), uptime),
                RateLimiter(PerHour(options.registrations_per_hour), uptime),
                RateLimiter(PerHour(MailsOfAddress(options.mails_per_hour)), uptime),
                RateLimiter(PerHour(options.mails_per_hour), uptime),
                RateLimiter(PerMinute(options.calls_per_minute), uptime),
                RateLimiter(PerMinute(options.api_key_requests_per_minute), uptime)} {}

absl::StatusOr<Throttle::Use> Throttle::BeginLogin(const RequestContext& context, const Caller& caller,
                                                   const ClientInfo& told) {
  ASSIGN_OR_RETURN(const std::string address, AddressOf(context, caller, told));
  return Begin(context, caller, {Limit::kLoginFailures, AddressKey(address), address, absl::nullopt, ""});
}

absl::StatusOr<Throttle::Use> Throttle::BeginStepUp(const RequestContext& context, const Caller& caller) {
  const PrincipalId id = *caller.id();
  return Begin(context, caller, {Limit::kLoginFailures, AccountKey(id), caller.peer_address, id, ""});
}

absl::StatusOr<Throttle::Use> Throttle::BeginRegistration(const RequestContext& context, const Caller& caller,
                                                          const ClientInfo& told) {
  ASSIGN_OR_RETURN(const std::string address, AddressOf(context, caller, told));
  return Begin(context, caller, {Limit::kRegistrations, AddressKey(address), address, absl::nullopt, ""});
}

absl::Status Throttle::CountMailRequest(const RequestContext& context, const Caller& caller, const ClientInfo& told,
                                        const LoginName& name) {
  ASSIGN_OR_RETURN(const std::string address, AddressOf(context, caller, told));
  RETURN_IF_ERROR(Count(context, caller, {Limit::kMailsForAddress, AddressKey(address), address, absl::nullopt, ""}));
  return Count(context, caller, {Limit::kMailsToAccount, NameKey(name), address, absl::nullopt, ""});
}

absl::Status Throttle::CountMailTo(const RequestContext& context, const Caller& caller, const PrincipalId& account,
                                   bool asked_by_owner) {
  const std::string key = absl::StrCat(asked_by_owner ? "own " : "", AccountKey(account));
  return Count(context, caller, {Limit::kMailsToAccount, key, caller.peer_address, account, ""});
}

absl::Status Throttle::CountCall(const RequestContext& context, const Caller& caller) {
  const std::string& address = caller.peer_address;
  return Count(context, caller, {Limit::kCalls, AddressKey(address), address, absl::nullopt, ""});
}

absl::Status Throttle::CountCallFor(const RequestContext& context, const Caller& caller, const ClientInfo& told) {
  ASSIGN_OR_RETURN(const std::string address, AddressOf(context, caller, told));
  if (address == caller.peer_address) return absl::OkStatus();
  return Count(context, caller, {Limit::kCalls, AddressKey(address), address, absl::nullopt, ""});
}

bool Throttle::CallsSpent(const std::string& peer_address) const {
  return !limiters_[static_cast<size_t>(Limit::kCalls)].Peek(AddressKey(peer_address)).allowed;
}

RateLimiter::Outcome Throttle::CountRequest(const RequestContext& context, const Caller& caller,
                                            const Subject& subject) {
  const auto& id = subject.api_key_id->uuid().bytes();
  const absl::string_view key(reinterpret_cast<const char*>(id.data()), id.size());
  const RateLimiter::Outcome outcome = LimiterOf(Limit::kApiKeyRequests).Take(key, RequestLimit(subject));
  if (!outcome.allowed) {
    NoteRefusal(context, caller,
                {Limit::kApiKeyRequests, "", caller.peer_address, subject.principal.id(),
                 absl::StrCat("API key ", subject.api_key_id->ToString())},
                outcome);
  }
  return outcome;
}

absl::Status Throttle::RequestsSpent(const RateLimiter::Outcome& quota) {
  return Refusal(Limit::kApiKeyRequests, quota);
}

absl::StatusOr<Throttle::Use> Throttle::Begin(const RequestContext& context, const Caller& caller, Counted counted) {
  RETURN_IF_ERROR(Count(context, caller, counted));
  return Use(LimiterOf(counted.limit), std::move(counted.key));
}

absl::Status Throttle::Count(const RequestContext& context, const Caller& caller, const Counted& counted) {
  const RateLimiter::Outcome outcome = LimiterOf(counted.limit).Take(counted.key);
  if (outcome.allowed) return absl::OkStatus();
  NoteRefusal(context, caller, counted, outcome);
  return Refusal(counted.limit, outcome);
}

// What is needed for it is at hand: the caller was let in by it just before.
absl::StatusOr<std::string> Throttle::AddressOf(const RequestContext& context, const Caller& caller,
                                                const ClientInfo& told) {
  if (!caller.subject || told.ip_address.empty()) return caller.peer_address;
  std::string address;
  RETURN_IF_ERROR(view_.Read(context, Freshness(), [&](Facts& facts) -> absl::Status {
    ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, told));
    address = client.ip_address;
    return absl::OkStatus();
  }));
  return address;
}

void Throttle::NoteRefusal(const RequestContext& context, const Caller& caller, const Counted& counted,
                           const RateLimiter::Outcome& outcome) {
  metrics_.rate_limited.Add(static_cast<size_t>(counted.limit));
  if (!outcome.first_refusal) return;
  const ClientInfo client{counted.ip_address, caller.user_agent, ""};
  const AuditReport report{audit::EventType::kRateLimited, counted.subject_id, TextOf(counted.limit).name,
                           counted.details, audit::Outcome::kFailure};
  if (context.may_block) return AuditRefusal(caller, client, report);
  if (!workers_.TrySubmit([this, caller, client, report] { AuditRefusal(caller, client, report); })) {
    Log(LogLevel::kWarning, "refusal not audited", {{"limit", report.target}, {"why", "no worker is free"}});
  }
}

// With time of its own, and whatever becomes of it the refusal stands.
void Throttle::AuditRefusal(const Caller& caller, const ClientInfo& client, const AuditReport& report) {
  const absl::Status written = database_.Write({absl::Now() + kAuditTimeout}, [&](Transaction& transaction) {
    return Audit(transaction, caller, client, report);
  });
  if (!written.ok()) Log(LogLevel::kWarning, "refusal not audited", {{"limit", report.target}});
}

absl::optional<RateLimiter::Outcome> QuotaOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kQuotaUrl);
  if (!payload) return absl::nullopt;
  RateLimiter::Outcome outcome;
  outcome.allowed = false;
  if (!absl::SimpleAtoi(std::string(*payload), &outcome.limit)) return absl::nullopt;
  outcome.reset = RetryDelayOf(status).value_or(absl::ZeroDuration());
  return outcome;
}

}  // namespace identity
