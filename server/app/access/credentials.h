#ifndef IDENTITY_APP_ACCESS_CREDENTIALS_H_
#define IDENTITY_APP_ACCESS_CREDENTIALS_H_

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/app/access/key_ring.h"
#include "server/base/clock.h"
#include "server/domain/decision.h"
#include "server/view/facts.h"
#include "server/view/view.h"

namespace identity {

// Whom a verified credential stands for and what it allows. A value.
struct Subject {
  PrincipalFacts principal;
  Scopes scopes = Scopes::Unlimited();
  absl::optional<SessionId> session_id;
  absl::optional<ApiKeyId> api_key_id;  // of the key, or of the one that was exchanged for the token
  absl::optional<TokenId> token_id;
  int64_t epoch = 0;                           // of the token
  absl::Time mfa_time = absl::InfinitePast();  // when the token's session showed a second factor; never
  absl::Time expire_time = absl::InfiniteFuture();
  int64_t requests_per_minute = 0;  // of the API key; 0: no quota of its own
};

// The outcome of a look at a credential: kGranted with a subject when it is good, else the reason, and the subject when
// it is known all the same (a token that expired).
struct Verification {
  Reason reason = Reason::kCredentialInvalid;
  absl::optional<Subject> subject;
  bool good() const { return reason == Reason::kGranted; }
};

// The API keys that were used since it was last asked. Thread-safe.
class KeyUse {
 public:
  void Note(const ApiKeyId& id);
  // What was noted, and forgets it.
  absl::flat_hash_set<ApiKeyId> Take();

 private:
  absl::Mutex mutex_;
  absl::flat_hash_set<ApiKeyId> used_ ABSL_GUARDED_BY(mutex_);
};

// Tells whether a credential is good at the revision of the facts it is given. Every error means "could not tell".
// Thread-safe.
class Credentials {
 public:
  Credentials(const KeyRing& keys, Clock clock, View& view, KeyUse& key_use)
      : keys_(keys), clock_(std::move(clock)), view_(view), key_use_(key_use) {}

  // `audience`: whom the token must be for; empty for anyone.
  absl::StatusOr<Verification> VerifyAccessToken(Facts& facts, absl::string_view token,
                                                 absl::string_view audience) const;
  absl::StatusOr<Verification> VerifyApiKey(Facts& facts, absl::string_view key) const;

 private:
  absl::optional<SignedAccessToken> VerifySignature(absl::string_view token) const;

  const KeyRing& keys_;
  const Clock clock_;
  View& view_;
  KeyUse& key_use_;
};

// The same credential once more, at the revision of `facts`: what it stands for now, when it is still good.
absl::StatusOr<Verification> VerifyAgain(Facts& facts, const Subject& subject);

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_CREDENTIALS_H_
