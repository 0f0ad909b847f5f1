#ifndef IDENTITY_RPC_CONVERT_TIME_H_
#define IDENTITY_RPC_CONVERT_TIME_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace identity {

google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration span);
absl::Duration FromProto(const google::protobuf::Duration& span);
// INVALID_ARGUMENT naming `field` for a time outside the years 1 to 9999.
absl::StatusOr<absl::Time> FromProto(absl::string_view field, const google::protobuf::Timestamp& time);

}  // namespace identity

#endif  // IDENTITY_RPC_CONVERT_TIME_H_
