#ifndef IDENTITY_TESTS_BENCH_EMPTY_SERVER_H_
#define IDENTITY_TESTS_BENCH_EMPTY_SERVER_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"

namespace identity::bench {

// A Filling of `size` bytes on the wire, or of one less where there is none of that size (130 bytes and the like).
std::string SerializedFilling(size_t size);

// Serves EmptyService as identityd serves its own, until SIGTERM: its responses have `response_size` bytes.
absl::Status RunEmptyServer(const std::string& listen_address, size_t response_size);

}  // namespace identity::bench

#endif  // IDENTITY_TESTS_BENCH_EMPTY_SERVER_H_
