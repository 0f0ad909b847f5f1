#ifndef IDENTITY_APP_ACCESS_ADMISSION_H_
#define IDENTITY_APP_ACCESS_ADMISSION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/app/access/credentials.h"
#include "server/base/request_context.h"
#include "server/domain/permission.h"
#include "server/domain/resource.h"
#include "server/view/view.h"

namespace identity {

// The audience of tokens that Identity's own RPCs take.
inline constexpr char kOwnAudience[] = "identity";

// Who calls. A value.
struct Caller {
  absl::optional<Subject> subject;  // unset: the call came without a credential
  std::string peer_address;         // of the connection, without the port
  std::string user_agent;

  absl::optional<PrincipalId> id() const {
    if (!subject) return absl::nullopt;
    return subject->principal.id();
  }
};

// What a call's metadata brought, and still holds.
struct PresentedCredential {
  enum class Kind { kNone, kBearer, kApiKey, kMalformed };
  Kind kind = Kind::kNone;
  absl::string_view text;
};

// What a caller must have for an RPC.
struct Requirement {
  enum class Kind { kNothing, kCredential, kPermission, kOwnPermission, kNobody };
  Kind kind = Kind::kPermission;
  absl::optional<Permission> permission;  // with kPermission and kOwnPermission
  Resource resource;                      // with kPermission; with kOwnPermission it is the caller's own
  bool session = false;                   // an API key, or a token of one, will not do
  absl::optional<PrincipalId> exempt;     // whom the permission is not asked of
  Freshness freshness;                    // of the facts by which it is decided
};

// Lets callers in: a credential that is there must be good, whatever the RPC. Thread-safe.
class Admission {
 public:
  Admission(View& view, const Credentials& credentials) : view_(view), credentials_(credentials) {}

  // `caller` with its subject. UNAUTHENTICATED / CALLER_UNKNOWN, CALLER_INVALID; PERMISSION_DENIED / PERMISSION_DENIED.
  absl::StatusOr<Caller> Admit(const RequestContext& context, const PresentedCredential& credential, Caller caller,
                               const Requirement& requirement) const;

 private:
  View& view_;
  const Credentials& credentials_;
};

// The caller may do `permission` on `resource`, by its bindings and within its credential's scopes; else
// PERMISSION_DENIED, UNAUTHENTICATED without a credential.
absl::Status RequirePermission(Facts& facts, const absl::optional<Subject>& caller, const Permission& permission,
                               const Resource& resource);

// The same on the resource of something that was found by its id. The denial is one and the same wherever that is, and
// for an id that nobody has (`resource` empty), so that it tells nothing of what exists.
absl::Status RequirePermissionOnFound(Facts& facts, const absl::optional<Subject>& caller, const Permission& permission,
                                      const Resource& resource);

// For permissions that are literals in our code.
Permission LiteralPermission(absl::string_view text);

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_ADMISSION_H_
