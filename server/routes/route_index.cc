#include "server/routes/route_index.h"

namespace identity {

using Rest = PathTemplate::Rest;

RoutePaths PathsOf(const std::vector<absl::string_view>& segments) {
  return {{segments.begin(), segments.end()}, Rest::kNone};
}

RoutePaths PathsOf(const PathTemplate& path) {
  RoutePaths paths;
  paths.rest = path.rest();
  for (const PathTemplate::Segment& segment : path.segments()) {
    if (segment.is_variable) {
      paths.segments.emplace_back();
    } else {
      paths.segments.emplace_back(segment.text);
    }
  }
  return paths;
}

void RouteIndex::Add(uint32_t number, const RouteRule& rule) {
  uint32_t node = 0;
  for (const PathTemplate::Segment& segment : rule.path.segments()) node = ChildOf(node, segment);
  RulesByHost& end = EndOf(node, rule.path.rest());
  if (rule.hosts.empty()) end[""].push_back(number);
  for (const std::string& host : rule.hosts) end[host].push_back(number);
}

uint32_t RouteIndex::ChildOf(uint32_t node, const PathTemplate::Segment& segment) {
  const auto next = static_cast<uint32_t>(nodes_.size());
  uint32_t& child = segment.is_variable ? nodes_[node].variable
                                        : nodes_[node].literals.try_emplace(segment.text, kNone).first->second;
  if (child != kNone) return child;
  child = next;
  nodes_.emplace_back();
  return next;
}

RouteIndex::RulesByHost& RouteIndex::EndOf(uint32_t node, Rest rest) {
  uint32_t& end = nodes_[node].ends[static_cast<size_t>(rest)];
  if (end == kNone) {
    end = static_cast<uint32_t>(ends_.size());
    ends_.emplace_back();
  }
  return ends_[end];
}

void RouteIndex::Visit(const RoutePaths& paths, absl::string_view host, Visitor visit) const {
  const std::vector<absl::string_view> keys = HostKeys(host);
  Walk(nodes_[0], paths, 0, [&keys, &visit](const RulesByHost& rules) {
    for (const absl::string_view key : keys) {
      const auto found = rules.find(key);
      if (found == rules.end()) continue;
      for (const uint32_t number : found->second) visit(number);
    }
  });
}

void RouteIndex::VisitAnyHost(const RoutePaths& paths, Visitor visit) const {
  Walk(nodes_[0], paths, 0, [&visit](const RulesByHost& rules) {
    for (const auto& [host, numbers] : rules) {
      for (const uint32_t number : numbers) visit(number);
    }
  });
}

// Only templates make the tree deep, so the depth of the recursion is at most that of a template.
void RouteIndex::Walk(const Node& node, const RoutePaths& paths, size_t depth, EndVisitor visit) const {
  VisitEnd(node, Rest::kAny, visit);
  if (depth == paths.segments.size()) {
    if (paths.rest == Rest::kNone) VisitEnd(node, Rest::kNone, visit);
    if (paths.rest == Rest::kSome) VisitEnd(node, Rest::kSome, visit);
    return;
  }
  VisitEnd(node, Rest::kSome, visit);
  if (node.variable != kNone) Walk(nodes_[node.variable], paths, depth + 1, visit);
  const absl::optional<absl::string_view>& segment = paths.segments[depth];
  if (!segment) return;
  const auto child = node.literals.find(*segment);
  if (child != node.literals.end()) Walk(nodes_[child->second], paths, depth + 1, visit);
}

void RouteIndex::VisitEnd(const Node& node, Rest rest, EndVisitor visit) const {
  const uint32_t end = node.ends[static_cast<size_t>(rest)];
  if (end != kNone) visit(ends_[end]);
}

}  // namespace identity
