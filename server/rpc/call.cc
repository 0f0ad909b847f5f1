#include "server/rpc/call.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/app/access/client_info.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"
#include "server/rpc/status.h"

namespace identity {
namespace {

absl::Status CheckBounds(grpc::ByteBuffer& bytes, const RequestLimits& limits) {
  if (!bytes.Valid()) return InvalidField("request", "is missing");
  if (bytes.Length() > limits.max_bytes) {
    return Error(ErrorReason::kRequestTooLarge,
                 absl::StrCat("the request is larger than ", limits.max_bytes, " bytes"));
  }
  return limits.check == nullptr ? absl::OkStatus() : limits.check(bytes);
}

absl::Status Malformed() {
  return InvalidField("request", "is not an uncompressed message of this RPC, or has a text that is not UTF-8");
}

absl::Time DeadlineOf(const ServerContext& context) {
  const std::chrono::system_clock::time_point deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return absl::Now() + CallRunner::kDefaultDeadline;
  return std::min(absl::FromChrono(deadline), absl::Now() + CallRunner::kLongestDeadline);
}

absl::string_view Text(const grpc::string_ref& text) { return {text.data(), text.size()}; }

// The credential to verify: `authorization` if there is one, else `x-api-key`. Two values for one key are malformed.
PresentedCredential ReadCredential(const ServerContext& context) {
  using Kind = PresentedCredential::Kind;
  const auto& metadata = context.client_metadata();
  if (const size_t count = metadata.count("authorization"); count > 0) {
    const absl::string_view value = Text(metadata.find("authorization")->second);
    constexpr absl::string_view kScheme = "bearer ";
    if (count > 1 || !absl::StartsWithIgnoreCase(value, kScheme)) return {Kind::kMalformed, ""};
    return {Kind::kBearer, value.substr(kScheme.size())};
  }
  if (const size_t count = metadata.count("x-api-key"); count > 0) {
    if (count > 1) return {Kind::kMalformed, ""};
    return {Kind::kApiKey, Text(metadata.find("x-api-key")->second)};
  }
  return {};
}

// From gRPC's "ipv4:127.0.0.1:50000" or "ipv6:[::1]:50000" (gRPC may percent-encode the brackets); "" for others.
std::string AddressOf(absl::string_view peer) {
  const bool v6 = absl::ConsumePrefix(&peer, "ipv6:");
  if (!v6 && !absl::ConsumePrefix(&peer, "ipv4:")) return "";
  peer = peer.substr(0, peer.rfind(':'));
  for (const absl::string_view bracket : {"%5B", "["}) absl::ConsumePrefix(&peer, bracket);
  for (const absl::string_view bracket : {"%5D", "]"}) absl::ConsumeSuffix(&peer, bracket);
  return std::string(peer);
}

Caller CallerOf(const ServerContext& context) {
  Caller caller;
  caller.peer_address = AddressOf(context.peer());
  const auto agent = context.client_metadata().find("user-agent");
  if (agent != context.client_metadata().end()) caller.user_agent = CleanUserAgent(Text(agent->second));
  return caller;
}

// nullopt: there is none, or it is malformed.
absl::optional<TraceContext> ReadTraceContext(const ServerContext& context) {
  const auto found = context.client_metadata().find("traceparent");
  return found == context.client_metadata().end() ? absl::nullopt : TraceContext::Parse(Text(found->second));
}

// Records how long a call waited for a worker. The wait ends now.
void RecordWait(Tracer* tracer, const SpanRecord& call, absl::Time begin) {
  const TraceScope scope(tracer, call.context);
  const Span wait("queue", begin);
}

void AddQuota(const RateLimiter::Outcome& quota, ServerContext& context) {
  const int64_t reset = absl::ToInt64Seconds(absl::Ceil(quota.reset, absl::Seconds(1)));
  context.AddTrailingMetadata("ratelimit-limit", absl::StrCat(quota.limit));
  context.AddTrailingMetadata("ratelimit-remaining", absl::StrCat(quota.remaining));
  context.AddTrailingMetadata("ratelimit-reset", absl::StrCat(reset));
}

}  // namespace

struct CallRunner::Pending {
  explicit Pending(const Rpc& rpc) : context(rpc.context), reactor(context->DefaultReactor()), method(rpc.method) {}
  explicit Pending(ServerContext& unknown) : context(&unknown), reactor(nullptr), method("(unknown)") {}

  ServerContext* context;
  Reactor* reactor;  // null when the method is unknown
  absl::string_view method;
  Stopwatch stopwatch;
  // A call is counted once, even when its handler runs twice:
  bool counted_as_stranger = false;
  absl::optional<RateLimiter::Outcome> quota;  // of the caller's API key or session
  std::shared_ptr<SpanRecord> span;            // null: the call is not traced
};

CallRunner::Pending CallRunner::Begin(const Rpc& rpc) const {
  Pending pending(rpc);
  if (tracer_ != nullptr) pending.span = tracer_->Begin(rpc.method, ReadTraceContext(*rpc.context));
  return pending;
}

Reactor* CallRunner::Receive(ServerContext& context, absl::string_view method, const RequestLimits& limits) {
  CallMessages& messages = CallMessages::Of(context);
  absl::Status status = CheckBounds(messages.request_bytes(), limits);
  const bool count_first = status.ok() && messages.request_bytes().Length() > kMaxUncountedBytes && !IsKnown(context);
  if (count_first) status = CountUnparsed(context);
  if (status.ok() && !messages.Parse()) status = Malformed();
  if (status.ok()) return nullptr;
  if (!count_first) {
    if (absl::Status refused = CountUnparsed(context); !refused.ok()) status = std::move(refused);
  }
  const Pending pending = Begin({&context, method});
  Finish(pending, Caller(), status);
  return pending.reactor;
}

Reactor* CallRunner::Run(const Rpc& rpc, Handler handler) { return Queue(Begin(rpc), rpc.target, std::move(handler)); }

Reactor* CallRunner::RunInline(const Rpc& rpc, Handler handler) {
  Pending pending = Begin(rpc);
  // Ignores deadline and cancellation: looking at them costs more than the answer.
  Call call;
  call.context.may_block = false;
  const absl::Status status = Handle(pending, call, rpc.target, handler);
  if (IsWouldBlock(status)) {
    metrics_.calls_by_worker.Add();
    return Queue(pending, rpc.target, std::move(handler));
  }
  metrics_.calls_inline.Add();
  Finish(pending, call.caller, status);
  return pending.reactor;
}

grpc::Status CallRunner::RefuseUnknown(ServerContext& context) {
  const Pending pending(context);
  const absl::Status refused = CountUnparsed(context);
  return Conclude(pending, Caller(),
                  refused.ok() ? Error(ErrorReason::kNotImplemented, "the server has no such method") : refused);
}

Reactor* CallRunner::Queue(const Pending& pending, const CallTarget& target, Handler handler) {
  const absl::Time deadline = DeadlineOf(*pending.context);
  const absl::Time queue_time = pending.span ? absl::Now() : absl::InfinitePast();
  const bool queued = workers_.TrySubmit(
      [this, pending = pending, target, deadline, queue_time, handler = std::move(handler)]() mutable {
        if (pending.span) RecordWait(tracer_, *pending.span, queue_time);
        Call call;
        call.context.deadline = deadline;
        call.context.cancelled = [context = pending.context] { return context->IsCancelled(); };
        call.caller = CallerOf(*pending.context);
        absl::Status status = call.context.Check();
        if (status.ok()) status = Handle(pending, call, target, handler);
        Finish(pending, call.caller, status);
      });
  if (queued) return pending.reactor;
  metrics_.calls_refused.Add();
  Finish(pending, Caller(),
         WithRetryDelay(Error(ErrorReason::kOverloaded, "the server is overloaded"), absl::Milliseconds(200)));
  return pending.reactor;
}

absl::Status CallRunner::Handle(Pending& pending, Call& call, const CallTarget& target, const Handler& handler) const {
  absl::optional<TraceScope> scope;
  if (pending.span) scope.emplace(tracer_, pending.span->context);
  try {
    absl::Status status = AdmitAndRun(pending, call, target, handler);
    if (!status.ok() && IsAdministration(pending.method)) denials_.Note(call.caller, pending.method, status);
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
  const PresentedCredential credential = ReadCredential(*pending.context);
  const Requirement requirement = RequirementOf(pending.method, target);
  const bool none = credential.kind == PresentedCredential::Kind::kNone;
  absl::Status admitted = none || call.context.may_block
                              ? AdmitWithinLimit(pending, call, credential, requirement)
                              : admission_.Admit(call.context, credential, requirement, call.caller);
  if (ReasonOf(admitted) == ErrorReason::kCallerInvalid) RETURN_IF_ERROR(CountStranger(pending, call));
  return admitted;
}

// Admits calls without a credential, and calls whose credential may need a query to verify. Once an address has used up
// its calls without a good credential, only credentials that the view can verify are admitted.
absl::Status CallRunner::AdmitWithinLimit(Pending& pending, Call& call, const PresentedCredential& credential,
                                          const Requirement& requirement) const {
  if (credential.kind == PresentedCredential::Kind::kNone) {
    RETURN_IF_ERROR(CountStranger(pending, call));
  } else if (throttle_.CallsSpent(call.caller.peer_address)) {
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
  if (!call.context.may_block) call.caller = CallerOf(*pending.context);
  return throttle_.CountCall(call.context, call.caller);
}

absl::Status CallRunner::CountRequest(Pending& pending, Call& call) const {
  if (!call.caller.subject || pending.quota || !throttle_.LimitsCallsOf(call.caller)) return absl::OkStatus();
  if (!call.context.may_block) call.caller.peer_address = AddressOf(pending.context->peer());
  pending.quota = throttle_.CountCallOf(call.context, call.caller);
  return pending.quota->allowed ? absl::OkStatus() : Throttle::Refuse(call.caller, *pending.quota);
}

// Whether memory alone verifies the call's credential.
bool CallRunner::IsKnown(const ServerContext& context) const {
  RequestContext non_blocking;
  non_blocking.may_block = false;
  Requirement any;
  any.kind = Requirement::Kind::kCredential;
  Caller caller;
  return admission_.Admit(non_blocking, ReadCredential(context), any, caller).ok();
}

absl::Status CallRunner::CountUnparsed(const ServerContext& context) const {
  RequestContext non_blocking;
  non_blocking.may_block = false;
  return throttle_.CountCall(non_blocking, CallerOf(context));
}

void CallRunner::Finish(const Pending& pending, const Caller& caller, const absl::Status& status) {
  if (status.ok()) CallMessages::Of(*pending.context).Serialize();
  pending.reactor->Finish(Conclude(pending, caller, status));
}

// Counts and logs the end of a call. Returns the status for the client.
grpc::Status CallRunner::Conclude(const Pending& pending, const Caller& caller, const absl::Status& status) {
  const absl::Duration duration = pending.stopwatch.elapsed();
  const std::string request_id = RequestIdOf(*pending.context, !status.ok() || log_.Wants(status.code(), duration));
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
  if (refused || pending.quota) AddQuota(refused ? *refused : *pending.quota, *pending.context);
  if (!request_id.empty()) pending.context->AddTrailingMetadata("x-request-id", request_id);
  return ToGrpcStatus(end, request_id);
}

}  // namespace identity
