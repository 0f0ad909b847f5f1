#include "tests/bench/limits.h"

#include <pthread.h>
#include <sched.h>
#include <sodium.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "server/base/sodium.h"
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

SignedMessage::SignedMessage() : message_(kTokenBytes, 'm') {
  EnsureSodium();
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_key;
  crypto_sign_keypair(public_key_.data(), secret_key.data());
  crypto_sign_detached(signature_.data(), nullptr, Unsigned(message_), message_.size(), secret_key.data());
}

bool SignedMessage::Verify() const {
  return crypto_sign_verify_detached(signature_.data(), Unsigned(message_), message_.size(), public_key_.data()) == 0;
}

absl::StatusOr<double> SignaturesPerSecond(absl::Duration duration) {
  const SignedMessage message;
  return PerSecond(duration, [&] { return message.Verify(); });
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
