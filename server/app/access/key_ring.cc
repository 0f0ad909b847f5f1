#include "server/app/access/key_ring.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

absl::StatusOr<SigningKey> OpenKey(const signing_keys::StoredKey& stored, const MasterKeys& master_keys) {
  auto seed = master_keys.Open(stored.master_key_id, stored.sealed_seed, SigningKeySealContext(stored.kid));
  if (!seed.ok()) {
    return absl::Status(seed.status().code(),
                        absl::StrCat("the signing key ", stored.kid, ", sealed by the master key ",
                                     stored.master_key_id, ", cannot be opened: ", seed.status().message()));
  }
  return SigningKey::FromSeed(*seed);
}

absl::StatusOr<SigningKey> OpenActiveKey(const std::vector<signing_keys::StoredKey>& stored,
                                         const MasterKeys& master_keys) {
  for (const signing_keys::StoredKey& key : stored) {
    if (key.state == SigningKeyState::kActive) return OpenKey(key, master_keys);
  }
  return Error(ErrorReason::kInternal, "there is no active signing key");
}

absl::StatusOr<std::vector<VerificationKey>> PublicKeys(const std::vector<signing_keys::StoredKey>& stored) {
  std::vector<VerificationKey> keys;
  for (const signing_keys::StoredKey& key : stored) {
    ASSIGN_OR_RETURN(VerificationKey public_key, VerificationKey::Create(key.public_key));
    keys.push_back(std::move(public_key));
  }
  return keys;
}

absl::StatusOr<std::vector<signing_keys::StoredKey>> ReadKeys(const RequestContext& context, Database& database) {
  return database.Read(context, [](Transaction& transaction) { return signing_keys::All(transaction); });
}

}  // namespace

std::string SigningKeySealContext(absl::string_view kid) { return absl::StrCat("signing_key:", kid); }

absl::StatusOr<std::unique_ptr<KeyRing>> KeyRing::Load(const RequestContext& context, Database& database,
                                                       const MasterKeys& master_keys, const std::string& issuer) {
  ASSIGN_OR_RETURN(const std::vector<signing_keys::StoredKey> stored, ReadKeys(context, database));
  std::unique_ptr<KeyRing> ring(new KeyRing(issuer, master_keys));
  RETURN_IF_ERROR(ring->Use(stored));
  return ring;
}

absl::Status KeyRing::Reload(Transaction& transaction) {
  ASSIGN_OR_RETURN(const std::vector<signing_keys::StoredKey> stored, signing_keys::All(transaction));
  const absl::Status status = Use(stored);
  if (!status.ok()) {
    Log(LogLevel::kError, "the signing keys changed, and this server cannot sign with the new one",
        {{"status", std::string(status.message())}});
  }
  return absl::OkStatus();
}

absl::Status KeyRing::Use(const std::vector<signing_keys::StoredKey>& stored) {
  ASSIGN_OR_RETURN(const std::vector<VerificationKey> keys, PublicKeys(stored));
  const auto verifier = std::make_shared<const AccessTokenVerifier>(issuer_, keys);
  absl::StatusOr<SigningKey> opened = OpenActiveKey(stored, master_keys_);
  MutexLock lock(mutex_);
  verifier_ = verifier;
  if (!opened.ok()) return opened.status();
  signing_key_ = std::make_shared<const SigningKey>(*std::move(opened));
  return absl::OkStatus();
}

std::shared_ptr<const SigningKey> KeyRing::signing_key() const {
  MutexLock lock(mutex_);
  return signing_key_;
}

std::shared_ptr<const AccessTokenVerifier> KeyRing::verifier() const {
  MutexLock lock(mutex_);
  return verifier_;
}

absl::StatusOr<std::string> ReadJwks(const RequestContext& context, Database& database) {
  ASSIGN_OR_RETURN(const std::vector<signing_keys::StoredKey> stored, ReadKeys(context, database));
  ASSIGN_OR_RETURN(const std::vector<VerificationKey> keys, PublicKeys(stored));
  return absl::StrCat(
      "{\"keys\":[",
      absl::StrJoin(keys, ",", [](std::string* out, const VerificationKey& key) { out->append(key.ToJwk()); }), "]}");
}

}  // namespace identity
