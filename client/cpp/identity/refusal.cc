#include "identity/refusal.h"

#include <string>

#include "absl/strings/strip.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "identity/errors.h"

namespace identity {
inline namespace client {
namespace {

// When the service names no delay.
constexpr absl::Duration kDefaultRetryDelay = absl::Seconds(1);

// How the guard answers a denial.
struct Denial {
  v1::Reason reason;
  grpc::StatusCode code;
  absl::string_view message;
};

constexpr Denial kDenials[] = {
    {v1::REASON_CREDENTIAL_INVALID, grpc::StatusCode::UNAUTHENTICATED, "the credential is not valid"},
    {v1::REASON_CREDENTIAL_EXPIRED, grpc::StatusCode::UNAUTHENTICATED, "the credential has expired"},
    {v1::REASON_CREDENTIAL_REVOKED, grpc::StatusCode::UNAUTHENTICATED, "the credential was revoked"},
    {v1::REASON_PRINCIPAL_DISABLED, grpc::StatusCode::UNAUTHENTICATED, "the account is disabled"},
    {v1::REASON_STEP_UP_REQUIRED, grpc::StatusCode::UNAUTHENTICATED, "a recent second factor is required"},
    {v1::REASON_NO_BINDING, grpc::StatusCode::PERMISSION_DENIED, "the caller lacks the permission"},
    {v1::REASON_SCOPE_INSUFFICIENT, grpc::StatusCode::PERMISSION_DENIED, "the scopes lack the permission"},
    {v1::REASON_QUOTA_EXCEEDED, grpc::StatusCode::RESOURCE_EXHAUSTED, "the quota of the API key is used up"},
};

void AddDetail(google::rpc::Status& status, const google::protobuf::Message& detail) {
  // It fails only without a required field, which proto3 does not have.
  static_cast<void>(status.add_details()->PackFrom(detail));
}

absl::Duration ResetOf(const v1::Quota& quota) {
  const absl::Duration reset = absl::Seconds(quota.reset().seconds()) + absl::Nanoseconds(quota.reset().nanos());
  return reset > absl::ZeroDuration() ? reset : kDefaultRetryDelay;
}

}  // namespace

grpc::Status Refusal(grpc::StatusCode code, absl::string_view reason, absl::string_view message,
                     absl::optional<absl::Duration> retry_delay) {
  google::rpc::Status details;
  details.set_code(code);
  details.set_message(std::string(message));
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain("identity.v1");
  AddDetail(details, info);
  if (retry_delay) {
    google::rpc::RetryInfo retry;
    absl::Duration fraction;
    retry.mutable_retry_delay()->set_seconds(absl::IDivDuration(*retry_delay, absl::Seconds(1), &fraction));
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(fraction / absl::Nanoseconds(1)));
    AddDetail(details, retry);
  }
  return grpc::Status(code, details.message(), details.SerializeAsString());
}

grpc::Status RefusalOf(const v1::CheckPermissionResponse& answer, bool anonymous) {
  if (answer.decision() == v1::DECISION_DENIED) {
    if (anonymous && answer.reason() == v1::REASON_NO_BINDING) {
      return Refusal(grpc::StatusCode::UNAUTHENTICATED, "CREDENTIAL_REQUIRED", "a credential is required");
    }
    for (const Denial& denial : kDenials) {
      if (denial.reason != answer.reason()) continue;
      const std::string name = v1::Reason_Name(denial.reason);
      absl::optional<absl::Duration> retry_delay;
      if (denial.code == grpc::StatusCode::RESOURCE_EXHAUSTED) retry_delay = ResetOf(answer.quota());
      return Refusal(denial.code, absl::StripPrefix(name, "REASON_"), denial.message, retry_delay);
    }
  }
  return Refusal(grpc::StatusCode::PERMISSION_DENIED, "UNDECIDED", "the service did not decide");
}

grpc::Status Undecided(const absl::Status& cause) {
  return Refusal(grpc::StatusCode::UNAVAILABLE, "UNDECIDED", "the service did not decide",
                 RetryInfoOf(cause).value_or(kDefaultRetryDelay));
}

}  // namespace client
}  // namespace identity
