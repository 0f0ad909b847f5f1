#include "tests/support/deployment.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/random.h"
#include "server/domain/password.h"

namespace identity {
namespace {

constexpr Argon2Parameters kCheapest{uint64_t{19} << 20, 2};
// Much longer than any call takes, so that a busy machine does not fail a test.
constexpr absl::Duration kDeadline = absl::Seconds(30);

// Test programs that run at the same time have different ranges of ports, below those that the system hands out.
constexpr int kFirstPort = 10000;
constexpr int kPortRanges = 100;
constexpr int kPortsPerProcess = 100;

bool CanBind(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  const bool bound = bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(listener);
  return bound;
}

std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

std::string Identityd() { return IDENTITYD_PATH; }

std::vector<std::string> CheapHashes() { return {"--argon2-memory-mib=19", "--argon2-passes=2"}; }

std::vector<std::string> NoLimits() {
  return {"--login-failures-per-minute=0", "--registrations-per-hour=0",   "--mails-per-hour=0",
          "--calls-per-minute=0",          "--new-passwords-per-minute=0", "--session-calls-per-minute=0"};
}

int FreePort() {
  static int count = 0;
  const int first = kFirstPort + getpid() % kPortRanges * kPortsPerProcess;
  for (int i = 0; i < kPortsPerProcess; ++i) {
    const int port = first + count++ % kPortsPerProcess;
    if (CanBind(port)) return port;
  }
  throw std::runtime_error("no free port");
}

int Rounds(int fallback) {
  const char* text = std::getenv("IDENTITY_ROUNDS");
  int rounds = 0;
  return text != nullptr && absl::SimpleAtoi(text, &rounds) ? rounds : fallback;
}

std::unique_ptr<Client> Connect(const std::string& address) {
  ClientOptions options;
  options.address = address;
  options.plaintext = true;
  options.deadline = kDeadline;
  options.retry = RetryPolicy(1);  // a retry would hide errors of the service
  return Must(Client::Create(std::move(options)));
}

void WaitUntil(const std::function<bool()>& condition) {
  const absl::Time give_up = absl::Now() + kDeadline;
  while (!condition()) {
    if (absl::Now() > give_up) throw std::runtime_error("it never came to pass");
    absl::SleepFor(absl::Milliseconds(10));  // so that the asking takes no processor from what it waits for
  }
}

Replica::Replica(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                 const std::string& log_file)
    : command_(command),
      environment_(environment),
      address_(absl::StrCat("127.0.0.1:", FreePort())),
      log_file_(log_file) {
  Start();
}

void Replica::Start() {
  process_ = std::make_unique<Process>(command_ + std::vector<std::string>{"--listen-address", address_}, environment_,
                                       Process::Files{"/dev/null", "/dev/null", log_file_});
  Probe probe{address_};
  probe.wait_for_server = true;
  const std::string health = HealthOf(probe, "");
  if (health != "SERVING") throw std::runtime_error(absl::StrCat(health, "; its log: ", ReadWhole(log_file_)));
  client_ = Connect(address_);
}

int Replica::Stop() {
  client_.reset();
  process_->Signal(SIGTERM);
  return process_->Wait();
}

void Replica::Restart() {
  process_->Wait();
  Start();
}

Deployment::Deployment(const Options& options)
    : url_(options.standby == nullptr ? database_.server_url() : database_.server_url(*options.standby)) {
  const std::string master_key = absl::Base64Escape(RandomBytes(32));
  KeepSecret(master_key);
  master_key_file_ = scratch_.Write("master.key", master_key + "\n");
  Bootstrap();
  const std::vector<std::string> command = std::vector<std::string>{Identityd(),         "serve",
                                                                    "--database-url",    url_,
                                                                    "--master-key-file", master_key_file_,
                                                                    "--log-level",       options.log_level,
                                                                    "--drain-delay",     options.drain_delay} +
                                           CheapHashes() + (options.limits ? std::vector<std::string>() : NoLimits()) +
                                           options.flags;
  for (int i = 0; i < options.replicas; ++i) {
    log_files_.push_back(scratch_.File(absl::StrCat("replica-", i, ".log")));
    std::vector<std::string> own;
    if (options.admin_ports) {
      admin_ports_.push_back(FreePort());
      own = {"--admin-address", absl::StrCat("127.0.0.1:", admin_ports_.back())};
    }
    if (i + 1 == options.replicas) own = own + options.flags_of_last;
    replicas_.push_back(std::make_unique<Replica>(command + own, options.environment, log_files_.back()));
  }
  admin_token_ = LogIn(admin_).access_token();
}

Deployment::~Deployment() {
  const std::string logs = Logs();
  for (const std::string& secret : secrets_) {
    if (absl::StrContains(logs, secret)) ADD_FAILURE() << "a log holds the secret " << secret;
  }
}

void Deployment::Bootstrap() {
  admin_ = {"", "root-admin", "Root@Example.com", "correct horse battery staple"};
  KeepSecret(admin_.password);
  const Outcome outcome =
      RunProgram(std::vector<std::string>{Identityd(), "bootstrap", "--database-url", database_.server_url(),
                                          "--username", admin_.username, "--email", admin_.email, "--password-stdin"} +
                     CheapHashes(),
                 {}, admin_.password + "\n");
  if (outcome.exit_code != 0) throw std::runtime_error("bootstrap: " + outcome.errors);
  admin_.id = database_.Execute("SELECT id FROM principals WHERE username = 'root-admin'")[0].Text("id");
}

Person Deployment::NewUser(const std::string& username) {
  Person person{"", username, username + "@Example.com", "a password of " + username};
  KeepSecret(person.password);
  v1::CreateUserRequest request;
  request.set_username(person.username);
  request.set_email(person.email);
  request.set_password_hash(Must(PasswordHash::Create(Secret(absl::string_view(person.password)), kCheapest)).text());
  KeepSecret(request.password_hash());
  person.id = Must(client(0).Call(&AdminRpc::CreateUser, request, AsAdmin())).user().id();
  return person;
}

Person Deployment::NewSuperAdmin(const std::string& username) {
  Person person = NewUser(username);
  v1::CreateBindingRequest request;
  request.mutable_binding()->set_principal_id(person.id);
  request.mutable_binding()->set_role("super_admin");
  Must(client(0).Call(&AdminRpc::CreateBinding, request, AsAdmin()));
  return person;
}

absl::StatusOr<v1::TokenSet> Deployment::TryPassword(const std::string& login, const std::string& password,
                                                     int replica) const {
  v1::AuthenticateRequest request;
  request.mutable_password()->set_login(login);
  request.mutable_password()->set_password(password);
  absl::StatusOr<v1::AuthenticateResponse> response = client(replica).Call(&IdentityRpc::Authenticate, request);
  if (!response.ok()) return response.status();
  return std::move(*response->mutable_tokens());
}

v1::TokenSet Deployment::LogIn(const Person& person, int replica) {
  v1::TokenSet tokens = Must(TryPassword(person.username, person.password, replica));
  KeepSecrets(tokens);
  return tokens;
}

v1::IssueApiKeyResponse Deployment::NewApiKey(const v1::TokenSet& tokens, const std::string& password) {
  v1::IssueApiKeyRequest request;
  request.mutable_proof()->set_current_password(password);
  request.set_display_name("of a test");
  v1::IssueApiKeyResponse key =
      Must(client(0).Call(&IdentityRpc::IssueApiKey, request, {tokens.access_token(), absl::nullopt}));
  KeepSecret(key.secret());
  return key;
}

void Deployment::KeepSecrets(const v1::TokenSet& tokens) {
  // Of an access token only the signature is a secret. The header and the claims are not.
  KeepSecret(tokens.access_token().substr(tokens.access_token().rfind('.') + 1));
  if (!tokens.refresh_token().empty()) KeepSecret(tokens.refresh_token());
}

std::string Deployment::Logs() const {
  std::string logs;
  for (const std::string& file : log_files_) logs += ReadWhole(file);
  return logs;
}

std::string Deployment::Log(int replica) const { return ReadWhole(log_files_[static_cast<size_t>(replica)]); }

v1::CheckPermissionResponse Check(Deployment& deployment, int replica, v1::CheckPermissionRequest request,
                                  const std::string& principal_id) {
  request.set_permission("read:own_profile");
  request.set_resource("users/" + principal_id);
  return Must(deployment.client(replica).Call(&IdentityRpc::CheckPermission, request, deployment.AsAdmin()));
}

v1::CheckPermissionRequest ForToken(const std::string& access_token) {
  v1::CheckPermissionRequest request;
  request.set_access_token(access_token);
  return request;
}

v1::CheckPermissionRequest ForKey(const std::string& api_key) {
  v1::CheckPermissionRequest request;
  request.set_api_key(api_key);
  return request;
}

}  // namespace identity
