#ifndef IDENTITY_APP_KEY_RING_H_
#define IDENTITY_APP_KEY_RING_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/database.h"
#include "server/base/request_context.h"
#include "server/domain/access_token.h"
#include "server/domain/sealed_box.h"
#include "server/domain/signing_key.h"

namespace identity {

// The key that signs access tokens and all those that verify them. Immutable, so safe from any thread.
class KeyRing {
 public:
  // Reads the keys, and makes the first one when there is none; of several replicas that start together one makes it.
  // FAILED_PRECONDITION when `master_keys` lack the key that sealed the active one, DATA_LOSS when it does not open:
  // both must stop the start.
  static absl::StatusOr<KeyRing> Load(const RequestContext& context, Database& database, const MasterKeys& master_keys,
                                      const std::string& issuer);

  const std::string& issuer() const { return issuer_; }
  const SigningKey& signing_key() const { return signing_key_; }
  const AccessTokenVerifier& verifier() const { return verifier_; }

 private:
  KeyRing(std::string issuer, SigningKey signing_key, const std::vector<VerificationKey>& keys)
      : issuer_(std::move(issuer)), signing_key_(std::move(signing_key)), verifier_(issuer_, keys) {}
  std::string issuer_;
  SigningKey signing_key_;
  AccessTokenVerifier verifier_;
};

// The public keys as a JWK set (RFC 7517), for those who verify access tokens themselves.
absl::StatusOr<std::string> ReadJwks(const RequestContext& context, Database& database);

}  // namespace identity

#endif  // IDENTITY_APP_KEY_RING_H_
