#include "tests/bench/limits.h"

#include <pthread.h>
#include <sched.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "server/base/status_macros.h"
#include "server/domain/password.h"

namespace identity::bench {
namespace {

constexpr size_t kTokenBytes = 450;
constexpr char kPassword[] = "a password to be measured";

// How many times a second `once` returns when each processor calls it in a loop. `once` returns false on failure.
absl::StatusOr<double> PerSecond(absl::Duration duration, const std::function<bool()>& once, int policy = SCHED_OTHER) {
  std::atomic<uint64_t> count{0};
  std::atomic<bool> failed{false};
  const absl::Time start = absl::Now();
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back([&] {
      constexpr sched_param kNoPriority{};
      if (pthread_setschedparam(pthread_self(), policy, &kNoPriority) != 0) failed = true;
      while (absl::Now() < start + duration) {
        if (!once()) failed = true;
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (failed)
    return absl::InternalError(
        "libsodium refused its own signature or hash, or the system refused a thread's priority");
  return static_cast<double>(count) / absl::ToDoubleSeconds(absl::Now() - start);
}

}  // namespace

absl::StatusOr<double> SignaturesPerSecond(absl::Duration duration) {
  if (sodium_init() < 0) return absl::InternalError("libsodium does not start");
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_key;
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_key;
  std::array<unsigned char, crypto_sign_BYTES> signature;
  const std::vector<unsigned char> message(kTokenBytes, 'm');
  crypto_sign_keypair(public_key.data(), secret_key.data());
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret_key.data());
  return PerSecond(duration, [&] {
    return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), public_key.data()) == 0;
  });
}

absl::StatusOr<double> PasswordsPerSecond(absl::Duration duration, bool idle_priority) {
  ASSIGN_OR_RETURN(const std::string hash, HashPassword(kPassword, Argon2Parameters()));
  const auto verify = [&] { return crypto_pwhash_str_verify(hash.c_str(), kPassword, sizeof(kPassword) - 1) == 0; };
  return PerSecond(duration, verify, idle_priority ? SCHED_IDLE : SCHED_OTHER);
}

absl::StatusOr<std::string> HashPassword(const std::string& password, const Argon2Parameters& parameters) {
  if (sodium_init() < 0) return absl::InternalError("libsodium does not start");
  ASSIGN_OR_RETURN(const PasswordHash hash, PasswordHash::Create(Secret(absl::string_view(password)), parameters));
  return hash.text();
}

}  // namespace identity::bench
