#ifndef IDENTITY_TESTS_BENCH_LIMITS_H_
#define IDENTITY_TESTS_BENCH_LIMITS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/password.h"

// What libsodium alone does on this machine, with all processors at work: limits that no service can pass.
namespace identity::bench {

// Ed25519 signatures (RFC 8032) of messages as long as an access token's, verified in a second.
absl::StatusOr<double> SignaturesPerSecond(absl::Duration duration);
// Argon2id hashes of the service's default cost, verified in a second.
absl::StatusOr<double> PasswordsPerSecond(absl::Duration duration);
absl::StatusOr<std::string> HashPassword(const std::string& password, const Argon2Parameters& parameters);

}  // namespace identity::bench

#endif  // IDENTITY_TESTS_BENCH_LIMITS_H_
