#include "server/app/key_ring.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/app/mutation.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

// What a sealed seed is bound to, so that a box moved to another row does not open.
std::string SealContext(absl::string_view kid) { return absl::StrCat("signing_key:", kid); }

// What a key ring cannot be without.
constexpr const char* kNeededStates[] = {"active", "next"};

bool Has(const std::vector<signing_keys::StoredKey>& keys, absl::string_view state) {
  return std::any_of(keys.begin(), keys.end(), [state](const auto& key) { return key.state == state; });
}

bool IsComplete(const std::vector<signing_keys::StoredKey>& keys) {
  return std::all_of(std::begin(kNeededStates), std::end(kNeededStates),
                     [&keys](const char* state) { return Has(keys, state); });
}

// Under the revision, so that no other replica does the same.
absl::Status MakeMissingKeys(Mutation& mutation, const MasterKeys& master_keys) {
  ASSIGN_OR_RETURN(const std::vector<signing_keys::StoredKey> keys, signing_keys::All(mutation.transaction()));
  if (IsComplete(keys)) mutation.Discard();
  for (const char* state : kNeededStates) {
    if (Has(keys, state)) continue;
    ASSIGN_OR_RETURN(const signing_keys::StoredKey key, NewSigningKey(master_keys, state));
    RETURN_IF_ERROR(signing_keys::Insert(mutation.transaction(), key));
    RETURN_IF_ERROR(mutation.Record("signing_key", key.kid));
  }
  return absl::OkStatus();
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

absl::StatusOr<SigningKey> OpenActiveKey(const std::vector<signing_keys::StoredKey>& stored,
                                         const MasterKeys& master_keys) {
  for (const signing_keys::StoredKey& key : stored) {
    if (key.state == "active") return OpenKey(key, master_keys);
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
  std::vector<signing_keys::StoredKey> keys;
  RETURN_IF_ERROR(database.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(keys, signing_keys::All(transaction));
    return absl::OkStatus();
  }));
  return keys;
}

}  // namespace

absl::StatusOr<signing_keys::StoredKey> NewSigningKey(const MasterKeys& master_keys, absl::string_view state) {
  const Secret seed(RandomBytes(kSigningSeedBytes));
  ASSIGN_OR_RETURN(const SigningKey key, SigningKey::FromSeed(seed));
  const VerificationKey& public_key = key.verification_key();
  signing_keys::StoredKey stored;
  stored.kid = public_key.kid();
  stored.state = std::string(state);
  stored.public_key = public_key.bytes();
  stored.sealed_seed = master_keys.Seal(seed.Reveal(), SealContext(stored.kid), RandomBytes(kSealNonceBytes));
  stored.master_key_id = master_keys.current_id();
  return stored;
}

absl::StatusOr<std::unique_ptr<KeyRing>> KeyRing::Load(const RequestContext& context, Database& database,
                                                       const MasterKeys& master_keys, const std::string& issuer) {
  ASSIGN_OR_RETURN(std::vector<signing_keys::StoredKey> stored, ReadKeys(context, database));
  if (!IsComplete(stored)) {
    const auto make = [&](Mutation& mutation) { return MakeMissingKeys(mutation, master_keys); };
    RETURN_IF_ERROR(Mutations(database, nullptr).Run(context, Caller(), make).status());
    ASSIGN_OR_RETURN(stored, ReadKeys(context, database));
  }
  std::unique_ptr<KeyRing> ring(new KeyRing(issuer, master_keys));
  RETURN_IF_ERROR(ring->Take(stored));
  return ring;
}

absl::Status KeyRing::Reload(Transaction& transaction) {
  ASSIGN_OR_RETURN(const std::vector<signing_keys::StoredKey> stored, signing_keys::All(transaction));
  const absl::Status taken = Take(stored);
  if (!taken.ok()) {
    Log(LogLevel::kError, "the signing keys changed, and this server cannot sign with the new one",
        {{"status", std::string(taken.message())}});
  }
  return absl::OkStatus();
}

absl::Status KeyRing::Take(const std::vector<signing_keys::StoredKey>& stored) {
  ASSIGN_OR_RETURN(const std::vector<VerificationKey> keys, PublicKeys(stored));
  const auto verifier = std::make_shared<const AccessTokenVerifier>(issuer_, keys);
  absl::StatusOr<SigningKey> opened = OpenActiveKey(stored, master_keys_);
  absl::MutexLock lock(&mutex_);
  verifier_ = verifier;
  if (!opened.ok()) return opened.status();
  signing_key_ = std::make_shared<const SigningKey>(*std::move(opened));
  return absl::OkStatus();
}

std::shared_ptr<const SigningKey> KeyRing::signing_key() const {
  absl::MutexLock lock(&mutex_);
  return signing_key_;
}

std::shared_ptr<const AccessTokenVerifier> KeyRing::verifier() const {
  absl::MutexLock lock(&mutex_);
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
