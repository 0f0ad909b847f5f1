// identityd, the identity service: its subcommands and the setup of its process.

#include <malloc.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <iostream>
#include <string>

#include "db/database.h"
#include "db/migrations.h"
#include "server/app/access/key_ring.h"
#include "server/app/operator/bootstrap.h"
#include "server/app/operator/operator_actions.h"
#include "server/app/operator/rewrap.h"
#include "server/app/operator/user_import.h"
#include "server/base/log.h"
#include "server/base/sealed_box.h"
#include "server/base/status_macros.h"
#include "server/config.h"
#include "server/route_commands.h"
#include "server/rpc/library_log.h"
#include "server/service.h"

namespace identity {
namespace {

constexpr absl::Duration kCommandTimeout = absl::Seconds(30);
constexpr absl::Duration kPatientTimeout = absl::Minutes(10);

// The memory holds secrets: forbids core dumps, and forbids other processes of the user to read it.
void ProtectMemory() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

// Keeps freed memory for reuse. Returning it to the system needs the lock of the whole address space. A password hash
// holds that lock for milliseconds while it allocates, and checks would wait for it.
void KeepFreedMemory() {
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
}

// Each connection needs a descriptor. The soft limit is often 1,024, for the sake of old programs that use select(2).
void RaiseFileLimit() {
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

sigset_t EndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// The main thread waits for SIGTERM and SIGINT instead of handling them. Every thread inherits the mask.
void BlockSignals() {
  const sigset_t signals = EndingSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

// Waits at most `timeout` for a signal, and takes it.
bool SignalArrives(absl::Duration timeout) {
  const sigset_t signals = EndingSignals();
  const timespec time = absl::ToTimespec(timeout);
  return sigtimedwait(&signals, nullptr, &time) > 0;
}

bool SignalIsPending() { return SignalArrives(absl::ZeroDuration()); }

Database::Options DatabaseOptions(const Config& config) {
  Connection::Options connection;
  connection.url = config.database_url;
  return {connection, 1};
}

absl::Status RunMigrate(const Config& config) {
  Connection::Options options;
  options.url = config.database_url;
  options.statement_timeout = absl::Hours(1);
  ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, Connection::Open(options));
  ASSIGN_OR_RETURN(const std::vector<std::string> applied, Migrate(*connection));
  for (const std::string& name : applied) std::cout << "applied " << name << "\n";
  if (applied.empty()) std::cout << "the schema is up to date\n";
  return absl::OkStatus();
}

void PrintOneTimeSecret(const Secret& secret) {
  std::cout
      << "one-time secret: " << secret.Reveal()
      << "\nIt is the password of the next login, which can only change it: AccountService.ChangePassword. Then log "
         "in again.\n";
}

absl::Status RunBootstrap(const Config& config) {
  RETURN_IF_ERROR(CheckArgon2Parameters(config.argon2));
  absl::optional<Secret> password;
  if (config.password_from_stdin) {
    std::string line;
    std::getline(std::cin, line);
    password = Secret(std::move(line));
  }
  Database database(DatabaseOptions(config));
  ASSIGN_OR_RETURN(const FirstAdmin admin, Bootstrap({absl::Now() + kCommandTimeout}, database, config.admin_username,
                                                     config.admin_email, password, config.force, config.argon2));
  std::cout << "principal id:    " << admin.id.ToString() << "\n";
  if (!admin.one_time_secret.empty()) {
    PrintOneTimeSecret(admin.one_time_secret);
  }
  return absl::OkStatus();
}

absl::Status RunKeysJwks(const Config& config) {
  Database database(DatabaseOptions(config));
  ASSIGN_OR_RETURN(const std::string jwks, ReadJwks({absl::Now() + kCommandTimeout}, database));
  std::cout << jwks << "\n";
  return absl::OkStatus();
}

// For commands that read whole tables.
Database::Options PatientDatabaseOptions(const Config& config) {
  Database::Options options = DatabaseOptions(config);
  options.connection.statement_timeout = kPatientTimeout;
  return options;
}

absl::Status RunKeysRemove(const Config& config) {
  ASSIGN_OR_RETURN(const MasterKeys keys, MasterKeys::Parse(config.master_keys));
  Database database(PatientDatabaseOptions(config));
  RETURN_IF_ERROR(RequireMasterKeys({absl::Now() + kPatientTimeout}, database, keys));
  ASSIGN_OR_RETURN(const std::string active,
                   operator_actions::RemoveSigningKey({absl::Now() + kCommandTimeout}, database, keys, config.kid));
  std::cout << config.kid << ": removed\nthe active signing key: " << active << "\n";
  return absl::OkStatus();
}

absl::Status RunKeysRewrap(const Config& config) {
  ASSIGN_OR_RETURN(const MasterKeys keys, MasterKeys::Parse(config.master_keys));
  Database database(PatientDatabaseOptions(config));
  return Rewrap(database, keys, SignalIsPending, std::cout).Run();
}

// Prints the outcome in one line.
absl::Status RunOnUser(const Config& config, absl::FunctionRef<absl::StatusOr<bool>(Database&)> action,
                       absl::string_view changed, absl::string_view unchanged) {
  Database database(DatabaseOptions(config));
  ASSIGN_OR_RETURN(const bool did_change, action(database));
  std::cout << config.login << (did_change ? changed : unchanged) << "\n";
  return absl::OkStatus();
}

absl::Status RunUnlockUser(const Config& config) {
  const auto unlock = [&config](Database& database) -> absl::StatusOr<bool> {
    RETURN_IF_ERROR(operator_actions::UnlockUser({absl::Now() + kCommandTimeout}, database, config.login));
    return true;
  };
  return RunOnUser(config, unlock, ": unlocked", "");
}

absl::Status RunResetPassword(const Config& config) {
  RETURN_IF_ERROR(CheckArgon2Parameters(config.argon2));
  Database database(DatabaseOptions(config));
  ASSIGN_OR_RETURN(const Secret secret, operator_actions::ResetPassword({absl::Now() + kCommandTimeout}, database,
                                                                        config.login, config.argon2));
  PrintOneTimeSecret(secret);
  return absl::OkStatus();
}

absl::Status RunResetMfa(const Config& config) {
  const auto reset = [&config](Database& database) {
    return operator_actions::ResetMfa({absl::Now() + kCommandTimeout}, database, config.login);
  };
  return RunOnUser(config, reset, ": the second factor is deleted", ": has no second factor");
}

absl::Status RunSetDisabled(const Config& config, bool disabled) {
  const auto set = [&config, disabled](Database& database) {
    return operator_actions::SetDisabled({absl::Now() + kCommandTimeout}, database, config.login, disabled,
                                         config.reason);
  };
  return disabled ? RunOnUser(config, set, ": disabled", ": was already disabled")
                  : RunOnUser(config, set, ": enabled", ": was not disabled");
}

int WaitForSignal() {
  const sigset_t signals = EndingSignals();
  int signal = 0;
  sigwait(&signals, &signal);
  return signal;
}

int Fail(const absl::Status& error) {
  std::cerr << "identityd: " << error.message() << "\n";
  return 1;
}

// Returns the exit code: 2 when the import finished and some lines were refused.
int RunImportUsers(const Config& config) {
  Database::Options options = DatabaseOptions(config);
  options.connection.statement_timeout = kCommandTimeout;
  Database database(options);
  const auto summary = UserImport(database, config.user_import, SignalIsPending, std::cerr).Run();
  if (!summary.ok()) return Fail(summary.status());
  std::cout << ToText(*summary, config.user_import.dry_run);
  if (summary->end == UserImport::Summary::End::kStopped) return 1;
  return summary->standing.refused > 0 ? 2 : 0;
}

// Returns the exit code.
int RunAboutRoutes(const Config& config) {
  const std::string& file = config.routes_file;
  if (config.command == Command::kRoutesCheck) return CheckRoutes(file, std::cout, std::cerr);
  return TryRoutes(file, config.tried_request, std::cout, std::cerr);
}

// SIGINT, which a person at a terminal sends, skips the delay. After SIGTERM, a second signal ends it.
absl::Status RunServe(const Config& config) {
  RouteLibraryLogs();
  Service::Surroundings surroundings;
  surroundings.interrupted = SignalIsPending;
  ASSIGN_OR_RETURN(const std::unique_ptr<Service> service, Service::Start(config, surroundings));
  const int signal = WaitForSignal();
  Log(LogLevel::kInfo, "draining", {{"signal", std::to_string(signal)}});
  service->LeaveLoadBalancing();
  if (signal != SIGINT) SignalArrives(config.drain_delay);
  service->Drain(config.drain_timeout);
  Log(LogLevel::kInfo, "stopped");
  return absl::OkStatus();
}

absl::Status Run(const Config& config) {
  switch (config.command) {
    case Command::kServe:
      return RunServe(config);
    case Command::kMigrate:
      return RunMigrate(config);
    case Command::kBootstrap:
      return RunBootstrap(config);
    case Command::kKeysJwks:
      return RunKeysJwks(config);
    case Command::kKeysRemove:
      return RunKeysRemove(config);
    case Command::kKeysRewrap:
      return RunKeysRewrap(config);
    case Command::kUnlockUser:
      return RunUnlockUser(config);
    case Command::kResetPassword:
      return RunResetPassword(config);
    case Command::kResetMfa:
      return RunResetMfa(config);
    case Command::kDisableUser:
      return RunSetDisabled(config, true);
    case Command::kEnableUser:
      return RunSetDisabled(config, false);
    case Command::kVersion:
      std::cout << "identityd " IDENTITY_VERSION "\n";
      return absl::OkStatus();
    case Command::kImportUsers:
    case Command::kRoutesCheck:
    case Command::kRoutesTry:
    case Command::kNothing:
      break;
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace identity

int main(int argc, char** argv) {
  identity::ProtectMemory();
  identity::KeepFreedMemory();
  identity::RaiseFileLimit();
  identity::BlockSignals();
  const identity::Config config = identity::ReadConfig(argc, argv);
  if (config.command == identity::Command::kNothing) return config.exit_code;
  if (config.command == identity::Command::kImportUsers) return identity::RunImportUsers(config);
  if (config.command == identity::Command::kRoutesCheck || config.command == identity::Command::kRoutesTry) {
    return identity::RunAboutRoutes(config);
  }
  const absl::Status status = identity::Run(config);
  return status.ok() ? 0 : identity::Fail(status);
}
