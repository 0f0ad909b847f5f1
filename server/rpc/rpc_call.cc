#include "server/rpc/rpc_call.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>

#include <chrono>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/clock.h"
#include "server/calls/caller_credential.h"
#include "server/rpc/arena_messages.h"
#include "server/rpc/status.h"

namespace identity {
namespace {

absl::string_view Text(const grpc::string_ref& text) { return {text.data(), text.size()}; }

// From gRPC's "ipv4:127.0.0.1:50000" or "ipv6:[::1]:50000" (gRPC may percent-encode the brackets); "" for others.
std::string AddressOf(absl::string_view peer) {
  const bool v6 = absl::ConsumePrefix(&peer, "ipv6:");
  if (!v6 && !absl::ConsumePrefix(&peer, "ipv4:")) return "";
  peer = peer.substr(0, peer.rfind(':'));
  for (const absl::string_view bracket : {"%5B", "["}) absl::ConsumePrefix(&peer, bracket);
  for (const absl::string_view bracket : {"%5D", "]"}) absl::ConsumeSuffix(&peer, bracket);
  return std::string(peer);
}

void AddQuota(const RateLimiter::Outcome& quota, grpc::CallbackServerContext& context) {
  context.AddTrailingMetadata("ratelimit-limit", absl::StrCat(quota.limit));
  context.AddTrailingMetadata("ratelimit-remaining", absl::StrCat(quota.remaining));
  context.AddTrailingMetadata("ratelimit-reset", absl::StrCat(SecondsUp(quota.reset)));
}

}  // namespace

PresentedCredential GrpcCall::credential() const {
  const auto values = [this](const char* key) -> HeaderValues {
    const auto range = context_.client_metadata().equal_range(key);
    if (range.first == range.second) return {};
    return {static_cast<size_t>(std::distance(range.first, range.second)), Text(range.first->second)};
  };
  return CredentialOf(values("authorization"), values("x-api-key"));
}

std::string GrpcCall::certificate() const {
  const std::shared_ptr<const grpc::AuthContext> peer = context_.auth_context();
  const std::vector<grpc::string_ref> certificates = peer->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  return certificates.empty() ? "" : std::string(Text(certificates[0]));
}

std::string GrpcCall::peer_address() const { return AddressOf(context_.peer()); }

std::vector<absl::string_view> GrpcCall::forwarded_for() const {
  std::vector<absl::string_view> values;
  const auto range = context_.client_metadata().equal_range("x-forwarded-for");
  for (auto entry = range.first; entry != range.second; ++entry) values.push_back(Text(entry->second));
  return values;
}

absl::string_view GrpcCall::user_agent() const { return Metadata("user-agent").value_or(""); }

absl::optional<TraceContext> GrpcCall::trace() const {
  const absl::optional<absl::string_view> parent = Metadata("traceparent");
  return parent ? TraceContext::Parse(*parent) : absl::nullopt;
}

absl::optional<absl::string_view> GrpcCall::request_id() const { return Metadata("x-request-id"); }

absl::Time GrpcCall::deadline() const {
  const std::chrono::system_clock::time_point deadline = context_.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return absl::InfiniteFuture();
  return absl::FromChrono(deadline);
}

absl::optional<absl::string_view> GrpcCall::Metadata(const char* key) const {
  const auto found = context_.client_metadata().find(key);
  if (found == context_.client_metadata().end()) return absl::nullopt;
  return Text(found->second);
}

grpc::Status GrpcCall::Conclude(const CallOutcome& outcome) {
  if (outcome.quota) AddQuota(*outcome.quota, context_);
  if (!outcome.request_id.empty()) context_.AddTrailingMetadata("x-request-id", std::string(outcome.request_id));
  return ToGrpcStatus(outcome.status, outcome.request_id);
}

void RpcCall::Finish(const CallOutcome& outcome) {
  if (outcome.status.ok()) CallMessages::Of(context_).Serialize();
  reactor_->Finish(Conclude(outcome));
}

}  // namespace identity
