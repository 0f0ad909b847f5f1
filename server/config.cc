#include "server/config.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/domain/access_token.h"

namespace identity {
namespace {

constexpr int64_t kHighestLimit = 1'000'000;

std::string EnvironmentName(const std::string& flag) {
  return absl::StrCat("IDENTITY_", absl::AsciiStrToUpper(absl::StrReplaceAll(flag, {{"-", "_"}})));
}

void AddDuration(CLI::App* command, const std::string& flag, absl::Duration& value, absl::Duration lowest,
                 absl::Duration highest, const std::string& help) {
  command
      ->add_option_function<std::string>(
          "--" + flag,
          [&value, flag, lowest, highest](const std::string& text) {
            absl::Duration parsed;
            if (!absl::ParseDuration(text, &parsed) || parsed < lowest || parsed > highest) {
              throw CLI::ValidationError("--" + flag, absl::StrCat(text, " is not a time from ", FormatDuration(lowest),
                                                                   " to ", FormatDuration(highest), ", as 15m"));
            }
            value = parsed;
          },
          help)
      ->type_name("TIME")
      ->default_str(absl::FormatDuration(value));
}

void AddDatabase(CLI::App* command, Config& config, const std::string& role) {
  command
      ->add_option("--database-url", config.database_url,
                   "PostgreSQL, as postgresql://user@host/identity; several hosts may be named. " + role +
                       " With a password: in the environment or the file alone. Not through a transaction-mode pooler")
      ->type_name("URL");
  command
      ->add_option_function<std::string>(
          "--log-level",
          [&config](const std::string& level) {
            config.log_level = level == "debug"     ? LogLevel::kDebug
                               : level == "warning" ? LogLevel::kWarning
                               : level == "error"   ? LogLevel::kError
                                                    : LogLevel::kInfo;
          },
          "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->default_str("info");
}

void AddPasswordRules(CLI::App* command, Config& config) {
  PasswordRules& rules = config.password_rules;
  command->add_option("--password-min-characters", rules.min_characters, "Of a new password")
      ->check(CLI::Range(8, 64))
      ->capture_default_str();
  command
      ->add_option("--password-min-score", rules.min_score,
                   "How hard a new password must be to guess, as zxcvbn scores it; 0: does not matter")
      ->check(CLI::Range(0, 4))
      ->capture_default_str();
  command->add_flag("--password-require-upper", rules.upper, "A new password must have a letter of A-Z");
  command->add_flag("--password-require-lower", rules.lower, "A new password must have a letter of a-z");
  command->add_flag("--password-require-digit", rules.digit, "A new password must have a digit");
  command->add_flag("--password-require-symbol", rules.symbol, "A new password must have neither letter nor digit");
  command
      ->add_option("--breached-passwords-file", config.breached_passwords_file,
                   "Passwords that nobody may choose, one a line: as they are, or their SHA-1 in hexadecimal with or "
                   "without \":count\". 8 bytes of memory each")
      ->type_name("FILE");
}

void AddMail(CLI::App* serve, Config& config) {
  Postman::Options& mail = config.mail;
  serve
      ->add_option("--smtp-url", mail.smtp.url,
                   "Where mail goes, as smtp://mail.example.com:587 (with STARTTLS) or smtps://mail.example.com:465. "
                   "Without it no mail is sent: addresses are not verified, and passwords not reset by mail")
      ->type_name("URL");
  serve->add_option("--smtp-username", mail.smtp.username,
                    "The password is in --smtp-password-file or "
                    "IDENTITY_SMTP_PASSWORD");
  serve
      ->add_option("--smtp-ca-file", mail.smtp.ca_file,
                   "PEM; the mail server's certificate must be of it instead of "
                   "the system's")
      ->type_name("FILE");
  serve->add_flag("--smtp-allow-plaintext", mail.smtp.allow_plaintext,
                  "Send mail without TLS where the server offers none");
  serve->add_option("--mail-from", mail.from, "Whose mail it is, as \"Identity <no-reply@example.com>\"")
      ->type_name("ADDRESS");
  serve
      ->add_option("--mail-templates", mail.templates_directory,
                   "Has verify_email.txt, reset_password.txt and so on, in place of the built-in texts")
      ->type_name("DIRECTORY");
  serve
      ->add_option("--verify-email-url", mail.verify_url,
                   "The page that verifies an address; the token is put at its end")
      ->type_name("URL");
  serve
      ->add_option("--reset-password-url", mail.reset_url,
                   "The page that takes a new password; the token is put at its end")
      ->type_name("URL");
}

void AddServe(CLI::App* serve, Config& config) {
  AddDatabase(serve, config, "As a member of the role identity_app.");
  ServerOptions& server = config.server;
  serve->add_option("--listen-address", server.listen_address, "Where to listen, as 127.0.0.1:50051")
      ->capture_default_str();
  serve
      ->add_option("--metrics-address", config.metrics_address,
                   "Where to show metrics to Prometheus, as 127.0.0.1:9464, over HTTP without TLS: they hold nothing "
                   "secret. Not at all when left out")
      ->type_name("ADDRESS");
  serve->add_option("--tls-certificate-file", server.tls_certificate_file, "PEM; read again each minute")
      ->type_name("FILE");
  serve->add_option("--tls-key-file", server.tls_key_file, "PEM; read again each minute")->type_name("FILE");
  serve->add_option("--tls-client-ca-file", server.tls_client_ca_file, "PEM; clients must have a certificate of it")
      ->type_name("FILE");
  serve->add_flag("--allow-plaintext", server.allow_plaintext, "Speak without TLS beyond loopback, too");
  serve->add_flag("--reflection,!--no-reflection", server.reflection, "gRPC server reflection (on)");
  serve->add_option("--issuer", config.issuer, "The `iss` of access tokens")->capture_default_str();
  AddDuration(serve, "access-token-lifetime", config.access_token_lifetime, absl::Minutes(1),
              kLongestAccessTokenLifetime, "How long an access token lives");
  AddDuration(serve, "session-lifetime", config.session_lifetime, absl::Minutes(5), absl::Hours(24 * 30),
              "How long a session lives, however often it is refreshed");
  AddDuration(serve, "session-idle-timeout", config.session_idle_timeout, absl::Minutes(5), absl::Hours(24 * 30),
              "How long a refresh token lives");
  serve->add_flag("--require-verified-email", config.require_verified_email,
                  "Let nobody log in whose e-mail address is not verified");
  serve->add_option("--service-name", config.service_name, "What authenticator apps call this service")
      ->capture_default_str();
  AddPasswordRules(serve, config);
  AddMail(serve, config);
  serve->add_option("--workers", config.workers, "Threads that serve calls")
      ->check(CLI::Range(2, 512))
      ->capture_default_str();
  serve->add_option("--hash-threads", config.hash_threads, "Threads that hash passwords; 0: one a processor")
      ->check(CLI::Range(0, 64))
      ->capture_default_str();
  serve->add_option("--database-connections", config.database_connections, "At most so many")
      ->check(CLI::Range(1, 512))
      ->capture_default_str();
  AddDuration(serve, "max-staleness", config.max_staleness, absl::Seconds(1), absl::Minutes(10),
              "How long checks go on without the database");
  AddDuration(serve, "feed-interval", config.feed_interval, absl::Milliseconds(10), absl::Seconds(10),
              "How often the database is asked for changes, beside being told of them");
  serve->add_flag("--change-notifications,!--no-change-notifications", config.change_notifications,
                  "Be told of changes by the database (on); without it they are seen at each feed-interval");
  serve->add_option("--view-memory-mib", config.view_memory_mib, "Memory for what checks depend on, about")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  AddDuration(serve, "drain-timeout", config.drain_timeout, absl::ZeroDuration(), absl::Minutes(10),
              "How long running calls may go on after SIGTERM");
}

void AddLimit(CLI::App* serve, const std::string& flag, int64_t& value, const std::string& help) {
  serve->add_option("--" + flag, value, help)
      ->check(CLI::Range(int64_t{0}, kHighestLimit))
      ->type_name("NUMBER")
      ->capture_default_str();
}

void AddThrottle(CLI::App* serve, ThrottleOptions& limits) {
  const std::string note = "; each server counts by itself; 0: no limit";
  AddLimit(serve, "login-failures-per-minute", limits.login_failures_per_minute,
           "Wrong passwords, codes and keys of a client address (an IPv6 /64 is one)" + note);
  AddLimit(serve, "registrations-per-hour", limits.registrations_per_hour,
           "Accounts made from a client address" + note);
  AddLimit(serve, "mails-per-hour", limits.mails_per_hour,
           "Mails that an account may ask for, and 20, or this if it is more, that a client address may" + note);
  AddLimit(serve, "calls-per-minute", limits.calls_per_minute,
           "Calls from an address without a credential, or with a bad one" + note);
  AddLimit(serve, "api-key-requests-per-minute", limits.api_key_requests_per_minute,
           "Requests of any API key, beside the key's own quota" + note);
}

void AddArgon2(CLI::App* command, Config& config) {
  command
      ->add_option_function<uint64_t>(
          "--argon2-memory-mib", [&config](const uint64_t& mib) { config.argon2.memory_bytes = mib << 20; },
          "Memory of a password hash")
      ->check(CLI::Range(19, 4096))
      ->default_str(std::to_string(config.argon2.memory_bytes >> 20));
  command->add_option("--argon2-passes", config.argon2.passes, "Passes of a password hash")
      ->check(CLI::Range(2, 16))
      ->capture_default_str();
}

void AddBootstrap(CLI::App* bootstrap, Config& config) {
  AddDatabase(bootstrap, config, "As a member of the role identity_app.");
  bootstrap->add_option("--username", config.admin_username, "3 to 50 of [A-Za-z0-9_-]");
  bootstrap->add_option("--email", config.admin_email, "The admin's address");
  bootstrap->add_flag("--password-stdin", config.password_from_stdin,
                      "Read the password from standard input, up to its first newline; without it a one-time secret is "
                      "made and printed");
}

// A command of an operator about one user, for when no administrator can log in.
CLI::App* AddUserCommand(CLI::App& program, Config& config, const std::string& name, const std::string& help) {
  CLI::App* command = program.add_subcommand(name, help);
  AddDatabase(command, config, "As a member of the role identity_app.");
  command->add_option("--login", config.login, "The user's name or e-mail address")->type_name("NAME");
  return command;
}

void AddImportUsers(CLI::App* command, Config& config) {
  UserImport::Options& options = config.user_import;
  AddDatabase(command, config, "As a member of the role identity_app.");
  command->add_option("FILE", options.file, "Users, as JSON objects, one a line")->type_name("")->required();
  command
      ->add_option("--report", options.report,
                   "Where to tell which lines were refused, and why; FILE.refused, or FILE.dry-run, when left out")
      ->type_name("FILE");
  command
      ->add_option("--batch", options.batch_users,
                   "How many lines at most become one transaction, for which other changes wait")
      ->check(CLI::Range(1, 5000))
      ->capture_default_str();
  command->add_flag("--dry-run", options.dry_run,
                    "Check all but whether names are taken, by an earlier line or in the database; import nothing");
  command->footer(
      "A line has username and email, and may have email_verified, full_name, disabled, password_hash (bcrypt,\n"
      "$argon2id$ or $pbkdf2-sha256$) and roles. Lines cut out of a Keycloak realm export will do, too:\n"
      "  jq -c '.users[]' realm-export.json > users.jsonl\n"
      "Example, where the object is one line of users.jsonl:\n"
      "  {\"username\": \"ada\", \"email\": \"ada@example.com\", \"email_verified\": true,\n"
      "   \"password_hash\": \"$2b$12$...\", \"roles\": [{\"role\": \"editor\", \"resource\": \"orgs/acme\"}]}\n"
      "  identityd import-users users.jsonl --database-url postgresql://identity_server@/identity\n"
      "The same command goes on where a run was ended by a signal or a fault; nothing is imported twice.\n"
      "Exit code: 0 all lines were imported, 2 some were refused, 1 it was not finished.");
}

using Values = std::map<std::string, std::string>;

// The file's `key = value` lines. Every key must be a flag of some command, so that a misspelt one is not passed over.
Values ReadFile(const CLI::App& program, const std::string& file) {
  std::set<std::string> known;
  for (const CLI::App* command : program.get_subcommands(std::function<bool(const CLI::App*)>())) {
    for (const CLI::Option* option : command->get_options()) known.insert(option->get_single_name());
  }
  Values values;
  int number = 0;
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_file(file)) {
    ++number;
    if (item.inputs.empty()) continue;
    // Told by its number: of a line that is written wrongly the name may be half of a secret.
    if (known.count(item.fullname()) == 0 && item.fullname() != "master-key" && item.fullname() != "smtp-password") {
      throw CLI::ConfigError(absl::StrCat(file, ": setting ", number, " is not an option (see --help)"));
    }
    values[item.fullname()] = item.inputs.back();
  }
  return values;
}

absl::optional<std::string> FromEnvironmentOrFile(const std::string& flag, const Values& file) {
  if (const char* value = std::getenv(EnvironmentName(flag).c_str())) return std::string(value);
  if (const auto found = file.find(flag); found != file.end()) return found->second;
  return absl::nullopt;
}

// Gives options that no flag set what the environment or the file says.
void FillIn(CLI::App& command, const Values& file) {
  for (const CLI::Option* known : command.get_options()) {
    if (known->count() > 0 || known->get_single_name() == "help" || known->get_single_name() == "config") continue;
    const auto value = FromEnvironmentOrFile(known->get_single_name(), file);
    if (!value) continue;
    CLI::Option* option = command.get_option("--" + known->get_single_name());
    try {
      option->add_result(option->get_expected_min() == 0
                             ? command.get_config_formatter()->to_flag({{}, known->get_single_name(), {*value}})
                             : *value);
      option->run_callback();
    } catch (const CLI::Error& error) {
      throw CLI::ValidationError(
          absl::StrCat(EnvironmentName(known->get_single_name()), " (or the file's ", known->get_single_name(), ")"),
          error.what());
    }
  }
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

void Require(bool given, const std::string& flag) {
  if (!given) throw CLI::RequiredError(absl::StrCat("--", flag, " (", EnvironmentName(flag), ")"));
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
  if (!text) {
    throw CLI::RequiredError(
        "--master-key-file (IDENTITY_MASTER_KEY_FILE), or IDENTITY_MASTER_KEY with the key itself");
  }
  return Secret(absl::string_view(*text));
}

// A secret of the flag's file, else of the environment or the configuration file.
Secret ReadSmtpPassword(const std::string& file, const Values& values) {
  if (file.empty()) return Secret(absl::string_view(FromEnvironmentOrFile("smtp-password", values).value_or("")));
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line) || line.empty())
    throw CLI::ValidationError("--smtp-password-file", "cannot read " + file);
  return Secret(std::move(line));
}

bool IsAboutAUser(Command command) {
  return command == Command::kUnlockUser || command == Command::kResetMfa || command == Command::kDisableUser ||
         command == Command::kEnableUser;
}

Command CommandOf(const CLI::App& program) {
  if (program.got_subcommand("serve")) return Command::kServe;
  if (program.got_subcommand("migrate")) return Command::kMigrate;
  if (program.got_subcommand("bootstrap")) return Command::kBootstrap;
  if (program.got_subcommand("keys")) return Command::kKeysJwks;
  if (program.got_subcommand("unlock-user")) return Command::kUnlockUser;
  if (program.got_subcommand("reset-mfa")) return Command::kResetMfa;
  if (program.got_subcommand("disable-user")) return Command::kDisableUser;
  if (program.got_subcommand("enable-user")) return Command::kEnableUser;
  if (program.got_subcommand("import-users")) return Command::kImportUsers;
  return Command::kVersion;
}

}  // namespace

Config ReadConfig(int argc, char** argv) {
  Config config;
  std::string config_file;
  std::string master_key_file;
  std::string smtp_password_file;
  CLI::App program(
      "identityd answers two questions for a company's services: who is this, and may they do this?\n"
      "Every option can also be given in the environment, as IDENTITY_LISTEN_ADDRESS for --listen-address, or in the\n"
      "file that --config names, as listen-address = \"127.0.0.1:50051\". A flag comes before the environment, and "
      "that\n"
      "before the file.",
      "identityd");
  program.require_subcommand(1);
  CLI::App* serve = program.add_subcommand("serve", "Serve gRPC until SIGTERM or SIGINT");
  CLI::App* migrate = program.add_subcommand("migrate", "Bring the database's schema up to this program's");
  CLI::App* bootstrap = program.add_subcommand("bootstrap", "Make the first super admin");
  CLI::App* keys = program.add_subcommand("keys", "The keys that access tokens are signed with");
  CLI::App* jwks = keys->add_subcommand("jwks", "Print the public keys as a JWK set (RFC 7517)");
  keys->require_subcommand(1);
  CLI::App* unlock =
      AddUserCommand(program, config, "unlock-user", "End a user's lock after wrong passwords and wrong codes");
  CLI::App* reset_mfa = AddUserCommand(program, config, "reset-mfa",
                                       "Delete a user's second factor and recovery codes: the password alone logs in");
  CLI::App* disable =
      AddUserCommand(program, config, "disable-user", "Disable a user and end all that the user is logged in with");
  disable->add_option("--reason", config.reason, "For the audit; up to 256 bytes")->type_name("TEXT");
  CLI::App* enable = AddUserCommand(program, config, "enable-user", "Enable a user that was disabled");
  CLI::App* import_users =
      program.add_subcommand("import-users", "Bring users of another system in, with their password hashes");
  program.add_subcommand("version", "Print the version");
  AddServe(serve, config);
  AddThrottle(serve, config.throttle);
  serve
      ->add_option("--master-key-file", master_key_file,
                   "32 bytes in base64 a line; the first key encrypts, all decrypt. Or the text in IDENTITY_MASTER_KEY")
      ->type_name("FILE");
  serve->add_option("--smtp-password-file", smtp_password_file, "Its first line is the password of the mail server")
      ->type_name("FILE");
  AddArgon2(serve, config);
  AddDatabase(migrate, config, "As the schema's owner.");
  AddBootstrap(bootstrap, config);
  AddArgon2(bootstrap, config);
  AddDatabase(jwks, config, "As a member of the role identity_app.");
  AddImportUsers(import_users, config);
  for (CLI::App* command : {serve, migrate, bootstrap, jwks, unlock, reset_mfa, disable, enable, import_users}) {
    command->add_option("--config", config_file, "A file of `option = value` lines")->type_name("FILE");
  }
  try {
    program.parse(argc, argv);
    config.command = CommandOf(program);
    if (config.command == Command::kVersion) return config;
    CLI::App& command = config.command == Command::kKeysJwks ? *jwks : *program.get_subcommands()[0];
    RefusePasswordInFlag(command);
    if (config_file.empty()) config_file = FromEnvironmentOrFile("config", {}).value_or("");
    const Values file = config_file.empty() ? Values() : ReadFile(program, config_file);
    FillIn(command, file);
    Require(!config.database_url.empty(), "database-url");
    if (config.max_staleness < 2 * config.feed_interval) {
      throw CLI::ValidationError("--max-staleness", "must be at least twice --feed-interval");
    }
    if (config.command == Command::kServe) {
      config.master_keys = ReadMasterKeys(master_key_file, file);
      config.mail.smtp.password = ReadSmtpPassword(smtp_password_file, file);
    }
    if (IsAboutAUser(config.command)) Require(!config.login.empty(), "login");
    if (config.command == Command::kBootstrap) {
      Require(!config.admin_username.empty(), "username");
      Require(!config.admin_email.empty(), "email");
    }
  } catch (const CLI::ParseError& error) {
    config.exit_code = program.exit(error);
    config.command = Command::kNothing;
  }
  if (config.hash_threads == 0) config.hash_threads = std::max(1u, std::thread::hardware_concurrency());
  SetLogLevel(config.log_level);
  return config;
}

}  // namespace identity
