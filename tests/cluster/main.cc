// cluster_load: a running load of checks and changes, which judges the service's answers. See --help.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "server/base/status_macros.h"
#include "tests/cluster/load.h"

namespace identity::cluster {
namespace {

using Json = nlohmann::json;

// As many calls of each kind may run at the same time.
constexpr int kCheckThreads = 256;
constexpr int kChangeThreads = 64;
constexpr int kBatch = 500;
constexpr int kRounds = 4;  // in turn over the replicas

struct Options {
  ClientOptions client;
  std::string credential_file;
  std::string journal;
  double checks_per_second = 500;
  double changes_per_second = 20;
  int64_t calls = std::numeric_limits<int64_t>::max();
  double staleness_seconds = 60;
  double deadline_seconds = 2;
  bool verify = false;
};

// Makes calls at a fixed rate, however long they take. A call begins late only while all threads are busy.
class OpenLoop {
 public:
  OpenLoop(double rate, int64_t calls, int threads, std::function<void(absl::Time due)> call)
      : step_(absl::Seconds(1) / rate), calls_(calls), call_(std::move(call)), running_(threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
  }
  ~OpenLoop() {
    stop_.Notify();
    for (std::thread& thread : threads_) thread.join();
  }
  bool is_finished() const { return running_ == 0; }

 private:
  void Run() {
    for (;;) {
      const int64_t number = next_++;
      const absl::Time due = start_ + step_ * static_cast<double>(number);
      if (number >= calls_ || stop_.WaitForNotificationWithDeadline(due)) break;
      call_(due);
    }
    --running_;
  }

  const absl::Time start_ = absl::Now();
  const absl::Duration step_;
  const int64_t calls_;
  const std::function<void(absl::Time due)> call_;
  std::atomic<int64_t> next_{0};
  std::atomic<int> running_;
  absl::Notification stop_;
  std::vector<std::thread> threads_;
};

sigset_t EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

absl::StatusOr<Json> RunLoad(const Client& client, const Options& options) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Journal> journal, Journal::Create(options.journal));
  Load load(client, *journal, absl::Seconds(options.staleness_seconds));
  RETURN_IF_ERROR(load.Prepare());
  {
    const OpenLoop changes(options.changes_per_second, options.calls, kChangeThreads,
                           [&](absl::Time) { load.Change(); });
    const OpenLoop checks(options.checks_per_second, options.calls, kCheckThreads,
                          [&](absl::Time due) { load.Check(due); });
    const sigset_t signals = EndSignals();
    const timespec second{1, 0};
    while (!checks.is_finished() && sigtimedwait(&signals, nullptr, &second) < 0) {
      std::cerr << journal->Progress() << std::endl;
    }
  }
  return journal->Summary();
}

// The decisions about the objects, by all facts that are now in the database.
absl::StatusOr<std::vector<bool>> Decide(const Client& client, const std::vector<Entry>& entries) {
  std::vector<bool> allowed;
  for (size_t from = 0; from < entries.size(); from += kBatch) {
    v1::BatchCheckPermissionsRequest request;
    request.mutable_consistency()->set_fully_consistent(true);
    for (size_t i = from; i < std::min(entries.size(), from + kBatch); ++i) {
      *request.add_checks() = CheckOf(entries[i].object);
    }
    ASSIGN_OR_RETURN(const v1::BatchCheckPermissionsResponse answer,
                     client.Call(&IdentityRpc::BatchCheckPermissions, request, {absl::nullopt, absl::Seconds(20)}));
    for (const v1::BatchCheckPermissionsResult& result : answer.results()) {
      if (result.has_error()) return absl::InternalError(result.error().message());
      allowed.push_back(result.response().decision() == v1::DECISION_ALLOWED);
    }
  }
  return allowed;
}

// Each replica must agree with what the journal promises. They must agree with each other, too.
absl::StatusOr<Json> Verify(const Client& client, const Options& options) {
  ASSIGN_OR_RETURN(const auto journal, ReadJournal(options.journal));
  std::vector<Entry> entries;
  for (const auto& [number, entry] : journal) {
    if (entry.object.is_checkable() && absl::Now() + absl::Seconds(30) < entry.object.expiry) entries.push_back(entry);
  }
  const auto unknown = std::count_if(entries.begin(), entries.end(),
                                     [](const Entry& entry) { return entry.expected == Entry::Expected::kEither; });
  Json lost = Json::array();
  for (int round = 0; round < kRounds; ++round) {
    ASSIGN_OR_RETURN(const std::vector<bool> allowed, Decide(client, entries));
    for (size_t i = 0; i < entries.size(); ++i) {
      const auto decision = allowed[i] ? Entry::Expected::kAllowed : Entry::Expected::kDenied;
      if (entries[i].expected == Entry::Expected::kEither) entries[i].expected = decision;
      if (entries[i].expected == decision) continue;
      entries[i].expected = decision;  // reported once
      lost.push_back({{"number", entries[i].object.number},
                      {"kind", std::string(NameOf(entries[i].object.kind))},
                      {"id", entries[i].object.id},
                      {"resource", entries[i].object.resource},
                      {"is_allowed", static_cast<bool>(allowed[i])}});
    }
  }
  return Json{
      {"objects", journal.size()}, {"verified", entries.size()}, {"of_unknown_outcome", unknown}, {"lost", lost}};
}

absl::StatusOr<Json> Run(Options options) {
  std::string credential;
  std::ifstream(options.credential_file) >> credential;
  if (credential.empty()) return absl::NotFoundError("--admin-credential-file: has no credential");
  options.client.credential = FixedToken(credential);
  options.client.deadline = absl::Seconds(options.deadline_seconds);
  options.client.plaintext = options.client.tls_root_file.empty();
  options.client.watch_health = true;
  ASSIGN_OR_RETURN(const std::unique_ptr<Client> client, Client::Create(std::move(options.client)));
  return options.verify ? Verify(*client, options) : RunLoad(*client, options);
}

int Main(int argc, char** argv) {
  const sigset_t signals = EndSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // for all threads; the main thread waits for them
  CLI::App program(
      "Makes checks and changes until SIGTERM, as an application with the C++ client does, and judges the answers. "
      "Prints a JSON object at the end.",
      "cluster_load");
  Options options;
  program.add_option("--target", options.client.address, "gRPC's name of the service")->required();
  program.add_option("--tls-root-file", options.client.tls_root_file, "PEM. Without it the load uses no TLS");
  program.add_option("--tls-certificate-file", options.client.tls_certificate_file, "The client's own, PEM");
  program.add_option("--tls-key-file", options.client.tls_key_file, "PEM");
  program.add_option("--admin-credential-file", options.credential_file, "Holds the API key of a super admin")
      ->required();
  program.add_option("--journal", options.journal, "The file for all changes and faults, JSON lines")->required();
  program.add_option("--checks-per-second", options.checks_per_second)->check(CLI::Range(0.01, 1e5));
  program.add_option("--changes-per-second", options.changes_per_second)->check(CLI::Range(0.01, 1e4));
  program.add_option("--calls", options.calls, "Ends after this number of checks");
  program.add_option("--deadline", options.deadline_seconds, "Of each call, in seconds");
  program.add_option("--staleness", options.staleness_seconds, "--max-staleness of the servers, in seconds");
  program.add_flag("--verify", options.verify, "Makes no load: compares the service with the journal of an ended load");
  CLI11_PARSE(program, argc, argv);
  const absl::StatusOr<Json> result = Run(std::move(options));
  if (!result.ok()) {
    std::cerr << "cluster_load: " << result.status().ToString() << "\n";
    return 2;
  }
  std::cout << result->dump() << std::endl;
  return result->contains("lost") && !(*result)["lost"].empty() ? 1 : 0;
}

}  // namespace
}  // namespace identity::cluster

int main(int argc, char** argv) { return identity::cluster::Main(argc, argv); }
