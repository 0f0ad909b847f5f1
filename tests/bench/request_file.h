#ifndef IDENTITY_TESTS_BENCH_REQUEST_FILE_H_
#define IDENTITY_TESTS_BENCH_REQUEST_FILE_H_

#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Serialized requests. They are made before the measurement, so that the load generator does the same work for every
// RPC. Grammar: file = { length (4 bytes, little-endian) message }.
namespace identity::bench {

// The requests of a file, mapped into memory. Move-only; safe from any thread.
class RequestFile {
 public:
  // INVALID_ARGUMENT unless the file is complete and has at least one request.
  static absl::StatusOr<RequestFile> Open(const std::string& name);
  ~RequestFile();
  RequestFile(RequestFile&& other) noexcept;
  RequestFile& operator=(RequestFile&&) = delete;

  size_t size() const { return requests_.size(); }
  // Valid as long as this object.
  absl::string_view operator[](size_t index) const { return requests_[index]; }

 private:
  RequestFile(void* memory, size_t bytes) : memory_(memory), bytes_(bytes) {}
  void* memory_;
  size_t bytes_;
  std::vector<absl::string_view> requests_;
};

// Writes such a file. For one thread.
class RequestWriter {
 public:
  explicit RequestWriter(const std::string& name) : out_(name, std::ios::binary | std::ios::trunc) {}
  void Write(absl::string_view message);
  // UNAVAILABLE when not all requests could be written.
  absl::Status Close();

 private:
  std::ofstream out_;
};

}  // namespace identity::bench

#endif  // IDENTITY_TESTS_BENCH_REQUEST_FILE_H_
