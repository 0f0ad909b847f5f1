#include "tests/bench/request_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace identity::bench {
namespace {

constexpr size_t kLengthBytes = 4;

uint32_t ReadLength(absl::string_view bytes) {
  uint32_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) length |= uint32_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  return length;
}

}  // namespace

absl::StatusOr<RequestFile> RequestFile::Open(const std::string& name) {
  const int file = open(name.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat state = {};
  const bool known = file >= 0 && fstat(file, &state) == 0 && state.st_size > 0;
  const auto bytes = static_cast<size_t>(state.st_size);
  void* memory = known ? mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0) : MAP_FAILED;
  if (file >= 0) close(file);
  if (memory == MAP_FAILED) return absl::InvalidArgumentError(absl::StrCat("cannot read ", name));
  RequestFile requests(memory, bytes);
  absl::string_view rest(static_cast<const char*>(memory), bytes);
  while (!rest.empty()) {
    if (rest.size() < kLengthBytes || rest.size() - kLengthBytes < ReadLength(rest)) {
      return absl::InvalidArgumentError(absl::StrCat(name, " is not whole"));
    }
    const size_t length = ReadLength(rest);
    requests.requests_.push_back(rest.substr(kLengthBytes, length));
    rest.remove_prefix(kLengthBytes + length);
  }
  return requests;
}

RequestFile::RequestFile(RequestFile&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)), bytes_(other.bytes_), requests_(std::move(other.requests_)) {}

RequestFile::~RequestFile() {
  if (memory_ != nullptr) munmap(memory_, bytes_);
}

void RequestWriter::Write(absl::string_view message) {
  for (size_t i = 0; i < kLengthBytes; ++i) out_.put(static_cast<char>(message.size() >> (8 * i)));
  out_.write(message.data(), static_cast<std::streamsize>(message.size()));
}

absl::Status RequestWriter::Close() {
  out_.close();
  return out_ ? absl::OkStatus() : absl::UnavailableError("cannot write the requests");
}

}  // namespace identity::bench
