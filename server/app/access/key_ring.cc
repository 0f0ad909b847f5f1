#include "server/app/access/key_ring.h"

#include <algorithm>
#include <iterator>
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
  auto opened = master_keys.Open(stored.master_key_id, stored.sealed_private_key, SigningKeySealContext(stored.kid));
  if (!opened.ok()) {
    return absl::Status(opened.status().code(),
                        absl::StrCat("the signing key ", stored.kid, ", sealed by the master key ",
                                     stored.master_key_id, ", cannot be opened: ", opened.status().message()));
  }
  return SigningKey::FromPrivate(stored.algorithm, *opened);
}

const signing_keys::StoredKey* FindActive(const std::vector<signing_keys::StoredKey>& stored,
                                          SigningAlgorithm algorithm) {
  const auto found = std::find_if(stored.begin(), stored.end(), [algorithm](const signing_keys::StoredKey& key) {
    return key.state == SigningKeyState::kActive && key.algorithm == algorithm;
  });
  return found == stored.end() ? nullptr : &*found;
}

absl::StatusOr<std::vector<VerificationKey>> PublicKeys(const std::vector<signing_keys::StoredKey>& stored) {
  std::vector<VerificationKey> keys;
  for (const signing_keys::StoredKey& key : stored) {
    ASSIGN_OR_RETURN(VerificationKey public_key, VerificationKey::Create(key.algorithm, key.public_key));
    keys.push_back(std::move(public_key));
  }
  return keys;
}

std::string JwksOf(const std::vector<VerificationKey>& keys) {
  return absl::StrCat(
      "{\"keys\":[",
      absl::StrJoin(keys, ",", [](std::string* out, const VerificationKey& key) { out->append(key.ToJwk()); }), "]}");
}

std::vector<std::string> KidsOf(const std::vector<VerificationKey>& keys) {
  std::vector<std::string> kids;
  for (const VerificationKey& key : keys) kids.push_back(key.kid());
  return kids;
}

// Those of `before` that are not in `after`.
std::vector<std::string> Missing(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  std::vector<std::string> missing;
  std::copy_if(before.begin(), before.end(), std::back_inserter(missing),
               [&](const std::string& kid) { return std::find(after.begin(), after.end(), kid) == after.end(); });
  return missing;
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
  RETURN_IF_ERROR(ring->UseToVerify(stored).status());
  RETURN_IF_ERROR(ring->UseToSign(stored));
  return ring;
}

absl::StatusOr<std::vector<std::string>> KeyRing::Reload(Transaction& transaction) {
  ASSIGN_OR_RETURN(const std::vector<signing_keys::StoredKey> stored, signing_keys::All(transaction));
  ASSIGN_OR_RETURN(std::vector<std::string> gone, UseToVerify(stored));
  if (const absl::Status status = UseToSign(stored); !status.ok()) {
    Log(LogLevel::kError, "the signing keys changed, and this server cannot sign with a new one",
        {{"status", std::string(status.message())}});
  }
  return gone;
}

absl::StatusOr<AccessTokenVerifier> KeyRing::ReadVerifier(Transaction& transaction) const {
  ASSIGN_OR_RETURN(const std::vector<signing_keys::StoredKey> stored, signing_keys::All(transaction));
  ASSIGN_OR_RETURN(const std::vector<VerificationKey> keys, PublicKeys(stored));
  return AccessTokenVerifier(issuer_, keys);
}

absl::StatusOr<std::vector<std::string>> KeyRing::UseToVerify(const std::vector<signing_keys::StoredKey>& stored) {
  ASSIGN_OR_RETURN(const std::vector<VerificationKey> keys, PublicKeys(stored));
  auto verifier = std::make_shared<const AccessTokenVerifier>(issuer_, keys);
  auto jwks = std::make_shared<const std::string>(JwksOf(keys));
  std::vector<std::string> kids = KidsOf(keys);
  MutexLock lock(mutex_);
  verifier_ = std::move(verifier);
  jwks_ = std::move(jwks);
  kids_.swap(kids);
  return Missing(kids, kids_);
}

absl::Status KeyRing::UseToSign(const std::vector<signing_keys::StoredKey>& stored) {
  absl::Status status;
  for (const SigningAlgorithm algorithm : kSigningAlgorithms) status.Update(UseToSign(algorithm, stored));
  return status;
}

absl::Status KeyRing::UseToSign(SigningAlgorithm algorithm, const std::vector<signing_keys::StoredKey>& stored) {
  const signing_keys::StoredKey* active = FindActive(stored, algorithm);
  if (active == nullptr && algorithm == SigningAlgorithm::kEdDsa) {
    return Error(ErrorReason::kInternal, "there is no active signing key");
  }
  std::shared_ptr<const SigningKey> key;
  if (active != nullptr) {
    ASSIGN_OR_RETURN(SigningKey opened, OpenKey(*active, master_keys_));
    key = std::make_shared<const SigningKey>(std::move(opened));
  }
  MutexLock lock(mutex_);
  signing_keys_[algorithm] = std::move(key);
  return absl::OkStatus();
}

std::shared_ptr<const SigningKey> KeyRing::signing_key(SigningAlgorithm algorithm) const {
  MutexLock lock(mutex_);
  const auto found = signing_keys_.find(algorithm);
  if (found != signing_keys_.end() && found->second != nullptr) return found->second;
  return signing_keys_.at(SigningAlgorithm::kEdDsa);
}

std::shared_ptr<const std::string> KeyRing::jwks() const {
  MutexLock lock(mutex_);
  return jwks_;
}

std::shared_ptr<const AccessTokenVerifier> KeyRing::verifier() const {
  MutexLock lock(mutex_);
  return verifier_;
}

absl::StatusOr<std::string> ReadJwks(const RequestContext& context, Database& database) {
  ASSIGN_OR_RETURN(const std::vector<signing_keys::StoredKey> stored, ReadKeys(context, database));
  ASSIGN_OR_RETURN(const std::vector<VerificationKey> keys, PublicKeys(stored));
  return JwksOf(keys);
}

}  // namespace identity
