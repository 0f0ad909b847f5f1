#include "identity/errors.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace identity {
inline namespace client {
namespace {

constexpr char kDomain[] = "identity.v1";

// Reads the detail of type `Detail`; false when the status has none or a malformed one.
template <typename Detail>
bool ReadDetail(const absl::Status& status, Detail& detail) {
  const auto payload = status.GetPayload(absl::StrCat("type.googleapis.com/", Detail::descriptor()->full_name()));
  return payload && detail.ParseFromString(std::string(*payload));
}

}  // namespace

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return result;
  for (const google::protobuf::Any& detail : details.details()) {
    result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return result;
}

std::string ErrorReasonOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  if (!ReadDetail(status, info) || info.domain() != kDomain) return "";
  return info.reason();
}

absl::optional<absl::Duration> RetryInfoOf(const absl::Status& status) {
  google::rpc::RetryInfo info;
  if (!ReadDetail(status, info) || !info.has_retry_delay()) return absl::nullopt;
  return absl::Seconds(info.retry_delay().seconds()) + absl::Nanoseconds(info.retry_delay().nanos());
}

std::vector<FieldViolation> FieldViolationsOf(const absl::Status& status) {
  google::rpc::BadRequest info;
  std::vector<FieldViolation> violations;
  if (!ReadDetail(status, info)) return violations;
  for (const auto& violation : info.field_violations()) {
    violations.push_back({violation.field(), violation.description()});
  }
  return violations;
}

}  // namespace client
}  // namespace identity
