#include "server/app/admin/signing_keys.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "db/stores/signing_keys.h"
#include "server/app/access/key_ring.h"
#include "server/app/access/own_permissions.h"
#include "server/app/change/guard.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/signing_key.h"

namespace identity {
namespace {

using signing_keys::StoredKey;

absl::StatusOr<SigningKeys::Key> PublicPart(const StoredKey& stored) {
  ASSIGN_OR_RETURN(const VerificationKey key, VerificationKey::Create(stored.public_key));
  return SigningKeys::Key{stored.kid, stored.state, key.ToJwk(), stored.create_time, stored.retire_time};
}

absl::StatusOr<StoredKey> FindInState(const std::vector<StoredKey>& keys, SigningKeyState state) {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const StoredKey& key) { return key.state == state; });
  if (found == keys.end())
    return Error(ErrorReason::kInternal, absl::StrCat("there is no ", NameOf(state), " signing key"));
  return *found;
}

absl::Status RequireRoom(const std::vector<StoredKey>& keys) {
  const auto retiring = std::count_if(keys.begin(), keys.end(),
                                      [](const StoredKey& key) { return key.state == SigningKeyState::kRetiring; });
  if (static_cast<size_t>(retiring) < SigningKeys::kMaxRetiring) return absl::OkStatus();
  return Error(
      ErrorReason::kLimitReached,
      absl::StrCat(SigningKeys::kMaxRetiring, " signing keys are retiring already; each retires for two hours"));
}

// Each of these states must have a key.
constexpr SigningKeyState kNeededStates[] = {SigningKeyState::kActive, SigningKeyState::kNext};

bool Has(const std::vector<StoredKey>& keys, SigningKeyState state) {
  return std::any_of(keys.begin(), keys.end(), [state](const StoredKey& key) { return key.state == state; });
}

bool IsComplete(const std::vector<StoredKey>& keys) {
  return std::all_of(std::begin(kNeededStates), std::end(kNeededStates),
                     [&keys](SigningKeyState state) { return Has(keys, state); });
}

// A new, sealed key in `state`, not yet inserted.
absl::StatusOr<StoredKey> NewSigningKey(const MasterKeys& master_keys, SigningKeyState state) {
  const Secret seed(RandomBytes(kSigningSeedBytes));
  ASSIGN_OR_RETURN(const SigningKey key, SigningKey::FromSeed(seed));
  const VerificationKey& public_key = key.verification_key();
  StoredKey stored;
  stored.kid = public_key.kid();
  stored.state = state;
  stored.public_key = public_key.bytes();
  stored.sealed_seed = master_keys.Seal(seed.Reveal(), SigningKeySealContext(stored.kid), RandomBytes(kSealNonceBytes));
  stored.master_key_id = master_keys.current_id();
  return stored;
}

// The mutation holds the revision, so no other replica can do this at the same time.
absl::Status InsertMissing(Mutation& mutation, const std::vector<StoredKey>& keys, const MasterKeys& master_keys) {
  for (const SigningKeyState state : kNeededStates) {
    if (Has(keys, state)) continue;
    ASSIGN_OR_RETURN(const StoredKey key, NewSigningKey(master_keys, state));
    RETURN_IF_ERROR(signing_keys::Insert(mutation.transaction(), key));
    RETURN_IF_ERROR(mutation.ChangedSigningKey(key.kid));
  }
  return absl::OkStatus();
}

// Does nothing when there is none.
absl::Status ActivateNext(Mutation& mutation, const std::vector<StoredKey>& keys) {
  if (!Has(keys, SigningKeyState::kNext)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const StoredKey next, FindInState(keys, SigningKeyState::kNext));
  RETURN_IF_ERROR(signing_keys::Activate(mutation.transaction(), next.kid));
  return mutation.ChangedSigningKey(next.kid);
}

absl::StatusOr<std::vector<StoredKey>> ReadKeys(const RequestContext& context, Database& database) {
  return database.Read(context, [](Transaction& transaction) { return signing_keys::All(transaction); });
}

absl::Status DeleteRetired(Mutation& mutation) {
  ASSIGN_OR_RETURN(const std::vector<std::string> kids, signing_keys::DeleteRetired(mutation.transaction()));
  for (const std::string& kid : kids) {
    RETURN_IF_ERROR(mutation.ChangedSigningKey(kid));
    RETURN_IF_ERROR(mutation.Audit({audit::EventType::kSigningKeyDeleted, absl::nullopt, kid}));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<SigningKeys::Key>> SigningKeys::List(const RequestContext& context) {
  ASSIGN_OR_RETURN(const std::vector<StoredKey> stored, ReadKeys(context, database_));
  std::vector<Key> keys;
  for (const StoredKey& key : stored) {
    ASSIGN_OR_RETURN(Key listed, PublicPart(key));
    keys.push_back(std::move(listed));
  }
  return keys;
}

absl::StatusOr<SigningKeys::Rotated> SigningKeys::Rotate(const RequestContext& context, const Caller& caller) {
  ASSIGN_OR_RETURN(const StoredKey next, NewSigningKey(master_keys_, SigningKeyState::kNext));
  const auto rotate = [&](Mutation& mutation) -> absl::StatusOr<Key> {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, own_permissions::kSigningKeysWrite, Resource()));
    RETURN_IF_ERROR(DeleteRetired(mutation));
    ASSIGN_OR_RETURN(const std::vector<StoredKey> keys, signing_keys::All(mutation.transaction()));
    RETURN_IF_ERROR(RequireRoom(keys));
    ASSIGN_OR_RETURN(StoredKey active, FindInState(keys, SigningKeyState::kNext));
    RETURN_IF_ERROR(signing_keys::Rotate(mutation.transaction(), active.kid));
    RETURN_IF_ERROR(signing_keys::Insert(mutation.transaction(), next));
    RETURN_IF_ERROR(mutation.ChangedSigningKey(active.kid));
    RETURN_IF_ERROR(mutation.Audit({audit::EventType::kSigningKeyRotated, absl::nullopt, active.kid}));
    active.state = SigningKeyState::kActive;
    return PublicPart(active);
  };
  ASSIGN_OR_RETURN(auto rotated, mutations_.Run(context, caller, rotate));
  return Rotated{std::move(rotated.value), rotated.token};
}

absl::StatusOr<SigningKeys::Rotated> SigningKeys::Remove(const RequestContext& context, const Caller& caller,
                                                         absl::string_view kid) {
  const auto remove = [&](Mutation& mutation) -> absl::StatusOr<Key> {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, own_permissions::kSigningKeysWrite, Resource()));
    return RemoveSigningKey(mutation, master_keys_, kid, "");
  };
  ASSIGN_OR_RETURN(auto removed, mutations_.Run(context, caller, remove));
  return Rotated{std::move(removed.value), removed.token};
}

absl::StatusOr<SigningKeys::Key> RemoveSigningKey(Mutation& mutation, const MasterKeys& master_keys,
                                                  absl::string_view kid, const std::string& details) {
  Transaction& transaction = mutation.transaction();
  ASSIGN_OR_RETURN(const std::vector<StoredKey> before, signing_keys::All(transaction));
  const auto removed = std::find_if(before.begin(), before.end(), [&](const StoredKey& key) { return key.kid == kid; });
  if (removed == before.end()) return Error(ErrorReason::kNotFound, "kid: there is no such signing key");
  RETURN_IF_ERROR(signing_keys::Delete(transaction, kid));
  RETURN_IF_ERROR(mutation.ChangedSigningKey(kid));
  if (removed->state == SigningKeyState::kActive) RETURN_IF_ERROR(ActivateNext(mutation, before));
  ASSIGN_OR_RETURN(const std::vector<StoredKey> left, signing_keys::All(transaction));
  RETURN_IF_ERROR(InsertMissing(mutation, left, master_keys));
  RETURN_IF_ERROR(mutation.Audit({audit::EventType::kSigningKeyRemoved, absl::nullopt, std::string(kid), details}));
  ASSIGN_OR_RETURN(const std::vector<StoredKey> after, signing_keys::All(transaction));
  ASSIGN_OR_RETURN(const StoredKey active, FindInState(after, SigningKeyState::kActive));
  return PublicPart(active);
}

absl::Status MakeMissingSigningKeys(const RequestContext& context, Database& database, const MasterKeys& master_keys) {
  ASSIGN_OR_RETURN(const std::vector<StoredKey> stored, ReadKeys(context, database));
  if (IsComplete(stored)) return absl::OkStatus();
  const auto make = [&](Mutation& mutation) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<StoredKey> keys, signing_keys::All(mutation.transaction()));
    if (IsComplete(keys)) mutation.Discard();
    return InsertMissing(mutation, keys, master_keys);
  };
  return Mutations(database, nullptr).Run(context, Caller(), make).status();
}

absl::Status RemoveRetiredSigningKeys(const RequestContext& context, Database& database) {
  const auto has_retired = [](Transaction& transaction) { return signing_keys::HasRetired(transaction); };
  ASSIGN_OR_RETURN(const bool any, database.Read(context, has_retired));
  if (!any) return absl::OkStatus();
  return Mutations(database, nullptr).Run(context, Caller(), DeleteRetired).status();
}

}  // namespace identity
