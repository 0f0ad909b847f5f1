#ifndef IDENTITY_BASE_SECRET_H_
#define IDENTITY_BASE_SECRET_H_

#include <cstddef>
#include <iosfwd>
#include <string>

#include "absl/strings/string_view.h"

namespace identity {

// Bytes that must not leak: move-only, wiped on destruction, compared in constant time, and not printable. `Reveal` is
// the only way to read them, so a search for that word finds every use of a secret.
class Secret {
 public:
  Secret() = default;
  // Copies `bytes`. The caller must wipe its own copy, or use the constructor that moves.
  explicit Secret(absl::string_view bytes) : bytes_(bytes.data(), bytes.size()) {}
  // Moves the bytes and wipes `bytes`.
  explicit Secret(std::string&& bytes);
  ~Secret();
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  // Valid while this object exists.
  absl::string_view Reveal() const { return bytes_; }
  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

  // Takes a time that depends only on the lengths.
  friend bool operator==(const Secret& a, const Secret& b);
  friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;
  // GoogleTest prints "<secret>".
  friend void PrintTo(const Secret&, std::ostream* out);

 private:
  void Wipe();
  std::string bytes_;
};

// Overwrites the contents of `bytes`, and clears it.
void Wipe(std::string& bytes);
void Wipe(void* bytes, size_t size);

// BLAKE2b-256 of the bytes, to compare secrets without storing them. Only for secrets of many random bits, or for data
// that may become known to an attacker who guesses it. Never for passwords.
std::string Fingerprint(const Secret& secret);

// True when `a` and `b` are the same bytes. Takes a time that depends only on the lengths.
bool EqualInConstantTime(absl::string_view a, absl::string_view b);

}  // namespace identity

#endif  // IDENTITY_BASE_SECRET_H_
