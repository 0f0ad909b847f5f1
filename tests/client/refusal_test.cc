#include "identity/refusal.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "identity/errors.h"

namespace identity {
namespace {

// Such as "PERMISSION_DENIED/NO_BINDING".
std::string KindOf(const grpc::Status& refusal) {
  const absl::Status status = FromGrpcStatus(refusal);
  return absl::StrCat(absl::StatusCodeToString(status.code()), "/", ErrorReasonOf(status));
}

v1::CheckPermissionResponse Denied(v1::Reason reason) {
  v1::CheckPermissionResponse answer;
  answer.set_decision(v1::DECISION_DENIED);
  answer.set_reason(reason);
  return answer;
}

TEST(RefusalTest, OnlyAnAnonymousCallerIsAskedForACredential) {
  EXPECT_EQ(KindOf(RefusalOf(Denied(v1::REASON_NO_BINDING), true)), "UNAUTHENTICATED/CREDENTIAL_REQUIRED");
  EXPECT_EQ(KindOf(RefusalOf(Denied(v1::REASON_NO_BINDING), false)), "PERMISSION_DENIED/NO_BINDING");
}

TEST(RefusalTest, AQuotaSaysWhenToTryAgain) {
  v1::CheckPermissionResponse answer = Denied(v1::REASON_QUOTA_EXCEEDED);
  answer.mutable_quota()->mutable_reset()->set_seconds(7);
  answer.mutable_quota()->mutable_reset()->set_nanos(500'000'000);
  const grpc::Status refusal = RefusalOf(answer, false);
  EXPECT_EQ(KindOf(refusal), "RESOURCE_EXHAUSTED/QUOTA_EXCEEDED");
  EXPECT_EQ(RetryInfoOf(FromGrpcStatus(refusal)), absl::Milliseconds(7500));
}

TEST(RefusalTest, WhatThisVersionDoesNotKnowIsUndecided) {
  EXPECT_EQ(KindOf(RefusalOf(Denied(static_cast<v1::Reason>(99)), true)), "PERMISSION_DENIED/UNDECIDED");
  EXPECT_EQ(KindOf(RefusalOf(Denied(v1::REASON_GRANTED), true)), "PERMISSION_DENIED/UNDECIDED");
  v1::CheckPermissionResponse answer = Denied(v1::REASON_NO_BINDING);
  answer.set_decision(static_cast<v1::Decision>(99));
  EXPECT_EQ(KindOf(RefusalOf(answer, true)), "PERMISSION_DENIED/UNDECIDED");
  EXPECT_EQ(KindOf(RefusalOf({}, true)), "PERMISSION_DENIED/UNDECIDED");
}

// A new reason needs a line in the table of client/README.md.
TEST(RefusalTest, EveryReasonOfADenialIsKnown) {
  for (int i = 0; i < v1::Reason_descriptor()->value_count(); ++i) {
    const auto reason = static_cast<v1::Reason>(v1::Reason_descriptor()->value(i)->number());
    if (reason == v1::REASON_UNSPECIFIED || reason == v1::REASON_GRANTED) continue;
    EXPECT_EQ(absl::StrCat("REASON_", ErrorReasonOf(FromGrpcStatus(RefusalOf(Denied(reason), false)))),
              v1::Reason_Name(reason));
  }
}

TEST(RefusalTest, AnErrorSaysNothingOfItsCause) {
  const grpc::Status refusal = Undecided(absl::UnauthenticatedError("canary"));
  EXPECT_EQ(KindOf(refusal), "UNAVAILABLE/UNDECIDED");
  EXPECT_EQ(refusal.error_message().find("canary"), std::string::npos);
  EXPECT_EQ(refusal.error_details().find("canary"), std::string::npos);
  EXPECT_EQ(RetryInfoOf(FromGrpcStatus(refusal)), absl::Seconds(1));
}

}  // namespace
}  // namespace identity
