#include "server/rpc/call.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/app/client_info.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"
#include "server/domain/ids.h"
#include "server/domain/sealed_box.h"
#include "server/rpc/status.h"

namespace identity {
namespace {

constexpr size_t kMaxRequestBytes = 64 * 1024;
constexpr size_t kMaxBatchBytes = 1024 * 1024;
constexpr char kBatchMethod[] = "identity.v1.IdentityService/BatchCheckPermissions";

absl::Status CheckSize(absl::string_view method, const google::protobuf::Message& request) {
  const size_t limit = method == kBatchMethod ? kMaxBatchBytes : kMaxRequestBytes;
  if (request.ByteSizeLong() <= limit) return absl::OkStatus();
  return Error(ErrorReason::kRequestTooLarge, absl::StrCat("the request is larger than ", limit, " bytes"));
}

absl::Time DeadlineOf(const grpc::CallbackServerContext& context) {
  const std::chrono::system_clock::time_point deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return absl::Now() + CallRunner::kDefaultDeadline;
  return absl::FromChrono(deadline);
}

absl::string_view View(const grpc::string_ref& text) { return {text.data(), text.size()}; }

// The credential that decides: `authorization` where there is one, else `x-api-key`. Doubles are refused, not chosen
// from.
PresentedCredential ReadCredential(const grpc::CallbackServerContext& context) {
  using Kind = PresentedCredential::Kind;
  const auto& metadata = context.client_metadata();
  if (const size_t count = metadata.count("authorization"); count > 0) {
    const absl::string_view value = View(metadata.find("authorization")->second);
    constexpr absl::string_view kScheme = "bearer ";
    if (count > 1 || !absl::StartsWithIgnoreCase(value, kScheme)) return {Kind::kMalformed, Secret()};
    return {Kind::kBearer, Secret(value.substr(kScheme.size()))};
  }
  if (const size_t count = metadata.count("x-api-key"); count > 0) {
    if (count > 1) return {Kind::kMalformed, Secret()};
    return {Kind::kApiKey, Secret(View(metadata.find("x-api-key")->second))};
  }
  return {};
}

// From gRPC's "ipv4:127.0.0.1:50000" or "ipv6:[::1]:50000" (whose brackets may be percent-encoded); "" for others.
std::string AddressOf(absl::string_view peer) {
  const bool v6 = absl::ConsumePrefix(&peer, "ipv6:");
  if (!v6 && !absl::ConsumePrefix(&peer, "ipv4:")) return "";
  peer = peer.substr(0, peer.rfind(':'));
  for (const absl::string_view bracket : {"%5B", "["}) absl::ConsumePrefix(&peer, bracket);
  for (const absl::string_view bracket : {"%5D", "]"}) absl::ConsumeSuffix(&peer, bracket);
  return std::string(peer);
}

Caller CallerOf(const grpc::CallbackServerContext& context) {
  Caller caller;
  caller.peer_address = AddressOf(context.peer());
  const auto agent = context.client_metadata().find("user-agent");
  if (agent != context.client_metadata().end()) caller.user_agent = CleanUserAgent(View(agent->second));
  return caller;
}

}  // namespace

grpc::ServerUnaryReactor* CallRunner::Run(grpc::CallbackServerContext* context, absl::string_view method,
                                          const google::protobuf::Message& request, const CallTarget& target,
                                          Handler handler) {
  if (const absl::Status size = CheckSize(method, request); !size.ok()) return Refuse(context, size);
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const absl::Time deadline = DeadlineOf(*context);
  const bool queued =
      workers_.TrySubmit([this, context, method, target, deadline, reactor, handler = std::move(handler)] {
        reactor->Finish(ToGrpcStatus(RunOnWorker(context, method, target, deadline, handler)));
      });
  if (!queued) {
    reactor->Finish(ToGrpcStatus(WithRetryDelay(
        Error(ErrorReason::kOverloaded, "the server has more calls than it can take"), absl::Milliseconds(200))));
  }
  return reactor;
}

grpc::ServerUnaryReactor* CallRunner::Refuse(grpc::CallbackServerContext* context, const absl::Status& error) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpcStatus(error));
  return reactor;
}

absl::Status CallRunner::RunOnWorker(grpc::CallbackServerContext* context, absl::string_view method,
                                     const CallTarget& target, absl::Time deadline, const Handler& handler) const {
  Call call{{deadline, [context] { return context->IsCancelled(); }}, {}};
  RETURN_IF_ERROR(call.context.Check());
  try {
    ASSIGN_OR_RETURN(call.caller, admission_.Admit(call.context, ReadCredential(*context), CallerOf(*context),
                                                   RequirementOf(method, target)));
    return handler(call);
  } catch (const std::exception& fault) {
    Log(LogLevel::kError, "uncaught exception", {{"method", std::string(method)}, {"type", typeid(fault).name()}});
  } catch (...) {
    Log(LogLevel::kError, "uncaught exception", {{"method", std::string(method)}});
  }
  return Error(ErrorReason::kInternal, "internal error");
}

absl::StatusOr<Idempotency> ReadIdempotency(absl::string_view request_id, const google::protobuf::Message& request) {
  if (request_id.empty()) return Idempotency();
  const auto id = RequestId::Parse(request_id);
  if (!id) return InvalidField("request_id", "is not a UUID");
  // No request has a map, so the bytes are the same for the same arguments. Hashed, since they may hold a password
  // hash.
  const Secret arguments(absl::StrCat(request.GetTypeName(), "\n", request.SerializeAsString()));
  return Idempotency{*id, Fingerprint(arguments)};
}

}  // namespace identity
