#include "tests/support/matchers.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/rpc/status.pb.h"

namespace identity {

ErrorDetails DetailsOf(const grpc::Status& status) {
  ErrorDetails details;
  google::rpc::Status message;
  if (status.error_details().empty() || !message.ParseFromString(status.error_details())) return details;
  details.sound =
      message.code() == static_cast<int>(status.error_code()) && message.message() == status.error_message();
  for (const google::protobuf::Any& any : message.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad_request;
    google::rpc::RetryInfo retry;
    if (any.UnpackTo(&info)) {
      details.info = info;
    } else if (any.UnpackTo(&bad_request)) {
      for (const auto& violation : bad_request.field_violations()) details.fields.push_back(violation.field());
    } else if (any.UnpackTo(&retry)) {
      details.retry = retry;
    } else {
      details.sound = false;
    }
  }
  return details;
}

std::string DetailsWithoutId(const grpc::Status& status) {
  google::rpc::Status message;
  if (!message.ParseFromString(status.error_details())) return status.error_details();
  for (google::protobuf::Any& any : *message.mutable_details()) {
    google::rpc::ErrorInfo info;
    if (!any.UnpackTo(&info)) continue;
    info.mutable_metadata()->erase("request_id");
    static_cast<void>(any.PackFrom(info));
  }
  return message.SerializeAsString();
}

std::string Describe(const grpc::Status& status) {
  if (status.ok()) return "OK";
  const ErrorDetails details = DetailsOf(status);
  return absl::StrCat("code ", static_cast<int>(status.error_code()), " ",
                      details.info ? details.info->reason() : "without ErrorInfo", ": ", status.error_message(), " [",
                      absl::StrJoin(details.fields, ", "), "]");
}

bool FailsBy(const grpc::Status& status, ErrorReason reason) {
  const ErrorDetails details = DetailsOf(status);
  return details.sound && details.info && details.info->reason() == std::string(ErrorReasonName(reason)) &&
         details.info->domain() == "identity.v1" &&
         static_cast<int>(status.error_code()) == static_cast<int>(ErrorReasonCode(reason));
}

}  // namespace identity
