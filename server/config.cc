#include "server/config.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/option_rules.h"
#include "server/option_table.h"

namespace identity {
namespace {

struct CommandRow {
  Command command;
  const char* name;  // within the group for a command of a group
  const char* help;
};

constexpr CommandRow kCommands[] = {
    {Command::kServe, "serve", "Serve gRPC until SIGTERM or SIGINT"},
    {Command::kMigrate, "migrate", "Migrate the database's schema to this version of the program"},
    {Command::kBootstrap, "bootstrap", "Create the first super admin"},
    {Command::kKeysJwks, "jwks", "Print the public keys as a JWK set (RFC 7517)"},
    {Command::kKeysRemove, "remove", "Remove a stolen signing key, so that all tokens that it signed are invalid"},
    {Command::kKeysRewrap, "rewrap",
     "Seal everything that another master key sealed with the first master key, so that the others can be removed"},
    {Command::kUnlockUser, "unlock-user", "End the lock of a user after wrong passwords or wrong codes"},
    {Command::kResetPassword, "reset-password",
     "Replace the password of a user by a one-time secret, and end all sessions and API keys of the user"},
    {Command::kResetMfa, "reset-mfa",
     "Delete the second factor and the recovery codes of a user, so that the password alone logs in"},
    {Command::kDisableUser, "disable-user", "Disable a user and end all sessions of the user"},
    {Command::kEnableUser, "enable-user", "Enable a disabled user"},
    {Command::kImportUsers, "import-users", "Import users from another system, with their password hashes"},
    {Command::kRoutesCheck, "check", "Check a file of route rules, and warn about rules that never match"},
    {Command::kRoutesTry, "try", "Print the decision of route rules for one request"},
    {Command::kVersion, "version", "Print the version"},
};

constexpr bool InOrderOfEnum() {
  for (size_t i = 0; i < std::size(kCommands); ++i) {
    if (static_cast<size_t>(kCommands[i].command) != i) return false;
  }
  return true;
}
static_assert(std::size(kCommands) == static_cast<size_t>(Command::kNothing) && InOrderOfEnum());

constexpr char kProgramHelp[] =
    "identityd answers two questions for a company's services: who is this, and may they do this?\n"
    "Every option can also come from the environment, as IDENTITY_LISTEN_ADDRESS for --listen-address, or from the\n"
    "file that --config names, as listen-address = \"127.0.0.1:50051\". A flag overrides the environment, and the\n"
    "environment overrides the file.";

constexpr char kRemoveHelp[] =
    "If the removed key was the active one, the next key becomes active. Sessions stay, and a refresh returns a token\n"
    "of the active key. Write -- before a KID that begins with a dash:\n"
    "  identityd keys remove --master-key-file master.key -- -8fT...";

constexpr char kRewrapHelp[] =
    "Before: give every server a master key file with the new key in the first line and the old keys below it.\n"
    "The servers keep serving. The command prints its progress, and at the end the keys that may be removed.\n"
    "After a signal or a fault the same command continues.";

constexpr char kImportHelp[] =
    "A line has username and email, and may have email_verified, full_name, disabled, password_hash (bcrypt,\n"
    "$argon2id$, $pbkdf2-sha256$ or $pbkdf2-sha512$) and roles. Lines cut out of a Keycloak realm export work, too:\n"
    "  jq -c '.users[]' realm-export.json > users.jsonl\n"
    "--format imports the exports of Firebase and Auth0 as they are.\n"
    "Example, where the object is one line of users.jsonl:\n"
    "  {\"username\": \"ada\", \"email\": \"ada@example.com\", \"email_verified\": true,\n"
    "   \"password_hash\": \"$2b$12$...\", \"roles\": [{\"role\": \"editor\", \"resource\": \"orgs/acme\"}]}\n"
    "  identityd import-users users.jsonl --database-url postgresql://identity_server@/identity\n"
    "After a signal or a fault the same command continues the import; it imports nothing twice.\n"
    "Exit code: 0: all lines are imported, 2: some lines were refused, 1: the import is not finished.";

constexpr char kRoutesCheckHelp[] =
    "Connects to nothing. Prints the number of rules, or the line of the first mistake.\n"
    "Exit code: 0: the rules can be used, 1: they cannot, 2: the command line is wrong.\n"
    "Example:\n"
    "  identityd routes check routes.yaml";

constexpr char kRoutesTryHelp[] =
    "Connects to nothing, and needs no credential. Prints the permission and the resource of the check that the\n"
    "request needs, or `public`, or `denied` with the reason. Does not resolve the path of the URL.\n"
    "Exit code: 0: a check or public, 1: denied, 2: no decision, because the file or the command line is wrong.\n"
    "Example:\n"
    "  identityd routes try routes.yaml GET https://shop.example.com/orders/7";

using Values = std::map<std::string, std::string>;

absl::optional<std::string> FromEnvironmentOrFile(const std::string& name, const Values& file) {
  if (const char* value = std::getenv(EnvironmentName(name).c_str())) return std::string(value);
  if (const auto found = file.find(name); found != file.end()) return found->second;
  return absl::nullopt;
}

// The file's `key = value` lines. Every key must be an option of some command, so that the program notices a misspelt
// one.
Values ReadFile(const std::vector<OptionRow>& options, const std::string& file) {
  if (file.empty()) return {};
  Values values;
  int number = 0;
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_file(file)) {
    ++number;
    if (item.inputs.empty()) continue;
    const auto is_item = [&item](const OptionRow& row) { return row.name == item.fullname(); };
    // Names the line by its number: in a malformed line the key may be half of a secret.
    if (std::none_of(options.begin(), options.end(), is_item)) {
      throw CLI::ConfigError(absl::StrCat(file, ": setting ", number, " is not an option (see --help)"));
    }
    values[item.fullname()] = item.inputs.back();
  }
  return values;
}

// Sets an option from the environment or the file, unless a flag has set it.
void FillIn(CLI::App& command, const OptionRow& row, const Values& file) {
  CLI::Option* option = command.get_option("--" + row.name);
  if (option->count() > 0 || row.name == "config") return;
  const auto value = FromEnvironmentOrFile(row.name, file);
  if (!value) return;
  const bool is_flag = option->get_expected_min() == 0;
  try {
    option->add_result(is_flag ? command.get_config_formatter()->to_flag({{}, row.name, {*value}}) : *value);
    option->run_callback();
  } catch (const CLI::Error& error) {
    throw CLI::ValidationError(absl::StrCat(EnvironmentName(row.name), " (or the file's ", row.name, ")"),
                               error.what());
  }
}

std::string NamesOf(const std::string& option) {
  return absl::StrCat("--", option, " (", EnvironmentName(option), ")");
}

void CheckGiven(const CLI::App& command, const OptionRow& row) {
  const CLI::Option* option = command.get_option("--" + row.name);
  if (option->count() > 0 && !option->as<std::string>().empty()) return;
  throw CLI::RequiredError(NamesOf(row.name));
}

void RefusePasswordInFlag(const CLI::App& command) {
  const CLI::Option* option = command.get_option("--database-url");
  if (option->count() == 0) return;
  const std::string url = option->as<std::string>();
  const size_t authority = url.find("://");
  const std::string user =
      authority == std::string::npos ? "" : url.substr(authority + 3, url.find('@', authority) - authority - 3);
  const bool in_authority = absl::StrContains(url, "@") && absl::StrContains(user, ":");
  const bool in_parameters = absl::StrContains(absl::StrReplaceAll(url, {{" ", ""}}), "password=");
  if (in_authority || in_parameters) {
    throw CLI::ValidationError("--database-url",
                               "holds a password, which other users of the machine can read in a flag: put it into "
                               "IDENTITY_DATABASE_URL, the configuration file or a passfile");
  }
}

Secret ReadMasterKeys(const std::string& file, const Values& values) {
  if (!file.empty()) {
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in || text.str().empty()) throw CLI::ValidationError("--master-key-file", "cannot read " + file);
    return Secret(text.str());
  }
  const auto text = FromEnvironmentOrFile("master-key", values);
  if (text) return Secret(absl::string_view(*text));
  throw CLI::RequiredError("--master-key-file (IDENTITY_MASTER_KEY_FILE), or IDENTITY_MASTER_KEY with the key itself");
}

// From the file that the flag names, else from the environment or the configuration file. "" when there is none.
Secret ReadSmtpPassword(const std::string& file, const Values& values) {
  if (file.empty()) return Secret(absl::string_view(FromEnvironmentOrFile("smtp-password", values).value_or("")));
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  if (!in || line.empty()) throw CLI::ValidationError("--smtp-password-file", "cannot read " + file);
  return Secret(std::move(line));
}

// Commands whose names have two words, such as `keys jwks`.
struct CommandGroup {
  CommandSet commands;
  const char* name;
  const char* help;
};

constexpr CommandSet kAboutRoutes = SetOf(Command::kRoutesCheck) | SetOf(Command::kRoutesTry);
constexpr CommandGroup kGroups[] = {
    {SetOf(Command::kKeysJwks) | SetOf(Command::kKeysRemove) | SetOf(Command::kKeysRewrap), "keys",
     "The keys that sign access tokens, and the master keys"},
    {kAboutRoutes, "routes", "The rules that map HTTP requests to permissions"}};
// The commands that have no options, and connect to nothing.
constexpr CommandSet kWithoutOptions = kAboutRoutes | SetOf(Command::kVersion);

// The parents of the commands in groups, by name, as far as they exist.
using Parents = std::map<std::string, CLI::App*>;

CLI::App* AddCommand(CLI::App& program, Parents& parents, const CommandRow& row) {
  for (const CommandGroup& group : kGroups) {
    if ((SetOf(row.command) & group.commands) == 0) continue;
    CLI::App*& parent = parents[group.name];
    if (parent == nullptr) parent = program.add_subcommand(group.name, group.help)->require_subcommand(1);
    return parent->add_subcommand(row.name, row.help);
  }
  return program.add_subcommand(row.name, row.help);
}

void AddOptions(CLI::App& command, CommandSet bit, const std::vector<OptionRow>& options) {
  for (const OptionRow& row : options) {
    if ((row.commands & bit) != 0) row.add(command, row.name, row.help);
  }
}

void CheckRules(const Settings& settings) {
  for (const OptionRule& rule : OptionRules(settings)) {
    if (rule.holds) continue;
    const std::string value = rule.value.empty() ? "" : absl::StrCat("\"", rule.value, "\" ");
    throw CLI::ValidationError(NamesOf(rule.option), value + rule.text);
  }
}

// Completes the settings of the flags: reads the other sources, and checks the rules.
void Complete(CLI::App& command, const std::vector<OptionRow>& options, Settings& settings) {
  Config& config = settings.config;
  RefusePasswordInFlag(command);
  if (settings.config_file.empty()) settings.config_file = FromEnvironmentOrFile("config", {}).value_or("");
  const Values file = ReadFile(options, settings.config_file);
  for (const OptionRow& row : options) {
    if ((row.commands & SetOf(config.command)) == 0) continue;
    FillIn(command, row, file);
    if (row.need == OptionRow::Need::kRequired) CheckGiven(command, row);
  }
  CheckRules(settings);
  if ((SetOf(config.command) & kUsesMasterKeys) != 0) {
    config.master_keys = ReadMasterKeys(settings.master_key_file, file);
  }
  if (config.command == Command::kServe) {
    config.mail.smtp.password = ReadSmtpPassword(settings.smtp_password_file, file);
  }
}

// Adds what is not in the table of options.
void AddArguments(const std::vector<CLI::App*>& commands, Config& config) {
  const auto app = [&commands](Command command) { return commands[static_cast<size_t>(command)]; };
  app(Command::kImportUsers)
      ->footer(kImportHelp)
      ->add_option("FILE", config.user_import.file, "Users, as JSON objects, one per line or in one array")
      ->type_name("")
      ->required();
  app(Command::kKeysRemove)
      ->footer(kRemoveHelp)
      ->add_option("KID", config.kid, "The kid of the key, as `identityd keys jwks` prints it")
      ->type_name("")
      ->required();
  app(Command::kKeysRewrap)->footer(kRewrapHelp);
  app(Command::kRoutesCheck)->footer(kRoutesCheckHelp);
  app(Command::kRoutesTry)->footer(kRoutesTryHelp);
  for (const Command command : {Command::kRoutesCheck, Command::kRoutesTry}) {
    app(command)->add_option("FILE", config.routes_file, "Route rules, as YAML")->type_name("")->required();
  }
  app(Command::kRoutesTry)
      ->add_option("METHOD", config.tried_request.method, "The method, in capitals, such as GET")
      ->type_name("")
      ->required();
  app(Command::kRoutesTry)
      ->add_option("URL", config.tried_request.url, "The URL, such as https://shop.example.com/orders/7")
      ->type_name("")
      ->required();
}

void Parse(CLI::App& program, int argc, char** argv, Settings& settings) {
  const std::vector<OptionRow> options = OptionTable(settings);
  std::vector<CLI::App*> commands;
  Parents parents;
  for (const CommandRow& row : kCommands) {
    commands.push_back(AddCommand(program, parents, row));
    AddOptions(*commands.back(), SetOf(row.command), options);
  }
  AddArguments(commands, settings.config);
  program.parse(argc, argv);
  const auto parsed = std::find_if(commands.begin(), commands.end(), [](CLI::App* app) { return app->parsed(); });
  settings.config.command = static_cast<Command>(parsed - commands.begin());
  if ((SetOf(settings.config.command) & kWithoutOptions) == 0) Complete(**parsed, options, settings);
}

// Prints unknown flags without their values, which may hold a password. Returns the exit code.
int RefuseExtras(const CLI::App& program) {
  constexpr int kExitCode = 109;  // as CLI11's own
  std::string flags;
  for (const std::string& argument : program.remaining(true)) {
    if (absl::StartsWith(argument, "-")) absl::StrAppend(&flags, " ", argument.substr(0, argument.find('=')));
  }
  std::cerr << (flags.empty() ? std::string("an argument was not expected") : "unknown flag:" + flags)
            << "\nRun with --help for more information.\n";
  return kExitCode;
}

// The commands about routes promise one exit code for all mistakes in the command line.
int ExitCodeOf(const CLI::App& program, int of_library) {
  constexpr int kWrongUsage = 2;
  return of_library != 0 && program.get_subcommand("routes")->parsed() ? kWrongUsage : of_library;
}

}  // namespace

Config ReadConfig(int argc, char** argv) {
  Settings settings;
  Config& config = settings.config;
  CLI::App program(kProgramHelp, "identityd");
  program.require_subcommand(1);
  program.set_version_flag("--version", "identityd " IDENTITY_VERSION, "Print the version");
  try {
    Parse(program, argc, argv, settings);
  } catch (const CLI::ExtrasError&) {
    config.exit_code = ExitCodeOf(program, RefuseExtras(program));
    config.command = Command::kNothing;
  } catch (const CLI::ParseError& error) {
    config.exit_code = ExitCodeOf(program, program.exit(error));
    config.command = Command::kNothing;
  }
  if (config.hash_threads == 0) config.hash_threads = std::max(1u, std::thread::hardware_concurrency());
  SetLogLevel(config.log_level);
  return std::move(config);
}

}  // namespace identity
