#ifndef IDENTITY_RPC_MEMORY_FILE_H_
#define IDENTITY_RPC_MEMORY_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace identity {

// A file in the memory of this process (memfd_create(2)), for a library that reads only files. No disk ever holds it,
// and no other process can open it. `Replace` is for one thread; other threads may read the file meanwhile.
class MemoryFile {
 public:
  MemoryFile() = default;
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  // Puts a new file with `text` in the place of the old one. Whoever opens path() gets the whole old or the whole new
  // file. Each new file has a later modification time, in whole seconds. INTERNAL when the system has no memory or
  // descriptor; the old file then stays.
  absl::Status Replace(absl::string_view text);

  // Valid from the first `Replace` to the end of this object.
  std::string path() const;

 private:
  int fd_ = -1;
  int64_t version_ = 0;
};

}  // namespace identity

#endif  // IDENTITY_RPC_MEMORY_FILE_H_
