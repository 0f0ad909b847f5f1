#include "server/app/admin/signing_keys.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "db/change_log.h"
#include "server/app/access/key_ring.h"
#include "server/app/access/own_permissions.h"
#include "server/app/admin/key_generation.h"
#include "server/app/change/guard.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

using signing_keys::StoredKey;

absl::StatusOr<SigningKeys::Key> PublicPart(const StoredKey& stored) {
  ASSIGN_OR_RETURN(const VerificationKey key, VerificationKey::Create(stored.algorithm, stored.public_key));
  return SigningKeys::Key{stored.kid,  stored.algorithm,   stored.state,
                          key.ToJwk(), stored.create_time, stored.retire_time};
}

// The key of `algorithm` in `state`, or nullptr.
const StoredKey* Find(const std::vector<StoredKey>& keys, SigningAlgorithm algorithm, SigningKeyState state) {
  const auto found = std::find_if(
      keys.begin(), keys.end(), [&](const StoredKey& key) { return key.algorithm == algorithm && key.state == state; });
  return found == keys.end() ? nullptr : &*found;
}

bool Has(const std::vector<StoredKey>& keys, SigningAlgorithm algorithm, SigningKeyState state) {
  return Find(keys, algorithm, state) != nullptr;
}

absl::Status RequireRoom(const std::vector<StoredKey>& keys, SigningAlgorithm algorithm) {
  const auto retiring = std::count_if(keys.begin(), keys.end(), [algorithm](const StoredKey& key) {
    return key.algorithm == algorithm && key.state == SigningKeyState::kRetiring;
  });
  if (static_cast<size_t>(retiring) < SigningKeys::kMaxRetiring) return absl::OkStatus();
  return Error(
      ErrorReason::kLimitReached,
      absl::StrCat(SigningKeys::kMaxRetiring, " signing keys are retiring already; each retires for two hours"));
}

// The next key of `algorithm`, if it may sign at the time `now` of the database.
absl::StatusOr<StoredKey> PublishedNext(const std::vector<StoredKey>& keys, SigningAlgorithm algorithm, absl::Time now,
                                        absl::Duration publication_time) {
  const StoredKey* next = Find(keys, algorithm, SigningKeyState::kNext);
  if (next == nullptr) {
    return Error(ErrorReason::kNotFound,
                 absl::StrCat("algorithm: there are no ", NameOf(algorithm),
                              " keys: a server makes them when its options name the algorithm"));
  }
  const absl::Duration left = absl::Ceil(next->create_time + publication_time - now, absl::Seconds(1));
  if (left <= absl::ZeroDuration()) return *next;
  return WithRetryDelay(
      Error(ErrorReason::kSigningKeyTooNew,
            absl::StrCat("the next ", NameOf(algorithm), " key may sign in ", absl::FormatDuration(left),
                         ": verifiers that keep the published keys may not know it before that")),
      left);
}

// EdDSA signs in place of an algorithm without an active key, so it alone needs one.
bool IsComplete(const std::vector<StoredKey>& keys, SigningAlgorithm algorithm) {
  return Has(keys, algorithm, SigningKeyState::kNext) &&
         (algorithm != SigningAlgorithm::kEdDsa || Has(keys, algorithm, SigningKeyState::kActive));
}

absl::StatusOr<SpareSigningKeys> NewPair(const MasterKeys& master_keys, SigningAlgorithm algorithm) {
  ASSIGN_OR_RETURN(StoredKey active, NewSigningKey(master_keys, algorithm));
  ASSIGN_OR_RETURN(StoredKey next, NewSigningKey(master_keys, algorithm));
  active.state = SigningKeyState::kActive;
  return SpareSigningKeys{std::move(active), std::move(next)};
}

absl::Status InsertKey(Mutation& mutation, const StoredKey& key) {
  RETURN_IF_ERROR(signing_keys::Insert(mutation.transaction(), key));
  mutation.ChangedSigningKey(key.kid);
  return absl::OkStatus();
}

// The mutation holds the revision, so no other replica can do this at the same time. `sign_at_once`: also makes a
// missing active key.
absl::Status InsertMissing(Mutation& mutation, const std::vector<StoredKey>& keys, const SpareSigningKeys& spare,
                           bool sign_at_once) {
  const SigningAlgorithm algorithm = spare.next.algorithm;
  if (sign_at_once && !Has(keys, algorithm, SigningKeyState::kActive)) {
    RETURN_IF_ERROR(InsertKey(mutation, spare.active));
  }
  if (Has(keys, algorithm, SigningKeyState::kNext)) return absl::OkStatus();
  return InsertKey(mutation, spare.next);
}

// Does nothing when there is none.
absl::Status ActivateNext(Mutation& mutation, const std::vector<StoredKey>& keys, SigningAlgorithm algorithm) {
  const StoredKey* next = Find(keys, algorithm, SigningKeyState::kNext);
  if (next == nullptr) return absl::OkStatus();
  RETURN_IF_ERROR(signing_keys::Activate(mutation.transaction(), next->kid));
  mutation.ChangedSigningKey(next->kid);
  return absl::OkStatus();
}

// The keys, and the database's clock.
struct KeysAndTime {
  std::vector<StoredKey> keys;
  absl::Time now;
};

absl::StatusOr<KeysAndTime> ReadKeysAndTime(Transaction& transaction) {
  ASSIGN_OR_RETURN(std::vector<StoredKey> keys, signing_keys::All(transaction));
  ASSIGN_OR_RETURN(const change_log::Moment moment, change_log::Now(transaction));
  return KeysAndTime{std::move(keys), moment.time};
}

absl::StatusOr<std::vector<StoredKey>> ReadKeys(const RequestContext& context, Database& database) {
  return database.Read(context, [](Transaction& transaction) { return signing_keys::All(transaction); });
}

absl::Status DeleteRetired(Mutation& mutation) {
  ASSIGN_OR_RETURN(const std::vector<std::string> kids, signing_keys::DeleteRetired(mutation.transaction()));
  for (const std::string& kid : kids) {
    mutation.ChangedSigningKey(kid);
    mutation.Audit({audit::EventType::kSigningKeyDeleted, absl::nullopt, kid});
  }
  return absl::OkStatus();
}

// Activates the first key of `algorithm`.
absl::Status ActivateFirst(const RequestContext& context, Database& database, const MasterKeys& master_keys,
                           SigningAlgorithm algorithm) {
  ASSIGN_OR_RETURN(const StoredKey next, NewSigningKey(master_keys, algorithm));
  const auto activate = [&](Mutation& mutation) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<StoredKey> keys, signing_keys::All(mutation.transaction()));
    if (Has(keys, algorithm, SigningKeyState::kActive)) {
      mutation.Discard();  // another replica was faster
      return absl::OkStatus();
    }
    return RotateSigningKey(mutation, next, kPublicationTime).status();
  };
  return Mutations(database, nullptr).Run(context, Caller(), activate).status();
}

}  // namespace

absl::StatusOr<StoredKey> NewSigningKey(const MasterKeys& master_keys, SigningAlgorithm algorithm) {
  ASSIGN_OR_RETURN(const Secret private_key, NewPrivateKey(algorithm));
  ASSIGN_OR_RETURN(const SigningKey key, SigningKey::FromPrivate(algorithm, private_key));
  const VerificationKey& public_key = key.verification_key();
  StoredKey stored;
  stored.kid = public_key.kid();
  stored.algorithm = algorithm;
  stored.state = SigningKeyState::kNext;
  stored.public_key = public_key.bytes();
  stored.sealed_private_key =
      master_keys.Seal(private_key.Reveal(), SigningKeySealContext(stored.kid), RandomBytes(kSealNonceBytes));
  stored.master_key_id = master_keys.current_id();
  return stored;
}

absl::StatusOr<std::vector<SigningKeys::Key>> SigningKeys::List(const RequestContext& context) {
  ASSIGN_OR_RETURN(const std::vector<StoredKey> stored, ReadKeys(context, database_));
  std::vector<Key> keys;
  for (const StoredKey& key : stored) {
    ASSIGN_OR_RETURN(Key listed, PublicPart(key));
    keys.push_back(std::move(listed));
  }
  return keys;
}

absl::StatusOr<SigningKeys::Rotated> SigningKeys::Rotate(const RequestContext& context, const Caller& caller,
                                                         absl::optional<SigningAlgorithm> algorithm) {
  // Looks first, so that a call that comes too early makes no key in vain.
  const SigningAlgorithm wanted = algorithm.value_or(usual_);
  ASSIGN_OR_RETURN(const KeysAndTime first, database_.Read(context, ReadKeysAndTime));
  RETURN_IF_ERROR(PublishedNext(first.keys, wanted, first.now, kPublicationTime).status());
  ASSIGN_OR_RETURN(const StoredKey next, NewSigningKey(master_keys_, wanted));
  const auto rotate = [&](Mutation& mutation) -> absl::StatusOr<Key> {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, own_permissions::kSigningKeysWrite, Resource()));
    RETURN_IF_ERROR(DeleteRetired(mutation));
    return RotateSigningKey(mutation, next, kPublicationTime);
  };
  ASSIGN_OR_RETURN(auto rotated, mutations_.Run(context, caller, rotate));
  return Rotated{std::move(rotated.value), rotated.token};
}

absl::StatusOr<SigningKeys::Key> RotateSigningKey(Mutation& mutation, const StoredKey& next,
                                                  absl::Duration publication_time) {
  ASSIGN_OR_RETURN(const KeysAndTime read, ReadKeysAndTime(mutation.transaction()));
  ASSIGN_OR_RETURN(StoredKey active, PublishedNext(read.keys, next.algorithm, read.now, publication_time));
  RETURN_IF_ERROR(RequireRoom(read.keys, next.algorithm));
  RETURN_IF_ERROR(signing_keys::Rotate(mutation.transaction(), next.algorithm, active.kid));
  RETURN_IF_ERROR(signing_keys::Insert(mutation.transaction(), next));
  mutation.ChangedSigningKey(active.kid);
  mutation.Audit({audit::EventType::kSigningKeyRotated, absl::nullopt, active.kid});
  active.state = SigningKeyState::kActive;
  return PublicPart(active);
}

absl::StatusOr<SigningKeys::Rotated> SigningKeys::Remove(const RequestContext& context, const Caller& caller,
                                                         absl::string_view kid) {
  ASSIGN_OR_RETURN(const SpareSigningKeys spare, MakeSpareSigningKeys(context, database_, master_keys_, kid));
  const auto remove = [&](Mutation& mutation) -> absl::StatusOr<Key> {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, own_permissions::kSigningKeysWrite, Resource()));
    return RemoveSigningKey(mutation, spare, kid, "");
  };
  ASSIGN_OR_RETURN(auto removed, mutations_.Run(context, caller, remove));
  return Rotated{std::move(removed.value), removed.token};
}

absl::StatusOr<SpareSigningKeys> MakeSpareSigningKeys(const RequestContext& context, Database& database,
                                                      const MasterKeys& master_keys, absl::string_view kid) {
  ASSIGN_OR_RETURN(const std::vector<StoredKey> keys, ReadKeys(context, database));
  const auto removed = std::find_if(keys.begin(), keys.end(), [kid](const StoredKey& key) { return key.kid == kid; });
  // Without such a key the removal fails anyway.
  return NewPair(master_keys, removed == keys.end() ? SigningAlgorithm::kEdDsa : removed->algorithm);
}

absl::StatusOr<SigningKeys::Key> RemoveSigningKey(Mutation& mutation, const SpareSigningKeys& spare,
                                                  absl::string_view kid, const std::string& details) {
  Transaction& transaction = mutation.transaction();
  ASSIGN_OR_RETURN(const std::vector<StoredKey> before, signing_keys::All(transaction));
  const auto removed = std::find_if(before.begin(), before.end(), [&](const StoredKey& key) { return key.kid == kid; });
  if (removed == before.end()) return Error(ErrorReason::kNotFound, "kid: there is no such signing key");
  const SigningAlgorithm algorithm = removed->algorithm;
  const bool was_active = removed->state == SigningKeyState::kActive;
  RETURN_IF_ERROR(signing_keys::Delete(transaction, kid));
  mutation.ChangedSigningKey(kid);
  if (was_active) RETURN_IF_ERROR(ActivateNext(mutation, before, algorithm));
  ASSIGN_OR_RETURN(const std::vector<StoredKey> left, signing_keys::All(transaction));
  RETURN_IF_ERROR(InsertMissing(mutation, left, spare, was_active || algorithm == SigningAlgorithm::kEdDsa));
  mutation.Audit({audit::EventType::kSigningKeyRemoved, absl::nullopt, std::string(kid), details});
  ASSIGN_OR_RETURN(const std::vector<StoredKey> after, signing_keys::All(transaction));
  const StoredKey* active = Find(after, algorithm, SigningKeyState::kActive);
  if (active == nullptr) active = Find(after, SigningAlgorithm::kEdDsa, SigningKeyState::kActive);
  if (active == nullptr) return Error(ErrorReason::kInternal, "there is no active signing key");
  return PublicPart(*active);
}

absl::Status MakeMissingSigningKeys(const RequestContext& context, Database& database, const MasterKeys& master_keys,
                                    const SigningChoice& choice) {
  ASSIGN_OR_RETURN(const std::vector<StoredKey> stored, ReadKeys(context, database));
  std::vector<SpareSigningKeys> spares;
  for (const SigningAlgorithm algorithm : kSigningAlgorithms) {
    const bool needed = algorithm == SigningAlgorithm::kEdDsa || choice.Includes(algorithm);
    if (!needed || IsComplete(stored, algorithm)) continue;
    ASSIGN_OR_RETURN(SpareSigningKeys spare, NewPair(master_keys, algorithm));
    spares.push_back(std::move(spare));
  }
  if (spares.empty()) return absl::OkStatus();
  const auto make = [&](Mutation& mutation) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<StoredKey> keys, signing_keys::All(mutation.transaction()));
    const bool complete = std::all_of(spares.begin(), spares.end(), [&](const SpareSigningKeys& spare) {
      return IsComplete(keys, spare.next.algorithm);
    });
    if (complete) mutation.Discard();
    for (const SpareSigningKeys& spare : spares) {
      const bool sign_at_once = keys.empty() || spare.next.algorithm == SigningAlgorithm::kEdDsa;
      RETURN_IF_ERROR(InsertMissing(mutation, keys, spare, sign_at_once));
    }
    return absl::OkStatus();
  };
  return Mutations(database, nullptr).Run(context, Caller(), make).status();
}

absl::Status ActivatePublishedSigningKeys(const RequestContext& context, Database& database,
                                          const MasterKeys& master_keys) {
  ASSIGN_OR_RETURN(const KeysAndTime read, database.Read(context, ReadKeysAndTime));
  for (const SigningAlgorithm algorithm : kSigningAlgorithms) {
    if (Has(read.keys, algorithm, SigningKeyState::kActive)) continue;
    if (!PublishedNext(read.keys, algorithm, read.now, kPublicationTime).ok()) continue;
    RETURN_IF_ERROR(ActivateFirst(context, database, master_keys, algorithm));
    Log(LogLevel::kInfo, "an algorithm signs from now on", {{"algorithm", std::string(NameOf(algorithm))}});
  }
  return absl::OkStatus();
}

absl::Status RemoveRetiredSigningKeys(const RequestContext& context, Database& database) {
  const auto has_retired = [](Transaction& transaction) { return signing_keys::HasRetired(transaction); };
  ASSIGN_OR_RETURN(const bool any, database.Read(context, has_retired));
  if (!any) return absl::OkStatus();
  return Mutations(database, nullptr).Run(context, Caller(), DeleteRetired).status();
}

}  // namespace identity
