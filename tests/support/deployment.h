#ifndef IDENTITY_TESTS_SUPPORT_DEPLOYMENT_H_
#define IDENTITY_TESTS_SUPPORT_DEPLOYMENT_H_

#include <cstdlib>
#include <functional>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "identity/client.h"
#include "tests/support/postgres.h"
#include "tests/support/probe.h"
#include "tests/support/process.h"

// The real program as operators run it: a migrated database, a bootstrapped super admin, and replicas that serve.
namespace identity {

// The path of the program under test.
std::string Identityd();
// Makes password hashes as cheap as the server allows.
std::vector<std::string> CheapHashes();
// Switches limits off, because all calls of a test come from one address.
std::vector<std::string> NoLimits();
// A port of 127.0.0.1 without a listener.
int FreePort();
// How often a test repeats a race: IDENTITY_ROUNDS, or `fallback`.
int Rounds(int fallback);

// A client with its own connection, without TLS and without retries.
std::unique_ptr<Client> Connect(const std::string& address);
// Checks the condition until it holds. Throws after half a minute, which ends the test.
void WaitUntil(const std::function<bool()>& condition);

// The value. Ends the test with the error's text when there is none. For the test's own thread.
template <typename T>
T Must(absl::StatusOr<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return *std::move(result);
}

// Runs `body(0)` to `body(count - 1)` in parallel, each on its own thread.
template <typename Body>
auto InParallel(int count, const Body& body) {
  std::vector<decltype(body(0))> results(static_cast<size_t>(count));
  std::latch start(count);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      results[static_cast<size_t>(i)] = body(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return results;
}

struct Person {
  std::string id;
  std::string username;
  std::string email;
  std::string password;
};

// One process `identityd serve`, which serves from construction on.
class Replica {
 public:
  // `command` without --listen-address. Throws with the log when it does not start to serve.
  Replica(const std::vector<std::string>& command, const std::vector<std::string>& environment,
          const std::string& log_file);

  const std::string& address() const { return address_; }
  const Client& client() const { return *client_; }
  Process& process() { return *process_; }
  // Sends SIGTERM, as operators do, and returns the exit code. Closes the client first: an idle gRPC client checks only
  // every 5 seconds whether the server closes the connection.
  int Stop();
  // Runs it again on the same port, after it has ended.
  void Restart();

 private:
  void Start();

  const std::vector<std::string> command_;
  const std::vector<std::string> environment_;
  const std::string address_;
  const std::string log_file_;
  std::unique_ptr<Process> process_;
  std::unique_ptr<Client> client_;
};

// Its destructor searches the replicas' logs for every secret that it knows; a secret in a log fails the test.
class Deployment {
 public:
  struct Options {
    int replicas = 2;
    std::vector<std::string> flags;               // of `serve`, in addition to the required ones
    std::vector<std::string> flags_of_last = {};  // only of the last replica
    const TestStandby* standby = nullptr;         // also in the replicas' database URL
    bool limits = false;                          // the default limits of `serve`
    bool admin_ports = false;                     // each replica has one
    std::string drain_delay = "0s";
    std::string log_level = "debug";
    std::vector<std::string> environment = {};  // of the program, in the form "NAME=value"
  };
  Deployment() : Deployment(Options()) {}
  explicit Deployment(const Options& options);
  ~Deployment();

  TestDatabase& database() { return database_; }
  Replica& replica(int index) { return *replicas_[static_cast<size_t>(index)]; }
  const Client& client(int index) const { return replicas_[static_cast<size_t>(index)]->client(); }
  const std::string& master_key_file() const { return master_key_file_; }
  // The number `n` of `SELECT … AS n`, run as the database's owner.
  int64_t Count(const std::string& sql) { return database_.Execute(sql)[0].Int("n"); }

  const Person& admin() const { return admin_; }
  CallOptions AsAdmin() const { return {admin_token_, absl::nullopt}; }
  Person NewUser(const std::string& username);
  // Another super admin.
  Person NewSuperAdmin(const std::string& username);
  v1::TokenSet LogIn(const Person& person, int replica = 0);
  // The outcome of a login of `user` with a right or wrong password.
  absl::StatusOr<v1::TokenSet> TryPassword(const std::string& login, const std::string& password, int replica) const;
  v1::IssueApiKeyResponse NewApiKey(const v1::TokenSet& tokens, const std::string& password);
  // Adds a secret to the search of the logs.
  void KeepSecret(const std::string& secret) { secrets_.push_back(secret); }
  void KeepSecrets(const v1::TokenSet& tokens);
  std::string Logs() const;
  std::string Log(int replica) const;
  // With Options::admin_ports: on 127.0.0.1.
  int admin_port(int replica) const { return admin_ports_[static_cast<size_t>(replica)]; }

 private:
  void Bootstrap();

  ScratchDirectory scratch_;
  TestDatabase database_;
  std::string url_;
  std::string master_key_file_;
  std::vector<std::string> log_files_;
  std::vector<int> admin_ports_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  Person admin_;
  std::string admin_token_;
  std::vector<std::string> secrets_;
};

// Checks at `replica`, as the admin, whether the subject of `request` may read its own profile.
v1::CheckPermissionResponse Check(Deployment& deployment, int replica, v1::CheckPermissionRequest request,
                                  const std::string& principal_id);
v1::CheckPermissionRequest ForToken(const std::string& access_token);
v1::CheckPermissionRequest ForKey(const std::string& api_key);

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_DEPLOYMENT_H_
