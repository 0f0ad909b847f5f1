#ifndef IDENTITY_APP_ACCESS_CREDENTIALS_H_
#define IDENTITY_APP_ACCESS_CREDENTIALS_H_

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/app/access/key_ring.h"
#include "server/app/access/key_use.h"
#include "server/app/access/subject.h"
#include "server/app/access/workload_tokens.h"
#include "server/base/clock.h"
#include "server/domain/access_token.h"
#include "server/domain/decision.h"
#include "server/view/facts.h"
#include "server/view/view.h"

namespace identity {

// The audience of tokens that Identity's own RPCs accept.
inline constexpr char kOwnAudience[] = "identity";

// The result of verifying a credential. A good one has the reason kGranted and a subject. A bad one has its reason, and
// the subject if it is known (as for an expired token). A value.
struct Verification {
  Reason reason = Reason::kCredentialInvalid;
  absl::optional<Subject> subject;
  bool good() const { return reason == Reason::kGranted; }
};

// Verifies credentials at the revision of the facts that are passed in. A bad credential is a Verification with its
// reason; an error means that the facts were not available. Thread-safe.
class Credentials {
 public:
  Credentials(const KeyRing& keys, Clock clock, View& view, KeyUse& key_use, const WorkloadTokens& workloads)
      : keys_(keys), clock_(std::move(clock)), view_(view), key_use_(key_use), workloads_(workloads) {}

  // An access token of ours with this audience, or, for our own audience, a token that a workload has from its
  // platform. UNAVAILABLE / PROVIDER_UNAVAILABLE when the keys of the workload's issuer cannot be had.
  absl::StatusOr<Verification> VerifyAccessToken(Facts& facts, absl::string_view token,
                                                 absl::string_view audience) const;
  absl::StatusOr<Verification> VerifyApiKey(Facts& facts, absl::string_view key) const;
  // A client certificate with this URI, whose chain and dates are good.
  absl::StatusOr<Verification> VerifyCertificate(Facts& facts, absl::string_view uri) const;

  // A token of any audience, for those who only want to know what it is.
  struct Inspection {
    Verification verification;
    absl::optional<VerifiedAccessToken> token;  // set when its verification is good
  };
  absl::StatusOr<Inspection> InspectAccessToken(Facts& facts, absl::string_view token) const;

 private:
  // Unset claims: the token is invalid.
  absl::StatusOr<AccessTokenVerifier::Result> VerifyToken(Facts& facts, absl::string_view token) const;
  // nullopt: the signature is wrong.
  absl::StatusOr<absl::optional<SignedAccessToken>> VerifySignature(Facts& facts, absl::string_view token) const;
  absl::StatusOr<Verification> VerifyWorkload(Facts& facts, absl::string_view token) const;

  const KeyRing& keys_;
  const Clock clock_;
  View& view_;
  KeyUse& key_use_;
  const WorkloadTokens& workloads_;
};

// Verifies the credential of `subject` again, at the revision of `facts`, and returns its subject as it is now.
absl::StatusOr<Verification> VerifyAgain(Facts& facts, const Subject& subject);

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_CREDENTIALS_H_
