#ifndef IDENTITY_TESTS_BENCH_LOAD_H_
#define IDENTITY_TESTS_BENCH_LOAD_H_

#include <grpcpp/channel.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/histogram.h"
#include "tests/bench/request_file.h"

namespace identity::bench {

// A channel with a connection of its own. Other channels of a program to the same address share one.
std::shared_ptr<grpc::Channel> NewConnection(const std::string& address);

struct LoadOptions {
  std::string address;
  std::string method;         // "/package.Service/Method", of gRPC
  std::string authorization;  // metadata of every call of gRPC
  size_t connections = 4;
  size_t in_flight = 16;  // calls at once, for each connection of gRPC
  // Calls a second. They begin at fixed times, even if earlier calls have not ended (open loop). 0: the end of a call
  // starts the next one (closed loop).
  double rate = 0;
  absl::Duration warm_up;
  absl::Duration duration;
  // Sends the requests in the order of the file. Otherwise it draws each at random.
  bool in_order = true;
  // Ends after the last request instead of continuing with the first.
  bool once = false;
  // After a failed call a slot waits for the delay in its RetryInfo, as a client should.
  bool honor_retry_info = false;
  // The beginning of every response; over HTTP, a part of it. Other responses count as wrong.
  std::string expected;
  // A part of every response of gRPC. Other responses count as wrong.
  std::string expected_part;
  // Every response must be an allowed BatchCheckPermissions. Only the first one of each slot is read, because reading
  // is slow.
  bool expect_allowed_batch = false;
  // Records the age of the facts of each CheckPermission at the arrival of its response.
  bool track_age = false;
};

// Covers the calls that ended in the measured time; in an open loop, the calls that were due in it.
struct LoadResult {
  uint64_t all_calls = 0;       // also those that ended before or after the measured time
  double calls_per_second = 0;  // successful ones
  uint64_t calls = 0;
  uint64_t failures = 0;
  uint64_t wrong = 0;  // successful calls with another answer than expected
  std::map<int, uint64_t> failures_by_code;
  // Of successful calls. It counts from the begin of the call. In an open loop it counts from the due time, so that a
  // stall counts against every call that it delayed.
  Histogram latency;
  absl::Duration max_age;
  size_t request_bytes = 0;   // of one request
  size_t response_bytes = 0;  // of one response; over HTTP of its body
};

// Calls `options.method` with gRPC's callback API, over separate connections. UNAVAILABLE when it cannot connect.
absl::StatusOr<LoadResult> RunLoad(const LoadOptions& options, const RequestFile& requests);
// Sends requests of HTTP/1.1 as they are in the file, one at a time over each connection.
// INVALID_ARGUMENT or UNAVAILABLE when it cannot connect.
absl::StatusOr<LoadResult> RunHttpLoad(const LoadOptions& options, const RequestFile& requests);

}  // namespace identity::bench

#endif  // IDENTITY_TESTS_BENCH_LOAD_H_
