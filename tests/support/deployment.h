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
#include "client/client.h"
#include "tests/support/postgres.h"
#include "tests/support/probe.h"
#include "tests/support/process.h"

// The real program as operators run it: a migrated database, a bootstrapped super admin, and replicas that serve.
namespace identity {

// The path of the program under test.
std::string Identityd();
// Password hashes as cheap as they may be.
std::vector<std::string> CheapHashes();
// Limits off: all that a test does comes from one address.
std::vector<std::string> NoLimits();
// A port of 127.0.0.1 that nobody listens on.
int FreePort();
// How often a race is run: IDENTITY_ROUNDS, or `fallback`.
int Rounds(int fallback);

// A client of its own, with a connection of its own, without TLS and without repeats.
std::unique_ptr<Client> Connect(const std::string& address);
// Asks until it holds. Throws when it does not in half a minute, which ends the test.
void WaitUntil(const std::function<bool()>& condition);

// The value, or the end of the test with the error's text. For the test's own thread.
template <typename T>
T Must(absl::StatusOr<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return *std::move(result);
}

// Runs `body(0)` to `body(count - 1)` at the same time, each on a thread of its own.
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

// One `identityd serve`, up and serving when made.
class Replica {
 public:
  // `command` without --listen-address. Throws with the log when it does not come up.
  Replica(const std::vector<std::string>& command, const std::string& log_file);

  const std::string& address() const { return address_; }
  const Client& client() const { return *client_; }
  Process& process() { return *process_; }
  // Ends it as operators do and returns its exit code. The client goes first: gRPC's, when idle, looks only every 5
  // seconds whether it is being sent away.
  int Stop();
  // Runs it again on the same port, after it has ended.
  void Restart();

 private:
  void Start();

  const std::vector<std::string> command_;
  const std::string address_;
  const std::string log_file_;
  std::unique_ptr<Process> process_;
  std::unique_ptr<Client> client_;
};

// At its end every secret that it knows of is looked for in the replicas' logs: one that is found fails the test.
class Deployment {
 public:
  struct Options {
    int replicas = 2;
    std::vector<std::string> flags;               // of `serve`, beside those that it needs
    std::vector<std::string> flags_of_last = {};  // of the last replica alone
    const TestStandby* standby = nullptr;         // named to the replicas, too
    bool limits = false;                          // those that `serve` has by default
    bool metrics = false;                         // shown by each replica
  };
  Deployment() : Deployment(Options()) {}
  explicit Deployment(const Options& options);
  ~Deployment();

  TestDatabase& database() { return database_; }
  Replica& replica(int index) { return *replicas_[static_cast<size_t>(index)]; }
  const Client& client(int index) const { return replicas_[static_cast<size_t>(index)]->client(); }
  const std::string& master_key_file() const { return master_key_file_; }
  // The number that `SELECT … AS n` gives to the database's owner.
  int64_t Count(const std::string& sql) { return database_.Execute(sql)[0].Int("n"); }

  const Person& admin() const { return admin_; }
  CallOptions AsAdmin() const { return {admin_token_, absl::nullopt}; }
  Person NewUser(const std::string& username);
  // Another super admin.
  Person NewSuperAdmin(const std::string& username);
  v1::TokenSet LogIn(const Person& person, int replica = 0);
  // What `user` gets for a password, right or wrong.
  absl::StatusOr<v1::TokenSet> TryPassword(const std::string& login, const std::string& password, int replica) const;
  v1::IssueApiKeyResponse NewApiKey(const v1::TokenSet& tokens);
  // For the search of the logs.
  void KeepSecret(const std::string& secret) { secrets_.push_back(secret); }
  void KeepSecrets(const v1::TokenSet& tokens);
  std::string Logs() const;
  std::string Log(int replica) const;
  // With Options::metrics: on 127.0.0.1.
  int metrics_port(int replica) const { return metrics_ports_[static_cast<size_t>(replica)]; }

 private:
  void Bootstrap();

  ScratchDirectory scratch_;
  TestDatabase database_;
  std::string url_;
  std::string master_key_file_;
  std::vector<std::string> log_files_;
  std::vector<int> metrics_ports_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  Person admin_;
  std::string admin_token_;
  std::vector<std::string> secrets_;
};

// May the subject of `request` read its own profile? Asked of `replica` by the admin.
v1::CheckPermissionResponse Check(Deployment& deployment, int replica, v1::CheckPermissionRequest request,
                                  const std::string& principal_id);
v1::CheckPermissionRequest ForToken(const std::string& access_token);
v1::CheckPermissionRequest ForKey(const std::string& api_key);

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_DEPLOYMENT_H_
