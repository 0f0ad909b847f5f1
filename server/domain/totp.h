#ifndef IDENTITY_DOMAIN_TOTP_H_
#define IDENTITY_DOMAIN_TOTP_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/base/secret.h"

// Time-based one-time passwords (RFC 6238) in the form that all authenticator apps support: SHA-1, 6 digits, steps of
// 30 seconds.
namespace identity {

// RFC 4226 section 4 recommends 160 bits.
inline constexpr size_t kTotpSecretBytes = 20;

// The step (of 30 s since 1970) that has the code `code`: the step of `now`, the one before or the one after. Only
// steps above `last_step` match, since each is accepted once. nullopt when none matches or `code` is not 6 digits.
// Takes the same time for every code of 6 digits.
absl::optional<int64_t> MatchTotp(const Secret& secret, absl::string_view code, absl::Time now, int64_t last_step);

// The URI that authenticator apps read, with percent-encoding. It contains the secret:
// otpauth://totp/ISSUER:ACCOUNT?secret=BASE32&issuer=ISSUER&algorithm=SHA1&digits=6&period=30
Secret OtpauthUri(const Secret& secret, absl::string_view issuer, absl::string_view account);

}  // namespace identity

#endif  // IDENTITY_DOMAIN_TOTP_H_
