#ifndef IDENTITY_TESTS_SUPPORT_MATCHERS_H_
#define IDENTITY_TESTS_SUPPORT_MATCHERS_H_

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "google/rpc/error_details.pb.h"
#include "server/base/error.h"

// The outcome of a call, and matchers for it.
namespace identity {

template <typename T>
struct Result {
  grpc::Status status;
  T value;                                                // when the status is OK
  std::multimap<std::string, std::string> trailing = {};  // the metadata that came with the status
  const T* operator->() const { return &value; }
};

// The parts of `grpc-status-details-bin`.
struct ErrorDetails {
  absl::optional<google::rpc::ErrorInfo> info;
  std::vector<std::string> fields;  // of BadRequest
  absl::optional<google::rpc::RetryInfo> retry;
  bool sound = false;  // well-formed, with the status's code and message
};
ErrorDetails DetailsOf(const grpc::Status& status);
// The details without the request id, which each error has of its own. Equal for errors that clients cannot tell apart.
std::string DetailsWithoutId(const grpc::Status& status);

inline const grpc::Status& GrpcStatusOf(const grpc::Status& status) { return status; }
template <typename T>
const grpc::Status& GrpcStatusOf(const Result<T>& result) {
  return result.status;
}

// Prints only the status, because the value may hold secrets.
std::string Describe(const grpc::Status& status);
template <typename T>
void PrintTo(const Result<T>& result, std::ostream* out) {
  *out << Describe(result.status);
}

MATCHER(Succeeds, negation ? "fails" : "succeeds") {
  const grpc::Status& status = GrpcStatusOf(arg);
  *result_listener << "which is " << Describe(status);
  return status.ok();
}

// An error of our form, with `reason` in its ErrorInfo and the code of that reason.
bool FailsBy(const grpc::Status& status, ErrorReason reason);
MATCHER_P(FailsWith, reason, "fails with " + std::string(ErrorReasonName(reason))) {
  const grpc::Status& status = GrpcStatusOf(arg);
  *result_listener << "which is " << Describe(status);
  return FailsBy(status, reason);
}

// INVALID_FIELD with a BadRequest that names only `field`.
MATCHER_P(RefusesField, field, "refuses the field " + std::string(field)) {
  const grpc::Status& status = GrpcStatusOf(arg);
  *result_listener << "which is " << Describe(status);
  return FailsBy(status, ErrorReason::kInvalidField) && DetailsOf(status).fields == std::vector<std::string>{field};
}

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_MATCHERS_H_
