#ifndef IDENTITY_DOMAIN_EXTERNAL_WORKLOADS_H_
#define IDENTITY_DOMAIN_EXTERNAL_WORKLOADS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/domain/external/external_token.h"
#include "server/domain/external/identity_provider.h"
#include "server/domain/ids.h"
#include "server/domain/permission.h"

namespace identity {

// What a token of another issuer says about the workload that has it. A value.
struct WorkloadIdentity {
  std::string issuer;  // or kCertificateIssuer
  std::string subject;
  // Where it runs, for the audit; "" when the token does not say so. Kubernetes binds its tokens to a pod.
  std::string pod;
  std::string node;
};

// `issuer` and `subject` are those of CheckExternalToken. Drops names that do not have the form of one (RFC 1123).
WorkloadIdentity WorkloadOf(const ExternalClaims& claims, absl::string_view issuer, absl::string_view subject);

// Whether the subject is the account that Kubernetes gives to pods for which nobody chose one. All such pods of a
// namespace share it, so it is nobody's identity.
bool IsDefaultWorkload(absl::string_view subject);

// A workload that is a service account. A value.
struct WorkloadAccount {
  PrincipalId service_account;
  Scopes scopes;
};

// The issuer of workloads that have a client certificate: none. Their subject is the URI of the certificate.
inline constexpr absl::string_view kCertificateIssuer = "";

// Names a person or a workload at an issuer. A value.
struct ExternalKey {
  std::string issuer;
  std::string subject;
};

inline constexpr size_t kMaxWorkloadsOfAnAccount = 20;
// Every replica holds all of them in memory.
inline constexpr int64_t kMaxExternalRevocations = 100'000;

// INVALID_ARGUMENT naming `issuer` or `subject`.
absl::Status CheckExternalKey(const ExternalKey& key);

// What is known of one workload. A value.
struct WorkloadState {
  bool accepted = false;  // an enabled provider has its issuer, and allows it if it is a default account
  bool revoked = false;
  absl::optional<WorkloadAccount> account;  // unset: no service account lists it
};
// Whether `issuer` accepts workloads with this subject. Null: there is no such issuer.
bool Accepts(const IdentityProvider* issuer, absl::string_view subject);

// The service account of each workload, and all revoked identities, at one revision. Immutable.
class Workloads {
 public:
  struct Entry {
    ExternalKey key;
    WorkloadAccount account;
  };
  Workloads() = default;
  // `issuers`: the providers that are not disabled and have workload_audiences.
  Workloads(std::vector<IdentityProvider> issuers, const std::vector<Entry>& entries,
            const std::vector<ExternalKey>& revoked);

  // Null: there is none.
  const IdentityProvider* FindIssuer(absl::string_view issuer) const;
  const WorkloadAccount* FindAccount(absl::string_view issuer, absl::string_view subject) const;
  bool IsRevoked(absl::string_view issuer, absl::string_view subject) const;
  WorkloadState StateOf(const ExternalKey& key) const;
  const std::vector<IdentityProvider>& issuers() const { return issuers_; }

 private:
  std::vector<IdentityProvider> issuers_;
  absl::flat_hash_map<std::string, WorkloadAccount> accounts_;
  absl::flat_hash_set<std::string> revoked_;
};

}  // namespace identity

#endif  // IDENTITY_DOMAIN_EXTERNAL_WORKLOADS_H_
