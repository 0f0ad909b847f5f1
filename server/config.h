#ifndef IDENTITY_SERVER_CONFIG_H_
#define IDENTITY_SERVER_CONFIG_H_

#include <cstddef>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "server/app/access/throttle_options.h"
#include "server/app/operator/user_import.h"
#include "server/base/log.h"
#include "server/base/secret.h"
#include "server/calls/trusted_proxies.h"
#include "server/domain/password.h"
#include "server/domain/password_policy.h"
#include "server/domain/signatures/signing_algorithm.h"
#include "server/fetch/https_client.h"
#include "server/mail/postman.h"
#include "server/net/tls_certificate.h"
#include "server/otlp/otlp_exporter.h"
#include "server/route_commands.h"
#include "server/rpc/server_options.h"

namespace identity {

enum class Command {
  kServe,
  kMigrate,
  kBootstrap,
  kKeysJwks,
  kKeysRemove,
  kKeysRewrap,
  kUnlockUser,
  kResetPassword,
  kResetMfa,
  kDisableUser,
  kEnableUser,
  kImportUsers,
  kRoutesCheck,
  kRoutesTry,
  kVersion,
  kNothing
};

// The command and the options of the program, validated. The first source that has a value counts:
// - the flag,
// - the environment (IDENTITY_ and the flag's name in capitals),
// - the file that --config names,
// - the default here.
// Move-only.
struct Config {
  Command command = Command::kNothing;
  int exit_code = 0;  // of kNothing: 0 after --help, otherwise an error was printed

  std::string database_url;  // may hold a password
  size_t database_connections = 16;
  absl::Duration wait_for_database;  // at the start
  LogLevel log_level = LogLevel::kInfo;
  absl::Duration slow_call_threshold = absl::Seconds(1);

  ServerOptions server;
  std::string http_address;  // empty: no doors over HTTP
  // Without a certificate both listeners speak plain text. The program starts with that only on loopback, unless
  // `allow_plaintext`.
  TlsFiles tls;
  bool allow_plaintext = false;
  std::string admin_address;  // empty: no admin port
  TrustedProxies trusted_proxies;
  Secret master_keys;  // the text of the file or of the variable
  std::string issuer = "https://identity.localhost";
  SigningChoice signing;  // the algorithm of each audience
  absl::Duration access_token_lifetime = absl::Minutes(15);
  absl::Duration session_lifetime = absl::Hours(30 * 24);
  absl::Duration session_idle_timeout = absl::Hours(7 * 24);
  absl::Duration api_key_lifetime;  // the longest; 0: keys need not expire
  Argon2Parameters argon2;
  PasswordRules password_rules;
  std::string breached_passwords_file;  // empty: none
  std::string routes_file;              // empty: no route rules; also of the commands about them
  bool require_verified_email = false;
  bool password_grant = false;                       // of OAuth
  std::string service_name = "Identity";             // in authenticator apps
  Postman::Options mail;                             // no mail is sent when `smtp.url` is empty
  OtlpExporter::Options traces;                      // no call is traced when `endpoint` is empty
  HttpsClient::Options providers;                    // how the keys of OpenID providers are fetched
  std::map<std::string, std::string> provider_keys;  // files with keys, by issuer
  ThrottleOptions throttle;
  size_t workers = 32;
  size_t hash_threads = 0;  // 0: one per processor
  absl::Duration max_staleness = absl::Seconds(60);
  absl::Duration feed_interval = absl::Milliseconds(500);
  bool change_notifications = true;
  size_t view_memory_mib = 256;
  absl::Duration drain_delay = absl::Seconds(5);
  absl::Duration drain_timeout = absl::Seconds(20);

  std::string admin_username;
  std::string admin_email;
  bool password_from_stdin = false;
  bool force = false;  // create a super admin although there is one

  std::string kid;  // of the signing key to remove

  std::string login;   // of an operator's command: the username or e-mail address of the user
  std::string reason;  // for the audit

  UserImport::Options user_import;

  TriedRequest tried_request;  // by route rules
};

// What the command line sets. The files that it names have not been read yet.
struct Settings {
  Config config;
  std::string config_file;
  std::string master_key_file;
  std::string smtp_password_file;
};

// Reads the command line. Prints an error that names the invalid value on standard error; then the command is kNothing
// and exit_code is not 0.
Config ReadConfig(int argc, char** argv);

}  // namespace identity

#endif  // IDENTITY_SERVER_CONFIG_H_
