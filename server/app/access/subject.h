#ifndef IDENTITY_APP_ACCESS_SUBJECT_H_
#define IDENTITY_APP_ACCESS_SUBJECT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/domain/access_token.h"
#include "server/domain/external/workloads.h"
#include "server/domain/ids.h"
#include "server/domain/permission.h"
#include "server/domain/principal_facts.h"

namespace identity {

// The principal of a verified credential, and the rights that the credential allows. A value.
struct Subject {
  explicit Subject(PrincipalFacts of) : principal(std::move(of)) {}

  PrincipalFacts principal;
  Scopes scopes = Scopes::Unlimited();
  absl::optional<SessionId> session_id;
  absl::optional<ApiKeyId> api_key_id;  // the key itself, or the key that was exchanged for the token
  absl::optional<TokenId> token_id;
  std::string kid;                             // of the key that signed the token
  int64_t epoch = 0;                           // of the token
  std::vector<Delegation> delegations;         // the exchanges that the token came from
  absl::Time mfa_time = absl::InfinitePast();  // when the token's session showed a second factor; InfinitePast: never
  absl::Time expire_time = absl::InfiniteFuture();
  // The workload, whose platform gave it the credential. Null: the credential is one of ours.
  std::shared_ptr<const WorkloadIdentity> workload;
  int64_t requests_per_minute = 0;  // quota of the API key; 0: it has none
};

// Whether a client with this id is `principal` (RFC 6749, section 2.2): the id is the principal's, or its username.
inline bool IsClientIdOf(const PrincipalFacts& principal, absl::string_view client_id) {
  return client_id == principal.id().ToString() || client_id == principal.username();
}

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_SUBJECT_H_
