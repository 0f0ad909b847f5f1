#include "identity/resource_template.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace identity {
inline namespace client {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kMaxSegments = 32;
constexpr size_t kMaxSegmentBytes = 128;

bool IsSegment(absl::string_view text) {
  const auto is_allowed = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("._~@-", absl::string_view(&c, 1));
  };
  return !text.empty() && text.size() <= kMaxSegmentBytes && text != "." && text != ".." &&
         std::all_of(text.begin(), text.end(), is_allowed);
}

bool IsTextOrInteger(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_STRING:
      return true;
    default:
      return field.cpp_type() == FieldDescriptor::CPPTYPE_INT32 || field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
             field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32 || field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64;
  }
}

// The fields on the way to a field such as `post.id`.
absl::StatusOr<std::vector<const FieldDescriptor*>> PathTo(absl::string_view name,
                                                           const google::protobuf::Descriptor& request) {
  std::vector<const FieldDescriptor*> path;
  const google::protobuf::Descriptor* message = &request;
  for (const absl::string_view part : absl::StrSplit(name, '.')) {
    const FieldDescriptor* field = message == nullptr ? nullptr : message->FindFieldByName(std::string(part));
    if (field == nullptr || field->is_repeated()) {
      return absl::InvalidArgumentError(absl::StrCat("{", name, "}: there is no single field ", part));
    }
    path.push_back(field);
    message = field->message_type();
  }
  if (IsTextOrInteger(*path.back())) return path;
  return absl::InvalidArgumentError(absl::StrCat("{", name, "} is neither text nor an integer"));
}

std::string ValueOf(const Message& request, const std::vector<const FieldDescriptor*>& path) {
  const Message* message = &request;
  for (size_t i = 0; i + 1 < path.size(); ++i) message = &message->GetReflection()->GetMessage(*message, path[i]);
  const google::protobuf::Reflection& values = *message->GetReflection();
  switch (path.back()->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(values.GetInt32(*message, path.back()));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(values.GetInt64(*message, path.back()));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(values.GetUInt32(*message, path.back()));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(values.GetUInt64(*message, path.back()));
    default:
      return values.GetString(*message, path.back());
  }
}

}  // namespace

absl::StatusOr<ResourceTemplate> ResourceTemplate::Parse(absl::string_view text,
                                                         const google::protobuf::Descriptor& request) {
  ResourceTemplate result;
  if (text.empty()) return result;
  for (const absl::string_view part : absl::StrSplit(text, '/')) {
    absl::StatusOr<Segment> segment = ParseSegment(part, request);
    if (!segment.ok()) return segment.status();
    result.segments_.push_back(*std::move(segment));
  }
  if (result.segments_.size() <= kMaxSegments) return result;
  return absl::InvalidArgumentError(absl::StrCat(text, " has more than ", kMaxSegments, " segments"));
}

absl::StatusOr<ResourceTemplate::Segment> ResourceTemplate::ParseSegment(absl::string_view text,
                                                                         const google::protobuf::Descriptor& request) {
  absl::string_view name = text;
  if (absl::ConsumePrefix(&name, "{") && absl::ConsumeSuffix(&name, "}")) {
    absl::StatusOr<std::vector<const FieldDescriptor*>> field = PathTo(name, request);
    if (!field.ok()) return field.status();
    return Segment{std::string(name), *std::move(field)};
  }
  if (IsSegment(text)) return Segment{std::string(text), {}};
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not a segment of a resource"));
}

bool ResourceTemplate::has_fields() const {
  return std::any_of(segments_.begin(), segments_.end(), [](const Segment& segment) { return !segment.field.empty(); });
}

absl::StatusOr<std::string> ResourceTemplate::Fill(const google::protobuf::Message* request) const {
  std::vector<std::string> parts;
  for (const Segment& segment : segments_) {
    parts.push_back(segment.field.empty() ? segment.text : ValueOf(*request, segment.field));
    if (!IsSegment(parts.back())) {
      return absl::InvalidArgumentError(absl::StrCat(segment.text, " must be 1 to 128 of [A-Za-z0-9._~@-]"));
    }
  }
  return absl::StrJoin(parts, "/");
}

}  // namespace client
}  // namespace identity
