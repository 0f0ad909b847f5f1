#include "server/rpc/status.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "server/base/error.h"
#include "server/calls/client_error.h"
#include "server/rpc/convert/time.h"

namespace identity {
namespace {

constexpr char kDomain[] = "identity.v1";
// The trailing metadata has the message twice, and clients accept at most 8 KiB of metadata.
constexpr size_t kMaxStatusMessageBytes = 1024;

// Cuts between characters, not within one.
std::string Shortened(absl::string_view message) {
  if (message.size() <= kMaxStatusMessageBytes) return std::string(message);
  size_t end = kMaxStatusMessageBytes;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xc0) == 0x80) --end;
  return absl::StrCat(message.substr(0, end), "…");
}

// Packing fails only for a message larger than 2 GiB.
void AddDetail(const google::protobuf::Message& detail, google::rpc::Status& status) {
  static_cast<void>(status.add_details()->PackFrom(detail));
}

}  // namespace

google::rpc::Status ToRpcStatus(const absl::Status& status, absl::string_view request_id) {
  google::rpc::Status result;
  if (status.ok()) return result;
  const absl::Status error = ErrorForClients(status, request_id);
  result.set_code(static_cast<int>(error.code()));
  result.set_message(Shortened(error.message()));
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(ErrorReasonName(*ReasonOf(error))));
  info.set_domain(kDomain);
  if (!request_id.empty()) (*info.mutable_metadata())["request_id"] = std::string(request_id);
  AddDetail(info, result);
  google::rpc::BadRequest bad_request;
  for (const FieldViolation& violation : FieldViolationsOf(error)) {
    google::rpc::BadRequest::FieldViolation* added = bad_request.add_field_violations();
    added->set_field(violation.field);
    added->set_description(violation.rule);
  }
  if (bad_request.field_violations_size() > 0) AddDetail(bad_request, result);
  if (const auto delay = RetryDelayOf(error)) {
    google::rpc::RetryInfo retry;
    *retry.mutable_retry_delay() = ToProto(*delay);
    AddDetail(retry, result);
  }
  return result;
}

grpc::Status ToGrpcStatus(const absl::Status& status, absl::string_view request_id) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status details = ToRpcStatus(status, request_id);
  return grpc::Status(static_cast<grpc::StatusCode>(details.code()), details.message(), details.SerializeAsString());
}

}  // namespace identity
