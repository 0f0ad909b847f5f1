#include "server/calls/call_runner.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <typeinfo>
#include <utility>

#include "server/app/access/client_info.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"
#include "server/calls/client_error.h"

namespace identity {
namespace {

absl::Time DeadlineOf(const IncomingCall& incoming) {
  const absl::Time deadline = incoming.deadline();
  const absl::Time now = absl::Now();
  if (deadline == absl::InfiniteFuture()) return now + CallRunner::kDefaultDeadline;
  return std::min(deadline, now + CallRunner::kLongestDeadline);
}

// Records how long a call waited for a worker. The wait ends now.
void RecordWait(Tracer* tracer, const SpanRecord& call, absl::Time begin) {
  const TraceScope scope(tracer, call.context);
  const Span wait("queue", begin);
}

RequestContext NonBlocking() {
  RequestContext context;
  context.may_block = false;
  return context;
}

}  // namespace

struct CallRunner::Pending {
  explicit Pending(const Request& request) : incoming(&request.incoming), method(request.method) {}

  IncomingCall* incoming;
  absl::string_view method;
  Stopwatch stopwatch;
  // A call is counted once, even when its handler runs twice:
  bool counted_as_stranger = false;
  absl::optional<RateLimiter::Outcome> quota;  // of the caller's API key or session
  std::shared_ptr<SpanRecord> span;            // null: the call is not traced
};

std::string CallRunner::AddressOf(const IncomingCall& incoming) const {
  if (proxies_.empty()) return incoming.peer_address();
  return proxies_.ClientOf(incoming.peer_address(), incoming.forwarded_for());
}

CallRunner::Shown CallRunner::CredentialOf(const IncomingCall& incoming) const {
  using Kind = PresentedCredential::Kind;
  Shown shown = {incoming.credential(), nullptr};
  if (certificates_ == nullptr) return shown;
  shown.certificate = certificates_->Read(incoming.certificate());
  if (shown.certificate == nullptr) return shown;
  if (certificates_->IsRevoked(*shown.certificate)) {
    shown.credential = {Kind::kRevokedCertificate, ""};
    return shown;
  }
  // A proxy shows its own certificate for the calls of everybody.
  const bool counts = shown.credential.kind == Kind::kNone && !shown.certificate->uri.empty() &&
                      !proxies_.Contains(incoming.peer_address());
  if (!counts) return shown;
  const bool expired = shown.certificate->expire_time <= absl::Now();
  shown.credential = {expired ? Kind::kExpiredCertificate : Kind::kCertificate, shown.certificate->uri};
  return shown;
}

Caller CallRunner::SenderOf(const IncomingCall& incoming) const {
  Caller caller;
  caller.client_address = AddressOf(incoming);
  caller.user_agent = CleanUserAgent(incoming.user_agent());
  return caller;
}

CallRunner::Pending CallRunner::Begin(const Request& request) const {
  Pending pending(request);
  if (tracer_ != nullptr) pending.span = tracer_->Begin(request.method, request.incoming.trace());
  return pending;
}

void CallRunner::Run(const Request& request, Handler handler) {
  Queue(Begin(request), request.target, std::move(handler));
}

void CallRunner::RunInline(const Request& request, Handler handler) {
  Pending pending = Begin(request);
  // Ignores deadline and cancellation: looking at them costs more than the answer.
  Call call;
  call.context.may_block = false;
  const absl::Status status = Handle(pending, call, request.target, handler);
  if (IsWouldBlock(status)) {
    metrics_.calls_by_worker.Add();
    Queue(pending, request.target, std::move(handler));
  } else {
    metrics_.calls_inline.Add();
    Finish(pending, call.caller, status);
  }
}

void CallRunner::Refuse(const Request& request, const absl::Status& error) { Finish(Begin(request), Caller(), error); }

absl::Status CallRunner::CountUnread(const IncomingCall& incoming) const {
  return throttle_.CountCall(NonBlocking(), SenderOf(incoming));
}

bool CallRunner::IsKnown(const IncomingCall& incoming) const {
  Requirement any;
  any.kind = Requirement::Kind::kCredential;
  Caller caller;
  const Shown shown = CredentialOf(incoming);
  return admission_.Admit(NonBlocking(), shown.credential, any, caller).ok();
}

void CallRunner::Queue(const Pending& pending, const CallTarget& target, Handler handler) {
  const absl::Time deadline = DeadlineOf(*pending.incoming);
  const absl::Time queue_time = pending.span ? absl::Now() : absl::InfinitePast();
  const bool queued = workers_.TrySubmit(
      [this, pending = pending, target, deadline, queue_time, handler = std::move(handler)]() mutable {
        if (pending.span) RecordWait(tracer_, *pending.span, queue_time);
        Call call;
        call.context.deadline = deadline;
        call.context.cancelled = [incoming = pending.incoming] { return incoming->cancelled(); };
        call.caller = SenderOf(*pending.incoming);
        absl::Status status = call.context.Check();
        if (status.ok()) status = Handle(pending, call, target, handler);
        Finish(pending, call.caller, status);
      });
  if (queued) return;
  metrics_.calls_refused.Add();
  Finish(pending, Caller(),
         WithRetryDelay(Error(ErrorReason::kOverloaded, "the server is overloaded"), absl::Milliseconds(200)));
}

absl::Status CallRunner::Handle(Pending& pending, Call& call, const CallTarget& target, const Handler& handler) const {
  absl::optional<TraceScope> scope;
  if (pending.span) scope.emplace(tracer_, pending.span->context);
  try {
    absl::Status status = AdmitAndRun(pending, call, target, handler);
    if (!status.ok() && AuditsDenials(pending.method)) denials_.Note(call.caller, pending.method, status);
    return status;
  } catch (const std::exception& fault) {
    Log(LogLevel::kError, "uncaught exception",
        {{"method", std::string(pending.method)}, {"type", typeid(fault).name()}});
  } catch (...) {
    Log(LogLevel::kError, "uncaught exception", {{"method", std::string(pending.method)}});
  }
  return Error(ErrorReason::kInternal, "internal error");
}

absl::Status CallRunner::AdmitAndRun(Pending& pending, Call& call, const CallTarget& target,
                                     const Handler& handler) const {
  const absl::Status admitted = Admit(pending, call, target);
  RETURN_IF_ERROR(CountRequest(pending, call));  // denied calls, too
  RETURN_IF_ERROR(admitted);
  return handler(call);
}

absl::Status CallRunner::Admit(Pending& pending, Call& call, const CallTarget& target) const {
  const Shown shown = CredentialOf(*pending.incoming);
  const PresentedCredential& credential = shown.credential;
  const Requirement requirement = RequirementOf(pending.method, target);
  const bool none = credential.kind == PresentedCredential::Kind::kNone;
  absl::Status admitted = none || call.context.may_block
                              ? AdmitWithinLimit(pending, call, credential, requirement)
                              : admission_.Admit(call.context, credential, requirement, call.caller);
  const bool nobodys_certificate =
      credential.kind == PresentedCredential::Kind::kCertificate && !call.caller.subject && !IsWouldBlock(admitted);
  // Also a token whose issuer is away: strangers write such tokens, too.
  const absl::optional<ErrorReason> reason = ReasonOf(admitted);
  const bool unknown = reason == ErrorReason::kCallerInvalid || reason == ErrorReason::kProviderUnavailable;
  if (nobodys_certificate || unknown) {
    RETURN_IF_ERROR(CountStranger(pending, call));
  }
  return admitted;
}

// Admits calls without a credential, and calls whose credential may need a query to verify. Once an address has used up
// its calls without a good credential, only credentials that the view can verify are admitted.
absl::Status CallRunner::AdmitWithinLimit(Pending& pending, Call& call, const PresentedCredential& credential,
                                          const Requirement& requirement) const {
  if (credential.kind == PresentedCredential::Kind::kNone) {
    RETURN_IF_ERROR(CountStranger(pending, call));
  } else if (throttle_.CallsSpent(call.caller.client_address)) {
    RequestContext non_blocking = call.context;
    non_blocking.may_block = false;
    absl::Status admitted = admission_.Admit(non_blocking, credential, requirement, call.caller);
    if (!IsWouldBlock(admitted)) return admitted;
    RETURN_IF_ERROR(CountStranger(pending, call));
  }
  return admission_.Admit(call.context, credential, requirement, call.caller);
}

absl::Status CallRunner::CountStranger(Pending& pending, Call& call) const {
  if (std::exchange(pending.counted_as_stranger, true)) return absl::OkStatus();
  if (!call.context.may_block) call.caller = SenderOf(*pending.incoming);
  return throttle_.CountCall(call.context, call.caller);
}

absl::Status CallRunner::CountRequest(Pending& pending, Call& call) const {
  if (!call.caller.subject || pending.quota || !throttle_.LimitsCallsOf(call.caller)) return absl::OkStatus();
  if (!call.context.may_block) call.caller.client_address = AddressOf(*pending.incoming);
  pending.quota = throttle_.CountCallOf(call.context, call.caller);
  return pending.quota->allowed ? absl::OkStatus() : Throttle::Refuse(call.caller, *pending.quota);
}

// Counts and logs the end of a call, and answers it.
void CallRunner::Finish(const Pending& pending, const Caller& caller, const absl::Status& status) {
  const absl::Duration duration = pending.stopwatch.elapsed();
  const std::string request_id =
      RequestIdOf(pending.incoming->request_id(), !status.ok() || log_.Wants(status.code(), duration));
  const absl::Status end = status.ok() ? status : ErrorForClients(status, request_id);
  if (const auto index = metrics_.rpcs.IndexOf(pending.method)) {
    metrics_.rpcs.Record(*index, end.code(), duration, pending.span ? &pending.span->context.trace_id : nullptr);
  }
  if (pending.span) {
    pending.span->code = end.code();
    tracer_->End(*pending.span);
  }
  if (log_.Wants(end.code(), duration)) log_.Write({pending.method, end, duration, caller, request_id});
  const absl::optional<RateLimiter::Outcome> refused = QuotaOf(status);
  pending.incoming->Finish({end, refused ? refused : pending.quota, request_id});
}

}  // namespace identity
