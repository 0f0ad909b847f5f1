#ifndef IDENTITY_TESTS_BENCH_MINTING_H_
#define IDENTITY_TESTS_BENCH_MINTING_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/app/access/key_ring.h"
#include "server/domain/ids.h"

// Makes the requests of the benchmark. Their principals are in the database: seed.py inserts them with the same ids.
namespace identity::bench {

// Kinds of principals. The second last group of a principal's id is its kind.
enum class Group : uint64_t { kUsers = 0x8000, kCallers = 0x8001 };

PrincipalId PrincipalNumber(Group group, uint64_t number);
SessionId SessionNumber(Group group, uint64_t number);
// The data that seed.py inserted for the user with this number.
std::string PermissionOf(uint64_t number, uint64_t roles);
std::string ResourceOf(uint64_t number);

// Signs access tokens with the service's own key, by the same code. A hundred thousand tokens take seconds and need no
// logins. Thread-safe.
class Mint {
 public:
  // Makes the signing key if the database has none yet.
  static absl::StatusOr<std::unique_ptr<Mint>> Create(const std::string& database_url,
                                                      const std::string& master_key_file);

  // A token of the session with this number, valid for 15 minutes. No two tokens are identical.
  std::string AccessToken(Group group, uint64_t number) const;

 private:
  explicit Mint(std::shared_ptr<const SigningKey> key) : key_(std::move(key)) {}
  const std::shared_ptr<const SigningKey> key_;
};

struct RequestOptions {
  // Of gRPC: check-token, check-workload, check-principal, login, refresh, filling or ext-authz. Of HTTP: introspection
  // or evaluation.
  std::string kind;
  std::string out;
  uint64_t count = 1;       // of requests
  uint64_t first = 1;       // number of the first user
  uint64_t users = 1;       // number of users, used in turn
  uint64_t roles = 10;      // as seeded
  uint64_t batch = 0;       // checks in each request; 0: single ones
  std::string permission;   // instead of a permission of each user
  std::string resource;     // instead of a resource of each user
  std::string password;     // of logins
  std::string token_epoch;  // of refresh tokens: the first 12 digits of their ids
  uint64_t bytes = 0;       // of each filling
  std::string keys_out;     // of check-workload: the file for the issuer's keys
  std::string bearer_file;  // with the value of the header Authorization, over HTTP
  std::string database_url;
  std::string master_key_file;
};
// Writes a RequestFile.
absl::Status WriteRequests(const RequestOptions& options);

// The hash of all seeded refresh tokens, which share one secret. In PostgreSQL's text form of a bytea.
std::string RefreshTokenHash();

}  // namespace identity::bench

#endif  // IDENTITY_TESTS_BENCH_MINTING_H_
