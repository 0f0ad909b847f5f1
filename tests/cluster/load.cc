#include "tests/cluster/load.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "server/base/status_macros.h"

namespace identity::cluster {
namespace {

// A service account has at most 100 working keys. Keys whose creation ended with an unknown outcome may count, too.
constexpr int kOwners = 20;
// How many objects of a kind live.
constexpr size_t kFewest = 20;
constexpr size_t kMost = 60;

size_t Roll(size_t sides) { return absl::Uniform<size_t>(absl::BitGen(), 0, sides); }

std::string RandomUuid() {
  absl::BitGen random;
  return absl::StrFormat("%08x-%04x-4%03x-8%03x-%012x", absl::Uniform<uint32_t>(random),
                         absl::Uniform<uint16_t>(random), Roll(1 << 12), Roll(1 << 12), Roll(size_t{1} << 48));
}

}  // namespace

absl::Status Load::Prepare() {
  const std::string name = absl::StrCat("load-", RandomUuid().substr(0, 8));
  v1::CreateRoleRequest role;
  role.mutable_role()->set_name(name);
  role.mutable_role()->add_permissions(kPermission);
  role.set_request_id(RandomUuid());
  RETURN_IF_ERROR(client_.Call(&AdminRpc::CreateRole, role).status());
  role_ = name;
  for (int i = 0; i < kOwners; ++i) RETURN_IF_ERROR(PrepareOwner(absl::StrCat(name, "-", i)));
  return absl::OkStatus();
}

absl::Status Load::PrepareOwner(const std::string& name) {
  v1::CreateServiceAccountRequest account;
  account.set_name(name);
  account.set_request_id(RandomUuid());
  ASSIGN_OR_RETURN(const v1::CreateServiceAccountResponse made, client_.Call(&AdminRpc::CreateServiceAccount, account));
  Object binding;
  binding.kind = Kind::kBinding;
  binding.principal_id = made.service_account().id();
  RETURN_IF_ERROR(CreateNow(binding));
  Object key;
  key.principal_id = binding.principal_id;
  RETURN_IF_ERROR(CreateNow(key));
  key.number = -1;
  key.changed = absl::InfinitePast();
  owners_.push_back(key);
  return absl::OkStatus();
}

void Load::Check(absl::Time due) {
  const size_t dice = Roll(10);
  const bool fresh = dice % 2 == 0;
  absl::optional<Object> object;
  if (dice >= 8) {
    object = objects_.AnyRevoked();
    if (object) return CheckObject(*object, /*lives=*/false, fresh, due);
  } else if (dice >= 6) {
    object = objects_.AnyLive();
    if (object && object->is_checkable()) return CheckObject(*object, /*lives=*/true, fresh, due);
  }
  Object steady = owners_[Roll(owners_.size())];
  if (dice % 2 == 1) steady.kind = Kind::kBinding;
  CheckObject(steady, /*lives=*/true, /*fresh=*/false, due);
}

void Load::CheckObject(const Object& object, bool lives, bool fresh, absl::Time due) {
  const absl::Time begin = absl::Now();
  v1::CheckPermissionRequest request = CheckOf(object);
  fresh = fresh && !object.consistency_token.empty();
  if (fresh) request.mutable_consistency()->set_at_least_as_fresh(object.consistency_token);
  const absl::StatusOr<v1::CheckPermissionResponse> answer = client_.Call(&IdentityRpc::CheckPermission, request);
  const absl::Time end = absl::Now();
  journal_.Check(end - due);
  const nlohmann::json described = {{"kind", std::string(NameOf(object.kind))},
                                    {"number", object.number},
                                    {"id", object.id},
                                    {"resource", object.resource},
                                    {"fresh", fresh},
                                    {"expected", lives ? "allowed" : "denied"},
                                    {"answer", answer.ok() ? v1::Reason_Name(answer->reason()) : ""},
                                    {"seconds_since_change", absl::ToDoubleSeconds(begin - object.changed)}};
  if (!answer.ok()) return journal_.CheckFailed(described, begin, answer.status());
  if ((answer->decision() == v1::DECISION_ALLOWED) == lives) return;
  const bool steady = object.number < 0;
  if (lives && !steady && (!objects_.IsLive(object.number) || end >= object.expiry)) return;
  if (!fresh && !steady && begin - object.changed < staleness_) return journal_.CheckStale(begin - object.changed);
  journal_.CheckWrong(described, begin);
}

void Load::Change() {
  const Kind kind = kKinds[Roll(std::size(kKinds))];
  const size_t live = objects_.LiveCount(kind);
  const bool revoke = live >= kMost || (live > kFewest && Roll(2) == 0);
  absl::optional<Object> object;
  if (revoke) object = objects_.TakeLive(kind);
  if (object) return Revoke(*std::move(object));
  Create(kind);
}

void Load::Create(Kind kind) {
  const Object& owner = owners_[Roll(owners_.size())];
  Object object;
  object.kind = kind;
  object.number = count_++;
  object.principal_id = owner.principal_id;
  if (kind == Kind::kBinding) object.resource = absl::StrCat(role_, "/", object.number);
  if (kind == Kind::kAccessToken) object.secret = owner.secret;  // exchanged
  const absl::Time begin = absl::Now();
  const absl::Status status = CreateNow(object);
  if (kind == Kind::kAccessToken && !status.ok()) object.secret.clear();
  // Every replica accepts a new access token without having heard of it.
  object.changed = kind == Kind::kAccessToken ? absl::InfinitePast() : absl::Now();
  journal_.Change(object, /*create=*/true, begin, status);
  if (status.ok()) objects_.AddLive(object);
}

void Load::Revoke(Object object) {
  const absl::Time begin = absl::Now();
  const absl::Status status = RevokeNow(object);
  object.changed = absl::Now();
  journal_.Change(object, /*create=*/false, begin, status);
  if (status.ok() && object.is_checkable()) objects_.AddRevoked(object);
}

absl::Status Load::CreateNow(Object& object) const {
  if (object.kind == Kind::kBinding) {
    v1::CreateBindingRequest request;
    request.mutable_binding()->set_principal_id(object.principal_id);
    request.mutable_binding()->set_role(role_);
    request.mutable_binding()->set_resource(object.resource);
    request.set_request_id(RandomUuid());
    ASSIGN_OR_RETURN(const v1::CreateBindingResponse made, client_.Call(&AdminRpc::CreateBinding, request));
    object.id = made.binding().id();
    object.consistency_token = made.consistency_token();
  } else if (object.kind == Kind::kApiKey) {
    v1::IssueApiKeyRequest request;
    request.set_owner_id(object.principal_id);
    request.set_request_id(RandomUuid());
    ASSIGN_OR_RETURN(const v1::IssueApiKeyResponse made, client_.Call(&IdentityRpc::IssueApiKey, request));
    object.id = made.api_key().id();
    object.secret = made.secret();
    object.consistency_token = made.consistency_token();
  } else {
    v1::AuthenticateRequest request;
    request.mutable_api_key()->set_key(object.secret);
    const absl::Time begin = absl::Now();
    ASSIGN_OR_RETURN(const v1::AuthenticateResponse made, client_.Call(&IdentityRpc::Authenticate, request));
    object.secret = made.tokens().access_token();
    object.expiry = begin + absl::Seconds(made.tokens().expires_in().seconds());
  }
  return absl::OkStatus();
}

absl::Status Load::RevokeNow(Object& object) const {
  if (object.kind == Kind::kBinding) {
    v1::DeleteBindingRequest request;
    request.set_binding_id(object.id);
    ASSIGN_OR_RETURN(const v1::DeleteBindingResponse made, client_.Call(&AdminRpc::DeleteBinding, request));
    object.consistency_token = made.consistency_token();
    return absl::OkStatus();
  }
  v1::RevokeRequest request;
  if (object.kind == Kind::kApiKey) request.set_api_key_id(object.id);
  if (object.kind == Kind::kAccessToken) request.set_access_token(object.secret);
  ASSIGN_OR_RETURN(const v1::RevokeResponse made, client_.Call(&IdentityRpc::Revoke, request));
  object.consistency_token = made.consistency_token();
  return absl::OkStatus();
}

}  // namespace identity::cluster
