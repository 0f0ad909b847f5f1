#include "server/option_rules.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/conninfo.h"
#include "server/mail/postman.h"
#include "server/net/listen_address.h"

namespace identity {
namespace {

bool IsVisible(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// RFC 8414, section 2.
bool IsBaseUrl(const std::string& text) {
  const bool has_scheme = absl::StartsWith(text, "https://") || absl::StartsWith(text, "http://");
  return has_scheme && !absl::EndsWith(text, "://") && text.find_first_of("?#") == std::string::npos;
}

bool IsDirectory(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

// Does not open the file, which may be a pipe.
OptionRule Readable(const std::string& option, const std::string& file) {
  const bool readable = access(file.c_str(), R_OK) == 0 && !IsDirectory(file);
  return {option, file, file.empty() || readable, "is not a file that can be read"};
}

OptionRule Link(const std::string& option, const std::string& url) {
  return {option, url, url.empty() || Postman::IsLinkUrl(url),
          "must be an http or https address that a token can follow, such as https://example.com/page?token="};
}

// `option` is required when `other` is given.
OptionRule Required(const std::string& option, bool is_given, const std::string& other, bool other_is_given,
                    const std::string& why = "") {
  return {option, "", is_given || !other_is_given, absl::StrCat("is required with --", other, why)};
}

// Without its value, which may hold a password.
std::vector<OptionRule> DatabaseRules(const Config& config) {
  return {{"database-url", "", conninfo::IsValid(config.database_url), "is not a connection string of PostgreSQL"}};
}

std::vector<OptionRule> ListenRules(const Config& config) {
  const ServerOptions& server = config.server;
  const absl::optional<ListenAddress> address = ListenAddress::Parse(server.listen_address);
  const absl::optional<ListenAddress> http = ListenAddress::Parse(config.http_address);
  const TlsFiles& tls = config.tls;
  const bool has_certificate = !tls.certificate.empty();
  const bool has_key = !tls.key.empty();
  const bool may_be_public = has_certificate || config.allow_plaintext;
  const std::string not_loopback =
      "is not loopback: give --tls-certificate-file and --tls-key-file, or --allow-plaintext";
  return {{"listen-address", server.listen_address, address.has_value(),
           "must be HOST:PORT with a port up to 65535, such as 127.0.0.1:50051 or [::1]:50051"},
          {"http-address", config.http_address, config.http_address.empty() || http.has_value(),
           "must be HOST:PORT with a port up to 65535, such as 127.0.0.1:8080 or [::1]:8080"},
          {"admin-address", config.admin_address,
           config.admin_address.empty() || ListenAddress::Parse(config.admin_address).has_value(),
           "must be HOST:PORT with a port up to 65535, such as 127.0.0.1:9464 or [::1]:9464"},
          Required("tls-key-file", has_key, "tls-certificate-file", has_certificate),
          Required("tls-certificate-file", has_certificate, "tls-key-file", has_key),
          Required("tls-certificate-file", has_certificate, "tls-client-ca-file", !tls.client_ca.empty()),
          {"listen-address", server.listen_address, may_be_public || (address && address->IsLoopback()), not_loopback},
          {"http-address", config.http_address, may_be_public || !http || http->IsLoopback(), not_loopback},
          Readable("tls-certificate-file", tls.certificate),
          Readable("tls-key-file", tls.key),
          Readable("tls-client-ca-file", tls.client_ca),
          Required("tls-client-ca-file", !tls.client_ca.empty(), "tls-client-crl-file", !tls.client_crl.empty()),
          Readable("tls-client-crl-file", tls.client_crl)};
}

std::vector<OptionRule> AccountRules(const Config& config) {
  return {
      {"issuer", config.issuer, IsVisible(config.issuer), "must be an address or a name without spaces"},
      {"issuer", config.issuer, config.http_address.empty() || IsBaseUrl(config.issuer),
       "must be an http or https address without a query or a fragment, from which the doors of --http-address make "
       "theirs"},
      {"service-name", "", !config.service_name.empty(), "must not be empty"},
      Required("smtp-url", !config.mail.smtp.url.empty(), "require-verified-email", config.require_verified_email,
               ": without mail nobody can verify an address"),
      Required("http-address", !config.http_address.empty(), "password-grant", config.password_grant),
      {"max-staleness", absl::FormatDuration(config.max_staleness), config.max_staleness >= 2 * config.feed_interval,
       absl::StrCat("must be at least twice --feed-interval, which is ", absl::FormatDuration(config.feed_interval))},
      Readable("breached-passwords-file", config.breached_passwords_file),
      Readable("routes", config.routes_file)};
}

std::vector<OptionRule> ProviderRules(const Config& config) {
  const std::string& origin = config.providers.cluster.origin;
  std::vector<OptionRule> rules = {
      Readable("provider-ca-file", config.providers.ca_file),
      {"kubernetes-api", origin, origin.empty() || HttpsClient::IsOrigin(origin),
       "must be https://HOST or https://HOST:PORT, such as https://kubernetes.default.svc"}};
  for (const auto& [issuer, file] : config.provider_keys) rules.push_back(Readable("provider-keys", file));
  return rules;
}

std::vector<OptionRule> MailRules(const Postman::Options& mail) {
  return {Required("mail-from", !mail.from.empty(), "smtp-url", !mail.smtp.url.empty()),
          {"mail-templates", mail.templates_directory,
           mail.templates_directory.empty() || IsDirectory(mail.templates_directory), "is not a directory"},
          Readable("smtp-ca-file", mail.smtp.ca_file),
          Link("verify-email-url", mail.verify_url),
          Link("reset-password-url", mail.reset_url)};
}

std::vector<OptionRule> TraceRules(const OtlpExporter::Options& traces) {
  return {{"otlp-endpoint", traces.endpoint, traces.endpoint.empty() || OtlpExporter::IsEndpoint(traces.endpoint),
           "must be http://HOST:PORT or https://HOST:PORT, such as http://otel-collector:4317"},
          Required("otlp-endpoint", !traces.endpoint.empty(), "otlp-ca-file", !traces.ca_file.empty()),
          {"otlp-ca-file", "", traces.ca_file.empty() || OtlpExporter::UsesTls(traces.endpoint),
           "needs an https address in --otlp-endpoint"},
          Readable("otlp-ca-file", traces.ca_file)};
}

}  // namespace

std::vector<OptionRule> OptionRules(const Settings& settings) {
  const Config& config = settings.config;
  std::vector<OptionRule> rules = DatabaseRules(config);
  if (config.command != Command::kServe) return rules;
  for (std::vector<OptionRule>& group : std::vector{ListenRules(config), AccountRules(config), ProviderRules(config),
                                                    MailRules(config.mail), TraceRules(config.traces)}) {
    std::move(group.begin(), group.end(), std::back_inserter(rules));
  }
  return rules;
}

}  // namespace identity
