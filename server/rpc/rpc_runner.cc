#include "server/rpc/rpc_runner.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/rpc/arena_messages.h"
#include "server/rpc/rpc_call.h"

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

// `error`, or the error of a peer that makes too many bad calls.
const absl::Status& Counted(const absl::Status& error, const absl::Status& counted) {
  return counted.ok() ? error : counted;
}

RpcCall& CallOf(ServerContext& context) { return CallMessages::Of(context).call(context); }

}  // namespace

Reactor* RpcRunner::Receive(ServerContext& context, absl::string_view method, const RequestLimits& limits) {
  CallMessages& messages = CallMessages::Of(context);
  RpcCall& call = messages.call(context);
  Reactor* const reactor = call.reactor();
  absl::Status status = CheckBounds(messages.request_bytes(), limits);
  const bool count_first =
      status.ok() && messages.request_bytes().Length() > kMaxUncountedBytes && !calls_.IsKnown(call);
  if (count_first) status = calls_.CountUnread(call);
  if (status.ok() && !messages.Parse()) status = Malformed();
  if (status.ok()) return nullptr;
  if (!count_first) status = Counted(status, calls_.CountUnread(call));
  calls_.Refuse({call, method}, status);
  return reactor;
}

Reactor* RpcRunner::Run(const Rpc& rpc, CallRunner::Handler handler) {
  RpcCall& call = CallOf(*rpc.context);
  Reactor* const reactor = call.reactor();
  calls_.Run({call, rpc.method, rpc.target}, std::move(handler));
  return reactor;
}

Reactor* RpcRunner::RunInline(const Rpc& rpc, CallRunner::Handler handler) {
  RpcCall& call = CallOf(*rpc.context);
  Reactor* const reactor = call.reactor();
  calls_.RunInline({call, rpc.method, rpc.target}, std::move(handler));
  return reactor;
}

grpc::Status RpcRunner::RefuseUnknown(ServerContext& context) {
  UnknownCall call(context);
  const absl::Status error = Error(ErrorReason::kNotImplemented, "the server has no such method");
  calls_.Refuse({call, "(unknown)"}, Counted(error, calls_.CountUnread(call)));
  return call.status();
}

}  // namespace identity
