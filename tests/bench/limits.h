#ifndef IDENTITY_TESTS_BENCH_LIMITS_H_
#define IDENTITY_TESTS_BENCH_LIMITS_H_

#include <sodium.h>

#include <array>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/password.h"

// The rates of libsodium alone on all processors of this machine: upper limits for every service.
namespace identity::bench {

// A message with the length of an access token, and its Ed25519 signature (RFC 8032). Thread-safe.
class SignedMessage {
 public:
  SignedMessage();
  // Verifies the signature. Always true.
  bool Verify() const;

 private:
  const std::string message_;
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_key_;
  std::array<unsigned char, crypto_sign_BYTES> signature_;
};

// How many of these signatures are verified a second.
absl::StatusOr<double> SignaturesPerSecond(absl::Duration duration);
// Verified Argon2id hashes a second, with the service's default cost. With `idle_priority`, the threads run only on
// idle processors, like those of the server.
absl::StatusOr<double> PasswordsPerSecond(absl::Duration duration, bool idle_priority);
absl::StatusOr<std::string> HashPassword(const std::string& password, const Argon2Parameters& parameters);

}  // namespace identity::bench

#endif  // IDENTITY_TESTS_BENCH_LIMITS_H_
