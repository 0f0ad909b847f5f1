#include "tests/cluster/objects.h"

#include <algorithm>

#include "absl/random/random.h"
#include "server/base/mutex.h"

namespace identity::cluster {
namespace {

size_t AnyPlace(size_t size) { return absl::Uniform<size_t>(absl::BitGen(), 0, size); }

absl::optional<Object> AnyOf(const std::vector<Object>& objects) {
  if (objects.empty()) return absl::nullopt;
  return objects[AnyPlace(objects.size())];
}

}  // namespace

absl::string_view NameOf(Kind kind) {
  constexpr absl::string_view kNames[] = {"api_key", "access_token", "binding"};
  return kNames[static_cast<size_t>(kind)];
}

v1::CheckPermissionRequest CheckOf(const Object& object) {
  v1::CheckPermissionRequest request;
  if (object.kind == Kind::kApiKey) request.set_api_key(object.secret);
  if (object.kind == Kind::kAccessToken) request.set_access_token(object.secret);
  if (object.kind == Kind::kBinding) request.set_principal_id(object.principal_id);
  request.set_permission(kPermission);
  request.set_resource(object.resource);
  return request;
}

void Objects::AddLive(const Object& object) {
  MutexLock lock(mutex_);
  live_.push_back(object);
}

void Objects::AddRevoked(const Object& object) {
  MutexLock lock(mutex_);
  revoked_.push_back(object);
}

absl::optional<Object> Objects::AnyLive() const {
  MutexLock lock(mutex_);
  return AnyOf(live_);
}

absl::optional<Object> Objects::AnyRevoked() const {
  MutexLock lock(mutex_);
  return AnyOf(revoked_);
}

absl::optional<Object> Objects::TakeLive(Kind kind) {
  MutexLock lock(mutex_);
  std::vector<size_t> places;
  for (size_t i = 0; i < live_.size(); ++i) {
    if (live_[i].kind == kind) places.push_back(i);
  }
  if (places.empty()) return absl::nullopt;
  const auto taken = live_.begin() + static_cast<std::ptrdiff_t>(places[AnyPlace(places.size())]);
  const Object object = *taken;
  live_.erase(taken);
  return object;
}

bool Objects::IsLive(int64_t number) const {
  MutexLock lock(mutex_);
  return std::any_of(live_.begin(), live_.end(), [number](const Object& object) { return object.number == number; });
}

size_t Objects::LiveCount(Kind kind) const {
  MutexLock lock(mutex_);
  return static_cast<size_t>(
      std::count_if(live_.begin(), live_.end(), [kind](const Object& object) { return object.kind == kind; }));
}

}  // namespace identity::cluster
