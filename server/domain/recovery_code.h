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

// A code that stands in for the second factor once (a look-up secret, NIST SP 800-63B section 3.1.2), of
// kRecoveryCodeBytes random bytes.
Secret NewRecoveryCode(absl::string_view random);

// What is kept of a code: it is told again by this alone. nullopt for what cannot be a code. Case, spaces and hyphens
// do not count, "o" is read as "0", "i" and "l" as "1". The hash is keyed with the person's id, so that equal codes of
// two people differ and a stolen table must be searched for each person anew. It is a fast one, as NIST
// SP 800-63B and ASVS 6.5.2 allow from 112 bits on: a slow one is there for what people think up.
absl::optional<std::string> RecoveryCodeHash(const PrincipalId& principal, absl::string_view typed);

}  // namespace identity

#endif  // IDENTITY_DOMAIN_RECOVERY_CODE_H_
