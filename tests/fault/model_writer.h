#ifndef IDENTITY_TESTS_FAULT_MODEL_WRITER_H_
#define IDENTITY_TESTS_FAULT_MODEL_WRITER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/fault/model.h"

namespace identity {

// The names of all roles, including deleted ones. Thread-safe.
class RoleNames {
 public:
  void Add(const std::string& name);
  // Empty when there is none yet. With `before`: a role that was made earlier than `before`.
  std::string Any(Dice& dice, const std::string& before = "") const;

 private:
  mutable absl::Mutex mutex_;
  std::vector<std::string> names_ ABSL_GUARDED_BY(mutex_);
};

// Makes random changes at replica 0 and records the acknowledged ones. Each writer has principals, credentials and
// bindings of its own; all writers share the roles. For one thread.
class Writer {
 public:
  struct Shared {
    Ledger& ledger;
    Subjects& subjects;
    RoleNames& roles;
  };
  Writer(Deployment& deployment, const Person& user, int number, const Shared& shared, unsigned seed);

  // Makes one change, which the server may refuse.
  void Change(bool large_principals);

 private:
  struct Principal {
    std::string id;
    bool is_user = false;
    bool disabled = false;
    int64_t generation = 0;             // the last revision that ended all its sessions
    std::vector<std::string> sessions;  // ids, and texts of tokens
    std::vector<naive::Subject> tokens;
    std::vector<naive::Subject> keys;
  };

  void CreateScopedKey();
  void CreateServiceAccount(bool large);
  void CreateBinding();
  void Bind(const std::string& principal, const std::string& role, const std::string& resource);
  void DeleteBinding();
  void CreateRole();
  void UpdateRole();
  void DeleteRole();
  void Toggle();
  void LogIn();
  void Exchange();
  void IssueKey();
  void RevokeToken();
  void RevokeKey();
  void RevokeAll();

  Principal& AnyPrincipal() { return principals_[dice_.PlaceOf(principals_.size())]; }
  void AddToken(Principal& principal, const v1::TokenSet& tokens, const std::string& key);
  void EndSessions(Principal& principal, int64_t revision);
  std::vector<std::string> RandomBases(const std::string& role);
  // The acknowledged change; null after an expected refusal. Throws after any other failure.
  template <typename Response>
  const Response* Accepted(const absl::StatusOr<Response>& response) const;

  const Client& client_;
  const CallOptions as_admin_;
  const Person user_;
  const std::string prefix_;  // of the names that it makes
  const Shared shared_;
  Dice dice_;
  int names_ = 0;
  std::vector<Principal> principals_;  // the first is the user
  std::vector<std::string> bindings_;
  std::vector<std::string> roles_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_FAULT_MODEL_WRITER_H_
