#ifndef IDENTITY_TESTS_SUPPORT_HARNESS_H_
#define IDENTITY_TESTS_SUPPORT_HARNESS_H_

#include <google/protobuf/message.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/strings/substitute.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/text_format.h"
#include "identity/v1/account_service.grpc.pb.h"
#include "identity/v1/admin_service.grpc.pb.h"
#include "identity/v1/identity_service.grpc.pb.h"
#include "server/config.h"
#include "server/service.h"
#include "tests/support/matchers.h"
#include "tests/support/postgres.h"

namespace identity {

// A well-formed id that no principal has.
inline constexpr char kUnknownId[] = "0190b5a0-0000-7000-8000-000000000000";

using Identity = v1::IdentityService::Stub;
using Account = v1::AccountService::Stub;
using Admin = v1::AdminService::Stub;

// The metadata and deadline of a client's call.
using Metadata = std::vector<std::pair<std::string, std::string>>;
Metadata Bearer(const std::string& token);
Metadata ApiKeyHeader(const std::string& key);

// Parses a message in text form. `arguments` replace $0, $1 … and must need no escaping.
template <typename T, typename... Arguments>
T Proto(absl::string_view text, const Arguments&... arguments) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(absl::Substitute(text, arguments...), &message)) << text;
  return message;
}

// Lets the server ask identity providers on this machine that have a certificate of `ca_file`.
void WithProvidersHere(Config& config, const std::string& ca_file);

// The password of every user that a TestServer makes.
inline constexpr char kTestPassword[] = "correct horse battery staple";

// A user of the tests.
struct TestUser {
  std::string id;
  std::string username;
  std::string email;
  std::string password;
};

// A server in this process with its own database and a super admin. For one thread, except the stubs and `Call`.
class TestServer {
 public:
  // Has cheap hashes, no mail, and no limits, because all calls come from one address. `adjust` can change that.
  explicit TestServer(std::function<void(Config&)> adjust = [](Config&) {});
  ~TestServer();

  TestDatabase& database() { return database_; }
  Admin& admin() { return *admin_; }
  const Metrics& metrics() const { return service_->metrics(); }
  // Advances the server's clock, which decides the lifetime of access tokens.
  void Advance(absl::Duration span);
  // The same for the windows of its limits.
  void AdvanceUptime(absl::Duration span);
  // Later calls use a new connection.
  void Reconnect();
  // Ends the server and starts another one on the same database.
  void Restart();

  const std::string& root_id() const { return root_.id; }
  const TestUser& root_user() const { return root_; }
  // The credential of the super admin, an API key.
  const Metadata& root() const { return root_key_; }

  template <typename Request, typename Response>
  Result<Response> Call(grpc::Status (Identity::*rpc)(grpc::ClientContext*, const Request&, Response*),
                        const Request& request, const Metadata& metadata = {}) {
    return CallOn(*identity_, rpc, request, metadata);
  }
  template <typename Request, typename Response>
  Result<Response> Call(grpc::Status (Account::*rpc)(grpc::ClientContext*, const Request&, Response*),
                        const Request& request, const Metadata& metadata = {}) {
    return CallOn(*account_, rpc, request, metadata);
  }
  template <typename Request, typename Response>
  Result<Response> Call(grpc::Status (Admin::*rpc)(grpc::ClientContext*, const Request&, Response*),
                        const Request& request, const Metadata& metadata = {}) {
    return CallOn(*admin_, rpc, request, metadata);
  }
  // `method` is a name such as "identity.v1.AdminService/GetRole", `request` a serialized message.
  Result<std::string> CallRaw(const std::string& method, const std::string& request, const Metadata& metadata = {});

  // These act as the super admin, and an error fails the test.
  TestUser MakeUser();
  std::string MakeServiceAccount();
  // A new role's name.
  std::string MakeRole(const std::vector<std::string>& permissions, const std::vector<std::string>& inherits = {});
  // The binding's id.
  std::string Bind(const std::string& principal_id, const std::string& role, const std::string& resource = "");
  // Binds a new role.
  std::string Grant(const std::string& principal_id, const std::vector<std::string>& permissions,
                    const std::string& resource = "");
  v1::IssueApiKeyResponse IssueKey(const std::string& owner_id, const std::vector<std::string>& scopes);
  void Disable(const std::string& principal_id);
  void Enable(const std::string& principal_id);
  // Moves the expiry of a binding or an API key into the past, and notifies the replicas.
  void ExpireBinding(const std::string& binding_id);
  void ExpireKey(const std::string& key_id);

  v1::TokenSet Login(const TestUser& user, const std::vector<std::string>& scopes = {},
                     const std::string& audience = "");
  // Only the outcome of a login.
  grpc::Status TryLogin(const std::string& login, const std::string& password);
  // A user that holds `permissions` on `resource`, logged in.
  Metadata MakeCaller(const std::vector<std::string>& permissions, const std::string& resource = "");
  v1::CheckPermissionResponse Check(const v1::CheckPermissionRequest& request);
  // The reason of the decision about the token's subject, on everything.
  v1::Reason ReasonFor(const std::string& access_token, const std::string& permission);
  // The value of the one row and column that `sql` returns.
  std::string Ask(const std::string& sql);
  // Waits until another session waits for a lock, at most to the context's deadline. The transaction itself asks,
  // because PostgreSQL ends one that is idle for 2 seconds.
  static void WaitForALock(Transaction& transaction, const RequestContext& context);

 private:
  template <typename Stub, typename Request, typename Response>
  Result<Response> CallOn(Stub& stub, grpc::Status (Stub::*rpc)(grpc::ClientContext*, const Request&, Response*),
                          const Request& request, const Metadata& metadata) {
    grpc::ClientContext context;
    Prepare(context, metadata);
    Result<Response> result;
    result.status = (stub.*rpc)(&context, request, &result.value);
    for (const auto& [name, value] : context.GetServerTrailingMetadata()) {
      result.trailing.emplace(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
    }
    return result;
  }
  static void Prepare(grpc::ClientContext& context, const Metadata& metadata);
  void Start();
  void BootstrapRoot();
  void TellReplicas(const std::string& what, const std::string& whose);

  TestDatabase database_;
  const std::function<void(Config&)> adjust_;
  std::atomic<int64_t> clock_offset_ = 0;   // nanoseconds
  std::atomic<int64_t> uptime_offset_ = 0;  // likewise
  std::unique_ptr<Service> service_;
  std::unique_ptr<Identity> identity_;
  std::unique_ptr<Account> account_;
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<grpc::GenericStub> generic_;
  TestUser root_;
  Metadata root_key_;
  int names_ = 0;
};

// The value of a call that must not fail.
template <typename T>
T Must(Result<T> result) {
  EXPECT_THAT(result, Succeeds());
  return std::move(result.value);
}

// A suite with one server for tests that do not disturb each other.
class RpcTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<TestServer>(); }
  static void TearDownTestSuite() { server_.reset(); }
  static TestServer& server() { return *server_; }

 private:
  static std::unique_ptr<TestServer> server_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_HARNESS_H_
