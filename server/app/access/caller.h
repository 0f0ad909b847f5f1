#ifndef IDENTITY_APP_ACCESS_CALLER_H_
#define IDENTITY_APP_ACCESS_CALLER_H_

#include <string>

#include "absl/types/optional.h"
#include "server/app/access/subject.h"
#include "server/domain/ids.h"

namespace identity {

// The sender of a call. A value.
struct Caller {
  absl::optional<Subject> subject;  // unset: the call came without a credential
  std::string client_address;       // of the connection, or the one that a trusted proxy names; without the port
  std::string user_agent;

  absl::optional<PrincipalId> id() const {
    if (!subject) return absl::nullopt;
    return subject->principal.id();
  }
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_CALLER_H_
