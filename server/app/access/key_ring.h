#ifndef IDENTITY_APP_ACCESS_KEY_RING_H_
#define IDENTITY_APP_ACCESS_KEY_RING_H_

#include <map>
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

// The associated data of the key's sealed private half, so that one that was moved to another row does not open.
std::string SigningKeySealContext(absl::string_view kid);

// The keys that sign access tokens, one for each algorithm, and all keys that verify them. Those include the retiring
// keys, and the next signing keys, so that no replica sees a token of an unknown key. Thread-safe; the objects that it
// returns stay valid after a reload.
class KeyRing {
 public:
  // Reads the keys that MakeMissingSigningKeys (server/app/admin) made. `master_keys` must outlive it.
  // FAILED_PRECONDITION when `master_keys` lack the one that sealed an active key, DATA_LOSS when an active key does
  // not open. Both errors must stop the start.
  static absl::StatusOr<std::unique_ptr<KeyRing>> Load(const RequestContext& context, Database& database,
                                                       const MasterKeys& master_keys, const std::string& issuer);
  // Reads the keys again, as `transaction` sees them. Returns the kids of the keys that are gone; their tokens are not
  // valid any more. When a signing key does not open, logs that and continues to sign with the previous key of its
  // algorithm. Its tokens stay valid while it is retiring.
  absl::StatusOr<std::vector<std::string>> Reload(Transaction& transaction);

  const std::string& issuer() const { return issuer_; }
  // The active key of `algorithm`. While the algorithm has none, the active key of EdDSA.
  std::shared_ptr<const SigningKey> signing_key(SigningAlgorithm algorithm) const;
  std::shared_ptr<const AccessTokenVerifier> verifier() const;
  // The public halves of all keys as a JWK set (RFC 7517), as of the last reload. For services that verify access
  // tokens themselves.
  std::shared_ptr<const std::string> jwks() const;
  // A verifier with the keys that `transaction` sees. It may know keys that this replica has not loaded yet.
  absl::StatusOr<AccessTokenVerifier> ReadVerifier(Transaction& transaction) const;

 private:
  KeyRing(std::string issuer, const MasterKeys& master_keys) : issuer_(std::move(issuer)), master_keys_(master_keys) {}
  // Replaces the keys that verify. Returns the kids of those that are gone.
  absl::StatusOr<std::vector<std::string>> UseToVerify(const std::vector<signing_keys::StoredKey>& stored);
  // Replaces the keys that sign. After an error, those that could not be replaced stay.
  absl::Status UseToSign(const std::vector<signing_keys::StoredKey>& stored);
  absl::Status UseToSign(SigningAlgorithm algorithm, const std::vector<signing_keys::StoredKey>& stored);

  const std::string issuer_;
  const MasterKeys& master_keys_;
  mutable absl::Mutex mutex_;
  std::map<SigningAlgorithm, std::shared_ptr<const SigningKey>> signing_keys_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const AccessTokenVerifier> verifier_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const std::string> jwks_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> kids_ ABSL_GUARDED_BY(mutex_);  // of the keys that verify
};

// The JWK set of KeyRing::jwks, as the database has it now.
absl::StatusOr<std::string> ReadJwks(const RequestContext& context, Database& database);

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_KEY_RING_H_
