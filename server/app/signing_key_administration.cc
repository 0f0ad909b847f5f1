#include "server/app/signing_key_administration.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "db/signing_key_store.h"
#include "server/app/guard.h"
#include "server/app/key_ring.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/signing_key.h"

namespace identity {
namespace {

using signing_keys::StoredKey;

constexpr char kSigningKeysWrite[] = "identity:signing_keys:write";

absl::StatusOr<SigningKeyAdministration::Key> PublicPart(const StoredKey& stored) {
  ASSIGN_OR_RETURN(const VerificationKey key, VerificationKey::Create(stored.public_key));
  return SigningKeyAdministration::Key{stored.kid, stored.state, key.ToJwk(), stored.create_time, stored.retire_time};
}

absl::StatusOr<StoredKey> FindInState(const std::vector<StoredKey>& keys, absl::string_view state) {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const StoredKey& key) { return key.state == state; });
  if (found == keys.end()) return Error(ErrorReason::kInternal, absl::StrCat("there is no ", state, " signing key"));
  return *found;
}

absl::Status RequireRoom(const std::vector<StoredKey>& keys) {
  const auto retiring =
      std::count_if(keys.begin(), keys.end(), [](const StoredKey& key) { return key.state == "retiring"; });
  if (static_cast<size_t>(retiring) < SigningKeyAdministration::kMaxRetiring) return absl::OkStatus();
  return Error(ErrorReason::kLimitReached, absl::StrCat("at most ", SigningKeyAdministration::kMaxRetiring,
                                                        " signing keys retire at a time, for two hours each"));
}

absl::Status DeleteRetired(Mutation& mutation) {
  ASSIGN_OR_RETURN(const std::vector<std::string> kids, signing_keys::DeleteRetired(mutation.transaction()));
  for (const std::string& kid : kids) {
    RETURN_IF_ERROR(mutation.Record("signing_key", kid));
    RETURN_IF_ERROR(mutation.Audit("signing_key.deleted", absl::nullopt, kid));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<SigningKeyAdministration::Key>> SigningKeyAdministration::List(
    const RequestContext& context) {
  std::vector<StoredKey> stored;
  RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(stored, signing_keys::All(transaction));
    return absl::OkStatus();
  }));
  std::vector<Key> keys;
  for (const StoredKey& key : stored) {
    ASSIGN_OR_RETURN(Key listed, PublicPart(key));
    keys.push_back(std::move(listed));
  }
  return keys;
}

absl::StatusOr<SigningKeyAdministration::Rotated> SigningKeyAdministration::Rotate(const RequestContext& context,
                                                                                   const Caller& caller) {
  ASSIGN_OR_RETURN(const StoredKey next, NewSigningKey(master_keys_, "next"));
  Rotated rotated;
  ASSIGN_OR_RETURN(rotated.token, mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, kSigningKeysWrite, Resource()));
    RETURN_IF_ERROR(DeleteRetired(mutation));
    ASSIGN_OR_RETURN(const std::vector<StoredKey> keys, signing_keys::All(mutation.transaction()));
    RETURN_IF_ERROR(RequireRoom(keys));
    ASSIGN_OR_RETURN(StoredKey active, FindInState(keys, "next"));
    RETURN_IF_ERROR(signing_keys::Rotate(mutation.transaction(), active.kid));
    RETURN_IF_ERROR(signing_keys::Insert(mutation.transaction(), next));
    RETURN_IF_ERROR(mutation.Record("signing_key", active.kid));
    RETURN_IF_ERROR(mutation.Audit("signing_key.rotated", absl::nullopt, active.kid));
    active.state = "active";
    ASSIGN_OR_RETURN(rotated.active, PublicPart(active));
    return absl::OkStatus();
  }));
  return rotated;
}

absl::Status RemoveRetiredSigningKeys(const RequestContext& context, Database& database) {
  bool any = false;
  RETURN_IF_ERROR(database.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(any, signing_keys::HasRetired(transaction));
    return absl::OkStatus();
  }));
  if (!any) return absl::OkStatus();
  return Mutations(database, nullptr).Run(context, Caller(), DeleteRetired).status();
}

}  // namespace identity
