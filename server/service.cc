#include "server/service.h"

#include <csignal>
#include <memory>
#include <string>
#include <thread>

#include "db/database.h"
#include "db/migrations.h"
#include "server/app/admission.h"
#include "server/app/api_key_issuer.h"
#include "server/app/authenticator.h"
#include "server/app/authorizer.h"
#include "server/app/binding_administration.h"
#include "server/app/credentials.h"
#include "server/app/hash_pool.h"
#include "server/app/housekeeping.h"
#include "server/app/key_ring.h"
#include "server/app/paging.h"
#include "server/app/role_administration.h"
#include "server/app/sessions.h"
#include "server/app/token_issuer.h"
#include "server/app/user_administration.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"
#include "server/base/worker_pool.h"
#include "server/domain/sealed_box.h"
#include "server/rpc/admin_service.h"
#include "server/rpc/call.h"
#include "server/rpc/identity_service.h"
#include "server/rpc/server.h"
#include "server/view/facts.h"

namespace identity {
namespace {

constexpr absl::Duration kStartTimeout = absl::Seconds(15);
constexpr absl::Duration kHousekeepingInterval = absl::Minutes(1);

int WaitForSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  int signal = 0;
  sigwait(&signals, &signal);
  return signal;
}

}  // namespace

absl::Status Serve(const Config& config) {
  ASSIGN_OR_RETURN(const MasterKeys master_keys, MasterKeys::Parse(config.master_keys));
  RETURN_IF_ERROR(CheckArgon2Parameters(config.argon2));
  const Clock clock = [] { return absl::Now(); };
  const RequestContext start{absl::Now() + kStartTimeout};

  Connection::Options connection;
  connection.url = config.database_url;
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<Connection> first, Connection::Open(connection));
    RETURN_IF_ERROR(CheckSchema(*first));
  }
  Database database({connection, config.database_connections});
  ASSIGN_OR_RETURN(const KeyRing keys, KeyRing::Load(start, database, master_keys, config.issuer));

  View view(database);
  KeyUse key_use;
  const Credentials credentials(keys, clock, key_use);
  const Admission admission(view, credentials);
  const TokenIssuer issuer(keys, clock, config.access_token_lifetime);
  const sessions::Lifetimes lifetimes{config.session_lifetime, config.session_idle_timeout};
  HashPool hashes(config.hash_threads, config.workers / 2);
  ASSIGN_OR_RETURN(
      const std::unique_ptr<Authenticator> authenticator,
      Authenticator::Create(database, credentials, issuer, hashes, {config.argon2, principals::Lockout(), lifetimes}));
  Sessions sessions(database, keys, clock, issuer, lifetimes);
  Authorizer authorizer(view, credentials);
  ApiKeyIssuer api_keys(database);
  const PageTokens page_tokens(master_keys.Derive("page_token"));
  UserAdministration users(database, hashes, config.argon2, page_tokens);
  RoleAdministration roles(database, page_tokens);
  BindingAdministration bindings(database, view, page_tokens);

  WorkerPool workers({.name = "worker", .threads = config.workers, .queue_limit = config.workers * 64});
  CallRunner calls(workers, admission);
  IdentityService identity_service(calls, *authenticator, sessions, authorizer, api_keys);
  AdminService admin_service(calls, users, roles, bindings);
  Housekeeping housekeeping(database, key_use, kHousekeepingInterval);
  ASSIGN_OR_RETURN(const std::unique_ptr<RpcServer> server,
                   RpcServer::Start(config.server, {&identity_service, &admin_service}));
  Log(LogLevel::kInfo, "serving",
      {{"address", config.server.listen_address},
       {"port", std::to_string(server->port())},
       {"tls", config.server.tls_certificate_file.empty() ? "no" : "yes"},
       {"version", IDENTITY_VERSION}});
  const int signal = WaitForSignal();
  Log(LogLevel::kInfo, "draining", {{"signal", std::to_string(signal)}});
  server->Drain(config.drain_timeout);
  Log(LogLevel::kInfo, "stopped");
  return absl::OkStatus();
}

}  // namespace identity
