#ifndef IDENTITY_CALLS_CLIENT_ERROR_H_
#define IDENTITY_CALLS_CLIENT_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace identity {

// The error that clients get. An error without a reason of ours becomes INTERNAL without its text, which is logged with
// `request_id`. Exceptions are DEADLINE_EXCEEDED, CANCELLED and UNAVAILABLE, which get a reason and a text. `error` is
// not OK.
absl::Status ErrorForClients(const absl::Status& error, absl::string_view request_id = "");

}  // namespace identity

#endif  // IDENTITY_CALLS_CLIENT_ERROR_H_
