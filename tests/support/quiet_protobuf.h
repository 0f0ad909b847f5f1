#ifndef IDENTITY_TESTS_SUPPORT_QUIET_PROTOBUF_H_
#define IDENTITY_TESTS_SUPPORT_QUIET_PROTOBUF_H_

// Protobuf logs each message that it cannot read. While a QuietProtobuf exists, it does not. Protobuf had a log of its
// own up to version 21, and uses Abseil's since.
#if __has_include(<google/protobuf/stubs/logging.h>)

#include <google/protobuf/stubs/logging.h>

namespace identity {

using QuietProtobuf = google::protobuf::LogSilencer;

}  // namespace identity

#else

#include "absl/base/log_severity.h"
#include "absl/log/globals.h"

namespace identity {

class QuietProtobuf {
  absl::ScopedStderrThreshold nothing_{absl::LogSeverityAtLeast::kInfinity};
};

}  // namespace identity

#endif

#endif  // IDENTITY_TESTS_SUPPORT_QUIET_PROTOBUF_H_
