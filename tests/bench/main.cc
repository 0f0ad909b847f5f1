// identity_bench: the measuring program of scripts/bench. Each subcommand does one thing and prints one JSON object.

#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <fstream>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "server/base/status_macros.h"
#include "tests/bench/empty_server.h"
#include "tests/bench/limits.h"
#include "tests/bench/load.h"
#include "tests/bench/minting.h"
#include "tests/bench/probes.h"

namespace identity::bench {
namespace {

using Json = nlohmann::json;
using Outcome = absl::StatusOr<std::string>;  // a JSON object

constexpr char kNothing[] = "{}";
// The first field of a CheckPermissionResponse, `decision`, with the value DECISION_ALLOWED.
constexpr char kAllowedCheck[] = "\x08\x01";
// The first field of Envoy's CheckResponse, `status`, with the code 0, which is not written.
constexpr absl::string_view kAuthorized("\x0a\x00", 2);

double Milliseconds(absl::Duration span) { return absl::ToDoubleMilliseconds(span); }

Json Describe(const Histogram& histogram) {
  return {{"mean", Milliseconds(histogram.Mean())},        {"p10", Milliseconds(histogram.Quantile(0.1))},
          {"p50", Milliseconds(histogram.Quantile(0.5))},  {"p90", Milliseconds(histogram.Quantile(0.9))},
          {"p99", Milliseconds(histogram.Quantile(0.99))}, {"p999", Milliseconds(histogram.Quantile(0.999))},
          {"max", Milliseconds(histogram.max())}};
}

Json Describe(const LoadResult& result) {
  Json codes = Json::object();
  for (const auto& [code, count] : result.failures_by_code) codes[std::to_string(code)] = count;
  return {{"all_calls", result.all_calls},
          {"calls_per_second", result.calls_per_second},
          {"calls", result.calls},
          {"failures", result.failures},
          {"failures_by_code", codes},
          {"wrong", result.wrong},
          {"latency_ms", Describe(result.latency)},
          {"max_age_ms", Milliseconds(result.max_age)},
          {"request_bytes", result.request_bytes},
          {"response_bytes", result.response_bytes}};
}

// The commands of the program, each with its function.
class Commands {
 public:
  Commands() : program_("The measuring program of scripts/bench", "identity_bench") {
    program_.require_subcommand(1);
    AddEmptyServer();
    AddLoad();
    AddRequests();
    AddBearer();
    AddLimits();
    AddProbes();
  }

  int Run(int argc, char** argv) {
    CLI11_PARSE(program_, argc, argv);
    const Outcome outcome = chosen_();
    if (!outcome.ok()) {
      std::cerr << "identity_bench: " << outcome.status().ToString() << "\n";
      return 1;
    }
    std::cout << *outcome << "\n";
    return 0;
  }

 private:
  CLI::App* Add(const std::string& name, const std::string& help, std::function<Outcome()> run) {
    CLI::App* command = program_.add_subcommand(name, help);
    command->callback([this, run] { chosen_ = run; });
    return command;
  }

  static void AddSeconds(CLI::App* command, const std::string& flag, absl::Duration& value) {
    command->add_option_function<double>(flag, [&value](const double& seconds) { value = absl::Seconds(seconds); });
  }

  static void AddMintOptions(CLI::App* command, std::string& database_url, std::string& master_key_file) {
    command->add_option("--database-url", database_url);
    command->add_option("--master-key-file", master_key_file);
  }

  void AddEmptyServer() {
    CLI::App* command = Add("empty-server", "Serves an RPC that does nothing, until SIGTERM", [this]() -> Outcome {
      RETURN_IF_ERROR(RunEmptyServer(address_, http_address_, bytes_, verifies_));
      return kNothing;
    });
    command->add_option("--listen-address", address_)->required();
    command->add_option("--http-address", http_address_, "Answers each request over HTTP here, too");
    command->add_option("--response-bytes", bytes_, "Of each response; over HTTP of its body")->required();
    command->add_flag("--verify-signatures", verifies_, "Verifies one in each RPC");
  }

  void AddLoad() {
    CLI::App* command = Add("load", "Calls a server and measures its answers", [this] { return RunLoadCommand(); });
    AddLoadShape(command);
    command->add_option("--method", load_.method)->required();
    command->add_option("--authorization-file", authorization_file_);
    command->add_option("--in-flight", load_.in_flight)->check(CLI::Range(1, 100));
    command->add_flag("--random{false}", load_.in_order, "Draw requests at random");
    command->add_flag("--honor-retry-info", load_.honor_retry_info);
    command->add_flag_callback("--expect-allowed", [this] { load_.expected = kAllowedCheck; });
    command->add_flag_callback("--expect-authorized", [this] { load_.expected = std::string(kAuthorized); });
    command->add_option("--expect", load_.expected_part, "What each answer must contain");
    command->add_flag("--expect-allowed-batch", load_.expect_allowed_batch);
    command->add_flag("--track-age", load_.track_age);

    CLI::App* http = Add("http-load", "Sends requests over HTTP and measures the answers", [this]() -> Outcome {
      ASSIGN_OR_RETURN(const RequestFile requests, RequestFile::Open(requests_file_));
      ASSIGN_OR_RETURN(const LoadResult result, RunHttpLoad(load_, requests));
      return Describe(result).dump();
    });
    AddLoadShape(http);
    http->add_option("--expect", load_.expected, "What each answer must contain");
  }

  void AddLoadShape(CLI::App* command) {
    command->add_option("--address", load_.address)->required();
    command->add_option("--requests", requests_file_)->required();
    command->add_option("--connections", load_.connections)->check(CLI::Range(1, 1000));
    command->add_option("--rate", load_.rate);
    AddSeconds(command, "--warm-up", load_.warm_up);
    AddSeconds(command, "--seconds", load_.duration);
    command->add_flag("--once", load_.once, "Use each request once");
  }

  Outcome RunLoadCommand() {
    ASSIGN_OR_RETURN(const RequestFile requests, RequestFile::Open(requests_file_));
    if (!authorization_file_.empty()) std::getline(std::ifstream(authorization_file_), load_.authorization);
    ASSIGN_OR_RETURN(const LoadResult result, RunLoad(load_, requests));
    return Describe(result).dump();
  }

  void AddRequests() {
    CLI::App* command = Add("requests", "Writes a file of requests for `load`", [this]() -> Outcome {
      RETURN_IF_ERROR(WriteRequests(making_));
      return kNothing;
    });
    command->add_option("--kind", making_.kind)
        ->required()
        ->check(CLI::IsMember({"check-token", "check-workload", "check-principal", "login", "refresh", "filling",
                               "ext-authz", "introspection", "evaluation", "bind", "revoke", "create"}));
    command->add_option("--bearer-file", making_.bearer_file);
    command->add_option("--keys-out", making_.keys_out);
    command->add_option("--out", making_.out)->required();
    command->add_option("--count", making_.count);
    command->add_option("--first", making_.first);
    command->add_option("--users", making_.users)->check(CLI::PositiveNumber);
    command->add_option("--roles", making_.roles)->check(CLI::PositiveNumber);
    command->add_option("--batch", making_.batch);
    command->add_option("--permission", making_.permission);
    command->add_option("--resource", making_.resource);
    command->add_option("--password", making_.password);
    command->add_option("--token-epoch", making_.token_epoch);
    command->add_option("--bytes", making_.bytes);
    AddMintOptions(command, making_.database_url, making_.master_key_file);
  }

  void AddBearer() {
    CLI::App* command = Add("bearer", "Writes the metadata of a calling backend", [this]() -> Outcome {
      ASSIGN_OR_RETURN(const std::unique_ptr<Mint> mint, Mint::Create(making_.database_url, making_.master_key_file));
      std::ofstream(making_.out) << "Bearer " << mint->AccessToken(Group::kCallers, making_.first) << "\n";
      return kNothing;
    });
    command->add_option("--out", making_.out)->required();
    command->add_option("--caller", making_.first)->required();
    AddMintOptions(command, making_.database_url, making_.master_key_file);
  }

  void AddLimits() {
    CLI::App* signatures =
        Add("signatures", "Counts the signatures that libsodium verifies a second", [this]() -> Outcome {
          ASSIGN_OR_RETURN(const double rate, SignaturesPerSecond(seconds_));
          return Json{{"per_second", rate}}.dump();
        });
    AddSeconds(signatures, "--seconds", seconds_);
    CLI::App* passwords =
        Add("passwords", "Counts the passwords that libsodium verifies a second", [this]() -> Outcome {
          ASSIGN_OR_RETURN(const double rate, PasswordsPerSecond(seconds_, idle_priority_));
          return Json{{"per_second", rate}}.dump();
        });
    AddSeconds(passwords, "--seconds", seconds_);
    passwords->add_flag("--idle-priority", idle_priority_);
    CLI::App* seeds = Add("seeds", "Makes the hashes for seeded rows", [this]() -> Outcome {
      ASSIGN_OR_RETURN(const std::string hash, HashPassword(making_.password, argon2_));
      return Json{{"password_hash", hash}, {"refresh_token_hash", RefreshTokenHash()}}.dump();
    });
    seeds->add_option("--password", making_.password)->required();
    seeds->add_option_function<uint64_t>("--argon2-memory-mib",
                                         [this](const uint64_t& mib) { argon2_.memory_bytes = mib << 20; });
  }

  void AddProbes() {
    CLI::App* ready = Add("await-serving", "Waits until a server is healthy and prints the time", [this]() -> Outcome {
      ASSIGN_OR_RETURN(const double moment, AwaitServing(address_, seconds_));
      return Json{{"monotonic_seconds", moment}}.dump();
    });
    ready->add_option("--address", address_)->required();
    AddSeconds(ready, "--timeout", seconds_);
    CLI::App* revocation =
        Add("revocation", "Measures how fast a revocation reaches another replica", [this]() -> Outcome {
          ASSIGN_OR_RETURN(const RevocationLag result, MeasureRevocation(revocation_));
          return Json{{"lag_ms", Describe(result.lag)}, {"seen", result.lag.count()}, {"unseen", result.unseen}}.dump();
        });
    revocation->add_option("--revoke-at", revocation_.revoke_at)->required();
    revocation->add_option("--check-at", revocation_.check_at)->required();
    revocation->add_option("--first", revocation_.first);
    revocation->add_option("--count", revocation_.count);
    revocation->add_option("--parallel", revocation_.parallel)->check(CLI::Range(1, 200));
    AddSeconds(revocation, "--poll-interval", revocation_.poll_interval);
    AddMintOptions(revocation, revocation_.database_url, revocation_.master_key_file);
    CLI::App* refusals = Add("refused-logins", "Measures the duration of refused logins", [this]() -> Outcome {
      ASSIGN_OR_RETURN(const std::vector<Histogram> kinds, MeasureRefusedLogins(login_));
      Json latencies = Json::array();
      for (const Histogram& kind : kinds) latencies.push_back(Describe(kind));
      return Json{{"latency_ms", latencies}}.dump();
    });
    refusals->add_option("--address", login_.address)->required();
    refusals->add_option("--password", login_.password)->required();
    refusals->add_option("--kinds", login_.kinds)->check(CLI::Range(1, 100));
    refusals->add_option("--users", login_.users)->check(CLI::PositiveNumber);
    refusals->add_option("--rounds", login_.rounds);
    refusals->add_option("--parallel", login_.parallel)->check(CLI::Range(1, 200));
  }

  CLI::App program_;
  std::function<Outcome()> chosen_;
  std::string address_;
  std::string http_address_;
  size_t bytes_ = 0;
  bool verifies_ = false;
  std::string requests_file_;
  std::string authorization_file_;
  absl::Duration seconds_ = absl::Seconds(10);
  bool idle_priority_ = false;
  LoadOptions load_;
  RequestOptions making_;
  RevocationOptions revocation_;
  LoginOptions login_;
  Argon2Parameters argon2_;
};

}  // namespace
}  // namespace identity::bench

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // the load stops when the script has ended
  return identity::bench::Commands().Run(argc, argv);
}
