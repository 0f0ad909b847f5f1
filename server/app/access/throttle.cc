#include "server/app/access/throttle.h"

#include <algorithm>
#include <iterator>
#include <utility>

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

struct LimitRow {
  Limit limit;
  const char* name;  // in metrics and the audit
  absl::Duration window;
  int64_t ThrottleOptions::*uses;  // the option that sets the uses per window
  int64_t min_uses;                // the lowest limit, unless it is off
  const char* refusal;             // the error text
};
// In the order of Throttle::Limit. Many people may share an address, so an address may request more mails than an
// account.
constexpr LimitRow kTable[] = {
    {Limit::kLoginFailures, "login_failures", absl::Minutes(1), &ThrottleOptions::login_failures_per_minute, 0,
     "too many failed logins from this address"},
    {Limit::kRegistrations, "registrations", absl::Hours(1), &ThrottleOptions::registrations_per_hour, 0,
     "too many registrations from this address"},
    {Limit::kMailsForAddress, "mails_for_address", absl::Hours(1), &ThrottleOptions::mails_per_hour, 20,
     "too many mail requests from this address"},
    {Limit::kMailsToAccount, "mails_to_account", absl::Hours(1), &ThrottleOptions::mails_per_hour, 0,
     "too many mail requests for this account"},
    {Limit::kCalls, "calls", absl::Minutes(1), &ThrottleOptions::calls_per_minute, 0,
     "too many calls without a good credential from this address"},
    {Limit::kApiKeyRequests, "api_key_requests", absl::Minutes(1), &ThrottleOptions::api_key_requests_per_minute, 0,
     "too many requests with this API key"},
    {Limit::kSessionCalls, "session_calls", absl::Minutes(1), &ThrottleOptions::session_calls_per_minute, 0,
     "too many calls with this session"},
    {Limit::kNewPasswords, "new_passwords", absl::Minutes(1), &ThrottleOptions::new_passwords_per_minute, 0,
     "too many new passwords from this address or for this account"},
    {Limit::kProofs, "proofs", absl::Minutes(1), &ThrottleOptions::new_passwords_per_minute, 0,
     "too many proofs for this account"},
};

constexpr bool IsInOrder() {
  for (size_t i = 0; i < std::size(kTable); ++i) {
    if (static_cast<size_t>(kTable[i].limit) != i) return false;
  }
  return true;
}
static_assert(IsInOrder() && std::size(kTable) == static_cast<size_t>(Limit::kProofs) + 1,
              "each limit has its row, in order");

constexpr size_t IndexOf(Limit limit) { return static_cast<size_t>(limit); }
const LimitRow& RowOf(Limit limit) { return kTable[IndexOf(limit)]; }

RateLimiter::Options OptionsOf(const LimitRow& row, const ThrottleOptions& options) {
  const int64_t uses = options.*row.uses;
  return {uses == 0 ? 0 : std::max(uses, row.min_uses), row.window};
}

// An array, since a RateLimiter cannot be moved.
template <size_t... kRows>
std::array<RateLimiter, sizeof...(kRows)> MakeLimiters(const ThrottleOptions& options,
                                                       const std::function<absl::Duration()>& uptime,
                                                       std::index_sequence<kRows...>) {
  return {RateLimiter(OptionsOf(kTable[kRows], options), uptime)...};
}

constexpr absl::Duration kAuditTimeout = absl::Seconds(2);
constexpr char kQuotaUrl[] = "identity/quota";

absl::Status Refusal(Limit limit, const RateLimiter::Outcome& outcome) {
  absl::Status status = WithRetryDelay(Error(ErrorReason::kRateLimited, RowOf(limit).refusal), outcome.reset);
  status.SetPayload(kQuotaUrl, absl::Cord(absl::StrCat(outcome.limit)));
  return status;
}

// Names and ids are keys of one counter. The prefixes keep a name from being taken for an id.
std::string AccountKey(const PrincipalId& id) { return absl::StrCat("id ", id.ToString()); }
std::string NameKey(const LoginName& name) { return absl::StrCat("name ", name.folded); }

// The bytes of an id, without a copy.
template <typename Id>
absl::string_view KeyOf(const Id& id) {
  const auto& bytes = id.uuid().bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Whether requests are counted by API key, or by service account for workloads.
bool HasRequestKey(const Subject& subject) { return subject.api_key_id || subject.workload; }

std::string RequestKeyOf(const Subject& subject) {
  if (subject.api_key_id) return std::string(KeyOf(*subject.api_key_id));
  const PrincipalId account = subject.principal.id();
  return std::string(KeyOf(account));
}

}  // namespace

std::vector<std::string> Throttle::LimitNames() {
  std::vector<std::string> names;
  for (const LimitRow& row : kTable) names.emplace_back(row.name);
  return names;
}

Throttle::Throttle(Database& database, View& view, WorkerPool& workers, Metrics& metrics,
                   const ThrottleOptions& options, const std::function<absl::Duration()>& uptime)
    : database_(database),
      view_(view),
      workers_(workers),
      metrics_(metrics),
      options_(options),
      limiters_(MakeLimiters(options, uptime, std::make_index_sequence<kLimits>())) {}

absl::StatusOr<Throttle::Use> Throttle::BeginLogin(const RequestContext& context, const Caller& caller,
                                                   const ClientInfo& claimed) {
  RETURN_IF_ERROR(CountCallFor(context, caller, claimed));
  ASSIGN_OR_RETURN(const std::string address, AddressOf(context, caller, claimed));
  return Begin(context, caller, {Limit::kLoginFailures, AddressKey(address), address, absl::nullopt, ""});
}

absl::StatusOr<Throttle::Use> Throttle::BeginStepUp(const RequestContext& context, const Caller& caller) {
  const PrincipalId id = *caller.id();
  return Begin(context, caller, {Limit::kLoginFailures, AccountKey(id), caller.client_address, id, ""});
}

absl::StatusOr<Throttle::Use> Throttle::BeginRegistration(const RequestContext& context, const Caller& caller,
                                                          const ClientInfo& claimed) {
  ASSIGN_OR_RETURN(const std::string address, AddressOf(context, caller, claimed));
  return Begin(context, caller, {Limit::kRegistrations, AddressKey(address), address, absl::nullopt, ""});
}

absl::Status Throttle::CountMailRequest(const RequestContext& context, const Caller& caller, const ClientInfo& claimed,
                                        const LoginName& name) {
  ASSIGN_OR_RETURN(const std::string address, AddressOf(context, caller, claimed));
  RETURN_IF_ERROR(Count(context, caller, {Limit::kMailsForAddress, AddressKey(address), address, absl::nullopt, ""}));
  return Count(context, caller, {Limit::kMailsToAccount, NameKey(name), address, absl::nullopt, ""});
}

absl::Status Throttle::CountMailTo(const RequestContext& context, const Caller& caller, const PrincipalId& account,
                                   bool by_owner) {
  const std::string key = absl::StrCat(by_owner ? "own " : "", AccountKey(account));
  RequestContext without_waiting = context;
  without_waiting.may_block = false;
  return Count(without_waiting, caller, {Limit::kMailsToAccount, key, caller.client_address, account, ""});
}

absl::Status Throttle::CountNewPassword(const RequestContext& context, const Caller& caller,
                                        const ClientInfo& claimed) {
  ASSIGN_OR_RETURN(const std::string address, AddressOf(context, caller, claimed));
  return Count(context, caller, {Limit::kNewPasswords, AddressKey(address), address, absl::nullopt, ""});
}

absl::Status Throttle::CountNewPassword(const RequestContext& context, const Caller& caller,
                                        const PrincipalId& account) {
  return Count(context, caller, {Limit::kNewPasswords, AccountKey(account), caller.client_address, account, ""});
}

absl::Status Throttle::CountProof(const RequestContext& context, const Caller& caller) {
  const PrincipalId id = *caller.id();
  return Count(context, caller, {Limit::kProofs, AccountKey(id), caller.client_address, id, ""});
}

absl::Status Throttle::CountCall(const RequestContext& context, const Caller& caller) {
  const std::string& address = caller.client_address;
  return Count(context, caller, {Limit::kCalls, AddressKey(address), address, absl::nullopt, ""});
}

absl::Status Throttle::CountCallFor(const RequestContext& context, const Caller& caller, const ClientInfo& claimed) {
  ASSIGN_OR_RETURN(const std::string address, AddressOf(context, caller, claimed));
  if (address == caller.client_address) return absl::OkStatus();
  return Count(context, caller, {Limit::kCalls, AddressKey(address), address, absl::nullopt, ""});
}

bool Throttle::CallsSpent(const std::string& client_address) const {
  return !limiters_[IndexOf(Limit::kCalls)].Peek(AddressKey(client_address)).allowed;
}

RateLimiter::Outcome Throttle::CountRequest(const RequestContext& context, const Caller& caller,
                                            const Subject& subject) {
  const RateLimiter::Outcome outcome =
      LimiterOf(Limit::kApiKeyRequests).Take(RequestKeyOf(subject), RequestLimit(subject));
  if (!outcome.allowed) {
    NoteRefusal(context, caller,
                {Limit::kApiKeyRequests, "", caller.client_address, subject.principal.id(),
                 subject.api_key_id ? absl::StrCat("API key ", subject.api_key_id->ToString())
                                    : absl::StrCat("workloads of ", subject.principal.username())},
                outcome);
  }
  return outcome;
}

bool Throttle::LimitsCallsOf(const Caller& caller) const {
  const Subject& subject = *caller.subject;
  if (HasRequestKey(subject)) return RequestLimit(subject) != 0;
  return subject.session_id && options_.session_calls_per_minute != 0;
}

RateLimiter::Outcome Throttle::CountCallOf(const RequestContext& context, const Caller& caller) {
  if (HasRequestKey(*caller.subject)) return CountRequest(context, caller, *caller.subject);
  const SessionId session = *caller.subject->session_id;
  const RateLimiter::Outcome outcome = LimiterOf(Limit::kSessionCalls).Take(KeyOf(session));
  if (!outcome.allowed) {
    NoteRefusal(
        context, caller,
        {Limit::kSessionCalls, "", caller.client_address, caller.id(), absl::StrCat("session ", session.ToString())},
        outcome);
  }
  return outcome;
}

absl::Status Throttle::Refuse(const Caller& caller, const RateLimiter::Outcome& quota) {
  return Refusal(HasRequestKey(*caller.subject) ? Limit::kApiKeyRequests : Limit::kSessionCalls, quota);
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

// Loads nothing: the admission of the caller has just read the same facts.
absl::StatusOr<std::string> Throttle::AddressOf(const RequestContext& context, const Caller& caller,
                                                const ClientInfo& claimed) {
  ASSIGN_OR_RETURN(ClientInfo client, TrustedClientInfo(context, view_, caller, claimed));
  return std::move(client.ip_address);
}

void Throttle::NoteRefusal(const RequestContext& context, const Caller& caller, const Counted& counted,
                           const RateLimiter::Outcome& outcome) {
  metrics_.rate_limited.Add(IndexOf(counted.limit));
  if (!outcome.first_refusal) return;
  const ClientInfo client{counted.ip_address, caller.user_agent, ""};
  const AuditReport report{audit::EventType::kRateLimited, counted.subject_id, RowOf(counted.limit).name,
                           counted.details, audit::Outcome::kFailure};
  if (context.may_block) return AuditRefusal(caller, client, report);
  if (!workers_.TrySubmit([this, caller, client, report] { AuditRefusal(caller, client, report); })) {
    Log(LogLevel::kWarning, "refusal not audited", {{"limit", report.target}, {"why", "no worker is free"}});
  }
}

// Uses its own deadline, not the call's. The refusal stands even when the audit fails.
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
