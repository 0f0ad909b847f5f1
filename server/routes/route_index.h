#ifndef IDENTITY_ROUTES_ROUTE_INDEX_H_
#define IDENTITY_ROUTES_ROUTE_INDEX_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/routes/route_rule.h"
#include "server/routes/route_template.h"

namespace identity {

// The paths that a search is for: the path of a request, or all paths of a template. nullopt stands for a segment that
// may be anything.
struct RoutePaths {
  std::vector<absl::optional<absl::string_view>> segments;
  PathTemplate::Rest rest = PathTemplate::Rest::kNone;
};
RoutePaths PathsOf(const std::vector<absl::string_view>& segments);
RoutePaths PathsOf(const PathTemplate& path);  // with views of `path`

// Finds rules by path and host. A tree with a level for each segment, so a search costs the depth of the path, however
// many rules there are. Only templates with variables in the same places as literals make it visit more than one
// branch. Its size is linear in that of the rules. Safe for concurrent reads.
class RouteIndex {
 public:
  RouteIndex() : nodes_(1) {}
  void Add(uint32_t number, const RouteRule& rule);

  using Visitor = absl::FunctionRef<void(uint32_t number)>;
  // Visits every rule whose path matches all of `paths`, and that has a host for `host`, which may be a pattern.
  void Visit(const RoutePaths& paths, absl::string_view host, Visitor visit) const;
  // The same, whatever their hosts.
  void VisitAnyHost(const RoutePaths& paths, Visitor visit) const;

 private:
  // The rules with the same path, in ascending order, by host; "" for any.
  using RulesByHost = absl::flat_hash_map<std::string, std::vector<uint32_t>>;
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Node {
    absl::flat_hash_map<std::string, uint32_t> literals;
    uint32_t variable = kNone;
    // The index in `ends_`, for each PathTemplate::Rest.
    std::array<uint32_t, 3> ends = {kNone, kNone, kNone};
  };
  using EndVisitor = absl::FunctionRef<void(const RulesByHost&)>;

  uint32_t ChildOf(uint32_t node, const PathTemplate::Segment& segment);
  RulesByHost& EndOf(uint32_t node, PathTemplate::Rest rest);
  void Walk(const Node& node, const RoutePaths& paths, size_t depth, EndVisitor visit) const;
  void VisitEnd(const Node& node, PathTemplate::Rest rest, EndVisitor visit) const;

  std::vector<Node> nodes_;  // the first is the root
  std::vector<RulesByHost> ends_;
};

}  // namespace identity

#endif  // IDENTITY_ROUTES_ROUTE_INDEX_H_
