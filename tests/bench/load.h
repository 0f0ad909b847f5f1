#ifndef IDENTITY_TESTS_BENCH_LOAD_H_
#define IDENTITY_TESTS_BENCH_LOAD_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/histogram.h"
#include "tests/bench/request_file.h"

namespace identity::bench {

struct LoadOptions {
  std::string address;
  std::string method;         // "/package.Service/Method"
  std::string authorization;  // metadata of every call
  size_t connections = 4;
  size_t in_flight = 16;  // calls at once, for each connection
  // Calls a second, begun at fixed times whatever became of earlier ones (open loop). 0: each call follows upon the end
  // of another (closed loop).
  double rate = 0;
  absl::Duration warm_up;
  absl::Duration duration;
  // The requests follow each other in the file's order; else each is drawn at random.
  bool in_order = true;
  // It ends with the last request, instead of beginning again with the first.
  bool once = false;
  // A call that failed is followed only after the delay that its RetryInfo asks for, as a client should.
  bool honor_retry_info = false;
  // Every response is that of an approved CheckPermission, or else counts as wrong.
  bool expect_allowed = false;
  // The same of BatchCheckPermissions. Of each slot only the first response is read, since that takes its time.
  bool expect_allowed_batch = false;
  // Reads how old the facts of a CheckPermission were when its answer came.
  bool track_age = false;
};

// Of the calls that ended in the measured time; in an open loop, of those that were to begin in it.
struct LoadResult {
  double calls_per_second = 0;  // successful ones
  uint64_t calls = 0;
  uint64_t failures = 0;
  uint64_t wrong = 0;  // successful calls with another answer than expected
  std::map<int, uint64_t> failures_by_code;
  // Of successful calls: from when a call was begun, in an open loop from when it should have been. So a stall counts
  // against every call that it kept from beginning.
  Histogram latency;
  absl::Duration max_age;
  size_t request_bytes = 0;  // of one of them, as of the next
  size_t response_bytes = 0;
};

// Calls `options.method` with gRPC's callback API, on connections of their own. UNAVAILABLE when it cannot connect.
absl::StatusOr<LoadResult> RunLoad(const LoadOptions& options, const RequestFile& requests);

}  // namespace identity::bench

#endif  // IDENTITY_TESTS_BENCH_LOAD_H_
