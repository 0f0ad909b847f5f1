#ifndef IDENTITY_TESTS_CLUSTER_OBJECTS_H_
#define IDENTITY_TESTS_CLUSTER_OBJECTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "identity/v1/identity_service.pb.h"

namespace identity::cluster {

constexpr char kPermission[] = "load:use";
constexpr char kSteadyResource[] = "steady";

// What the load makes and revokes.
enum class Kind { kApiKey, kAccessToken, kBinding };
constexpr Kind kKinds[] = {Kind::kApiKey, Kind::kAccessToken, Kind::kBinding};
absl::string_view NameOf(Kind kind);

// One API key, access token or binding. While it lives, it allows `kPermission` on its resource.
struct Object {
  Kind kind = Kind::kApiKey;
  int64_t number = 0;
  std::string principal_id;  // the owner
  std::string id;            // UUID; empty for an access token
  std::string secret;        // empty for a binding, and if the answer that held it was lost
  std::string resource = kSteadyResource;
  absl::Time expiry = absl::InfiniteFuture();
  // The last acknowledged change.
  absl::Time changed;
  std::string consistency_token;

  bool is_checkable() const { return kind == Kind::kBinding || !secret.empty(); }
};

// The check that the object allows while it lives.
v1::CheckPermissionRequest CheckOf(const Object& object);

// The objects that certainly live, and those that are certainly revoked. Thread-safe.
class Objects {
 public:
  void AddLive(const Object& object);
  void AddRevoked(const Object& object);
  // A random object. nullopt: there is none.
  absl::optional<Object> AnyLive() const;
  absl::optional<Object> AnyRevoked() const;
  // Removes a random live object, whose revocation begins.
  absl::optional<Object> TakeLive(Kind kind);
  bool IsLive(int64_t number) const;
  size_t LiveCount(Kind kind) const;

 private:
  mutable absl::Mutex mutex_;
  std::vector<Object> live_ ABSL_GUARDED_BY(mutex_);
  std::vector<Object> revoked_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace identity::cluster

#endif  // IDENTITY_TESTS_CLUSTER_OBJECTS_H_
