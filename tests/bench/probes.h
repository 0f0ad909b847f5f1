#ifndef IDENTITY_TESTS_BENCH_PROBES_H_
#define IDENTITY_TESTS_BENCH_PROBES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/histogram.h"

// Single calls, one after the other, for figures other than throughput.
namespace identity::bench {

// Asks the server at `address` ("127.0.0.1:port") without a pause until its health is SERVING. Returns that moment by
// CLOCK_MONOTONIC, in seconds. DEADLINE_EXCEEDED after `timeout`.
absl::StatusOr<double> AwaitServing(const std::string& address, absl::Duration timeout);

struct RevocationOptions {
  std::string revoke_at;  // addresses of two replicas
  std::string check_at;
  uint64_t first = 1;  // number of the first user whose session ends
  uint64_t count = 1000;
  uint64_t parallel = 1;
  absl::Duration poll_interval;  // between the end of one check and the next
  std::string database_url;
  std::string master_key_file;
};
struct RevocationLag {
  // The time from the answer of Revoke at one replica to the end of the first denied check at the other.
  Histogram lag;
  uint64_t unseen = 0;  // revocations that did not arrive within 10 seconds
};
// An error of any call ends the measurement.
absl::StatusOr<RevocationLag> MeasureRevocation(const RevocationOptions& options);

struct LoginOptions {
  std::string address;
  std::string password;
  uint64_t kinds = 1;   // number of kinds of accounts
  uint64_t users = 1;   // of each kind: user-1 to user-`users` of the first, then those of the second, and so on
  uint64_t rounds = 1;  // logins of each user
  uint64_t parallel = 1;
};
// Measures the duration of refused logins by kind. The kinds take turns, so that a slow period of the machine affects
// all of them. INTERNAL when a login ends with another error than INVALID_CREDENTIALS.
absl::StatusOr<std::vector<Histogram>> MeasureRefusedLogins(const LoginOptions& options);

}  // namespace identity::bench

#endif  // IDENTITY_TESTS_BENCH_PROBES_H_
