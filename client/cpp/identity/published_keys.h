#ifndef IDENTITY_PUBLISHED_KEYS_H_
#define IDENTITY_PUBLISHED_KEYS_H_

#include <openssl/evp.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "identity/local_verification.h"

namespace identity {
inline namespace client {

// A public key of an issuer (RFC 7517, 7518 and 8037). Immutable.
class PublicKey {
 public:
  // `jwk` is a JSON object. INVALID_ARGUMENT when it is no Ed25519, P-256 or RSA key for signatures.
  static absl::StatusOr<PublicKey> Parse(const std::string& jwk);

  const std::string& id() const { return id_; }
  // Of JWS: EdDSA, ES256 or RS256.
  const std::string& algorithm() const { return algorithm_; }
  // `signature`: as JWS has it, which is not DER.
  bool Verifies(absl::string_view text, absl::string_view signature) const;

 private:
  std::string id_;
  std::string algorithm_;
  std::shared_ptr<EVP_PKEY> key_;
};

// Fetches the keys of an issuer and keeps them. Thread-safe.
class PublishedKeys {
 public:
  PublishedKeys(KeyFetch fetch, std::function<absl::Time()> clock);

  // NOT_FOUND: there is no such key. UNAVAILABLE: the keys could not be fetched.
  absl::StatusOr<PublicKey> Find(const std::string& id);

 private:
  // What is known after a fetch. Never changes.
  struct Known {
    std::map<std::string, PublicKey> keys;
    absl::Time expire_time = absl::InfinitePast();
    absl::Time next_try = absl::InfinitePast();              // after a fetch that failed
    absl::Time next_try_for_unknown = absl::InfinitePast();  // after a fetch because of an unknown key
    absl::Status error;                                      // of the last fetch
  };

  std::shared_ptr<const Known> known() const;
  bool MustFetch(const Known& known, const std::string& id) const;
  Known Fetch(const Known& before) const;

  const KeyFetch fetch_;
  const std::function<absl::Time()> clock_;
  std::mutex fetching_;       // one fetch at a time
  mutable std::mutex mutex_;  // guards known_
  std::shared_ptr<const Known> known_ = std::make_shared<const Known>();
};

}  // namespace client
}  // namespace identity

#endif  // IDENTITY_PUBLISHED_KEYS_H_
