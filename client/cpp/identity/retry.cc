#include "identity/retry.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "identity/errors.h"
#include "identity/v1/identity_service.pb.h"

namespace identity {
inline namespace client {
namespace {

// Calls that change nothing, or whose repetition changes nothing more.
bool IsReadOrRevocation(absl::string_view name) {
  for (const absl::string_view prefix : {"Get", "List", "Check", "BatchCheck"}) {
    if (absl::StartsWith(name, prefix)) return true;
  }
  return name == "RevokeRequest";
}

bool HasRequestId(const google::protobuf::Message& request) {
  const google::protobuf::FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("request_id");
  return field != nullptr && field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING &&
         !request.GetReflection()->GetString(request, field).empty();
}

bool IsExchangeOfApiKey(const google::protobuf::Message& request) {
  const auto* authenticate = dynamic_cast<const v1::AuthenticateRequest*>(&request);
  return authenticate != nullptr && authenticate->has_api_key();
}

// gRPC's server answers so to a call that arrives while it shuts down: its client did not know yet. No handler has seen
// the call, and this library cancels none itself.
bool IsRefusedByShutdown(const absl::Status& error) {
  return error.code() == absl::StatusCode::kCancelled && error.message() == "CANCELLED";
}

}  // namespace

Repeat IdempotencyPolicy::Of(const google::protobuf::Message& request) const {
  const absl::string_view name = request.GetDescriptor()->name();
  if (name == "RefreshRequest") return Repeat::kWhenUnavailable;
  if (IsReadOrRevocation(name) || HasRequestId(request) || IsExchangeOfApiKey(request)) return Repeat::kSafe;
  return Repeat::kNever;
}

bool RetryPolicy::Allows(const absl::Status& error, Repeat repeat, int made) const {
  if (error.ok() || made >= attempts_) return false;
  if (IsRefusedByShutdown(error)) return true;
  if (repeat == Repeat::kNever) return false;
  if (error.code() == absl::StatusCode::kUnavailable) return true;
  if (repeat == Repeat::kWhenUnavailable) return false;
  // Both an overload and a request that is too large have the code RESOURCE_EXHAUSTED.
  const std::string reason = ErrorReasonOf(error);
  return reason == "CONFLICT" || reason == "OVERLOADED" || reason == "COMMIT_IN_DOUBT";
}

absl::Duration BackoffPolicy::Delay(const absl::Status& error, int made, double random) const {
  absl::Duration delay = options_.first;
  for (int i = 1; i < made && delay < options_.longest; ++i) delay *= 2;
  delay = std::min(delay, options_.longest) * (1 - random / 2);
  const absl::optional<absl::Duration> requested = RetryInfoOf(error);
  if (!requested || *requested < delay) return delay;
  // The service requests the same delay of all clients, so a random part is added.
  return *requested + options_.first * random;
}

}  // namespace client
}  // namespace identity
