#ifndef IDENTITY_LOCAL_VERIFICATION_H_
#define IDENTITY_LOCAL_VERIFICATION_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace identity {
inline namespace client {

class PublishedKeys;

// A JWKS, and how long it may be kept.
struct KeyDocument {
  std::string json;
  absl::Duration lifetime;
};
using KeyFetch = std::function<absl::StatusOr<KeyDocument>()>;

// What an access token says. Only a TokenVerifier makes one.
class VerifiedToken {
 public:
  // UUID of the principal.
  const std::string& subject() const { return subject_; }
  // UUID of the principal that called Authenticate for the subject, or "identity".
  const std::string& client_id() const { return client_id_; }
  // UUID of the token.
  const std::string& id() const { return id_; }
  // UUID; empty without a session.
  const std::string& session_id() const { return session_id_; }
  // Patterns of permissions. They limit what the subject may do, and grant nothing.
  const std::vector<std::string>& scopes() const { return scopes_; }
  absl::Time issue_time() const { return issue_time_; }
  absl::Time expire_time() const { return expire_time_; }

 private:
  friend class TokenVerifier;
  VerifiedToken() = default;

  std::string subject_;
  std::string client_id_;
  std::string id_;
  std::string session_id_;
  std::vector<std::string> scopes_;
  absl::Time issue_time_;
  absl::Time expire_time_;
};

// Verifies access tokens (RFC 9068) from the published keys alone. It knows no revocation, no disabled principal and no
// permission: until it expires, the token of a thief passes. Ask the service where that matters. Thread-safe.
class TokenVerifier {
 public:
  struct Options {
    // Such as https://id.example.com/.well-known/jwks.json. Plain HTTP is only for loopback.
    std::string keys_url = {};
    std::string tls_root_file = {};  // PEM; empty: the roots of the system
    // Those of the tokens. Required.
    std::string issuer = {};
    std::string audience = {};
    // The current time, for tests.
    std::function<absl::Time()> clock = absl::Now;
    // Gives the keys instead of HTTP. Thread-safe.
    KeyFetch fetch = nullptr;
  };

  // Fetches no keys yet. INVALID_ARGUMENT for a wrong address, or without an issuer or audience.
  static absl::StatusOr<std::unique_ptr<TokenVerifier>> Create(Options options);
  ~TokenVerifier();

  // UNAUTHENTICATED when the token is not one of this issuer for this audience, or has expired. UNAVAILABLE when the
  // keys cannot be fetched: nothing is known about the token then.
  absl::StatusOr<VerifiedToken> Verify(absl::string_view token);

 private:
  TokenVerifier(Options options, std::unique_ptr<PublishedKeys> keys);
  absl::StatusOr<VerifiedToken> ReadClaims(absl::string_view part) const;

  const Options options_;
  const std::unique_ptr<PublishedKeys> keys_;
};

}  // namespace client
}  // namespace identity

#endif  // IDENTITY_LOCAL_VERIFICATION_H_
