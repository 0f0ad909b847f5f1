#include "server/service.h"

#include <string>
#include <utility>

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

Connection::Options ConnectionOptions(const Config& config) {
  Connection::Options options;
  options.url = config.database_url;
  return options;
}

sessions::Lifetimes LifetimesOf(const Config& config) { return {config.session_lifetime, config.session_idle_timeout}; }

}  // namespace

// In the order in which they are built; they end in the opposite one, the server first.
struct Service::Parts {
  Parts(const Config& config, const Clock& clock, const MasterKeys& master_keys, std::unique_ptr<Database> opened,
        KeyRing loaded)
      : database(std::move(opened)),
        keys(std::move(loaded)),
        view(*database),
        credentials(keys, clock, key_use),
        admission(view, credentials),
        issuer(keys, clock, config.access_token_lifetime),
        hashes(config.hash_threads, config.workers / 2),
        sessions(*database, keys, clock, issuer, LifetimesOf(config)),
        authorizer(view, credentials),
        api_keys(*database),
        page_tokens(master_keys.Derive("page_token")),
        users(*database, hashes, config.argon2, page_tokens),
        roles(*database, page_tokens),
        bindings(*database, view, page_tokens),
        workers({.name = "worker", .threads = config.workers, .queue_limit = config.workers * 64}),
        calls(workers, admission),
        admin_service(calls, users, roles, bindings),
        housekeeping(*database, key_use, kHousekeepingInterval) {}

  absl::Status Listen(const Config& config);

  std::unique_ptr<Database> database;
  KeyRing keys;
  View view;
  KeyUse key_use;
  Credentials credentials;
  Admission admission;
  TokenIssuer issuer;
  HashPool hashes;
  std::unique_ptr<Authenticator> authenticator;
  Sessions sessions;
  Authorizer authorizer;
  ApiKeyIssuer api_keys;
  PageTokens page_tokens;
  UserAdministration users;
  RoleAdministration roles;
  BindingAdministration bindings;
  WorkerPool workers;
  CallRunner calls;
  std::unique_ptr<IdentityService> identity_service;
  AdminService admin_service;
  Housekeeping housekeeping;
  std::unique_ptr<RpcServer> server;
};

absl::Status Service::Parts::Listen(const Config& config) {
  ASSIGN_OR_RETURN(authenticator, Authenticator::Create(*database, credentials, issuer, hashes,
                                                        {config.argon2, principals::Lockout(), LifetimesOf(config)}));
  identity_service = std::make_unique<IdentityService>(calls, *authenticator, sessions, authorizer, api_keys);
  ASSIGN_OR_RETURN(server, RpcServer::Start(config.server, {identity_service.get(), &admin_service}));
  Log(LogLevel::kInfo, "serving",
      {{"address", config.server.listen_address},
       {"port", std::to_string(server->port())},
       {"tls", config.server.tls_certificate_file.empty() ? "no" : "yes"},
       {"version", IDENTITY_VERSION}});
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Service>> Service::Start(const Config& config, const Clock& clock) {
  ASSIGN_OR_RETURN(const MasterKeys master_keys, MasterKeys::Parse(config.master_keys));
  const Connection::Options connection = ConnectionOptions(config);
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<Connection> first, Connection::Open(connection));
    RETURN_IF_ERROR(CheckSchema(*first));
  }
  auto database = std::make_unique<Database>(Database::Options{connection, config.database_connections});
  ASSIGN_OR_RETURN(KeyRing keys, KeyRing::Load({absl::Now() + kStartTimeout}, *database, master_keys, config.issuer));
  auto parts = std::make_unique<Parts>(config, clock, master_keys, std::move(database), std::move(keys));
  RETURN_IF_ERROR(parts->Listen(config));
  return std::unique_ptr<Service>(new Service(std::move(parts)));
}

Service::Service(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Service::~Service() { Drain(absl::ZeroDuration()); }

void Service::Drain(absl::Duration grace) { parts_->server->Drain(grace); }

int Service::port() const { return parts_->server->port(); }

}  // namespace identity
