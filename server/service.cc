#include "server/service.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/types/optional.h"
#include "db/database.h"
#include "server/app/access/admission.h"
#include "server/app/access/authorizer.h"
#include "server/app/access/credentials.h"
#include "server/app/access/denials.h"
#include "server/app/access/evaluations.h"
#include "server/app/access/external_keys.h"
#include "server/app/access/gatekeeper.h"
#include "server/app/access/introspection.h"
#include "server/app/access/key_ring.h"
#include "server/app/access/throttle.h"
#include "server/app/access/workload_tokens.h"
#include "server/app/account/email_verification.h"
#include "server/app/account/factor_settings.h"
#include "server/app/account/linked_identities.h"
#include "server/app/account/own_account.h"
#include "server/app/account/password_reset.h"
#include "server/app/account/password_setting.h"
#include "server/app/account/registration.h"
#include "server/app/admin/api_key_issuer.h"
#include "server/app/admin/audit_log.h"
#include "server/app/admin/bindings.h"
#include "server/app/admin/identity_providers.h"
#include "server/app/admin/lookups.h"
#include "server/app/admin/paging.h"
#include "server/app/admin/principals.h"
#include "server/app/admin/roles.h"
#include "server/app/admin/searches.h"
#include "server/app/admin/service_accounts.h"
#include "server/app/admin/signing_keys.h"
#include "server/app/admin/statistics.h"
#include "server/app/admin/users.h"
#include "server/app/change/mail_outbox.h"
#include "server/app/change/mutation.h"
#include "server/app/login/factor_login.h"
#include "server/app/login/hash_pool.h"
#include "server/app/login/id_tokens.h"
#include "server/app/login/identity_linking.h"
#include "server/app/login/key_exchange.h"
#include "server/app/login/password_login.h"
#include "server/app/login/proofs.h"
#include "server/app/login/provider_login.h"
#include "server/app/login/refresh.h"
#include "server/app/login/revocation.h"
#include "server/app/login/second_factors.h"
#include "server/app/login/token_exchange.h"
#include "server/app/login/token_issuer.h"
#include "server/app/operator/housekeeping.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/metrics.h"
#include "server/base/sealed_box.h"
#include "server/base/status_macros.h"
#include "server/base/worker_pool.h"
#include "server/calls/access.h"
#include "server/calls/call_log.h"
#include "server/calls/call_runner.h"
#include "server/domain/decision.h"
#include "server/fetch/https_client.h"
#include "server/gauges.h"
#include "server/http/admin_server.h"
#include "server/http/authzen/authzen_doors.h"
#include "server/http/doors.h"
#include "server/http/forward_auth.h"
#include "server/http/http_server.h"
#include "server/http/oauth/oauth_doors.h"
#include "server/http/oauth/token_door.h"
#include "server/http/public_documents.h"
#include "server/mail/postman.h"
#include "server/net/connections.h"
#include "server/net/tls_reloader.h"
#include "server/otlp/otlp_exporter.h"
#include "server/preparation.h"
#include "server/routes/routes_file.h"
#include "server/rpc/account_service.h"
#include "server/rpc/admin/admin_service.h"
#include "server/rpc/authorization_service.h"
#include "server/rpc/identity_service.h"
#include "server/rpc/rpc_runner.h"
#include "server/rpc/server.h"
#include "server/rpc/unknown_methods.h"
#include "server/view/feed.h"
#include "server/view/view.h"

namespace identity {
namespace {

constexpr absl::Duration kStartTimeout = absl::Seconds(15);
constexpr absl::Duration kHousekeepingInterval = absl::Minutes(1);

std::vector<std::string> MethodNames() {
  std::vector<std::string> names;
  for (const AccessRule& rule : AccessRules()) names.push_back(rule.method);
  return names;
}

sessions::Lifetimes LifetimesOf(const Config& config) { return {config.session_lifetime, config.session_idle_timeout}; }

absl::Duration ApiKeyLifetimeOf(const Config& config) {
  return config.api_key_lifetime == absl::ZeroDuration() ? absl::InfiniteDuration() : config.api_key_lifetime;
}

std::vector<Door> AllDoors(std::vector<Door> doors, TokenDoor& token, AuthZenDoors& authzen, OAuthDoors& oauth,
                           ForwardAuth& forward_auth) {
  doors.push_back(token.door());
  for (Door& door : authzen.doors()) doors.push_back(std::move(door));
  for (Door& door : oauth.doors()) doors.push_back(std::move(door));
  for (Door& door : forward_auth.doors()) doors.push_back(std::move(door));
  return doors;
}

}  // namespace

// Built in this order, destroyed in the reverse order.
struct Service::Parts {
  Parts(const Config& config, const Surroundings& surroundings, Prepared prepared, std::unique_ptr<Database> opened,
        std::unique_ptr<KeyRing> loaded)
      : master_keys(std::move(prepared.master_keys)),
        tls(std::move(prepared.tls)),
        routes(std::move(prepared.routes)),
        database(std::move(opened)),
        keys(std::move(loaded)),
        metrics(MethodNames(), ReasonNames(), Throttle::LimitNames(), Connections::RefusalNames()),
        traces(prepared.traces ? std::make_unique<OtlpExporter>(*std::move(prepared.traces), metrics) : nullptr),
        view(*database, {config.max_staleness, config.view_memory_mib << 20}, metrics),
        mutations(*database, &view),
        https(std::move(prepared.https)),
        external_keys(*https, surroundings.uptime,
                      {.max_waiting = std::max<size_t>(1, config.workers / 4), .files = config.provider_keys}),
        workload_tokens(external_keys, (config.view_memory_mib << 20) / 16),
        credentials(*keys, surroundings.clock, view, key_use, workload_tokens),
        admission(view, credentials),
        throttle(*database, view, workers, metrics, config.throttle, surroundings.uptime),
        denials(*database, surroundings.uptime),
        issuer(*keys, surroundings.clock, config.access_token_lifetime, config.signing),
        hashes(config.hash_threads, config.workers / 2, metrics),
        mail(*master_keys, !config.mail.smtp.url.empty()),
        passwords(hashes, config.argon2, std::move(prepared.password_policy)),
        second_factors(*master_keys),
        id_tokens(*database, external_keys, surroundings.clock, config.issuer),
        proofs(*database, hashes, second_factors, id_tokens, throttle, Lockout()),
        linking(mail),
        factor_login(*database, issuer, second_factors, linking, throttle,
                     {LifetimesOf(config), config.require_verified_email}),
        provider_login(*database, mutations, id_tokens, issuer, linking, throttle,
                       {LifetimesOf(config), config.require_verified_email}),
        key_exchange(*database, credentials, issuer, throttle),
        token_exchange(*database, view, credentials, issuer, surroundings.clock, surroundings.uptime),
        refresher(*database, view, mutations, issuer, throttle, LifetimesOf(config)),
        revoker(*database, mutations, *keys, surroundings.clock),
        introspector(view, credentials, *database),
        authorizer(view, credentials, throttle, metrics),
        gatekeeper(authorizer, routes.get()),
        evaluations(*database, authorizer, routes.get()),
        api_keys(*database, mutations, proofs, mail, ApiKeyLifetimeOf(config)),
        page_tokens(master_keys->Derive("page_token")),
        users(*database, mutations, hashes, config.argon2, page_tokens, mail),
        service_accounts(*database, mutations, page_tokens),
        principals(*database, mutations, page_tokens),
        roles(*database, mutations, page_tokens),
        bindings(*database, mutations, view, page_tokens),
        lookups(*database, page_tokens),
        searches(evaluations, lookups),
        audit_log(*database, page_tokens),
        statistics(*database),
        signing_keys(*database, mutations, *master_keys, config.signing.usual),
        identity_providers(*database, mutations, page_tokens, config.issuer),
        verification(*database, mutations, issuer, mail, throttle),
        registration(mutations, passwords, verification, mail, throttle),
        password_reset(*database, mutations, passwords, mail, throttle),
        own_account(*database, mutations, passwords, proofs, verification, issuer, mail, throttle),
        factor_settings(mutations, second_factors, proofs, throttle, mail, config.service_name),
        linked_identities(*database, mutations, proofs, mail),
        workers({.name = "worker", .threads = config.workers, .queue_limit = config.workers * 64}),
        calls(workers, admission, throttle, denials, metrics, CallLog(config.slow_call_threshold), tracer(),
              config.trusted_proxies, tls ? tls->client_certificates() : nullptr),
        rpcs(calls),
        unknown_methods(rpcs),
        account_service(rpcs, registration, own_account, verification, password_reset, factor_settings, api_keys,
                        principals, linked_identities),
        admin_service(rpcs, {users, service_accounts, principals, roles, bindings, lookups, audit_log, statistics,
                             signing_keys, identity_providers}),
        authzen(calls, evaluations, searches),
        oauth(calls, introspector, revoker, keys->issuer()),
        forward_auth(calls, gatekeeper),
        authorization_service(rpcs, gatekeeper),
        housekeeping(*database, *master_keys, key_use, kHousekeepingInterval),
        prepared_postman(std::move(prepared.postman)),
        connections(ConnectionLimitsOf(config)),
        http_connections(connections.limits()) {}

  absl::Status Listen(const Config& config, Readiness& readiness, AdminServer* admin);
  absl::Status ListenForHttp(const Config& config);
  void StartFeed(const Config& config, Readiness& readiness);
  std::vector<Gauge> AllGauges();
  // Null when no call is traced.
  Tracer* tracer() { return traces ? &traces->tracer() : nullptr; }

  std::unique_ptr<const MasterKeys> master_keys;
  std::unique_ptr<TlsReloader> tls;    // null: plain text
  std::unique_ptr<RoutesFile> routes;  // null: no route rules
  std::unique_ptr<Database> database;
  std::unique_ptr<KeyRing> keys;
  Metrics metrics;
  std::unique_ptr<OtlpExporter> traces;  // null: no call is traced
  View view;
  Mutations mutations;
  KeyUse key_use;
  std::unique_ptr<HttpsClient> https;
  ExternalKeys external_keys;
  WorkloadTokens workload_tokens;
  Credentials credentials;
  Admission admission;
  Throttle throttle;
  Denials denials;
  TokenIssuer issuer;
  HashPool hashes;
  MailOutbox mail;
  PasswordSetting passwords;
  SecondFactors second_factors;
  IdTokens id_tokens;
  Proofs proofs;
  std::unique_ptr<PasswordLogin> password_login;
  IdentityLinking linking;
  FactorLogin factor_login;
  ProviderLogin provider_login;
  KeyExchange key_exchange;
  TokenExchange token_exchange;
  Refresher refresher;
  Revoker revoker;
  Introspector introspector;
  Authorizer authorizer;
  Gatekeeper gatekeeper;
  Evaluations evaluations;
  ApiKeyIssuer api_keys;
  PageTokens page_tokens;
  Users users;
  ServiceAccounts service_accounts;
  Principals principals;
  Roles roles;
  Bindings bindings;
  Lookups lookups;
  Searches searches;
  AuditLog audit_log;
  Statistics statistics;
  SigningKeys signing_keys;
  IdentityProviders identity_providers;
  EmailVerification verification;
  Registration registration;
  PasswordReset password_reset;
  OwnAccount own_account;
  FactorSettings factor_settings;
  LinkedIdentities linked_identities;
  WorkerPool workers;
  CallRunner calls;
  RpcRunner rpcs;
  UnknownMethods unknown_methods;
  std::unique_ptr<IdentityService> identity_service;
  AccountService account_service;
  AdminService admin_service;
  std::unique_ptr<TokenDoor> token_door;
  AuthZenDoors authzen;
  OAuthDoors oauth;
  ForwardAuth forward_auth;
  AuthorizationService authorization_service;
  std::unique_ptr<Doors> doors;
  Housekeeping housekeeping;
  absl::optional<Postman::Prepared> prepared_postman;  // until it starts
  std::unique_ptr<Postman> postman;                    // null when no mail is sent
  Connections connections;                             // of gRPC
  Connections http_connections;                        // of the doors over HTTP
  std::unique_ptr<RpcServer> server;
  std::unique_ptr<HttpServer> http;  // null: no doors over HTTP
  std::unique_ptr<Feed> feed;
};

void Service::Parts::StartFeed(const Config& config, Readiness& readiness) {
  Feed::Options options;
  options.connection = ConnectionOptions(config);
  options.connection.application_name = "identityd-feed";
  options.notifications = config.change_notifications;
  options.interval = config.feed_interval;
  options.read_signing_keys = [this](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<std::string> gone, keys->Reload(transaction));
    view.tokens().RemoveKeys(gone);
    return absl::OkStatus();
  };
  feed = std::make_unique<Feed>(options, *database, view, metrics, readiness);
}

std::vector<Gauge> Service::Parts::AllGauges() {
  std::vector<Gauge> gauges = Gauges({view, *feed, workers, hashes, *database, connections, http_connections});
  const auto add = [&gauges](std::vector<Gauge> more) {
    std::move(more.begin(), more.end(), std::back_inserter(gauges));
  };
  if (postman) add(postman->Gauges());
  if (tls) add(tls->Gauges());
  if (routes) add(routes->Gauges());
  add(external_keys.Gauges());
  return gauges;
}

absl::Status Service::Parts::ListenForHttp(const Config& config) {
  const absl::optional<ListenAddress> address = ListenAddress::Parse(config.http_address);
  if (!address) return absl::OkStatus();
  HttpServer::Options options;
  options.address = *address;
  options.max_connection_age = config.server.max_connection_age;
  options.tls = tls.get();
  ASSIGN_OR_RETURN(
      http, HttpServer::Start("http-address", options, http_connections, metrics.connections_refused,
                              [this](std::shared_ptr<HttpExchange> exchange) { doors->Serve(std::move(exchange)); }));
  Log(LogLevel::kInfo, "serving HTTP", {{"address", config.http_address}, {"port", std::to_string(http->port())}});
  return absl::OkStatus();
}

absl::Status Service::Parts::Listen(const Config& config, Readiness& readiness, AdminServer* admin) {
  StartFeed(config, readiness);  // first, because it takes longest
  ASSIGN_OR_RETURN(password_login, PasswordLogin::Create(
                                       {absl::Now() + kStartTimeout}, *database, issuer, hashes, throttle,
                                       {config.argon2, Lockout(), LifetimesOf(config), config.require_verified_email}));
  if (prepared_postman)
    postman = std::make_unique<Postman>(*std::move(prepared_postman), *database, mail, metrics, tracer());
  identity_service = std::make_unique<IdentityService>(
      rpcs, IdentityService::Logins{*password_login, factor_login, key_exchange, provider_login}, refresher, revoker,
      authorizer, api_keys);
  token_door =
      std::make_unique<TokenDoor>(calls, TokenDoor::UseCases{refresher, key_exchange, token_exchange, factor_login,
                                                             config.password_grant ? password_login.get() : nullptr});
  doors = std::make_unique<Doors>(
      keys->issuer(), AllDoors(PublicDocuments(*keys, view, TokenDoor::GrantTypes(config.password_grant)), *token_door,
                               authzen, oauth, forward_auth));
  RETURN_IF_ERROR(feed->AwaitFirstRound(kStartTimeout));
  for (const IdentityProvider& provider : view.progress().Current()->workloads->issuers()) {
    external_keys.Prefetch({provider.issuer, provider.jwks_uri});
  }
  if (admin != nullptr) admin->ShowMetrics(metrics, [this] { return AllGauges(); });
  ASSIGN_OR_RETURN(server, RpcServer::Start(config.server, tls.get(),
                                            {&identity_service->rpcs(), &account_service.rpcs(), &admin_service.rpcs(),
                                             &authorization_service.rpcs()},
                                            &unknown_methods, connections, metrics));
  RETURN_IF_ERROR(ListenForHttp(config));
  readiness.Set(Readiness::Obstacle::kStarting, false);
  readiness.Observe([serving = server.get()](const std::vector<Readiness::Obstacle>& obstacles) {
    const std::vector<Readiness::Obstacle> only_draining = {Readiness::Obstacle::kDraining};
    serving->SetHealth(obstacles.empty(), obstacles.empty() || obstacles == only_draining);
  });
  Log(LogLevel::kInfo, "serving",
      {{"address", config.server.listen_address},
       {"port", std::to_string(server->port())},
       {"tls", tls ? "yes" : "no"},
       {"master_key", master_keys->current_id()},
       {"version", IDENTITY_VERSION}});
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Service>> Service::Start(const Config& config, const Surroundings& surroundings) {
  ASSIGN_OR_RETURN(Prepared prepared, Prepare(config));
  auto service = std::unique_ptr<Service>(new Service());
  if (const absl::optional<ListenAddress> address = ListenAddress::Parse(config.admin_address)) {
    ASSIGN_OR_RETURN(service->admin_, AdminServer::Start(*address, service->readiness_));
  }
  RETURN_IF_ERROR(AwaitDatabase(config, surroundings.interrupted, service->readiness_));
  const Connection::Options connection = ConnectionOptions(config);
  RETURN_IF_ERROR(CheckMasterKeys(connection, *prepared.master_keys));
  auto database = std::make_unique<Database>(Database::Options{connection, config.database_connections});
  const RequestContext starting{absl::Now() + kStartTimeout};
  RETURN_IF_ERROR(MakeMissingSigningKeys(starting, *database, *prepared.master_keys, config.signing));
  ASSIGN_OR_RETURN(std::unique_ptr<KeyRing> keys,
                   KeyRing::Load(starting, *database, *prepared.master_keys, config.issuer));
  service->parts_ =
      std::make_unique<Parts>(config, surroundings, std::move(prepared), std::move(database), std::move(keys));
  RETURN_IF_ERROR(service->parts_->Listen(config, service->readiness_, service->admin_.get()));
  return service;
}

Service::Service() = default;

Service::~Service() { Drain(absl::ZeroDuration()); }

void Service::LeaveLoadBalancing() { readiness_.Set(Readiness::Obstacle::kDraining, true); }

void Service::Drain(absl::Duration grace) {
  LeaveLoadBalancing();
  if (!parts_) return;
  // Both at once: a slow client of one listener must not use up the time of the other's calls.
  std::thread http;
  if (parts_->http) http = std::thread([this, grace] { parts_->http->Drain(grace); });
  if (parts_->server) parts_->server->Drain(grace);
  if (http.joinable()) http.join();
}

const Metrics& Service::metrics() const { return parts_->metrics; }

int Service::http_port() const { return parts_->http->port(); }

int Service::port() const { return parts_->server->port(); }

}  // namespace identity
