#include "server/rpc/tls_reloader.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <pthread.h>

#include <utility>

#include "absl/memory/memory.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/base/log.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

namespace tls = grpc::experimental;

constexpr absl::Duration kInterval = absl::Seconds(1);
constexpr unsigned kGrpcIntervalSeconds = 1;

// Options of a server that takes its own certificate from `provider` and, when `mutual`, the roots of its clients'
// certificates, too. The one place where the versions of gRPC differ about TLS: older ones have one provider for both,
// newer ones a provider for each. A template, so only the functions that this version has are compiled.
template <typename Options = tls::TlsServerCredentialsOptions>
Options MakeTlsOptions(const std::shared_ptr<tls::CertificateProviderInterface>& provider, bool mutual) {
  if constexpr (requires { Options::Create(provider); }) {
    Options options = *Options::Create(provider);
    if (mutual) options.set_root_certificate_provider(provider);
    return options;
  } else {
    Options options(provider);
    options.watch_identity_key_cert_pairs();
    if (mutual) options.watch_root_certs();
    return options;
  }
}

// Key and chain are one file, so gRPC cannot combine an old key with a new chain: it opens the file once for each, and
// starts again when the modification time has changed meanwhile.
std::shared_ptr<grpc::ServerCredentials> MakeCredentials(const std::string& key_and_chain, const std::string& cas) {
  const bool mutual = !cas.empty();
  auto options = MakeTlsOptions(
      std::make_shared<tls::FileWatcherCertificateProvider>(key_and_chain, key_and_chain, cas, kGrpcIntervalSeconds),
      mutual);
  if (mutual) options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return tls::TlsServerCredentials(options);
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsReloader>> TlsReloader::Start(const ServerOptions& options) {
  ASSIGN_OR_RETURN(TlsCertificate certificate, TlsCertificate::Read(options));
  auto reloader = absl::WrapUnique(new TlsReloader(options, std::move(certificate)));
  RETURN_IF_ERROR(reloader->Serve(reloader->served_));
  const bool mutual = !options.tls_client_ca_file.empty();
  reloader->credentials_ = MakeCredentials(reloader->key_and_chain_.path(), mutual ? reloader->client_cas_.path() : "");
  reloader->thread_ = std::thread([reloader = reloader.get()] { reloader->Work(); });
  return reloader;
}

TlsReloader::TlsReloader(const ServerOptions& options, TlsCertificate certificate)
    : options_(options), served_(std::move(certificate)) {}

TlsReloader::~TlsReloader() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

std::vector<Gauge> TlsReloader::Gauges() const {
  return {{"identity_tls_certificate_expiry_seconds",
           "Time until the served certificate expires; negative afterwards.",
           {},
           [this] { return absl::ToDoubleSeconds(absl::FromUnixSeconds(expiry_) - absl::Now()); }},
          {"identity_tls_certificate_reload_failed",
           "1 while the files of the certificate cannot be used and the previous certificate is served.",
           {},
           [this] { return failed_ ? 1.0 : 0.0; }}};
}

void TlsReloader::Work() {
  pthread_setname_np(pthread_self(), "tls");
  while (AwaitTurn()) Report(Reload());
}

bool TlsReloader::AwaitTurn() {
  MutexLock lock(mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kInterval);
}

absl::Status TlsReloader::Reload() {
  ASSIGN_OR_RETURN(TlsCertificate read, TlsCertificate::Read(options_));
  if (read == served_) return absl::OkStatus();
  RETURN_IF_ERROR(Serve(read));
  served_ = std::move(read);
  return absl::OkStatus();
}

absl::Status TlsReloader::Serve(const TlsCertificate& certificate) {
  RETURN_IF_ERROR(client_cas_.Replace(certificate.client_cas()));
  RETURN_IF_ERROR(key_and_chain_.Replace(certificate.key_and_chain().Reveal()));
  expiry_ = absl::ToUnixSeconds(certificate.expiry());
  const bool expired = certificate.expiry() <= absl::Now();
  Log(expired ? LogLevel::kWarning : LogLevel::kInfo, "TLS certificate loaded",
      {{"file", options_.tls_certificate_file},
       {"expiry", absl::FormatTime(certificate.expiry(), absl::UTCTimeZone())},
       {"expired", expired ? "yes" : "no"}});
  return absl::OkStatus();
}

// Logs a fault once, not every second.
void TlsReloader::Report(const absl::Status& reloaded) {
  failed_ = !reloaded.ok();
  if (!reloaded.ok() && reloaded.message() != failure_) {
    Log(LogLevel::kError, "TLS certificate not reloaded", {{"fault", std::string(reloaded.message())}});
  }
  failure_ = std::string(reloaded.message());
}

}  // namespace identity
