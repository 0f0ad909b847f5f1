#include "server/net/tls_reloader.h"

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

constexpr absl::Duration kInterval = absl::Seconds(1);

}  // namespace

absl::StatusOr<std::unique_ptr<TlsReloader>> TlsReloader::Start(const TlsFiles& files) {
  ASSIGN_OR_RETURN(TlsCertificate certificate, TlsCertificate::Read(files));
  auto reloader = absl::WrapUnique(new TlsReloader(files, std::move(certificate)));
  RETURN_IF_ERROR(reloader->LoadRevocations());
  reloader->thread_ = std::thread([reloader = reloader.get()] { reloader->Work(); });
  return reloader;
}

TlsReloader::TlsReloader(const TlsFiles& files, TlsCertificate certificate)
    : files_(files), served_(std::move(certificate)) {
  Note(served_);
}

absl::Status TlsReloader::Subscribe(Use use) {
  MutexLock lock(serving_);
  RETURN_IF_ERROR(use(served_));
  uses_.push_back(std::move(use));
  return absl::OkStatus();
}

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
           "1 while the files of the certificate, or of revoked ones, cannot be used and the previous ones count.",
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

absl::Status TlsReloader::LoadRevocations() {
  if (files_.client_crl.empty()) return absl::OkStatus();
  return client_certificates_.Load(files_.client_crl, files_.client_ca);
}

absl::Status TlsReloader::Reload() {
  // A fault of one does not keep the other from being replaced.
  absl::Status revocations = LoadRevocations();
  ASSIGN_OR_RETURN(TlsCertificate read, TlsCertificate::Read(files_));
  MutexLock lock(serving_);
  if (read == served_) return revocations;
  RETURN_IF_ERROR(Serve(read));
  Note(read);
  served_ = std::move(read);
  return revocations;
}

absl::Status TlsReloader::Serve(const TlsCertificate& certificate) {
  for (const Use& use : uses_) RETURN_IF_ERROR(use(certificate));
  return absl::OkStatus();
}

void TlsReloader::Note(const TlsCertificate& certificate) {
  expiry_ = absl::ToUnixSeconds(certificate.expiry());
  const bool expired = certificate.expiry() <= absl::Now();
  Log(expired ? LogLevel::kWarning : LogLevel::kInfo, "TLS certificate loaded",
      {{"file", files_.certificate},
       {"expiry", absl::FormatTime(certificate.expiry(), absl::UTCTimeZone())},
       {"expired", expired ? "yes" : "no"}});
}

// Logs a fault once, not every second.
void TlsReloader::Report(const absl::Status& reloaded) {
  failed_ = !reloaded.ok();
  if (!reloaded.ok() && reloaded.message() != failure_) {
    Log(LogLevel::kError, "TLS files not reloaded", {{"fault", std::string(reloaded.message())}});
  }
  failure_ = std::string(reloaded.message());
}

}  // namespace identity
