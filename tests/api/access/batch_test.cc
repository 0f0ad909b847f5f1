#include "absl/strings/str_cat.h"
#include "google/rpc/status.pb.h"
#include "server/view/facts.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

class BatchTest : public RpcTest {
 protected:
  static Result<v1::BatchCheckPermissionsResponse> Check(const v1::BatchCheckPermissionsRequest& request,
                                                         const Metadata& metadata = server().root()) {
    return server().Call(&Identity::BatchCheckPermissions, request, metadata);
  }
  static void AddCheck(v1::BatchCheckPermissionsRequest& request, const std::string& principal_id,
                       const std::string& permission, const std::string& resource = "") {
    v1::CheckPermissionRequest* check = request.add_checks();
    check->set_principal_id(principal_id);
    check->set_permission(permission);
    check->set_resource(resource);
  }
  // A batch of at least `bytes` bytes, with as few checks as possible.
  static v1::BatchCheckPermissionsRequest OfSize(size_t bytes) {
    v1::BatchCheckPermissionsRequest request;
    while (request.ByteSizeLong() < bytes) {
      v1::CheckPermissionRequest* check = request.add_checks();
      check->set_access_token(std::string(std::min<size_t>(3000, bytes), '.'));
      check->set_permission("posts:read");
    }
    return request;
  }
};

TEST_F(BatchTest, AnswersInOrderAtOneRevision) {
  const TestUser user = server().MakeUser();
  server().Grant(user.id, {"posts:*"}, "orgs/acme");
  v1::BatchCheckPermissionsRequest request;
  for (int i = 0; i < 1000; ++i) AddCheck(request, user.id, "posts:read", i % 3 == 0 ? "orgs/acme/x" : "orgs/other");
  const auto response = Must(Check(request));
  ASSERT_EQ(response.results_size(), 1000);
  for (int i = 0; i < 1000; ++i) {
    const auto& answer = response.results(i).response();
    EXPECT_EQ(answer.decision(), i % 3 == 0 ? v1::DECISION_ALLOWED : v1::DECISION_DENIED) << i;
    EXPECT_EQ(answer.consistency_token(), response.results(0).response().consistency_token());
  }
}

TEST_F(BatchTest, AcceptsOneToAThousandChecks) {
  v1::BatchCheckPermissionsRequest request;
  EXPECT_THAT(Check(request), RefusesField("checks"));
  for (int i = 0; i < 1001; ++i) AddCheck(request, server().root_id(), "posts:read");
  EXPECT_THAT(Check(request), RefusesField("checks"));
  request.mutable_checks()->RemoveLast();
  EXPECT_THAT(Check(request), Succeeds());
}

// Otherwise one batch would keep others waiting for as long as a thousand signatures take.
TEST_F(BatchTest, OnlyAWorkerVerifiesManySignatures) {
  const TestUser user = server().MakeUser();
  server().Grant(user.id, {"posts:read"});
  const auto answered_inline = [&](int tokens) {
    v1::BatchCheckPermissionsRequest request;
    for (int i = 0; i < tokens; ++i) {
      v1::CheckPermissionRequest* check = request.add_checks();
      check->set_access_token(server().Login(user).access_token());
      check->set_permission("posts:read");
    }
    const int64_t before = server().metrics().calls_inline.value();
    const auto response = Must(Check(request));
    for (const auto& result : response.results()) {
      EXPECT_EQ(result.response().decision(), v1::DECISION_ALLOWED) << result.ShortDebugString();
    }
    return server().metrics().calls_inline.value() - before;
  };
  answered_inline(1);  // loads the user
  EXPECT_EQ(answered_inline(Facts::kMostSlowSteps), 1);
  EXPECT_EQ(answered_inline(Facts::kMostSlowSteps + 1), 0);
}

TEST_F(BatchTest, AMalformedCheckIsAnErrorInItsPlaceOnly) {
  v1::BatchCheckPermissionsRequest request;
  AddCheck(request, server().root_id(), "posts:read");
  AddCheck(request, server().root_id(), "posts:*");
  request.add_checks()->set_permission("posts:read");
  AddCheck(request, server().root_id(), "posts:read", "/");
  AddCheck(request, server().root_id(), "posts:read");
  request.mutable_checks(4)->mutable_consistency()->set_fully_consistent(true);
  AddCheck(request, "not an id", "posts:read");
  const auto response = Must(Check(request));
  ASSERT_EQ(response.results_size(), 6);
  EXPECT_EQ(response.results(0).response().decision(), v1::DECISION_ALLOWED);
  EXPECT_EQ(response.results(5).response().reason(), v1::REASON_NO_BINDING);
  const std::vector<std::string> fields = {"checks[1].permission", "checks[2].subject", "checks[3].resource",
                                           "checks[4].consistency"};
  for (int i = 1; i <= 4; ++i) {
    const google::rpc::Status& error = response.results(i).error();
    EXPECT_EQ(error.code(), static_cast<int>(grpc::StatusCode::INVALID_ARGUMENT)) << i;
    const grpc::Status status(static_cast<grpc::StatusCode>(error.code()), error.message(), error.SerializeAsString());
    EXPECT_THAT(status, RefusesField(fields[static_cast<size_t>(i) - 1]));
    EXPECT_FALSE(response.results(i).has_response());
  }
}

TEST_F(BatchTest, WithoutThePermissionToCheckEachCheckMustBeSelf) {
  const TestUser user = server().MakeUser();
  server().Grant(user.id, {"posts:read"});
  const Metadata caller = Bearer(server().Login(user).access_token());
  auto request = Proto<v1::BatchCheckPermissionsRequest>(
      "checks { self: true permission: 'posts:read' } checks { self: true permission: 'posts:write' }");
  const auto response = Must(Check(request, caller));
  EXPECT_EQ(response.results(0).response().decision(), v1::DECISION_ALLOWED);
  EXPECT_EQ(response.results(1).response().decision(), v1::DECISION_DENIED);
  AddCheck(request, user.id, "posts:read");
  EXPECT_THAT(Check(request, caller), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Check(request, {}), FailsWith(ErrorReason::kCallerUnknown));
  request.mutable_checks()->RemoveLast();
  EXPECT_THAT(Check(request, {}), FailsWith(ErrorReason::kCallerUnknown));
}

TEST_F(BatchTest, ConsistencyAppliesToTheWholeBatch) {
  v1::BatchCheckPermissionsRequest request;
  AddCheck(request, server().root_id(), "posts:read");
  request.mutable_consistency()->set_at_least_as_fresh("x");
  EXPECT_THAT(Check(request), RefusesField("consistency.at_least_as_fresh"));
  request.mutable_consistency()->set_fully_consistent(true);
  const auto response = Must(Check(request));
  request.mutable_consistency()->set_at_least_as_fresh(response.results(0).response().consistency_token());
  EXPECT_THAT(Check(request), Succeeds());
}

TEST_F(BatchTest, ABatchMayBeAMebibyteAndNoMore) {
  const auto large = OfSize(1000 * 1024);
  ASSERT_LT(large.ByteSizeLong(), 1024u * 1024);
  const auto response = Must(Check(large));
  EXPECT_EQ(response.results(0).response().reason(), v1::REASON_CREDENTIAL_INVALID);
  EXPECT_THAT(Check(OfSize(1024 * 1024 + 1)), FailsWith(ErrorReason::kRequestTooLarge));
  EXPECT_EQ(Check(OfSize(3 * 1024 * 1024)).status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(BatchTest, ASingleCheckMayBe64KibibytesAndNoMore) {
  v1::CheckPermissionRequest check;
  check.set_permission("posts:read");
  check.set_access_token(std::string(60 * 1024, '.'));
  EXPECT_EQ(server().Check(check).reason(), v1::REASON_CREDENTIAL_INVALID);
  check.set_access_token(std::string(65 * 1024, '.'));
  EXPECT_THAT(server().Call(&Identity::CheckPermission, check, server().root()),
              FailsWith(ErrorReason::kRequestTooLarge));
}

}  // namespace
}  // namespace identity
