#include "server/option_table.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "server/domain/access_token.h"

namespace identity {
namespace {

using Adder = OptionRow::Adder;

constexpr CommandSet kServe = SetOf(Command::kServe);
constexpr CommandSet kAsOwner = SetOf(Command::kMigrate) | SetOf(Command::kKeysRewrap);
constexpr CommandSet kBootstrap = SetOf(Command::kBootstrap);
constexpr CommandSet kImport = SetOf(Command::kImportUsers);
constexpr CommandSet kOnUser = SetOf(Command::kUnlockUser) | SetOf(Command::kResetPassword) |
                               SetOf(Command::kResetMfa) | SetOf(Command::kDisableUser) | SetOf(Command::kEnableUser);
constexpr CommandSet kAsServer =
    kServe | kBootstrap | SetOf(Command::kKeysJwks) | SetOf(Command::kKeysRemove) | kOnUser | kImport;
constexpr CommandSet kNoFlag = 0;
constexpr auto kRequired = OptionRow::Need::kRequired;

Adder Text(std::string& value, const std::string& type = "TEXT") {
  return [&value, type](CLI::App& command, const std::string& name, const std::string& help) {
    return command.add_option("--" + name, value, help)->type_name(type)->capture_default_str();
  };
}

// A switch that is on can be switched off with --no-NAME.
Adder Flag(bool& value) {
  return [&value](CLI::App& command, const std::string& name, const std::string& help) {
    return command.add_flag(value ? absl::StrCat("--", name, ",!--no-", name) : "--" + name, value, help);
  };
}

template <typename T>
Adder Number(T& value, int64_t lowest, int64_t highest) {
  return [&value, lowest, highest](CLI::App& command, const std::string& name, const std::string& help) {
    return command.add_option("--" + name, value, help)->check(CLI::Range(lowest, highest))->capture_default_str();
  };
}

Adder Ratio(double& value) {
  return [&value](CLI::App& command, const std::string& name, const std::string& help) {
    return command.add_option("--" + name, value, help)
        ->check(CLI::Range(0.0, 1.0))
        ->type_name("NUMBER")
        ->capture_default_str();
  };
}

Adder Limit(int64_t& value) {
  return [&value](CLI::App& command, const std::string& name, const std::string& help) {
    return Number(value, 0, 1'000'000)(command, name, help + "; each server counts separately; 0: no limit")
        ->type_name("NUMBER");
  };
}

Adder Mebibytes(uint64_t& bytes, int64_t lowest, int64_t highest) {
  return [&bytes, lowest, highest](CLI::App& command, const std::string& name, const std::string& help) {
    return command
        .add_option_function<uint64_t>(
            "--" + name, [&bytes](const uint64_t& mib) { bytes = mib << 20; }, help)
        ->check(CLI::Range(lowest, highest))
        ->default_str(std::to_string(bytes >> 20));
  };
}

absl::Duration ParseTime(const std::string& flag, const std::string& text, absl::Duration lowest,
                         absl::Duration highest) {
  absl::Duration time;
  if (absl::ParseDuration(text, &time) && time >= lowest && time <= highest) return time;
  throw CLI::ValidationError(flag, absl::StrCat(text, " is not a time from ", absl::FormatDuration(lowest), " to ",
                                                absl::FormatDuration(highest), ", such as 15m"));
}

Adder Time(absl::Duration& value, absl::Duration lowest, absl::Duration highest) {
  return [&value, lowest, highest](CLI::App& command, const std::string& name, const std::string& help) {
    const auto set = [&value, flag = "--" + name, lowest, highest](const std::string& text) {
      value = ParseTime(flag, text, lowest, highest);
    };
    return command.add_option_function<std::string>("--" + name, set, help)
        ->type_name("TIME")
        ->default_str(absl::FormatDuration(value));
  };
}

Adder Level(LogLevel& value) {
  return [&value](CLI::App& command, const std::string& name, const std::string& help) {
    return command
        .add_option_function<std::string>(
            "--" + name, [&value](const std::string& level) { value = *ParseLogLevel(level); }, help)
        ->check(CLI::IsMember(LevelNames()))
        ->default_str(std::string(NameOf(value)));
  };
}

Adder Algorithm(SigningAlgorithm& value) {
  return [&value](CLI::App& command, const std::string& name, const std::string& help) {
    const auto set = [&value](const std::string& algorithm) { value = *ParseSigningAlgorithm(algorithm); };
    return command.add_option_function<std::string>("--" + name, set, help)
        ->check(CLI::IsMember(SigningAlgorithmNames()))
        ->default_str(std::string(NameOf(value)));
  };
}

// `text`: AUDIENCE=ALGORITHM. An audience may contain "=".
void AddAudience(SigningChoice& choice, const std::string& flag, absl::string_view text) {
  const size_t equals = text.rfind('=');
  const std::string audience(text.substr(0, equals == absl::string_view::npos ? 0 : equals));
  const auto algorithm = ParseSigningAlgorithm(text.substr(equals == absl::string_view::npos ? 0 : equals + 1));
  if (!CheckAudience(audience).ok() || !algorithm) {
    throw CLI::ValidationError(
        flag, absl::StrCat("\"", text, "\" must be an audience, =, and one of ",
                           absl::StrJoin(SigningAlgorithmNames(), ", "), ", such as https://orders.example=ES256"));
  }
  if (!choice.by_audience.emplace(audience, *algorithm).second) {
    throw CLI::ValidationError(flag, absl::StrCat("names the audience ", audience, " twice"));
  }
}

// May be repeated. One value may also hold several, separated by spaces, as the environment and the file need it.
Adder AudienceAlgorithms(SigningChoice& choice) {
  return [&choice](CLI::App& command, const std::string& name, const std::string& help) {
    const auto set = [&choice, flag = "--" + name](const std::vector<std::string>& values) {
      choice.by_audience.clear();
      for (const std::string& value : values) {
        for (const absl::string_view text : absl::StrSplit(value, ' ', absl::SkipEmpty())) {
          AddAudience(choice, flag, text);
        }
      }
    };
    return command.add_option_function<std::vector<std::string>>("--" + name, set, help)
        ->type_name("TEXT")
        ->allow_extra_args(false);
  };
}

// May be repeated, as above.
// `Set` is a NetworkSet, or has one.
template <typename Set>
Adder Networks(Set& networks) {
  return [&networks](CLI::App& command, const std::string& name, const std::string& help) {
    const auto set = [&networks, flag = "--" + name](const std::vector<std::string>& values) {
      networks = Set();
      for (const std::string& value : values) {
        for (const absl::string_view network : absl::StrSplit(value, ' ', absl::SkipEmpty())) {
          if (networks.Add(network)) continue;
          throw CLI::ValidationError(
              flag, absl::StrCat("\"", network, "\" must be an address, or a network such as 10.0.0.0/8"));
        }
      }
    };
    return command.add_option_function<std::vector<std::string>>("--" + name, set, help)
        ->type_name("NETWORK")
        ->allow_extra_args(false);
  };
}

Adder Format(UserFormat& value) {
  return [&value](CLI::App& command, const std::string& name, const std::string& help) {
    return command
        .add_option_function<std::string>(
            "--" + name, [&value](const std::string& format) { value = *ParseUserFormat(format); }, help)
        ->check(CLI::IsMember(UserFormatNames()))
        ->default_str(std::string(NameOf(value)));
  };
}

std::string DatabaseHelp(absl::string_view role) {
  return absl::StrCat(
      "Connection string of PostgreSQL, such as postgresql://user@host/identity; it may name several "
      "hosts. The user must be ",
      role,
      ". Give a password only in the environment or in the file. A pooler in transaction mode does "
      "not work");
}

std::vector<OptionRow> CommonOptions(Settings& settings) {
  Config& config = settings.config;
  return {{"database-url", kAsServer, Text(config.database_url, "URL"),
           DatabaseHelp("a member of the role identity_app"), kRequired},
          {"database-url", kAsOwner, Text(config.database_url, "URL"), DatabaseHelp("the schema's owner"), kRequired},
          {"log-level", kAsServer | kAsOwner, Level(config.log_level), "Least severe level that is logged"},
          {"config", kAsServer | kAsOwner, Text(settings.config_file, "FILE"),
           "Configuration file, with lines of the form `option = value`"}};
}

std::vector<OptionRow> ListenOptions(Settings& settings) {
  Config& config = settings.config;
  ServerOptions& server = config.server;
  return {
      {"listen-address", kServe, Text(server.listen_address),
       "Address to listen on: HOST:PORT, [IPv6 ADDRESS]:PORT or unix:PATH"},
      {"http-address", kServe, Text(config.http_address, "ADDRESS"),
       "Address of the doors over HTTP, such as 127.0.0.1:8080: OAuth endpoints, metadata and public keys, with the "
       "certificate of the other options. Without this option there are none"},
      {"admin-address", kServe, Text(config.admin_address, "ADDRESS"),
       "Address of the admin port, such as 127.0.0.1:9464: /livez, /readyz and /metrics over HTTP without TLS, since "
       "their answers hold no secrets. Without this option there is none"},
      {"tls-certificate-file", kServe, Text(config.tls.certificate, "FILE"),
       "Certificate chain of the server, in PEM; read again every second"},
      {"tls-key-file", kServe, Text(config.tls.key, "FILE"),
       "Private key of the certificate, in PEM, without a passphrase; read again every second"},
      {"tls-client-ca-file", kServe, Text(config.tls.client_ca, "FILE"),
       "CA certificates, in PEM; clients must present a certificate that one of them issued"},
      {"tls-client-crl-file", kServe, Text(config.tls.client_crl, "FILE"),
       "Lists of revoked client certificates, in PEM, from the CAs of --tls-client-ca-file; read again every second. A "
       "revoked one is refused at its next call"},
      {"allow-plaintext", kServe, Flag(config.allow_plaintext),
       "Allow listen-address and http-address beyond loopback without TLS"},
      {"trusted-proxies", kServe, Networks(config.trusted_proxies),
       "Address or network of proxies whose X-Forwarded-For has the client's address, for limits and the audit. May be "
       "repeated; the environment and the file separate several by spaces. Without this option no such header counts"},
      {"max-connections", kServe, Number(server.connections.total, 0, 1'000'000),
       "Maximum number of open connections; 0: no limit. Each needs a file descriptor, so RLIMIT_NOFILE also limits "
       "them"},
      {"max-connections-per-address", kServe, Number(server.connections.per_address, 0, 1'000'000),
       "Maximum number of open connections from one client address (an IPv6 /64 counts as one address), and at most "
       "half of all; 0: no limit"},
      {"max-connection-age", kServe, Time(server.max_connection_age, absl::Seconds(1), absl::Hours(24)),
       "Age at which the server closes a connection, give or take 10 %; running calls get 30 seconds more"},
      {"reflection", kServe, Flag(server.reflection), "Offer gRPC server reflection (default: on)"},
      {"routes", kServe, Text(config.routes_file, "FILE"),
       "Route rules, as YAML, which map HTTP requests to permissions; read again every second"},
      {"slow-call-threshold", kServe, Time(config.slow_call_threshold, absl::ZeroDuration(), absl::Minutes(1)),
       "Duration from which on a call is logged at the level info; 0: every call"},
      {"master-key-file", kUsesMasterKeys, Text(settings.master_key_file, "FILE"),
       "Master keys, one per line, each 32 bytes in base64. The first key encrypts, all keys decrypt. "
       "IDENTITY_MASTER_KEY can hold the text instead"},
      {"master-key", kNoFlag, nullptr, ""}};
}

std::vector<OptionRow> TokenAndPasswordOptions(Config& config) {
  constexpr absl::Duration kLongest = absl::Hours(24 * 30);
  PasswordRules& rules = config.password_rules;
  return {
      {"issuer", kServe, Text(config.issuer), "The claim `iss` of access tokens"},
      {"signing-algorithm", kServe, Algorithm(config.signing.usual), "Algorithm that signs access tokens"},
      {"audience-algorithm", kServe, AudienceAlgorithms(config.signing),
       "AUDIENCE=ALGORITHM: algorithm for the tokens of one audience, whose verifiers know no other. May be repeated; "
       "the environment and the file separate several by spaces"},
      {"access-token-lifetime", kServe,
       Time(config.access_token_lifetime, absl::Minutes(1), kLongestAccessTokenLifetime),
       "Lifetime of an access token"},
      {"session-lifetime", kServe, Time(config.session_lifetime, absl::Minutes(5), kLongest),
       "Maximum lifetime of a session, however often it is refreshed"},
      {"session-idle-timeout", kServe, Time(config.session_idle_timeout, absl::Minutes(5), kLongest),
       "Lifetime of a refresh token"},
      {"api-key-lifetime", kServe, Time(config.api_key_lifetime, absl::ZeroDuration(), absl::Hours(24 * 3650)),
       "Maximum lifetime of an API key that is issued from now on; 0: no limit"},
      {"require-verified-email", kServe, Flag(config.require_verified_email),
       "Refuse the login of users without a verified e-mail address"},
      {"password-grant", kServe, Flag(config.password_grant),
       "Accept passwords at /oauth2/token, where frontends that know only OAuth send them"},
      {"service-name", kServe, Text(config.service_name), "Name of this service in authenticator apps"},
      {"password-min-characters", kServe, Number(rules.min_characters, 8, 64),
       "Minimum number of characters of a new password"},
      {"password-min-score", kServe, Number(rules.min_score, 0, 4),
       "Minimum strength of a new password, as zxcvbn scores it; 0: any"},
      {"password-require-upper", kServe, Flag(rules.upper), "Require a letter A-Z in a new password"},
      {"password-require-lower", kServe, Flag(rules.lower), "Require a letter a-z in a new password"},
      {"password-require-digit", kServe, Flag(rules.digit), "Require a digit in a new password"},
      {"password-require-symbol", kServe, Flag(rules.symbol),
       "Require a character that is neither a letter nor a digit in a new password"},
      {"breached-passwords-file", kServe, Text(config.breached_passwords_file, "FILE"),
       "Passwords that users may not choose, one per line: in the clear, or as SHA-1 in hexadecimal with or without "
       "\":count\". Each takes 8 bytes of memory"},
      {"argon2-memory-mib", kServe | kBootstrap | SetOf(Command::kResetPassword),
       Mebibytes(config.argon2.memory_bytes, 19, 4096), "Memory of one password hash, in MiB"},
      {"argon2-passes", kServe | kBootstrap | SetOf(Command::kResetPassword), Number(config.argon2.passes, 2, 16),
       "Passes of one password hash over its memory"}};
}

std::vector<OptionRow> MailOptions(Settings& settings) {
  Postman::Options& mail = settings.config.mail;
  return {
      {"smtp-url", kServe, Text(mail.smtp.url, "URL"),
       "Mail server, such as smtp://mail.example.com:587 (with STARTTLS) or smtps://mail.example.com:465. Without it "
       "the server sends no mail: it cannot verify addresses, and cannot reset passwords by mail"},
      {"smtp-username", kServe, Text(mail.smtp.username),
       "User name at the mail server. The password comes from --smtp-password-file or IDENTITY_SMTP_PASSWORD"},
      {"smtp-password-file", kServe, Text(settings.smtp_password_file, "FILE"),
       "File with the password for the mail server in its first line"},
      {"smtp-password", kNoFlag, nullptr, ""},
      {"smtp-ca-file", kServe, Text(mail.smtp.ca_file, "FILE"),
       "CA certificates, in PEM, that replace the system's for the mail server's certificate"},
      {"smtp-allow-plaintext", kServe, Flag(mail.smtp.allow_plaintext),
       "Send mail without TLS when the mail server does not offer TLS"},
      {"mail-from", kServe, Text(mail.from, "ADDRESS"),
       "Sender of the mails, such as \"Identity <no-reply@example.com>\""},
      {"mail-templates", kServe, Text(mail.templates_directory, "DIRECTORY"),
       "Directory with verify_email.txt, reset_password.txt and so on, which replace the built-in texts"},
      {"verify-email-url", kServe, Text(mail.verify_url, "URL"),
       "Page that verifies an address; the server appends the token"},
      {"reset-password-url", kServe, Text(mail.reset_url, "URL"),
       "Page that sets a new password; the server appends the token"}};
}

std::vector<OptionRow> TraceOptions(OtlpExporter::Options& traces) {
  return {
      {"otlp-endpoint", kServe, Text(traces.endpoint, "URL"),
       "Collector of OpenTelemetry that receives traces by OTLP over gRPC: http://HOST:PORT, or https://HOST:PORT with "
       "TLS. Without it no call is traced"},
      {"otlp-ca-file", kServe, Text(traces.ca_file, "FILE"),
       "CA certificates, in PEM, that replace the system's for the collector's certificate"},
      {"trace-ratio", kServe, Ratio(traces.ratio),
       "Fraction of the calls that is traced, from 0 to 1, if the caller sends no traceparent. A caller that sends "
       "one decides itself"}};
}

// ISSUER=FILE. May be repeated.
Adder FilesByIssuer(std::map<std::string, std::string>& files) {
  return [&files](CLI::App& command, const std::string& name, const std::string& help) {
    const auto set = [&files, flag = "--" + name](const std::vector<std::string>& values) {
      files.clear();
      for (const std::string& value : values) {
        for (const absl::string_view one : absl::StrSplit(value, ' ', absl::SkipEmpty())) {
          const size_t equals = one.rfind('=');
          if (equals == absl::string_view::npos || equals == 0 || equals + 1 == one.size()) {
            throw CLI::ValidationError(flag, absl::StrCat("\"", one, "\" must be ISSUER=FILE"));
          }
          files[std::string(one.substr(0, equals))] = std::string(one.substr(equals + 1));
        }
      }
    };
    return command.add_option_function<std::vector<std::string>>("--" + name, set, help)
        ->type_name("ISSUER=FILE")
        ->allow_extra_args(false);
  };
}

std::vector<OptionRow> ProviderOptions(Config& config) {
  HttpsClient::Options& providers = config.providers;
  return {
      {"provider-ca-file", kServe, Text(providers.ca_file, "FILE"),
       "CA certificates in PEM. The server accepts certificates of identity providers from these CAs, in addition to "
       "those of the system"},
      {"provider-networks", kServe, Networks(providers.allowed_networks),
       "Address or network that is not public and in which identity providers may be. May be repeated; the "
       "environment and the file separate several by spaces. Without this option only public addresses are asked"},
      {"provider-keys", kServe, FilesByIssuer(config.provider_keys),
       "Issuer, and file with its keys, a JWK set, which is read again every minute. Such an issuer is never asked. "
       "May be repeated; the environment and the file separate several by spaces"},
      {"kubernetes-api", kServe, Text(providers.cluster.origin, "URL"),
       "Address of the Kubernetes API server, such as https://kubernetes.default.svc. The server sends a token of the "
       "cluster to it, and its address need not be public. Without this option the server sends no token"},
      {"kubernetes-credentials", kServe, Text(providers.cluster.credentials_folder, "FOLDER"),
       "Folder with the token and the ca.crt for --kubernetes-api, which are read again for each request"}};
}

std::vector<OptionRow> ResourceOptions(Config& config) {
  return {
      {"workers", kServe, Number(config.workers, 2, 512), "Threads that serve calls"},
      {"hash-threads", kServe, Number(config.hash_threads, 0, 64), "Threads that hash passwords; 0: one per processor"},
      {"database-connections", kServe, Number(config.database_connections, 1, 512),
       "Maximum size of the connection pool"},
      {"wait-for-database", kServe, Time(config.wait_for_database, absl::ZeroDuration(), absl::Hours(24)),
       "How long the start waits for a database that cannot be reached or whose schema lacks migrations. /readyz says "
       "so meanwhile"},
      {"max-staleness", kServe, Time(config.max_staleness, absl::Seconds(1), absl::Minutes(10)),
       "How long checks are still answered without the database"},
      {"feed-interval", kServe, Time(config.feed_interval, absl::Milliseconds(10), absl::Seconds(10)),
       "Interval at which the server asks the database for changes, in addition to notifications"},
      {"change-notifications", kServe, Flag(config.change_notifications),
       "Receive notifications of changes from the database (default: on). Without them the server sees changes at "
       "each feed-interval"},
      {"view-memory-mib", kServe, Number(config.view_memory_mib, 1, 1 << 20),
       "Approximate memory for what checks depend on, in MiB"},
      {"drain-delay", kServe, Time(config.drain_delay, absl::ZeroDuration(), absl::Minutes(10)),
       "How long the server still accepts calls after SIGTERM, while /readyz and health checks already send new "
       "clients to other replicas. SIGINT skips it"},
      {"drain-timeout", kServe, Time(config.drain_timeout, absl::ZeroDuration(), absl::Minutes(10)),
       "How long running calls may still take when the server no longer accepts calls"}};
}

std::vector<OptionRow> LimitOptions(ThrottleOptions& limits) {
  return {{"login-failures-per-minute", kServe, Limit(limits.login_failures_per_minute),
           "Wrong passwords, codes and keys from one client address (an IPv6 /64 counts as one address)"},
          {"registrations-per-hour", kServe, Limit(limits.registrations_per_hour),
           "Accounts registered from one client address"},
          {"mails-per-hour", kServe, Limit(limits.mails_per_hour),
           "Mails that one account may request. One client address may request 20, or this number if it is larger"},
          {"calls-per-minute", kServe, Limit(limits.calls_per_minute),
           "Calls from one address without a credential, or with a bad one"},
          {"new-passwords-per-minute", kServe, Limit(limits.new_passwords_per_minute),
           "New passwords from one client address or for one account, including those that the policy refuses"},
          {"api-key-requests-per-minute", kServe, Limit(limits.api_key_requests_per_minute),
           "Requests of any one API key, in addition to the key's own quota"},
          {"session-calls-per-minute", kServe, Limit(limits.session_calls_per_minute), "Calls with any one session"}};
}

std::vector<OptionRow> OperatorOptions(Config& config) {
  UserImport::Options& import = config.user_import;
  return {{"username", kBootstrap, Text(config.admin_username),
           "User name of the admin: 3 to 50 characters of [A-Za-z0-9_-]", kRequired},
          {"email", kBootstrap, Text(config.admin_email), "E-mail address of the admin", kRequired},
          {"password-stdin", kBootstrap, Flag(config.password_from_stdin),
           "Read the password from standard input, up to the first newline. Without this option the command makes "
           "a one-time secret and prints it"},
          {"force", kBootstrap, Flag(config.force),
           "Create another super admin although one exists, because nobody can log in as that one"},
          {"login", kOnUser, Text(config.login, "NAME"), "User name or e-mail address of the user", kRequired},
          {"reason", SetOf(Command::kDisableUser), Text(config.reason), "Reason for the audit; up to 256 bytes"},
          {"format", kImport, Format(import.format),
           "Whose JSON the file contains: identity (also for realm exports of Keycloak), firebase or auth0"},
          {"firebase-hash-config-file", kImport, Text(import.firebase_hash_config_file, "FILE"),
           "Password hash parameters of the Firebase project, as its console shows them. Required for "
           "--format=firebase"},
          {"report", kImport, Text(import.report, "FILE"),
           "File for the refused lines and the reasons; default: FILE.refused, or FILE.dry-run with --dry-run"},
          {"batch", kImport, Number(import.batch_users, 1, 5000),
           "Maximum number of lines per transaction; other changes wait while it runs"},
          {"dry-run", kImport, Flag(import.dry_run),
           "Check the lines and import nothing. Does not check whether an earlier line or the database has a name "
           "already"}};
}

}  // namespace

std::string EnvironmentName(const std::string& name) {
  return absl::StrCat("IDENTITY_", absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{"-", "_"}})));
}

std::vector<OptionRow> OptionTable(Settings& settings) {
  Config& config = settings.config;
  std::vector<OptionRow> rows;
  for (std::vector<OptionRow>& group :
       std::vector{CommonOptions(settings), ListenOptions(settings), TokenAndPasswordOptions(config),
                   MailOptions(settings), TraceOptions(config.traces), ProviderOptions(config), ResourceOptions(config),
                   LimitOptions(config.throttle), OperatorOptions(config)}) {
    std::move(group.begin(), group.end(), std::back_inserter(rows));
  }
  return rows;
}

}  // namespace identity
