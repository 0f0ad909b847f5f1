#ifndef IDENTITY_ROUTES_YAML_TEXT_H_
#define IDENTITY_ROUTES_YAML_TEXT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace identity {

// A node of a YAML text. Has no types beyond these: `1`, `true` and `"x"` are texts. A value.
struct YamlNode {
  enum class Kind { kEmpty, kText, kList, kMap };

  Kind kind = Kind::kEmpty;
  int line = 0;                 // where the node begins, from 1; in a map, where its key begins
  std::string key;              // in a map
  std::string text;             // of kText
  std::vector<YamlNode> nodes;  // of kList and kMap, in the order of the text
};

// INVALID_ARGUMENT, with the line in the field, unless `yaml` is one document of UTF-8 without control characters.
// Refuses what could make a short text large, or make two readers of it see different things: anchors, aliases, tags,
// duplicate keys, keys that are not 1 to 32 of [a-z_], and more than 8 levels.
absl::StatusOr<YamlNode> ParseYaml(absl::string_view yaml);

}  // namespace identity

#endif  // IDENTITY_ROUTES_YAML_TEXT_H_
