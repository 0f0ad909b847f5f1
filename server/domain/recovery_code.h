#ifndef IDENTITY_DOMAIN_RECOVERY_CODE_H_
#define IDENTITY_DOMAIN_RECOVERY_CODE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/base/secret.h"
#include "server/domain/ids.h"

// Grammar:
//   code  = 4digit 5( "-" 4digit )        120 random bits
//   digit = of "0123456789abcdefghjkmnpqrstvwxyz"
namespace identity {

inline constexpr size_t kRecoveryCodeBytes = 15;

// A code that replaces the second factor once (a look-up secret, NIST SP 800-63B section 3.1.2). `random`:
// kRecoveryCodeBytes random bytes.
Secret NewRecoveryCode(absl::string_view random);

// The hash of a code, which the database keeps. nullopt for text that cannot be a code. Ignores case, spaces and
// hyphens, and reads "o" as "0", and "i" and "l" as "1". The hash is keyed with the principal's id. So equal codes of
// two principals have different hashes, and an attacker must search a stolen table separately for each principal. A
// fast hash is enough from 112 random bits (NIST SP 800-63B, ASVS 6.5.2); slow hashes are for secrets that people
// choose.
absl::optional<std::string> RecoveryCodeHash(const PrincipalId& principal, absl::string_view typed);

}  // namespace identity

#endif  // IDENTITY_DOMAIN_RECOVERY_CODE_H_
