#ifndef IDENTITY_APP_ACCESS_ADMISSION_H_
#define IDENTITY_APP_ACCESS_ADMISSION_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/app/access/caller.h"
#include "server/app/access/credentials.h"
#include "server/app/access/require_permission.h"
#include "server/base/request_context.h"
#include "server/domain/permission.h"
#include "server/domain/resource.h"
#include "server/view/view.h"

namespace identity {

// The credential of a call, which owns the text. A value.
struct PresentedCredential {
  enum class Kind {
    kNone,
    kBearer,
    kApiKey,
    kMalformed,
    // The certificate of the connection, which counts when the call has no other credential. `text` is its URI. If that
    // is nobody's, the call counts as one without a credential.
    kCertificate,
    kExpiredCertificate,
    kRevokedCertificate,  // refused whatever other credential the call has
  };
  Kind kind = Kind::kNone;
  absl::string_view text;
};

// What a caller needs for an RPC. A value.
struct Requirement {
  enum class Kind { kNothing, kCredential, kPermission, kOwnPermission, kNobody };
  Kind kind = Kind::kPermission;
  absl::optional<Permission> permission;  // with kPermission and kOwnPermission
  Resource resource;                      // with kPermission; with kOwnPermission it is the caller's own
  bool session = false;                   // an API key, or a token that one was exchanged for, is not enough
  absl::optional<PrincipalId> exempt;     // the principal that needs no permission
  Freshness freshness;                    // of the facts that the decision uses
};

// Decides which callers may make a call. A credential that is present must be good, even where the RPC needs none.
// Thread-safe.
class Admission {
 public:
  Admission(View& view, const Credentials& credentials) : view_(view), credentials_(credentials) {}

  // Sets the subject of `caller` when the credential is good, even if the call is then denied. UNAUTHENTICATED /
  // CALLER_UNKNOWN, CALLER_INVALID; PERMISSION_DENIED / PERMISSION_DENIED, SESSION_REQUIRED, STEP_UP_REQUIRED.
  absl::Status Admit(const RequestContext& context, const PresentedCredential& credential,
                     const Requirement& requirement, Caller& caller) const;

 private:
  absl::StatusOr<Verification> Verify(Facts& facts, const PresentedCredential& credential) const;

  View& view_;
  const Credentials& credentials_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_ADMISSION_H_
