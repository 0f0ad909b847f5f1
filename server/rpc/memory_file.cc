#include "server/rpc/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace identity {
namespace {

// A write to memory is short only when no memory is left.
bool Fill(int file, absl::string_view text, int64_t modification_time) {
  const timespec time = {static_cast<time_t>(modification_time), 0};
  const timespec times[] = {time, time};
  return ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::futimens(file, times) == 0;
}

}  // namespace

MemoryFile::~MemoryFile() {
  if (fd_ >= 0) ::close(fd_);
}

// dup3 exchanges the file behind the descriptor, and so behind the path, in one step.
absl::Status MemoryFile::Replace(absl::string_view text) {
  const int next = ::memfd_create("identity", MFD_CLOEXEC);
  const bool filled = next >= 0 && Fill(next, text, version_ + 1);
  if (filled && fd_ < 0) {
    fd_ = next;
  } else {
    const bool placed = filled && ::dup3(next, fd_, O_CLOEXEC) == fd_;
    if (next >= 0) ::close(next);
    if (!placed) return Error(ErrorReason::kInternal, "cannot make a file in memory");
  }
  ++version_;
  return absl::OkStatus();
}

std::string MemoryFile::path() const { return absl::StrCat("/proc/self/fd/", fd_); }

}  // namespace identity
