#ifndef IDENTITY_TESTS_FAULT_POLICY_H_
#define IDENTITY_TESTS_FAULT_POLICY_H_

#include <string>

#include "absl/status/statusor.h"
#include "tests/support/deployment.h"

namespace identity {

v1::Consistency AtLeast(const std::string& consistency_token);
v1::Consistency Full();

// The smallest policy that can change: readers of one document. Acts as the admin. Thread-safe.
class Policy {
 public:
  // Makes the role.
  explicit Policy(Deployment& deployment);

  // A service account's id.
  std::string NewPrincipal(const std::string& name) const;

  struct Grant {
    std::string binding;
    std::string token;  // of the change
  };
  absl::StatusOr<Grant> Give(int replica, const std::string& principal) const;
  // Returns the token of the change.
  absl::StatusOr<std::string> Take(int replica, const Grant& grant) const;

  absl::StatusOr<v1::CheckPermissionResponse> Ask(int replica, const std::string& principal,
                                                  const v1::Consistency& consistency = {}) const;
  // The same about the token or the key in `request`.
  absl::StatusOr<v1::CheckPermissionResponse> AskAbout(int replica, v1::CheckPermissionRequest request) const;
  // Whether it may read. Throws when the check fails.
  bool Allows(int replica, const std::string& principal, const v1::Consistency& consistency = {}) const {
    return Must(Ask(replica, principal, consistency)).decision() == v1::DECISION_ALLOWED;
  }

 private:
  Deployment& deployment_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_FAULT_POLICY_H_
