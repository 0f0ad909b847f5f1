#include "server/rpc/convert/update_mask.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"
#include "server/base/error.h"

namespace identity {
namespace {

using Fields = absl::Span<const absl::string_view>;

bool IsSet(const google::protobuf::Message& message, absl::string_view name) {
  const google::protobuf::FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(name));
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  return field->is_repeated() ? reflection.FieldSize(message, field) > 0 : reflection.HasField(message, field);
}

absl::Status MayNameOnly(Fields fields) {
  const std::string first = absl::StrJoin(fields.subspan(0, fields.size() - 1), ", ");
  return InvalidField("update_mask", absl::StrCat("may name ", first, " and ", fields.back()));
}

}  // namespace

absl::StatusOr<UpdateMask> UpdateMask::Read(const google::protobuf::FieldMask& mask,
                                            const google::protobuf::Message& message,
                                            std::initializer_list<absl::string_view> fields) {
  std::vector<std::string> paths(mask.paths().begin(), mask.paths().end());
  for (const std::string& path : paths) {
    if (std::find(fields.begin(), fields.end(), path) == fields.end()) return MayNameOnly(fields);
  }
  if (paths.empty()) {
    for (const absl::string_view field : fields) {
      if (IsSet(message, field)) paths.emplace_back(field);
    }
  }
  return UpdateMask(std::move(paths));
}

bool UpdateMask::Has(absl::string_view field) const {
  return std::find(paths_.begin(), paths_.end(), field) != paths_.end();
}

}  // namespace identity
