#include "server/app/key_ring.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/signing_key_store.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

// What a sealed seed is bound to, so that a box moved to another row does not open.
std::string SealContext(absl::string_view kid) { return absl::StrCat("signing_key:", kid); }

absl::StatusOr<signing_keys::StoredKey> NewKey(const MasterKeys& master_keys) {
  const Secret seed(RandomBytes(kSigningSeedBytes));
  ASSIGN_OR_RETURN(const SigningKey key, SigningKey::FromSeed(seed));
  const VerificationKey& public_key = key.verification_key();
  return signing_keys::StoredKey{
      public_key.kid(), "active", public_key.bytes(),
      master_keys.Seal(seed.Reveal(), SealContext(public_key.kid()), RandomBytes(kSealNonceBytes)),
      master_keys.current_id()};
}

absl::Status EnsureActiveKey(Transaction& transaction, const MasterKeys& master_keys) {
  ASSIGN_OR_RETURN(const std::vector<signing_keys::StoredKey> keys, signing_keys::All(transaction));
  for (const signing_keys::StoredKey& key : keys) {
    if (key.state == "active") return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const signing_keys::StoredKey key, NewKey(master_keys));
  return signing_keys::InsertActive(transaction, key);
}

absl::StatusOr<SigningKey> OpenKey(const signing_keys::StoredKey& stored, const MasterKeys& master_keys) {
  auto seed = master_keys.Open(stored.master_key_id, stored.sealed_seed, SealContext(stored.kid));
  if (!seed.ok()) {
    return absl::Status(seed.status().code(),
                        absl::StrCat("the signing key ", stored.kid, ", sealed by the master key ",
                                     stored.master_key_id, ", cannot be opened: ", seed.status().message()));
  }
  return SigningKey::FromSeed(*seed);
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
  std::vector<signing_keys::StoredKey> keys;
  RETURN_IF_ERROR(database.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(keys, signing_keys::All(transaction));
    return absl::OkStatus();
  }));
  return keys;
}

}  // namespace

absl::StatusOr<KeyRing> KeyRing::Load(const RequestContext& context, Database& database, const MasterKeys& master_keys,
                                      const std::string& issuer) {
  RETURN_IF_ERROR(
      database.Write(context, [&](Transaction& transaction) { return EnsureActiveKey(transaction, master_keys); }));
  ASSIGN_OR_RETURN(const std::vector<signing_keys::StoredKey> stored, ReadKeys(context, database));
  ASSIGN_OR_RETURN(const std::vector<VerificationKey> keys, PublicKeys(stored));
  for (const signing_keys::StoredKey& key : stored) {
    if (key.state != "active") continue;
    ASSIGN_OR_RETURN(SigningKey signing_key, OpenKey(key, master_keys));
    return KeyRing(issuer, std::move(signing_key), keys);
  }
  return Error(ErrorReason::kInternal, "there is no active signing key");
}

absl::StatusOr<std::string> ReadJwks(const RequestContext& context, Database& database) {
  ASSIGN_OR_RETURN(const std::vector<signing_keys::StoredKey> stored, ReadKeys(context, database));
  ASSIGN_OR_RETURN(const std::vector<VerificationKey> keys, PublicKeys(stored));
  return absl::StrCat(
      "{\"keys\":[",
      absl::StrJoin(keys, ",", [](std::string* out, const VerificationKey& key) { out->append(key.ToJwk()); }), "]}");
}

}  // namespace identity
