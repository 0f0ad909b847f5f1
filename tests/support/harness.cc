#include "tests/support/harness.h"

#include <grpcpp/support/byte_buffer.h>

#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "server/app/operator/bootstrap.h"

namespace identity {
namespace {

constexpr Argon2Parameters kCheapArgon2 = {uint64_t{19} << 20, 2};

// The hash of kTestPassword, made once because hashing is slow.
const std::string& CommonHash() {
  static const std::string hash = PasswordHash::Create(Secret(absl::string_view(kTestPassword)), kCheapArgon2)->text();
  return hash;
}

Config ConfigFor(const TestDatabase& database) {
  Config config;
  config.database_url = database.server_url();
  config.database_connections = 8;
  config.server.listen_address = "127.0.0.1:0";
  config.master_keys = Secret(std::string(64, '7'));
  config.argon2 = kCheapArgon2;
  config.workers = 8;
  config.hash_threads = 2;
  config.throttle = {0, 0, 0, 0, 0, 0, 0};
  return config;
}

template <typename T>
void AddAll(const std::vector<std::string>& texts, T* field) {
  for (const std::string& text : texts) field->Add(std::string(text));
}

}  // namespace

std::unique_ptr<TestServer> RpcTest::server_;

Metadata Bearer(const std::string& token) { return {{"authorization", "Bearer " + token}}; }

Metadata ApiKeyHeader(const std::string& key) { return {{"x-api-key", key}}; }

void WithProvidersHere(Config& config, const std::string& ca_file) {
  config.providers.ca_file = ca_file;
  EXPECT_TRUE(config.providers.allowed_networks.Add("127.0.0.0/8"));
}

TestServer::TestServer(std::function<void(Config&)> adjust) : adjust_(std::move(adjust)) {
  SetLogLevel(LogLevel::kError);
  Start();
  BootstrapRoot();
}

TestServer::~TestServer() = default;

void TestServer::Start() {
  Config config = ConfigFor(database_);
  adjust_(config);
  Service::Surroundings surroundings;
  surroundings.clock = [this] { return absl::Now() + absl::Nanoseconds(clock_offset_.load()); };
  surroundings.uptime = [this] { return Uptime() + absl::Nanoseconds(uptime_offset_.load()); };
  auto service = Service::Start(config, surroundings);
  if (!service.ok()) {
    std::cerr << "the server does not start: " << service.status() << std::endl;
    std::abort();
  }
  service_ = *std::move(service);
  Reconnect();
}

void TestServer::Reconnect() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  const auto channel = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", service_->port()),
                                                 grpc::InsecureChannelCredentials(), arguments);
  identity_ = v1::IdentityService::NewStub(channel);
  account_ = v1::AccountService::NewStub(channel);
  admin_ = v1::AdminService::NewStub(channel);
  generic_ = std::make_unique<grpc::GenericStub>(channel);
}

void TestServer::BootstrapRoot() {
  const auto root = Bootstrap({absl::Now() + absl::Seconds(20)}, database_.database(), "root", "root@example.com",
                              Secret(absl::string_view(kTestPassword)), false, kCheapArgon2);
  ASSERT_TRUE(root.ok()) << root.status();
  root_ = {root->id.ToString(), "root", "root@example.com", kTestPassword};
  v1::IssueApiKeyRequest request;
  request.set_display_name("root of the tests");
  request.mutable_proof()->set_current_password(kTestPassword);
  const auto key = Must(Call(&Identity::IssueApiKey, request, Bearer(Login(root_).access_token())));
  root_key_ = ApiKeyHeader(key.secret());
}

void TestServer::Advance(absl::Duration span) { clock_offset_ += absl::ToInt64Nanoseconds(span); }

void TestServer::AdvanceUptime(absl::Duration span) { uptime_offset_ += absl::ToInt64Nanoseconds(span); }

void TestServer::Restart() {
  service_.reset();
  Start();
}

void TestServer::Prepare(grpc::ClientContext& context, const Metadata& metadata) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
}

Result<std::string> TestServer::CallRaw(const std::string& method, const std::string& request,
                                        const Metadata& metadata) {
  grpc::ClientContext context;
  Prepare(context, metadata);
  const grpc::Slice slice(request);
  grpc::ByteBuffer sent(&slice, 1);
  grpc::ByteBuffer received;
  Result<std::string> result;
  absl::Notification done;
  generic_->UnaryCall(&context, "/" + method, grpc::StubOptions(), &sent, &received, [&](grpc::Status status) {
    result.status = std::move(status);
    done.Notify();
  });
  done.WaitForNotification();
  std::vector<grpc::Slice> slices;
  if (result.status.ok() && received.Dump(&slices).ok()) {
    for (const grpc::Slice& part : slices) {
      result.value.append(reinterpret_cast<const char*>(part.begin()), part.size());
    }
  }
  return result;
}

TestUser TestServer::MakeUser() {
  TestUser user;
  user.username = absl::StrCat("user-", ++names_);
  user.email = absl::StrCat(user.username, "@example.com");
  user.password = kTestPassword;
  v1::CreateUserRequest request;
  request.set_username(user.username);
  request.set_email(user.email);
  request.set_password_hash(CommonHash());
  user.id = Must(Call(&Admin::CreateUser, request, root())).user().id();
  return user;
}

std::string TestServer::MakeServiceAccount() {
  v1::CreateServiceAccountRequest request;
  request.set_name(absl::StrCat("service-", ++names_));
  return Must(Call(&Admin::CreateServiceAccount, request, root())).service_account().id();
}

std::string TestServer::MakeRole(const std::vector<std::string>& permissions,
                                 const std::vector<std::string>& inherits) {
  v1::CreateRoleRequest request;
  request.mutable_role()->set_name(absl::StrCat("role-", ++names_));
  AddAll(permissions, request.mutable_role()->mutable_permissions());
  AddAll(inherits, request.mutable_role()->mutable_inherits());
  return Must(Call(&Admin::CreateRole, request, root())).role().name();
}

std::string TestServer::Bind(const std::string& principal_id, const std::string& role, const std::string& resource) {
  v1::CreateBindingRequest request;
  request.mutable_binding()->set_principal_id(principal_id);
  request.mutable_binding()->set_role(role);
  request.mutable_binding()->set_resource(resource);
  return Must(Call(&Admin::CreateBinding, request, root())).binding().id();
}

std::string TestServer::Grant(const std::string& principal_id, const std::vector<std::string>& permissions,
                              const std::string& resource) {
  return Bind(principal_id, MakeRole(permissions), resource);
}

v1::IssueApiKeyResponse TestServer::IssueKey(const std::string& owner_id, const std::vector<std::string>& scopes) {
  v1::IssueApiKeyRequest request;
  request.set_owner_id(owner_id);
  AddAll(scopes, request.mutable_scopes());
  return Must(Call(&Identity::IssueApiKey, request, root()));
}

void TestServer::Disable(const std::string& principal_id) {
  v1::DisablePrincipalRequest request;
  request.set_principal_id(principal_id);
  Must(Call(&Admin::DisablePrincipal, request, root()));
}

void TestServer::Enable(const std::string& principal_id) {
  v1::EnablePrincipalRequest request;
  request.set_principal_id(principal_id);
  Must(Call(&Admin::EnablePrincipal, request, root()));
}

void TestServer::TellReplicas(const std::string& what, const std::string& whose) {
  database_.Execute(absl::Substitute(
      "WITH advanced AS (UPDATE revision SET value = value + 1 RETURNING value) "
      "INSERT INTO changes (revision, what, whose) SELECT value, '$0', '$1' FROM advanced; NOTIFY identity_changes",
      what, whose));
  v1::CheckPermissionRequest request = Proto<v1::CheckPermissionRequest>("anonymous: true permission: 'a:b'");
  request.mutable_consistency()->set_fully_consistent(true);
  Check(request);
}

void TestServer::ExpireBinding(const std::string& binding_id) {
  const std::string principal = Ask(absl::Substitute(
      "UPDATE bindings SET expire_time = now() - interval '1 second' WHERE id = '$0' RETURNING principal_id::text",
      binding_id));
  TellReplicas("principal", principal);
}

void TestServer::ExpireKey(const std::string& key_id) {
  database_.Execute(
      absl::Substitute("UPDATE api_keys SET expire_time = now() - interval '1 second' WHERE id = '$0'", key_id));
  TellReplicas("api_key", key_id);
}

v1::TokenSet TestServer::Login(const TestUser& user, const std::vector<std::string>& scopes,
                               const std::string& audience) {
  v1::AuthenticateRequest request;
  request.mutable_password()->set_login(user.username);
  request.mutable_password()->set_password(user.password);
  AddAll(scopes, request.mutable_scopes());
  request.set_audience(audience);
  return Must(Call(&Identity::Authenticate, request)).tokens();
}

grpc::Status TestServer::TryLogin(const std::string& login, const std::string& password) {
  v1::AuthenticateRequest request;
  request.mutable_password()->set_login(login);
  request.mutable_password()->set_password(password);
  return Call(&Identity::Authenticate, request).status;
}

Metadata TestServer::MakeCaller(const std::vector<std::string>& permissions, const std::string& resource) {
  const TestUser user = MakeUser();
  if (!permissions.empty()) Grant(user.id, permissions, resource);
  return Bearer(Login(user).access_token());
}

v1::CheckPermissionResponse TestServer::Check(const v1::CheckPermissionRequest& request) {
  return Must(Call(&Identity::CheckPermission, request, root()));
}

v1::Reason TestServer::ReasonFor(const std::string& access_token, const std::string& permission) {
  v1::CheckPermissionRequest check;
  check.set_access_token(access_token);
  check.set_permission(permission);
  return Check(check).reason();
}

std::string TestServer::Ask(const std::string& sql) {
  const Rows rows = database_.Execute(absl::StrCat("WITH asked (answer) AS (", sql, ") SELECT answer FROM asked"));
  EXPECT_EQ(rows.size(), 1u) << sql;
  return rows.empty() ? "" : rows[0].Text("answer");
}

void TestServer::WaitForALock(Transaction& transaction, const RequestContext& context) {
  static constexpr Statement kWaiting = {"test_waiting_for_locks",
                                         "SELECT 1 AS waiting FROM pg_locks WHERE NOT granted"};
  while (context.Check().ok()) {
    const absl::StatusOr<Rows> waiting = transaction.Execute(kWaiting);
    ASSERT_TRUE(waiting.ok()) << waiting.status();
    if (!waiting->empty()) return;
    absl::SleepFor(absl::Milliseconds(10));
  }
}

}  // namespace identity
