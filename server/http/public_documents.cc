#include "server/http/public_documents.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/secret.h"
#include "server/calls/client_error.h"
#include "server/domain/signing_key.h"
#include "server/http/http_call.h"

namespace identity {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kMetadataMaxAge[] = "public, max-age=3600";

std::string MetadataOf(const std::string& issuer, const std::vector<std::string>& grant_types) {
  const std::string base(absl::StripSuffix(issuer, "/"));
  const Json client_authentication = {"client_secret_basic", "client_secret_post"};
  return Json{
      {"issuer", issuer},
      {"token_endpoint", base + "/oauth2/token"},
      {"jwks_uri", base + "/.well-known/jwks.json"},
      {"introspection_endpoint", base + "/oauth2/introspect"},
      {"revocation_endpoint", base + "/oauth2/revoke"},
      {"response_types_supported", Json::array()},
      {"grant_types_supported", grant_types},
      {"token_endpoint_auth_methods_supported", {"client_secret_basic", "client_secret_post", "none"}},
      {"introspection_endpoint_auth_methods_supported", client_authentication},
      {"revocation_endpoint_auth_methods_supported", {"none"}},
      {"subject_types_supported", {"public"}},
      {"id_token_signing_alg_values_supported", {"EdDSA", "ES256", "RS256"}},
  }
      .dump();
}

// Section 9 of AuthZEN's Authorization API 1.0.
std::string AuthZenMetadataOf(const std::string& issuer) {
  const std::string base = absl::StrCat(absl::StripSuffix(issuer, "/"), "/access/v1/");
  return Json{{"policy_decision_point", issuer},
              {"access_evaluation_endpoint", base + "evaluation"},
              {"access_evaluations_endpoint", base + "evaluations"},
              {"search_subject_endpoint", base + "search/subject"},
              {"search_resource_endpoint", base + "search/resource"},
              {"search_action_endpoint", base + "search/action"}}
      .dump();
}

// Whether `header` (If-None-Match) names `etag`. Weak tags count (RFC 9110, section 13.1.2).
bool Names(absl::string_view header, absl::string_view etag) {
  for (absl::string_view tag : absl::StrSplit(header, ',')) {
    tag = absl::StripAsciiWhitespace(tag);
    absl::ConsumePrefix(&tag, "W/");
    if (tag == etag || tag == "*") return true;
  }
  return false;
}

void ReplyWith(HttpExchange& exchange, const std::string& document, const std::string& max_age) {
  const std::string etag =
      absl::StrCat("\"", absl::BytesToHexString(Fingerprint(Secret(document)).substr(0, 16)), "\"");
  HttpResponse response;
  response.content_type = "application/json";
  response.headers = {{"ETag", etag}, {"Cache-Control", max_age}, {"Access-Control-Allow-Origin", "*"}};
  if (Names(exchange.request().Header("if-none-match").value_or(""), etag)) {
    response.status = 304;
  } else {
    response.body = document;
  }
  exchange.Reply(std::move(response));
}

// How long a verifier may keep the keys. A replica may publish old keys for as long as it may use old facts; when that
// is longer than the margin of the publication, no answer may be kept.
std::string KeysMaxAge(const View& view) {
  const absl::Duration age = view.max_staleness() <= kJwksMargin ? kJwksMaxAge : absl::ZeroDuration();
  return absl::StrCat("public, max-age=", absl::ToInt64Seconds(age), ", must-revalidate");
}

void ReplyWithKeys(HttpExchange& exchange, const KeyRing& keys, View& view) {
  RequestContext context;
  context.may_block = false;
  const auto recent = view.Read(context, Freshness(), [](Facts& facts) { return facts.Now(); });
  if (recent.ok()) return ReplyWith(exchange, *keys.jwks(), KeysMaxAge(view));
  exchange.Reply(ProblemOf(ErrorForClients(absl::UnavailableError("")), ""));
}

}  // namespace

std::vector<Door> PublicDocuments(const KeyRing& keys, View& view, const std::vector<std::string>& grant_types) {
  const std::vector<std::string> methods = {"GET", "HEAD"};
  const auto document = [](const std::string& text) {
    return [text](const std::shared_ptr<HttpExchange>& exchange) { ReplyWith(*exchange, text, kMetadataMaxAge); };
  };
  const auto metadata = document(MetadataOf(keys.issuer(), grant_types));
  const auto authzen = document(AuthZenMetadataOf(keys.issuer()));
  std::vector<Door> doors = {
      {"/.well-known/oauth-authorization-server", methods, metadata},
      {"/.well-known/openid-configuration", methods, metadata},
      {"/.well-known/authzen-configuration", methods, authzen},
      {"/.well-known/jwks.json", methods,
       [&keys, &view](const std::shared_ptr<HttpExchange>& exchange) { ReplyWithKeys(*exchange, keys, view); }}};
  // RFC 8414, section 3.1: between the host and the path of the issuer.
  if (const std::string path = PathOfUrl(keys.issuer()); !path.empty()) {
    doors.push_back({absl::StrCat("/.well-known/oauth-authorization-server", path), methods, metadata});
    doors.push_back({absl::StrCat("/.well-known/authzen-configuration", path), methods, authzen});
  }
  return doors;
}

}  // namespace identity
