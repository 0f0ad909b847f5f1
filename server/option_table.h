#ifndef IDENTITY_SERVER_OPTION_TABLE_H_
#define IDENTITY_SERVER_OPTION_TABLE_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "server/config.h"

namespace identity {

// A set of commands, one bit each.
using CommandSet = unsigned;
constexpr CommandSet SetOf(Command command) { return 1u << static_cast<unsigned>(command); }

// The commands that read the master keys.
inline constexpr CommandSet kUsesMasterKeys =
    SetOf(Command::kServe) | SetOf(Command::kKeysRemove) | SetOf(Command::kKeysRewrap);

// An option: one row holds everything about it.
struct OptionRow {
  enum class Need { kOptional, kRequired };
  // Adds the option to a command: its type, its limits, its default, and the setting that it writes to.
  using Adder = std::function<CLI::Option*(CLI::App& command, const std::string& name, const std::string& help)>;

  std::string name;     // the flag without "--", and the key in the configuration file
  CommandSet commands;  // with the flag; none: only the environment and the file can set it
  Adder add;
  std::string help;
  Need need = Need::kOptional;
};
// The variable of an option: "IDENTITY_" and the name in capitals.
std::string EnvironmentName(const std::string& name);
// A row for each option. Two rows may share a name when no command has both. The rows refer to `settings`.
std::vector<OptionRow> OptionTable(Settings& settings);

}  // namespace identity

#endif  // IDENTITY_SERVER_OPTION_TABLE_H_
