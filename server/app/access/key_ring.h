#ifndef IDENTITY_APP_ACCESS_KEY_RING_H_
#define IDENTITY_APP_ACCESS_KEY_RING_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "db/database.h"
#include "db/stores/signing_keys.h"
#include "server/base/request_context.h"
#include "server/base/sealed_box.h"
#include "server/domain/access_token.h"
#include "server/domain/signing_key.h"

namespace identity {

// The associated data of the key's sealed seed, so that a seed that was moved to another row does not open.
std::string SigningKeySealContext(absl::string_view kid);

// The key that signs access tokens, and all keys that verify them. Those include the retiring keys, and the next
// signing key, so that no replica sees a token of an unknown key. Thread-safe; the objects that it returns stay valid
// after a reload.
class KeyRing {
 public:
  // Reads the keys that MakeMissingSigningKeys (server/app/admin) made. `master_keys` must outlive it.
  // FAILED_PRECONDITION when `master_keys` lack the one that sealed the active key, DATA_LOSS when the active key does
  // not open. Both errors must stop the start.
  static absl::StatusOr<std::unique_ptr<KeyRing>> Load(const RequestContext& context, Database& database,
                                                       const MasterKeys& master_keys, const std::string& issuer);
  // Reads the keys again, as `transaction` sees them. Returns the kids of the keys that are gone; their tokens are not
  // valid any more. When the signing key does not open, logs that and continues to sign with the previous key. Its
  // tokens stay valid while it is retiring.
  absl::StatusOr<std::vector<std::string>> Reload(Transaction& transaction);

  const std::string& issuer() const { return issuer_; }
  std::shared_ptr<const SigningKey> signing_key() const;
  std::shared_ptr<const AccessTokenVerifier> verifier() const;
  // A verifier with the keys that `transaction` sees. It may know keys that this replica has not loaded yet.
  absl::StatusOr<AccessTokenVerifier> ReadVerifier(Transaction& transaction) const;

 private:
  KeyRing(std::string issuer, const MasterKeys& master_keys) : issuer_(std::move(issuer)), master_keys_(master_keys) {}
  // Replaces the keys that verify. Returns the kids of those that are gone.
  absl::StatusOr<std::vector<std::string>> UseToVerify(const std::vector<signing_keys::StoredKey>& stored);
  // Replaces the key that signs.
  absl::Status UseToSign(const std::vector<signing_keys::StoredKey>& stored);

  const std::string issuer_;
  const MasterKeys& master_keys_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const SigningKey> signing_key_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const AccessTokenVerifier> verifier_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> kids_ ABSL_GUARDED_BY(mutex_);  // of the keys that verify
};

// The public keys as a JWK set (RFC 7517), for services that verify access tokens themselves.
absl::StatusOr<std::string> ReadJwks(const RequestContext& context, Database& database);

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_KEY_RING_H_
