#include "tests/bench/minting.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "absl/time/clock.h"
#include "db/database.h"
#include "envoy/service/auth/v3/external_auth.pb.h"
#include "identity/v1/admin_service.pb.h"
#include "identity/v1/identity_service.pb.h"
#include "server/app/admin/signing_keys.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/opaque_token.h"
#include "tests/bench/empty_server.h"
#include "tests/bench/request_file.h"
#include "tests/support/token_forge.h"

namespace identity::bench {
namespace {

constexpr absl::Duration kTokenLifetime = absl::Minutes(15);
constexpr absl::Duration kDatabaseTimeout = absl::Seconds(30);
constexpr char kIssuer[] = "https://identity.localhost";  // identityd's default
constexpr char kWorkloadIssuer[] = "https://kubernetes.default.svc.cluster.local";

Uuid ParsedUuid(const std::string& text) { return Uuid::Parse(text).value_or(Uuid()); }

// The secret of all seeded refresh tokens. Each is used once, and only their ids differ.
Secret RefreshTokenSecret() { return Secret(std::string(kTokenSecretBytes, 's')); }

std::string RefreshToken(const std::string& epoch, uint64_t number) {
  const Uuid id = ParsedUuid(absl::StrFormat("%s-%s-7000-8000-%012x", epoch.substr(0, 8), epoch.substr(8, 4), number));
  return std::string(OpaqueToken(OpaqueToken::Kind::kRefreshToken, id, RefreshTokenSecret()).ToText().Reveal());
}

// Makes the messages of one kind.
class RequestMaker {
 public:
  explicit RequestMaker(const RequestOptions& options) : options_(options) {}

  absl::Status Prepare() {
    if (!options_.bearer_file.empty()) std::getline(std::ifstream(options_.bearer_file), bearer_);
    if (options_.kind == "check-workload") {
      forge_ = std::make_unique<TokenForge>(JwsAlgorithm::kRs256);
      std::ofstream(options_.keys_out) << nlohmann::json{{"keys", {forge_->Jwk()}}}.dump();
    }
    if (options_.database_url.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(mint_, Mint::Create(options_.database_url, options_.master_key_file));
    return absl::OkStatus();
  }

  std::string Make(uint64_t index) const {
    if (options_.kind == "login") return Login(index).SerializeAsString();
    if (options_.kind == "refresh") return Refresh(index).SerializeAsString();
    if (options_.kind == "filling") return SerializedFilling(options_.bytes);
    if (options_.kind == "ext-authz") return ExtAuthz(index).SerializeAsString();
    if (options_.kind == "introspection") return Introspection(index);
    if (options_.kind == "evaluation") return Evaluation(index);
    if (options_.kind == "bind") return Bind(index).SerializeAsString();
    if (options_.kind == "revoke") return Revoke(index).SerializeAsString();
    if (options_.kind == "create") return Create(index).SerializeAsString();
    if (options_.batch == 0) return Check(index).SerializeAsString();
    v1::BatchCheckPermissionsRequest batch;
    for (uint64_t i = 0; i < options_.batch; ++i) *batch.add_checks() = Check(index * options_.batch + i);
    return batch.SerializeAsString();
  }

 private:
  uint64_t UserOf(uint64_t index) const { return options_.first + index % options_.users; }

  v1::CheckPermissionRequest Check(uint64_t index) const {
    const uint64_t user = UserOf(index);
    v1::CheckPermissionRequest request;
    if (forge_ != nullptr) {
      request.set_access_token(WorkloadToken(user, index));
    } else if (mint_ != nullptr) {
      request.set_access_token(mint_->AccessToken(Group::kUsers, user));
    } else {
      request.set_principal_id(PrincipalNumber(Group::kUsers, user).ToString());
    }
    request.set_permission(options_.permission.empty() ? PermissionOf(user, options_.roles) : options_.permission);
    request.set_resource(options_.resource.empty() ? ResourceOf(user) : options_.resource);
    return request;
  }

  // A token as Kubernetes makes it for the pod of a workload. rows.py enters its issuer and its subject.
  std::string WorkloadToken(uint64_t user, uint64_t index) const {
    const int64_t now = absl::ToUnixSeconds(absl::Now());
    const std::string name = absl::StrCat("workload-", user);
    return forge_->Sign(
        {{"iss", kWorkloadIssuer},
         {"sub", absl::StrCat("system:serviceaccount:bench:", name)},
         {"aud", {"identity"}},
         {"iat", now},
         {"nbf", now},
         {"exp", now + 3600},
         {"jti", absl::StrCat("token-", index)},
         {"kubernetes.io",
          {{"namespace", "bench"},
           {"node", {{"name", "node-1"}, {"uid", "7f0e6d0c-0000-4000-8000-000000000001"}}},
           {"pod", {{"name", name + "-5d8f9c7b6-x2x7k"}, {"uid", "7f0e6d0c-0000-4000-8000-000000000002"}}},
           {"serviceaccount", {{"name", name}, {"uid", "7f0e6d0c-0000-4000-8000-000000000003"}}}}}});
  }

  v1::AuthenticateRequest Login(uint64_t index) const {
    v1::AuthenticateRequest request;
    request.mutable_password()->set_login(absl::StrCat("user-", UserOf(index)));
    request.mutable_password()->set_password(options_.password);
    return request;
  }

  v1::RefreshRequest Refresh(uint64_t index) const {
    v1::RefreshRequest request;
    request.set_refresh_token(RefreshToken(options_.token_epoch, UserOf(index)));
    return request;
  }

  v1::CreateBindingRequest Bind(uint64_t index) const {
    v1::CreateBindingRequest request;
    request.mutable_binding()->set_principal_id(PrincipalNumber(Group::kUsers, UserOf(index)).ToString());
    request.mutable_binding()->set_role("role-1");
    request.mutable_binding()->set_resource(absl::StrCat("bound/b", index));
    return request;
  }

  v1::RevokeRequest Revoke(uint64_t index) const {
    v1::RevokeRequest request;
    request.set_session_id(SessionNumber(Group::kUsers, UserOf(index)).ToString());
    return request;
  }

  v1::CreateServiceAccountRequest Create(uint64_t index) const {
    v1::CreateServiceAccountRequest request;
    request.set_name(absl::StrCat("created-", UserOf(index)));
    return request;
  }

  // What Envoy asks about a request to /ROLE/RESOURCE, by rules as rows.py writes them.
  envoy::service::auth::v3::CheckRequest ExtAuthz(uint64_t index) const {
    const v1::CheckPermissionRequest check = Check(index);
    const absl::string_view role = check.permission();
    envoy::service::auth::v3::CheckRequest request;
    auto& http = *request.mutable_attributes()->mutable_request()->mutable_http();
    http.set_method("GET");
    http.set_host("shop.example.com");
    http.set_path(absl::StrCat("/", role.substr(0, role.find(':')), "/", check.resource()));
    (*http.mutable_headers())["authorization"] = absl::StrCat("Bearer ", check.access_token());
    return request;
  }

  std::string Introspection(uint64_t index) const {
    return HttpPost("/oauth2/introspect", "application/x-www-form-urlencoded",
                    absl::StrCat("token=", Check(index).access_token()));
  }

  // A question of AuthZEN.
  std::string Evaluation(uint64_t index) const {
    const v1::CheckPermissionRequest check = Check(index);
    const std::vector<std::string> resource = absl::StrSplit(check.resource(), absl::MaxSplits('/', 1));
    return HttpPost("/access/v1/evaluation", "application/json",
                    absl::Substitute(R"({"subject":{"type":"access_token","id":"$0"},"action":{"name":"$1"},)"
                                     R"("resource":{"type":"$2","id":"$3"}})",
                                     check.access_token(), check.permission(), resource[0], resource[1]));
  }

  std::string HttpPost(absl::string_view path, absl::string_view type, absl::string_view body) const {
    return absl::Substitute(
        "POST $0 HTTP/1.1\r\nHost: identity.localhost\r\nAuthorization: $1\r\nContent-Type: $2\r\n"
        "Content-Length: $3\r\n\r\n$4",
        path, bearer_, type, body.size(), body);
  }

  const RequestOptions& options_;
  std::unique_ptr<Mint> mint_;
  std::unique_ptr<TokenForge> forge_;  // of check-workload
  std::string bearer_;                 // "Bearer …"
};

// Signing is slow, so all processors share the work.
std::vector<std::string> MakeInParallel(const RequestMaker& maker, uint64_t first, uint64_t count) {
  std::vector<std::string> messages(count);
  const uint64_t threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> running;
  for (uint64_t t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      for (uint64_t i = t; i < count; i += threads) messages[i] = maker.Make(first + i);
    });
  }
  for (std::thread& thread : running) thread.join();
  return messages;
}

}  // namespace

PrincipalId PrincipalNumber(Group group, uint64_t number) {
  return PrincipalId(
      ParsedUuid(absl::StrFormat("01900000-0000-7000-%04x-%012x", static_cast<uint64_t>(group), number)));
}

SessionId SessionNumber(Group group, uint64_t number) {
  return SessionId(ParsedUuid(absl::StrFormat("01900000-0000-7001-%04x-%012x", static_cast<uint64_t>(group), number)));
}

std::string PermissionOf(uint64_t number, uint64_t roles) { return absl::StrCat("r", number * 7 % roles, ":read"); }

std::string ResourceOf(uint64_t number) { return absl::StrCat("orgs/o", number % 1000, "/projects/p0/docs/d1"); }

std::string RefreshTokenHash() {
  const OpaqueToken token(OpaqueToken::Kind::kRefreshToken, Uuid(), RefreshTokenSecret());
  return absl::StrCat("\\x", absl::BytesToHexString(token.Hash()));
}

absl::StatusOr<std::unique_ptr<Mint>> Mint::Create(const std::string& database_url,
                                                   const std::string& master_key_file) {
  std::ostringstream text;
  text << std::ifstream(master_key_file).rdbuf();
  ASSIGN_OR_RETURN(const MasterKeys master_keys, MasterKeys::Parse(Secret(text.str())));
  Connection::Options connection;
  connection.url = database_url;
  Database database({connection, 1});
  const RequestContext context{absl::Now() + kDatabaseTimeout};
  // No server has started on this database yet.
  RETURN_IF_ERROR(MakeMissingSigningKeys(context, database, master_keys, SigningChoice()));
  ASSIGN_OR_RETURN(const auto keys, KeyRing::Load(context, database, master_keys, kIssuer));
  return std::unique_ptr<Mint>(new Mint(keys->signing_key(SigningAlgorithm::kEdDsa)));
}

std::string Mint::AccessToken(Group group, uint64_t number) const {
  const std::string random = RandomBytes(16);
  std::array<uint8_t, 16> id;
  std::copy(random.begin(), random.end(), id.begin());
  AccessTokenClaims claims;
  claims.issuer = kIssuer;
  claims.subject = PrincipalNumber(group, number);
  claims.audience = "identity";
  claims.issue_time = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
  claims.expire_time = claims.issue_time + kTokenLifetime;
  claims.id = TokenId(Uuid(id));
  claims.session_id = SessionNumber(group, number);
  claims.client_id = "identity";
  claims.scopes = Scopes::Unlimited();
  claims.auth_time = claims.issue_time;
  claims.amr = {"pwd"};
  return std::string(SignAccessToken(claims, *key_).Reveal());
}

absl::Status WriteRequests(const RequestOptions& options) {
  constexpr uint64_t kAtOnce = 50'000;
  RequestMaker maker(options);
  RETURN_IF_ERROR(maker.Prepare());
  RequestWriter writer(options.out);
  for (uint64_t first = 0; first < options.count; first += kAtOnce) {
    for (const std::string& message : MakeInParallel(maker, first, std::min(kAtOnce, options.count - first))) {
      writer.Write(message);
    }
  }
  return writer.Close();
}

}  // namespace identity::bench
