#ifndef IDENTITY_SERVER_OPTION_RULES_H_
#define IDENTITY_SERVER_OPTION_RULES_H_

#include <string>
#include <vector>

#include "server/config.h"

namespace identity {

// A rule that the value of an option must obey, alone or together with other options.
struct OptionRule {
  std::string option;  // without "--"
  std::string value;   // for the error; "" if it is empty, on, or may hold a secret
  bool holds;
  std::string text;  // follows the name and the value, as in "must not be empty"
};
// The rules for the command of `settings`, evaluated. Looks at the files that options name, and connects to nothing.
// The types in the table of options check what concerns a number or a time alone.
std::vector<OptionRule> OptionRules(const Settings& settings);

}  // namespace identity

#endif  // IDENTITY_SERVER_OPTION_RULES_H_
