#ifndef IDENTITY_APP_ACCESS_WORKLOAD_TOKENS_H_
#define IDENTITY_APP_ACCESS_WORKLOAD_TOKENS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/app/access/external_keys.h"
#include "server/app/access/subject.h"
#include "server/base/secret.h"
#include "server/domain/decision.h"
#include "server/domain/external/external_token.h"
#include "server/domain/external/json_web_key.h"
#include "server/view/cache.h"
#include "server/view/facts.h"

namespace identity {

// Verifies tokens that workloads have from their platform, such as Kubernetes (RFC 7519, RFC 8725). A signature is
// verified once, and remembered by a keyed hash of the token, as for our own tokens. All else is judged at each use:
// the times, the provider's row, the key, the service account. Thread-safe.
class WorkloadTokens {
 public:
  // `limit_bytes`: of the tokens that are remembered. `keys` must outlive the object.
  WorkloadTokens(ExternalKeys& keys, size_t limit_bytes);

  // kGranted, with a subject: the token, its issuer and the account's row are valid. The caller must still check the
  // state of the account. Other reasons as for credentials. Errors: those of `facts`; UNAVAILABLE /
  // PROVIDER_UNAVAILABLE when the keys of the issuer cannot be had.
  struct Identified {
    Reason reason = Reason::kCredentialInvalid;
    absl::optional<Subject> subject;
  };
  absl::StatusOr<Identified> Identify(Facts& facts, absl::string_view text, absl::Time now) const;

 private:
  using TextHash = std::array<uint64_t, 2>;
  struct Entry {
    TextHash hash;
    size_t text_bytes;
    ExternalToken token;
    ExternalClaims claims;
    JsonWebKey key;  // that has verified the signature
  };
  struct Traits {
    static TextHash KeyOf(const Entry& entry) { return entry.hash; }
    // The parsed claims take several times as much as the text.
    static size_t BytesOf(const Entry& entry) { return sizeof(Entry) + 1024 + 6 * entry.text_bytes; }
  };
  TextHash HashOf(absl::string_view text) const;
  absl::StatusOr<absl::optional<JsonWebKey>> FindKey(Facts& facts, const IdentityProvider& issuer,
                                                     const ExternalToken& token) const;
  absl::StatusOr<absl::optional<ExternalClaims>> VerifySignature(Facts& facts, absl::string_view text,
                                                                 const Workloads& workloads) const;

  ExternalKeys& keys_;
  const Secret hash_key_;
  mutable Cache<Entry, Traits> remembered_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_WORKLOAD_TOKENS_H_
