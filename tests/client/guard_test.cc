#include "identity/guard.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "identity/errors.h"
#include "tests/client/kinds_service.h"
#include "tests/support/deployment.h"
#include "tests/support/probe.h"

namespace identity {
namespace {

using kinds::v1::Item;
using kinds::v1::Kinds;

constexpr char kUnary[] = "/kinds.v1.Kinds/Unary";
constexpr char kDown[] = "/kinds.v1.Kinds/Down";
constexpr char kUp[] = "/kinds.v1.Kinds/Up";
constexpr char kBoth[] = "/kinds.v1.Kinds/Both";

// Which API the guarded service has.
enum class Api { kSynchronous, kCallback };

// A guarded server, and callers of the real service.
class GuardTest : public testing::TestWithParam<Api> {
 protected:
  static void SetUpTestSuite() {
    deployment_ = std::make_unique<Deployment>(Deployment::Options{1, {}});
    stranger_ = deployment_->LogIn(deployment_->NewUser("ada")).access_token();
  }
  static void TearDownTestSuite() { deployment_.reset(); }

  GuardTest()
      : client_(deployment_->client(0).As(FixedToken(Admin()))),
        guard_(Must(Guard::Create(*client_, {{kUnary, {"posts:read", "orgs/{name}"}},
                                             {kDown, {"posts:read", "orgs/{name}"}},
                                             {kUp, {"posts:read", "orgs/acme"}},
                                             {kBoth, {"posts:read", ""}}}))) {
    Serve(*guard_);
  }

  static std::string Admin() { return std::string(*deployment_->AsAdmin().credential); }

  void Serve(Guard& guard) {
    GuardedServerBuilder builder(guard);
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    if (GetParam() == Api::kCallback) {
      builder.RegisterService<Kinds>(&callback_service_);
    } else {
      builder.RegisterService<Kinds>(&service_);
    }
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    address_ = absl::StrCat("127.0.0.1:", port);
    stub_ = Kinds::NewStub(grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()));
  }

  // The caller that the handler saw, or the error: "PERMISSION_DENIED/NO_BINDING".
  std::string Call(const std::string& method, const std::string& token, const std::string& org = "acme") {
    grpc::ClientContext context;
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    Item request;
    request.set_name(org);
    Item response;
    const absl::Status status = FromGrpcStatus(Call(method, context, request, response));
    return status.ok() ? response.name()
                       : absl::StrCat(absl::StatusCodeToString(status.code()), "/", ErrorReasonOf(status));
  }
  int Runs() const { return service_.runs() + callback_service_.runs(); }

  static std::unique_ptr<Deployment> deployment_;
  static std::string stranger_;
  const std::unique_ptr<Client> client_;
  const std::unique_ptr<Guard> guard_;
  KindsService service_;
  KindsCallbackService callback_service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  std::unique_ptr<Kinds::Stub> stub_;

 private:
  grpc::Status Call(const std::string& method, grpc::ClientContext& context, const Item& request, Item& response) {
    if (method == kUnary) return stub_->Unary(&context, request, &response);
    if (method == kDown) {
      const auto reader = stub_->Down(&context, request);
      while (reader->Read(&response)) {
      }
      return reader->Finish();
    }
    if (method == kBoth) {
      const auto stream = stub_->Both(&context);
      stream->WritesDone();
      while (stream->Read(&response)) {
      }
      return stream->Finish();
    }
    const auto writer = method == kUp ? stub_->Up(&context, &response) : stub_->Forgotten(&context, &response);
    writer->Write(request);
    writer->WritesDone();
    return writer->Finish();
  }
};
std::unique_ptr<Deployment> GuardTest::deployment_;
std::string GuardTest::stranger_;

TEST_P(GuardTest, HandlersOfEachKindRunWithTheDecision) {
  for (const char* method : {kUnary, kDown, kUp, kBoth}) EXPECT_EQ(Call(method, Admin()), "root-admin") << method;
  EXPECT_EQ(Runs(), 4);
}

TEST_P(GuardTest, NoHandlerRunsForARefusedCall) {
  for (const char* method : {kUnary, kDown, kUp, kBoth}) {
    EXPECT_EQ(Call(method, stranger_), "PERMISSION_DENIED/NO_BINDING") << method;
    EXPECT_EQ(Call(method, ""), "UNAUTHENTICATED/CREDENTIAL_REQUIRED") << method;
  }
  for (const char* method : {kUnary, kDown}) {
    EXPECT_EQ(Call(method, Admin(), "a/b"), "INVALID_ARGUMENT/INVALID_FIELD") << method;
  }
  EXPECT_EQ(Call("/kinds.v1.Kinds/Forgotten", Admin()), "PERMISSION_DENIED/METHOD_WITHOUT_RULE");
  EXPECT_EQ(Runs(), 0);
}

TEST_P(GuardTest, NoHandlerRunsForAMalformedRequest) {
  Probe probe{address_};
  for (const char* method : {kUnary, kDown}) {
    EXPECT_EQ(CallRaw(probe, method, "\xff\xff").status().code(), absl::StatusCode::kInternal) << method;
  }
  EXPECT_EQ(Runs(), 0);
}

TEST_P(GuardTest, WithoutTheServiceNothingIsDecided) {
  ClientOptions options;
  options.address = absl::StrCat("127.0.0.1:", FreePort());
  options.plaintext = true;
  options.credential = FixedToken(Admin());
  const auto client = Must(Client::Create(std::move(options)));
  std::vector<absl::StatusCode> logged;
  const auto guard = Must(Guard::Create(*client, {{kUnary, {"posts:read", ""}}, {kUp, Rule::Public()}},
                                        [&](const absl::Status& cause) { logged.push_back(cause.code()); }));
  Serve(*guard);
  EXPECT_EQ(Call(kUnary, Admin()), "UNAVAILABLE/UNDECIDED");
  EXPECT_THAT(logged, testing::ElementsAre(absl::StatusCode::kUnavailable));
  EXPECT_EQ(Runs(), 0);
  EXPECT_EQ(Call(kUp, ""), "nobody") << "a public method";
  server_.reset();  // before the guard
}

INSTANTIATE_TEST_SUITE_P(Apis, GuardTest, testing::Values(Api::kSynchronous, Api::kCallback),
                         [](const auto& api) { return api.param == Api::kCallback ? "Callback" : "Synchronous"; });

// Needs no server of the service.
class GuardRulesTest : public testing::Test {
 protected:
  GuardRulesTest() {
    ClientOptions options;
    options.address = "127.0.0.1:1";
    options.plaintext = true;
    client_ = Must(Client::Create(std::move(options)));
  }
  absl::Status Create(const Rules& rules) { return Guard::Create(*client_, rules).status(); }
  bool Starts(grpc::ServerBuilder& builder) { return builder.BuildAndStart() != nullptr; }

  std::unique_ptr<Client> client_;
};

TEST_F(GuardRulesTest, WrongRulesAreRefusedAtTheStart) {
  EXPECT_TRUE(Create({{kUnary, {"posts:read", "orgs/{name}"}}, {kBoth, {"posts:read", ""}}}).ok());
  const Rules wrong = {
      {"/kinds.v1.Kinds/Unknown", {"posts:read", ""}},
      {"/kinds.v1.Unknown/Unary", {"posts:read", ""}},
      {"kinds.v1.Kinds/Unary", {"posts:read", ""}},
      {"/kinds.v1.Kinds.Unary", {"posts:read", ""}},
      {"/kinds.v1.Kinds/Unary/", {"posts:read", ""}},
      {kUnary, {"", "orgs/{name}"}},
      {kUnary, {"posts:*", "orgs/{name}"}},
      {kUnary, {"Posts:read", ""}},
      {kUnary, {"posts:", ""}},
      {kUnary, {"posts:read", "orgs/{unknown}"}},
      {kUp, {"posts:read", "orgs/{name}"}},
  };
  for (const auto& rule : wrong) {
    EXPECT_EQ(Create({rule}).code(), absl::StatusCode::kInvalidArgument) << rule.first << " " << rule.second.resource();
  }
}

TEST_F(GuardRulesTest, AMethodHasOneRule) {
  EXPECT_EQ(Create({{kUnary, {"posts:read", ""}}, {kUnary, Rule::Public()}}).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(GuardRulesTest, AServerWithAServiceThatIsNotGuardedDoesNotStart) {
  const auto guard = Must(Guard::Create(*client_, {}));
  KindsService service;
  {
    GuardedServerBuilder builder(*guard);
    builder.RegisterService<Kinds>(&service);
    EXPECT_TRUE(Starts(builder));
  }
  GuardedServerBuilder builder(*guard);
  builder.SetMaxReceiveMessageSize(1).RegisterService(&service);  // that of grpc::ServerBuilder
  EXPECT_FALSE(Starts(builder));
}

TEST_F(GuardRulesTest, AServiceThatCannotBeGuardedDoesNotStart) {
  const auto guard = Must(Guard::Create(*client_, {}));
  Kinds::AsyncService async;
  Kinds::WithAsyncMethod_Unary<Kinds::Service> partly_async;
  Kinds::WithCallbackMethod_Unary<Kinds::Service> mixed;
  Kinds::WithGenericMethod_Unary<Kinds::Service> generic;
  const auto starts = [&](auto& service) {
    GuardedServerBuilder builder(*guard);
    builder.RegisterService<Kinds>(&service);
    return Starts(builder);
  };
  EXPECT_FALSE(starts(async));
  EXPECT_FALSE(starts(partly_async));
  EXPECT_FALSE(starts(mixed));
  EXPECT_FALSE(starts(generic));
}

}  // namespace
}  // namespace identity
