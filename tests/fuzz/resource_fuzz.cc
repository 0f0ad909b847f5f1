#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/domain/resource.h"
#include "tests/fuzz/fuzz.h"

// Input: resources, each on its line.
namespace identity {
namespace {

using Segments = std::vector<std::string>;

Segments SegmentsOf(const Resource& resource) {
  if (resource.is_everywhere()) return {};
  return absl::StrSplit(resource.text(), '/');
}

// The definition, without the short cuts of the code.
bool IsAtOrAbove(const Resource& path, const Resource& other) {
  const Segments above = SegmentsOf(path);
  const Segments below = SegmentsOf(other);
  return above.size() <= below.size() && std::equal(above.begin(), above.end(), below.begin());
}

void FuzzResource(absl::string_view input) {
  std::vector<Resource> resources = {Resource()};
  for (const absl::string_view line : absl::StrSplit(input, '\n')) {
    const absl::StatusOr<Resource> resource = Resource::Parse(line);
    if (!resource.ok()) continue;
    Require(resource->text() == line, "a resource keeps its text");
    Require(SegmentsOf(*resource).size() <= 32, "a resource has at most 32 segments");
    for (const std::string& segment : SegmentsOf(*resource)) {
      Require(segment != "." && segment != "..", "a segment is a name and not a direction");
    }
    resources.push_back(*resource);
    if (resources.size() > 20) break;
  }
  for (const Resource& a : resources) {
    for (const Resource& b : resources) {
      Require(a.Covers(b) == IsAtOrAbove(a, b), "a path covers itself and all below it, by whole segments");
    }
  }
}

}  // namespace
}  // namespace identity

IDENTITY_FUZZ_TARGET(resource, identity::FuzzResource)
