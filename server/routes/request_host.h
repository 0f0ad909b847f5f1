#ifndef IDENTITY_ROUTES_REQUEST_HOST_H_
#define IDENTITY_ROUTES_REQUEST_HOST_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace identity {

// The host of a request in the one form that rules are compared with: in lower case, without the port, and without a
// dot at the end. An IPv6 address is in brackets and in the form of RFC 5952.
// `host`: as in the header Host (RFC 9110 section 7.2). Grammar:
//   host  = ( name [ "." ] / "[" IPv6 "]" ) [ ":" 1*5DIGIT ]
//   name  = label *( "." label ), at most 253 bytes
//   label = 1*63( A-Z / a-z / 0-9 / "_" / "-" )
// nullopt for all other texts, such as an empty one, one with a user, a list, or a space. Programs may read another
// host out of them.
absl::optional<std::string> NormalizeHost(absl::string_view host);

// True when `text` is a name as above, in lower case.
bool IsHostName(absl::string_view text);

}  // namespace identity

#endif  // IDENTITY_ROUTES_REQUEST_HOST_H_
