#ifndef IDENTITY_TESTS_ROUTES_CASES_H_
#define IDENTITY_TESTS_ROUTES_CASES_H_

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/routes/yaml_text.h"

namespace identity {

// The node `key` of the file `name` in tests/cases/routes.
inline YamlNode Cases(const std::string& name, absl::string_view key) {
  std::ifstream file(std::string(IDENTITY_ROUTE_CASES_DIRECTORY "/") + name);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  absl::StatusOr<YamlNode> document = ParseYaml(text);
  if (document.ok()) {
    for (YamlNode& node : document->nodes) {
      if (node.key == key) return std::move(node);
    }
  }
  std::cerr << name << " has no " << key << ": " << document.status() << std::endl;
  std::abort();
}

}  // namespace identity

#endif  // IDENTITY_TESTS_ROUTES_CASES_H_
