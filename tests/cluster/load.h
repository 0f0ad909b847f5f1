#ifndef IDENTITY_TESTS_CLUSTER_LOAD_H_
#define IDENTITY_TESTS_CLUSTER_LOAD_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "identity/client.h"
#include "tests/cluster/journal.h"
#include "tests/cluster/objects.h"

namespace identity::cluster {

// Makes checks and changes as an application does, and judges the answers. Thread-safe.
//
// These answers are wrong:
//
// - a denial, although nothing was revoked;
// - an answer to a check with the consistency token of an acknowledged change that ignores this change;
// - an answer to any other check that ignores a change that was acknowledged `staleness` before the check began.
//
// docs/consistency.md has these promises. Checks that overlap with a change of their object prove nothing.
class Load {
 public:
  // `client` and `journal` must outlive it.
  Load(const Client& client, Journal& journal, absl::Duration staleness)
      : client_(client), journal_(journal), staleness_(staleness) {}

  // Makes the principals that own the objects. Call it first.
  absl::Status Prepare();
  // Makes one check, or one change. The call was due at `due`.
  void Check(absl::Time due);
  void Change();

 private:
  absl::Status PrepareOwner(const std::string& name);
  void CheckObject(const Object& object, bool lives, bool fresh, absl::Time due);
  void Create(Kind kind);
  void Revoke(Object object);
  absl::Status CreateNow(Object& object) const;
  absl::Status RevokeNow(Object& object) const;

  const Client& client_;
  Journal& journal_;
  const absl::Duration staleness_;
  std::string role_;
  std::vector<Object> owners_;  // their first API keys, which are never revoked
  std::atomic<int64_t> count_{0};
  Objects objects_;
};

}  // namespace identity::cluster

#endif  // IDENTITY_TESTS_CLUSTER_LOAD_H_
