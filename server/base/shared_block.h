#ifndef IDENTITY_BASE_SHARED_BLOCK_H_
#define IDENTITY_BASE_SHARED_BLOCK_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace identity {

// Reference-counted bytes that copies share: one pointer and one allocation, where a std::shared_ptr takes two words
// and a control block. The creator fills it before it makes copies; nobody changes it afterwards. Safe from any thread.
// A moved-from object can only be assigned to or destroyed.
class SharedBlock {
 public:
  explicit SharedBlock(size_t bytes) : block_(new (::operator new(sizeof(Count) + bytes)) Count(1)) {}
  SharedBlock(const SharedBlock& other) : block_(other.block_) {
    if (block_ != nullptr) block_->fetch_add(1, std::memory_order_relaxed);
  }
  SharedBlock(SharedBlock&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  SharedBlock& operator=(SharedBlock other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~SharedBlock() {
    if (block_ != nullptr && block_->fetch_sub(1, std::memory_order_acq_rel) == 1) ::operator delete(block_);
  }

  // Without alignment.
  const char* data() const { return reinterpret_cast<const char*>(block_ + 1); }
  char* data() { return reinterpret_cast<char*>(block_ + 1); }

 private:
  using Count = std::atomic<uint32_t>;
  Count* block_;
};

}  // namespace identity

#endif  // IDENTITY_BASE_SHARED_BLOCK_H_
