#ifndef IDENTITY_RESOURCE_TEMPLATE_H_
#define IDENTITY_RESOURCE_TEMPLATE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace identity {
inline namespace client {

// A resource with fields of a request, such as `orgs/{org}/posts/{post.id}`. A field is a whole segment.
class ResourceTemplate {
 public:
  // Empty text is a template without segments. INVALID_ARGUMENT when `request` lacks a field that is text or an
  // integer, or when the text could never be a resource.
  static absl::StatusOr<ResourceTemplate> Parse(absl::string_view text, const google::protobuf::Descriptor& request);

  bool has_fields() const;

  // The resource of a request, whose type must be that of Parse; null only without fields. INVALID_ARGUMENT when a
  // value is not a segment: a slash in it would name another resource.
  absl::StatusOr<std::string> Fill(const google::protobuf::Message* request) const;

 private:
  // Text, or the path to a field of the request.
  struct Segment {
    std::string text;  // of a field, its name
    std::vector<const google::protobuf::FieldDescriptor*> field;
  };

  static absl::StatusOr<Segment> ParseSegment(absl::string_view text, const google::protobuf::Descriptor& request);

  std::vector<Segment> segments_;
};

}  // namespace client
}  // namespace identity

#endif  // IDENTITY_RESOURCE_TEMPLATE_H_
