#include "server/base/secret.h"

#include <ostream>
#include <utility>

#include "server/base/sodium.h"

namespace identity {

// A short string is stored inside its object, and a move leaves the bytes there. So each move is followed by a wipe. A
// long string hands over its buffer, so the wipe finds nothing.
Secret::Secret(std::string&& bytes) : bytes_(std::move(bytes)) { identity::Wipe(bytes); }

Secret::~Secret() { Wipe(); }

Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.Wipe(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  Wipe();
  bytes_ = std::move(other.bytes_);
  other.Wipe();
  return *this;
}

bool operator==(const Secret& a, const Secret& b) { return EqualInConstantTime(a.bytes_, b.bytes_); }

void PrintTo(const Secret&, std::ostream* out) { *out << "<secret>"; }

void Secret::Wipe() { identity::Wipe(bytes_); }

void Wipe(void* bytes, size_t size) { sodium_memzero(bytes, size); }

void Wipe(std::string& bytes) {
  // Up to the capacity, which also wipes bytes of a longer value behind the end.
  bytes.resize(bytes.capacity());
  sodium_memzero(bytes.data(), bytes.size());
  bytes.clear();
}

bool EqualInConstantTime(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string Fingerprint(const Secret& secret) {
  EnsureSodium();
  std::string hash(crypto_generichash_BYTES, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(), Unsigned(secret.Reveal()),
                     secret.size(), nullptr, 0);
  return hash;
}

}  // namespace identity
