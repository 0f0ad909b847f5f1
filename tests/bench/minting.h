#ifndef IDENTITY_TESTS_BENCH_MINTING_H_
#define IDENTITY_TESTS_BENCH_MINTING_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/app/access/key_ring.h"
#include "server/domain/ids.h"

// What the benchmark asks, of principals that it has put into the database itself (seed.py has the SQL, and the same
// ids).
namespace identity::bench {

// Kinds of principals that are told apart by the second last group of their ids.
enum class Group : uint64_t { kUsers = 0x8000, kCallers = 0x8001 };

PrincipalId PrincipalNumber(Group group, uint64_t number);
SessionId SessionNumber(Group group, uint64_t number);
// What seed.py has given to the user of that number.
std::string PermissionOf(uint64_t number, uint64_t roles);
std::string ResourceOf(uint64_t number);

// Signs access tokens as the service does, with its own key: a hundred thousand of them take seconds and no logins.
// Thread-safe.
class Mint {
 public:
  // Makes the signing key when the database has none yet.
  static absl::StatusOr<std::unique_ptr<Mint>> Create(const std::string& database_url,
                                                      const std::string& master_key_file);

  // For the session of that number, good for a quarter of an hour. No two are the same.
  std::string AccessToken(Group group, uint64_t number) const;

 private:
  explicit Mint(std::shared_ptr<const SigningKey> key) : key_(std::move(key)) {}
  const std::shared_ptr<const SigningKey> key_;
};

struct RequestOptions {
  // check-token, check-principal, login, refresh or filling.
  std::string kind;
  std::string out;
  uint64_t count = 1;       // of requests
  uint64_t first = 1;       // number of the first user
  uint64_t users = 1;       // how many follow each other, over and over
  uint64_t roles = 10;      // as seeded
  uint64_t batch = 0;       // checks in each request; 0: single ones
  std::string permission;   // instead of what each user has
  std::string resource;     // instead of what each user has
  std::string password;     // of logins
  std::string token_epoch;  // of refresh tokens: the first 12 digits of their ids
  uint64_t bytes = 0;       // of each filling
  std::string database_url;
  std::string master_key_file;
};
// Writes a RequestFile.
absl::Status WriteRequests(const RequestOptions& options);

// The hash that all seeded refresh tokens have, for they share a secret; as PostgreSQL writes a bytea.
std::string RefreshTokenHash();

}  // namespace identity::bench

#endif  // IDENTITY_TESTS_BENCH_MINTING_H_
