#ifndef IDENTITY_RPC_CONVERT_UPDATE_MASK_H_
#define IDENTITY_RPC_CONVERT_UPDATE_MASK_H_

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

namespace identity {

// The fields that an update changes. A value.
class UpdateMask {
 public:
  // Reads the paths of `mask`. When it has none, takes those of `fields` that are neither empty nor zero in `message`.
  // INVALID_ARGUMENT (field "update_mask") for a path that is not one of `fields`.
  static absl::StatusOr<UpdateMask> Read(const google::protobuf::FieldMask& mask,
                                         const google::protobuf::Message& message,
                                         std::initializer_list<absl::string_view> fields);

  bool Has(absl::string_view field) const;

 private:
  explicit UpdateMask(std::vector<std::string> paths) : paths_(std::move(paths)) {}
  std::vector<std::string> paths_;
};

}  // namespace identity

#endif  // IDENTITY_RPC_CONVERT_UPDATE_MASK_H_
