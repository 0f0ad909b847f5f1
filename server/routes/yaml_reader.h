#ifndef IDENTITY_ROUTES_YAML_READER_H_
#define IDENTITY_ROUTES_YAML_READER_H_

#include <initializer_list>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/routes/yaml_text.h"

// What readers of a file with rules share. All errors are INVALID_ARGUMENT, with the line in the field.
namespace identity {

absl::Status RefusedNode(const YamlNode& node, absl::string_view rule);
// The error of a parser that does not know the line of its text.
absl::Status AtLineOf(const YamlNode& node, const absl::Status& error);

// Null when the map has no such key.
const YamlNode* Find(const YamlNode& map, absl::string_view key);
// Refuses what is no map, and keys that are not among `keys`. `what`: the name of the map in the error.
absl::Status CheckKeys(const YamlNode& map, absl::string_view what, std::initializer_list<absl::string_view> keys);

absl::StatusOr<std::string> ReadText(const YamlNode& node);
// A list of different texts: 1 to 64.
absl::StatusOr<std::vector<std::string>> ReadTexts(const YamlNode& node);

}  // namespace identity

#endif  // IDENTITY_ROUTES_YAML_READER_H_
