#include "server/preparation.h"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "db/conninfo.h"
#include "db/migrations.h"
#include "db/replication.h"
#include "server/app/operator/rewrap.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

// Between two attempts to reach the database at the start. Nobody can tell the server when it is there.
constexpr absl::Duration kWaitInterval = absl::Milliseconds(250);
constexpr absl::Duration kMasterKeyTimeout = absl::Minutes(1);
constexpr size_t kOtherFiles = 64;  // that the process opens, besides connections

absl::StatusOr<BreachedPasswords> ReadBreachedPasswords(const std::string& file) {
  if (file.empty()) return BreachedPasswords();
  std::ifstream in(file);
  BreachedPasswords::Builder builder;
  std::string line;
  while (std::getline(in, line)) builder.Add(line);
  if (!in.eof()) return InvalidField("breached-passwords-file", absl::StrCat("cannot read ", file));
  return std::move(builder).Build();
}

// Copies field by field, because a Secret has no copy constructor.
Postman::Options MailOptionsOf(const Config& config) {
  const Postman::Options& from = config.mail;
  Postman::Options options;
  options.smtp = {from.smtp.url, from.smtp.username, Secret(from.smtp.password.Reveal()), from.smtp.ca_file,
                  from.smtp.allow_plaintext};
  options.from = from.from;
  options.templates_directory = from.templates_directory;
  options.verify_url = from.verify_url;
  options.reset_url = from.reset_url;
  return options;
}

// Several hosts are a primary and its standbys. After a failover, a standby without the last commits would accept
// credentials that were revoked.
absl::Status WarnWithoutSynchronousReplication(const std::string& url, Connection& connection) {
  if (!conninfo::NamesSeveralHosts(url)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool synchronous, ReplicatesSynchronously(connection));
  if (!synchronous) Log(LogLevel::kWarning, "a failover may lose acknowledged changes: replication is not synchronous");
  return absl::OkStatus();
}

absl::Status CheckDatabase(const Connection::Options& options) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, Connection::Open(options));
  RETURN_IF_ERROR(CheckSchema(*connection));
  return WarnWithoutSynchronousReplication(options.url, *connection);
}

}  // namespace

absl::StatusOr<Prepared> Prepare(const Config& config) {
  ASSIGN_OR_RETURN(MasterKeys master_keys, MasterKeys::Parse(config.master_keys));
  ASSIGN_OR_RETURN(BreachedPasswords breached, ReadBreachedPasswords(config.breached_passwords_file));
  Prepared prepared = {std::make_unique<const MasterKeys>(std::move(master_keys)),
                       PasswordPolicy(config.password_rules, std::move(breached)),
                       nullptr,
                       nullptr,
                       absl::nullopt,
                       absl::nullopt,
                       nullptr};
  ASSIGN_OR_RETURN(prepared.https, HttpsClient::Create(config.providers));
  if (!config.tls.certificate.empty()) {
    ASSIGN_OR_RETURN(prepared.tls, TlsReloader::Start(config.tls));
  }
  if (!config.routes_file.empty()) {
    ASSIGN_OR_RETURN(prepared.routes, RoutesFile::Start(config.routes_file));
  }
  if (!config.mail.smtp.url.empty()) {
    ASSIGN_OR_RETURN(prepared.postman, Postman::Prepare(MailOptionsOf(config)));
  }
  if (!config.traces.endpoint.empty()) {
    OtlpExporter::Options options = config.traces;
    options.version = IDENTITY_VERSION;
    ASSIGN_OR_RETURN(prepared.traces, OtlpExporter::Prepare(options));
  }
  return prepared;
}

Connection::Options ConnectionOptions(const Config& config) {
  Connection::Options options;
  options.url = config.database_url;
  return options;
}

ConnectionLimits ConnectionLimitsOf(const Config& config) {
  ConnectionLimits limits = config.server.connections;
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return limits;
  const size_t reserved = std::min<size_t>(config.database_connections + kOtherFiles, files.rlim_cur - 1);
  const size_t listeners = config.http_address.empty() ? 1 : 2;
  const size_t possible = std::max<size_t>((files.rlim_cur - reserved) / listeners, 1);
  if (limits.total > 0 && limits.total <= possible) return limits;
  Log(LogLevel::kWarning, "RLIMIT_NOFILE limits the connections",
      {{"connections", std::to_string(possible)}, {"files", std::to_string(files.rlim_cur)}});
  limits.total = possible;
  return limits;
}

absl::Status AwaitDatabase(const Config& config, const std::function<bool()>& interrupted, Readiness& readiness) {
  const absl::Time give_up = absl::Now() + config.wait_for_database;
  std::string logged;
  while (true) {
    absl::Status status = CheckDatabase(ConnectionOptions(config));
    const bool lacks_migrations = absl::IsFailedPrecondition(status);
    readiness.Set(Readiness::Obstacle::kSchema, lacks_migrations);
    readiness.Set(Readiness::Obstacle::kDatabase, !status.ok() && !lacks_migrations);
    if (status.ok() || absl::Now() >= give_up) return status;
    if (interrupted()) return absl::CancelledError("ended while it waited for the database");
    const std::string message(status.message());
    if (std::exchange(logged, message) != message)
      Log(LogLevel::kInfo, "waiting for the database", {{"error", message}});
    absl::SleepFor(kWaitInterval);
  }
}

// On a connection with a long timeout, since the check reads whole tables.
absl::Status CheckMasterKeys(Connection::Options connection, const MasterKeys& keys) {
  connection.statement_timeout = kMasterKeyTimeout;
  Database database({connection, 1});
  return RequireMasterKeys({absl::Now() + kMasterKeyTimeout}, database, keys);
}

}  // namespace identity
