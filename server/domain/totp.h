#ifndef IDENTITY_DOMAIN_TOTP_H_
#define IDENTITY_DOMAIN_TOTP_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/base/secret.h"

// Time-based one-time passwords (RFC 6238) as every authenticator app makes them: SHA-1, 6 digits, steps of 30 seconds.
namespace identity {

// What RFC 4226 section 4 recommends: 160 bits.
inline constexpr size_t kTotpSecretBytes = 20;

// The step (30 s since 1970) whose code is `code`, of the one of `now`, the one before and the one after, and above
// `last_step` (a step is accepted once); nullopt when none is, or `code` is not 6 digits. Takes the same time for every
// code of 6 digits.
absl::optional<int64_t> MatchTotp(const Secret& secret, absl::string_view code, absl::Time now, int64_t last_step);

// otpauth://totp/ISSUER:ACCOUNT?secret=BASE32&issuer=ISSUER&algorithm=SHA1&digits=6&period=30, percent-encoded: what an
// authenticator app reads. Holds the secret.
Secret OtpauthUri(const Secret& secret, absl::string_view issuer, absl::string_view account);

}  // namespace identity

#endif  // IDENTITY_DOMAIN_TOTP_H_
