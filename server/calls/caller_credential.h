#ifndef IDENTITY_CALLS_CALLER_CREDENTIAL_H_
#define IDENTITY_CALLS_CALLER_CREDENTIAL_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "server/app/access/admission.h"

namespace identity {

// The values of one header, or of one key of metadata.
struct HeaderValues {
  size_t count = 0;
  absl::string_view first;
};

// The credential of whoever sent `authorization` (`Bearer …`) and `x-api-key`, which counts only without the other. Two
// values for one name are malformed. The result refers to the values.
PresentedCredential CredentialOf(const HeaderValues& authorization, const HeaderValues& api_key);

}  // namespace identity

#endif  // IDENTITY_CALLS_CALLER_CREDENTIAL_H_
