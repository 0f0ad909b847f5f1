#include "server/routes/yaml_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace identity {
namespace {

constexpr size_t kMaxListItems = 64;

std::string LineOf(const YamlNode& node) { return absl::StrCat("line ", node.line); }

}  // namespace

absl::Status RefusedNode(const YamlNode& node, absl::string_view rule) {
  return InvalidField(node.key.empty() ? LineOf(node) : absl::StrCat(LineOf(node), ": ", node.key), rule);
}

absl::Status AtLineOf(const YamlNode& node, const absl::Status& error) {
  return RefusedNode(node, FieldViolationsOf(error).front().rule);
}

const YamlNode* Find(const YamlNode& map, absl::string_view key) {
  const auto found =
      std::find_if(map.nodes.begin(), map.nodes.end(), [key](const YamlNode& node) { return node.key == key; });
  return found == map.nodes.end() ? nullptr : &*found;
}

absl::Status CheckKeys(const YamlNode& map, absl::string_view what, std::initializer_list<absl::string_view> keys) {
  if (map.kind != YamlNode::Kind::kMap) return RefusedNode(map, absl::StrCat(what, " must be a map"));
  for (const YamlNode& node : map.nodes) {
    if (std::find(keys.begin(), keys.end(), node.key) == keys.end()) {
      return RefusedNode(node, absl::StrCat("is not a key of ", what));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadText(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kText) return RefusedNode(node, "must be a text");
  return node.text;
}

absl::StatusOr<std::vector<std::string>> ReadTexts(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kList || node.nodes.empty()) {
    return RefusedNode(node, "must be a list that is not empty; leave the key out for any");
  }
  if (node.nodes.size() > kMaxListItems)
    return RefusedNode(node, absl::StrCat("must have at most ", kMaxListItems, " items"));
  std::vector<std::string> texts;
  for (const YamlNode& item : node.nodes) {
    if (item.kind != YamlNode::Kind::kText) return RefusedNode(node, "must be a list of texts");
    if (std::find(texts.begin(), texts.end(), item.text) != texts.end()) {
      return RefusedNode(node, "must not have an item twice");
    }
    texts.push_back(item.text);
  }
  return texts;
}

}  // namespace identity
