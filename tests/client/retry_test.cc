#include "identity/retry.h"

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <string>

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"
#include "identity/v1/account_service.pb.h"
#include "identity/v1/admin_service.pb.h"
#include "identity/v1/identity_service.pb.h"

namespace identity {
namespace {

absl::Status WithReason(absl::StatusCode code, const std::string& reason) {
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("identity.v1");
  absl::Status status(code, reason);
  status.SetPayload("type.googleapis.com/google.rpc.ErrorInfo", absl::Cord(info.SerializeAsString()));
  return status;
}

absl::Status Unavailable() { return absl::UnavailableError("no route"); }
absl::Status Conflict() { return WithReason(absl::StatusCode::kAborted, "CONFLICT"); }
absl::Status Overloaded() { return WithReason(absl::StatusCode::kResourceExhausted, "OVERLOADED"); }
absl::Status InDoubt() { return WithReason(absl::StatusCode::kUnknown, "COMMIT_IN_DOUBT"); }

absl::Status AskingFor(absl::Duration delay) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(delay));
  absl::Status status = Overloaded();
  status.SetPayload("type.googleapis.com/google.rpc.RetryInfo", absl::Cord(info.SerializeAsString()));
  return status;
}

// The RPCs of all services for which the policy says `repeat` for an empty request.
std::vector<std::string> MethodsThatRepeat(Repeat repeat) {
  static_cast<void>(v1::GetAccountRequest::descriptor());  // links the service, which the client does not use
  const google::protobuf::DescriptorPool& pool = *google::protobuf::DescriptorPool::generated_pool();
  std::vector<std::string> methods;
  for (const char* name : {"identity.v1.IdentityService", "identity.v1.AccountService", "identity.v1.AdminService"}) {
    const google::protobuf::ServiceDescriptor* service = pool.FindServiceByName(name);
    for (int i = 0; i < service->method_count(); ++i) {
      const google::protobuf::Message* request =
          google::protobuf::MessageFactory::generated_factory()->GetPrototype(service->method(i)->input_type());
      if (IdempotencyPolicy().Of(*request) == repeat) methods.emplace_back(service->method(i)->name());
    }
  }
  return methods;
}

TEST(IdempotencyPolicyTest, ReadsChecksAndRevocationsAreSafe) {
  // Add a new RPC to this list if it may be repeated. No other RPC may appear in it.
  EXPECT_THAT(MethodsThatRepeat(Repeat::kSafe),
              testing::UnorderedElementsAre(
                  "Revoke", "CheckPermission", "BatchCheckPermissions", "GetUser", "ListUsers", "GetRole", "ListRoles",
                  "ListBindings", "ListEffectivePermissions", "ListSubjects", "ListResources", "GetAccount",
                  "ListSessions", "ListApiKeys", "ListServiceAccounts", "ListPrincipalSessions", "ListPrincipalApiKeys",
                  "GetStatistics", "ListAuditEvents", "ListSigningKeys", "GetIdentityProvider", "ListIdentityProviders",
                  "ListExternalIdentities"));
}

TEST(IdempotencyPolicyTest, OnlyRefreshIsRepeatedOnlyWhenUnavailable) {
  EXPECT_THAT(MethodsThatRepeat(Repeat::kWhenUnavailable), testing::ElementsAre("Refresh"));
}

TEST(IdempotencyPolicyTest, APasswordIsNeverRetried) {
  v1::AuthenticateRequest request;
  request.mutable_password()->set_login("ada");
  EXPECT_EQ(IdempotencyPolicy().Of(request), Repeat::kNever);
}

TEST(IdempotencyPolicyTest, ASecondFactorIsNeverRetried) {
  v1::AuthenticateRequest request;
  request.mutable_mfa()->set_totp_code("000000");
  EXPECT_EQ(IdempotencyPolicy().Of(request), Repeat::kNever);
}

// The first attempt may have created an account.
TEST(IdempotencyPolicyTest, AnIdTokenIsNeverRetried) {
  v1::AuthenticateRequest request;
  request.mutable_id_token()->set_token("eyJ");
  EXPECT_EQ(IdempotencyPolicy().Of(request), Repeat::kNever);
}

TEST(IdempotencyPolicyTest, AnApiKeyCanBeExchangedAgain) {
  v1::AuthenticateRequest request;
  request.mutable_api_key()->set_key("idk_");
  EXPECT_EQ(IdempotencyPolicy().Of(request), Repeat::kSafe);
}

TEST(IdempotencyPolicyTest, CreatingCallsAreSafeOnlyWithARequestId) {
  v1::IssueApiKeyRequest key;
  v1::CreateBindingRequest binding;
  EXPECT_EQ(IdempotencyPolicy().Of(key), Repeat::kNever);
  EXPECT_EQ(IdempotencyPolicy().Of(binding), Repeat::kNever);
  key.set_request_id("0190b1f0-0000-7000-8000-000000000000");
  binding.set_request_id("0190b1f0-0000-7000-8000-000000000000");
  EXPECT_EQ(IdempotencyPolicy().Of(key), Repeat::kSafe);
  EXPECT_EQ(IdempotencyPolicy().Of(binding), Repeat::kSafe);
}

TEST(RetryPolicyTest, SafeCallsAreRepeatedAfterTransientErrors) {
  for (const absl::Status& error : {Unavailable(), Conflict(), Overloaded(), InDoubt()}) {
    EXPECT_TRUE(RetryPolicy().Allows(error, Repeat::kSafe, 1)) << error;
  }
}

TEST(RetryPolicyTest, NothingIsRepeatedAfterPermanentErrors) {
  const absl::Status errors[] = {
      absl::OkStatus(),
      absl::InvalidArgumentError("x"),
      absl::UnauthenticatedError("x"),
      absl::PermissionDeniedError("x"),
      absl::InternalError("x"),
      absl::DeadlineExceededError("x"),
      absl::UnknownError("x"),
      WithReason(absl::StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE"),
  };
  for (const absl::Status& error : errors) EXPECT_FALSE(RetryPolicy().Allows(error, Repeat::kSafe, 1)) << error;
}

TEST(RetryPolicyTest, ARefreshIsRepeatedOnlyWhenUnavailable) {
  EXPECT_TRUE(RetryPolicy().Allows(Unavailable(), Repeat::kWhenUnavailable, 1));
  for (const absl::Status& error : {Conflict(), Overloaded(), InDoubt()}) {
    EXPECT_FALSE(RetryPolicy().Allows(error, Repeat::kWhenUnavailable, 1)) << error;
  }
}

TEST(RetryPolicyTest, UnsafeCallsAreNeverRepeated) {
  for (const absl::Status& error : {Unavailable(), Conflict(), Overloaded(), InDoubt()}) {
    EXPECT_FALSE(RetryPolicy().Allows(error, Repeat::kNever, 1)) << error;
  }
}

TEST(RetryPolicyTest, CallsThatNoHandlerHasSeenAreAlwaysRepeated) {
  for (const Repeat repeat : {Repeat::kNever, Repeat::kWhenUnavailable, Repeat::kSafe}) {
    EXPECT_TRUE(RetryPolicy().Allows(absl::CancelledError("CANCELLED"), repeat, 1));
    EXPECT_FALSE(RetryPolicy(2).Allows(absl::CancelledError("CANCELLED"), repeat, 2));
    EXPECT_FALSE(RetryPolicy().Allows(absl::CancelledError("Received RST_STREAM with error code 8"), repeat, 1));
  }
}

TEST(RetryPolicyTest, StopsAfterItsAttempts) {
  EXPECT_TRUE(RetryPolicy(3).Allows(Unavailable(), Repeat::kSafe, 2));
  EXPECT_FALSE(RetryPolicy(3).Allows(Unavailable(), Repeat::kSafe, 3));
}

TEST(BackoffPolicyTest, DoublesUpToTheMaximum) {
  const BackoffPolicy policy({absl::Milliseconds(100), absl::Milliseconds(350)});
  EXPECT_EQ(policy.Delay(Unavailable(), 1, 0), absl::Milliseconds(100));
  EXPECT_EQ(policy.Delay(Unavailable(), 2, 0), absl::Milliseconds(200));
  EXPECT_EQ(policy.Delay(Unavailable(), 3, 0), absl::Milliseconds(350));
  EXPECT_EQ(policy.Delay(Unavailable(), 1000, 0), absl::Milliseconds(350));
}

TEST(BackoffPolicyTest, JitterShortensADelayByUpToHalf) {
  const BackoffPolicy policy({absl::Milliseconds(100), absl::Seconds(1)});
  EXPECT_EQ(policy.Delay(Unavailable(), 1, 1), absl::Milliseconds(50));
  EXPECT_EQ(policy.Delay(Unavailable(), 1, 0.5), absl::Milliseconds(75));
}

TEST(BackoffPolicyTest, NeverRetriesEarlierThanTheServiceAsks) {
  const BackoffPolicy policy({absl::Milliseconds(100), absl::Seconds(1)});
  for (const double random : {0.0, 0.5, 1.0}) {
    EXPECT_GE(policy.Delay(AskingFor(absl::Seconds(3)), 1, random), absl::Seconds(3));
  }
}

}  // namespace
}  // namespace identity
