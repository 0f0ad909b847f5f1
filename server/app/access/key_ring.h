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

// What the sealed seed of the key is bound to, so that a box that was moved to another row does not open.
std::string SigningKeySealContext(absl::string_view kid);

// The key that signs access tokens and all those that verify them: the one that signs next, so that no replica meets a
// token of a key that it does not know, and those that still retire. Thread-safe; what was got from it stays good
// whatever is reloaded.
class KeyRing {
 public:
  // Reads the keys; MakeMissingSigningKeys (server/app/admin) made them. `master_keys` must outlive it.
  // FAILED_PRECONDITION when they lack the key that sealed the active one, DATA_LOSS when it does not open: both must
  // stop the start.
  static absl::StatusOr<std::unique_ptr<KeyRing>> Load(const RequestContext& context, Database& database,
                                                       const MasterKeys& master_keys, const std::string& issuer);
  // Reads the keys anew, as `transaction` sees them. A signing key that does not open is told in the log, and the one
  // before goes on signing: that is good for as long as it retires.
  absl::Status Reload(Transaction& transaction);

  const std::string& issuer() const { return issuer_; }
  std::shared_ptr<const SigningKey> signing_key() const;
  std::shared_ptr<const AccessTokenVerifier> verifier() const;

 private:
  KeyRing(std::string issuer, const MasterKeys& master_keys) : issuer_(std::move(issuer)), master_keys_(master_keys) {}
  absl::Status Take(const std::vector<signing_keys::StoredKey>& stored);

  const std::string issuer_;
  const MasterKeys& master_keys_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const SigningKey> signing_key_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const AccessTokenVerifier> verifier_ ABSL_GUARDED_BY(mutex_);
};

// The public keys as a JWK set (RFC 7517), for those who verify access tokens themselves.
absl::StatusOr<std::string> ReadJwks(const RequestContext& context, Database& database);

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_KEY_RING_H_
