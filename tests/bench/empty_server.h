#ifndef IDENTITY_TESTS_BENCH_EMPTY_SERVER_H_
#define IDENTITY_TESTS_BENCH_EMPTY_SERVER_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"

namespace identity::bench {

// A Filling of `size` bytes on the wire. Some sizes, such as 130 bytes, do not exist: then it has one byte less.
std::string SerializedFilling(size_t size);

// Serves EmptyService until SIGTERM, with the same gRPC options as identityd. Its responses have `response_size` bytes.
// With an `http_address` it also answers every request over HTTP there, with a body of that size. If it `verifies`, it
// verifies a signature in each RPC.
absl::Status RunEmptyServer(const std::string& listen_address, const std::string& http_address, size_t response_size,
                            bool verifies);

}  // namespace identity::bench

#endif  // IDENTITY_TESTS_BENCH_EMPTY_SERVER_H_
