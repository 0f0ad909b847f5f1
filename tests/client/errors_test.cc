#include "identity/errors.h"

#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace identity {
namespace {

google::rpc::ErrorInfo Info(const std::string& reason, const std::string& domain) {
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain(domain);
  return info;
}

template <typename... Details>
grpc::Status WithDetails(grpc::StatusCode code, const Details&... details) {
  google::rpc::Status status;
  EXPECT_TRUE((status.add_details()->PackFrom(details) && ...));
  return grpc::Status(code, "told", status.SerializeAsString());
}

TEST(ErrorsTest, CodeAndMessageAreThoseOfTheService) {
  const absl::Status status = FromGrpcStatus(grpc::Status(grpc::StatusCode::NOT_FOUND, "no such role"));
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "no such role");
  EXPECT_TRUE(FromGrpcStatus(grpc::Status::OK).ok());
}

TEST(ErrorsTest, TheReasonIsKept) {
  const absl::Status status =
      FromGrpcStatus(WithDetails(grpc::StatusCode::UNAUTHENTICATED, Info("REFRESH_TOKEN_REUSED", "identity.v1")));
  EXPECT_EQ(ErrorReasonOf(status), "REFRESH_TOKEN_REUSED");
}

TEST(ErrorsTest, AReasonOfAnotherServiceIsIgnored) {
  const absl::Status status =
      FromGrpcStatus(WithDetails(grpc::StatusCode::UNAVAILABLE, Info("OVERLOADED", "proxy.example")));
  EXPECT_EQ(ErrorReasonOf(status), "");
}

TEST(ErrorsTest, TheRetryDelayIsKeptBesideTheReason) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(1);
  retry.mutable_retry_delay()->set_nanos(500'000'000);
  const absl::Status status =
      FromGrpcStatus(WithDetails(grpc::StatusCode::RESOURCE_EXHAUSTED, Info("OVERLOADED", "identity.v1"), retry));
  EXPECT_EQ(RetryInfoOf(status), absl::Milliseconds(1500));
  EXPECT_EQ(ErrorReasonOf(status), "OVERLOADED");
}

TEST(ErrorsTest, TheRefusedFieldsAreKept) {
  google::rpc::BadRequest request;
  request.add_field_violations()->set_field("role.name");
  request.mutable_field_violations(0)->set_description("must not be empty");
  const auto violations = FieldViolationsOf(
      FromGrpcStatus(WithDetails(grpc::StatusCode::INVALID_ARGUMENT, Info("INVALID_FIELD", "identity.v1"), request)));
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "role.name");
  EXPECT_EQ(violations[0].description, "must not be empty");
}

TEST(ErrorsTest, WithoutDetailsThereIsNoReason) {
  const absl::Status status = FromGrpcStatus(grpc::Status(grpc::StatusCode::UNAVAILABLE, "no route"));
  EXPECT_EQ(ErrorReasonOf(status), "");
  EXPECT_EQ(RetryInfoOf(status), absl::nullopt);
}

TEST(ErrorsTest, MalformedDetailsAreIgnored) {
  const absl::Status status =
      FromGrpcStatus(grpc::Status(grpc::StatusCode::INTERNAL, "told", "\xff\xff not a message"));
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ErrorReasonOf(status), "");
}

}  // namespace
}  // namespace identity
