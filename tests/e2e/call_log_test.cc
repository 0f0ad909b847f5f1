#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "identity/v1/admin_service.grpc.pb.h"
#include "tests/support/deployment.h"
#include "tests/support/matchers.h"

// The lines that the real program logs about calls.
namespace identity {
namespace {

using LogLine = nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr char kGetRole[] = "identity.v1.AdminService/GetRole";

// Each line must be one JSON object.
std::vector<LogLine> LinesOf(const std::string& log) {
  std::vector<LogLine> lines;
  for (const absl::string_view text : absl::StrSplit(log, '\n', absl::SkipEmpty())) {
    lines.push_back(LogLine::parse(text.begin(), text.end(), nullptr, false));
    EXPECT_TRUE(lines.back().is_object()) << text;
  }
  return lines;
}

// The lines about calls of `method`.
std::vector<LogLine> CallsIn(const std::string& log, const std::string& method) {
  std::vector<LogLine> calls;
  for (const LogLine& line : LinesOf(log)) {
    if (line.value("event", "") == "call" && line.value("method", "") == method) calls.push_back(line);
  }
  return calls;
}

class CallLogTest : public testing::Test {
 protected:
  static Deployment::Options Logging(const std::string& level, const std::vector<std::string>& flags = {}) {
    Deployment::Options options;
    options.replicas = 1;
    options.flags = flags;
    options.log_level = level;
    return options;
  }

  // Asks for a role as the admin, with `request_id` unless it is empty.
  static Result<v1::GetRoleResponse> GetRole(Deployment& deployment, const std::string& name,
                                             const std::string& request_id = "") {
    const auto stub = v1::AdminService::NewStub(
        grpc::CreateChannel(deployment.replica(0).address(), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    context.AddMetadata("authorization", absl::StrCat("Bearer ", *deployment.AsAdmin().credential));
    if (!request_id.empty()) context.AddMetadata("x-request-id", request_id);
    v1::GetRoleRequest request;
    request.set_name(name);
    Result<v1::GetRoleResponse> result;
    result.status = stub->GetRole(&context, request, &result.value);
    for (const auto& [key, value] : context.GetServerTrailingMetadata()) {
      result.trailing.emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
    }
    return result;
  }
};

TEST_F(CallLogTest, AtDebugEachCallHasALine) {
  Deployment deployment(Logging("debug"));
  EXPECT_THAT(GetRole(deployment, "admin", "my-call-1"), Succeeds());
  const auto failed = GetRole(deployment, "no-such-role");
  EXPECT_THAT(failed, FailsWith(ErrorReason::kNotFound));
  const std::vector<LogLine> calls = CallsIn(deployment.Log(0), kGetRole);
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_EQ(calls[0]["level"], "debug");
  EXPECT_EQ(calls[0]["code"], "OK");
  EXPECT_EQ(calls[0]["reason"], "");
  EXPECT_EQ(calls[0]["principal"], deployment.admin().id);
  EXPECT_EQ(calls[0]["request_id"], "my-call-1");
  EXPECT_GT(std::stod(calls[0]["duration_ms"].get<std::string>()), 0);
  EXPECT_EQ(calls[1]["level"], "debug");
  EXPECT_EQ(calls[1]["code"], "NOT_FOUND");
  EXPECT_EQ(calls[1]["reason"], "NOT_FOUND");
  EXPECT_EQ(calls[1]["principal"], deployment.admin().id);
  EXPECT_EQ(calls[1]["request_id"], failed.trailing.find("x-request-id")->second);
}

TEST_F(CallLogTest, NoTextOfAClientGetsIntoALine) {
  Deployment deployment(Logging("debug"));
  const std::string hostile = "\"},{\"level\":\"error";
  EXPECT_THAT(GetRole(deployment, "admin", hostile), Succeeds());
  EXPECT_THAT(GetRole(deployment, "a name that is no name"), FailsWith(ErrorReason::kNotFound));
  EXPECT_FALSE(CallRaw({deployment.replica(0).address()}, "/identity.v1.AdminService/Tell-tale", "").ok());
  EXPECT_THAT(CallsIn(deployment.Log(0), kGetRole), SizeIs(2));
  EXPECT_THAT(CallsIn(deployment.Log(0), "(unknown)"), SizeIs(1));
  for (const char* text : {"},{", "no name", "ell-tale"}) EXPECT_THAT(deployment.Log(0), Not(HasSubstr(text)));
}

TEST_F(CallLogTest, AtInfoOnlyFailuresOnOurSideHaveALine) {
  // Slow enough that no call of this test is slow.
  Deployment deployment(Logging("info", {"--slow-call-threshold=1m"}));
  EXPECT_THAT(GetRole(deployment, "admin", "my-call-1"), Succeeds());
  EXPECT_THAT(GetRole(deployment, "no-such-role"), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(CallsIn(deployment.Log(0), kGetRole), SizeIs(0));
  TestCluster::Get().Stop();
  const auto failed = GetRole(deployment, "admin");
  TestCluster::Get().Start();
  EXPECT_THAT(failed, FailsWith(ErrorReason::kStorageUnavailable));
  const std::vector<LogLine> calls = CallsIn(deployment.Log(0), kGetRole);
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0]["level"], "info");
  EXPECT_EQ(calls[0]["code"], "UNAVAILABLE");
  EXPECT_EQ(calls[0]["reason"], "STORAGE_UNAVAILABLE");
  EXPECT_EQ(calls[0]["principal"], deployment.admin().id);
  EXPECT_EQ(calls[0]["request_id"], failed.trailing.find("x-request-id")->second);
}

TEST_F(CallLogTest, AtInfoSlowCallsHaveALine) {
  Deployment deployment(Logging("info", {"--slow-call-threshold=0"}));
  EXPECT_THAT(GetRole(deployment, "admin"), Succeeds());
  const std::vector<LogLine> calls = CallsIn(deployment.Log(0), kGetRole);
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0]["level"], "info");
  EXPECT_EQ(calls[0]["code"], "OK");
  EXPECT_THAT(calls[0]["request_id"].get<std::string>(), SizeIs(24)) << "a line always has one";
}

TEST_F(CallLogTest, LinesOfLibrariesAreJsonToo) {
  Deployment::Options options = Logging("debug");
  options.environment = {"GRPC_VERBOSITY=debug"};
  Deployment deployment(options);
  bool of_library = false;
  for (const LogLine& line : LinesOf(deployment.Log(0))) {
    of_library = of_library || line.value("event", "") == "library";
  }
  EXPECT_TRUE(of_library);
}

// gRPC would answer such a call of its own with an empty message.
TEST_F(CallLogTest, ACallWithoutAMessageIsRefusedByTheContract) {
  Deployment deployment(Logging("debug"));
  grpc::GenericStub stub(grpc::CreateChannel(deployment.replica(0).address(), grpc::InsecureChannelCredentials()));
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  const auto await = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    EXPECT_TRUE(queue.Next(&tag, &ok));
  };
  const auto call = stub.PrepareCall(&context, absl::StrCat("/", kGetRole), &queue);
  call->StartCall(nullptr);
  await();
  call->WritesDone(nullptr);
  await();
  grpc::Status status;
  call->Finish(&status, nullptr);
  await();
  EXPECT_THAT(status, RefusesField("request"));
  queue.Shutdown();
}

}  // namespace
}  // namespace identity
