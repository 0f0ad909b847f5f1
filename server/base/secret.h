#ifndef IDENTITY_BASE_SECRET_H_
#define IDENTITY_BASE_SECRET_H_

#include <cstddef>
#include <iosfwd>
#include <string>

#include "absl/strings/string_view.h"

namespace identity {

// Bytes that must not leak: move-only, wiped when it ends, compared in constant time, and not printable. `Reveal` is
// the one way to read it, so that a search for that word finds every place where a secret is used.
class Secret {
 public:
  Secret() = default;
  // Takes a copy of `bytes`. The caller wipes its own, or moves a string in.
  explicit Secret(absl::string_view bytes) : bytes_(bytes.data(), bytes.size()) {}
  // Takes the bytes and wipes what `bytes` held.
  explicit Secret(std::string&& bytes);
  ~Secret();
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  // Valid as long as this object.
  absl::string_view Reveal() const { return bytes_; }
  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

  // In a time that depends on the lengths alone.
  friend bool operator==(const Secret& a, const Secret& b);
  friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;
  // What GoogleTest shows of it.
  friend void PrintTo(const Secret&, std::ostream* out);

 private:
  void Wipe();
  std::string bytes_;
};

// Overwrites the contents of `bytes` and empties it.
void Wipe(std::string& bytes);

// BLAKE2b-256 of the bytes: tells whether two secrets are the same without keeping them. For secrets of many random
// bits, or what need not stay hidden from who guesses; never for passwords.
std::string Fingerprint(const Secret& secret);

// True when `a` and `b` are the same bytes, in a time that depends on the lengths alone.
bool EqualInConstantTime(absl::string_view a, absl::string_view b);

}  // namespace identity

#endif  // IDENTITY_BASE_SECRET_H_
