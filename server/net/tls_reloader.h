#ifndef IDENTITY_NET_TLS_RELOADER_H_
#define IDENTITY_NET_TLS_RELOADER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/base/metrics.h"
#include "server/net/client_certificates.h"
#include "server/net/tls_certificate.h"

namespace identity {

// The server's certificate, for all listeners that use it. Reads its files again every second, on a separate thread, so
// that a renewed certificate needs no restart. New connections get it within about two seconds. While the files cannot
// be used, new connections get the last certificate that could, and the last list of revoked certificates counts. The
// log and a gauge show the fault. Thread-safe.
class TlsReloader {
 public:
  // Reads the files. Errors as TlsCertificate::Read.
  static absl::StatusOr<std::unique_ptr<TlsReloader>> Start(const TlsFiles& files);
  ~TlsReloader();
  TlsReloader(const TlsReloader&) = delete;
  TlsReloader& operator=(const TlsReloader&) = delete;

  // Calls `use` now with the certificate, and later with each new one, on the reloader's thread. While `use` fails, the
  // new certificate counts as one that cannot be served. `use` exists as long as this object.
  using Use = std::function<absl::Status(const TlsCertificate&)>;
  absl::Status Subscribe(Use use);
  // Reads client certificates. Null: clients present none. Exists as long as this object.
  const ClientCertificates* client_certificates() const { return mutual() ? &client_certificates_ : nullptr; }
  // Whether clients must present a certificate.
  bool mutual() const { return !files_.client_ca.empty(); }
  // When the served certificate expires, and whether the files hold another one that cannot be served.
  std::vector<Gauge> Gauges() const;

 private:
  TlsReloader(const TlsFiles& files, TlsCertificate certificate);
  void Work();
  // Waits for the interval. False when the thread must stop.
  bool AwaitTurn();
  absl::Status Reload();
  absl::Status LoadRevocations();
  // Makes all listeners use `certificate`.
  absl::Status Serve(const TlsCertificate& certificate) ABSL_EXCLUSIVE_LOCKS_REQUIRED(serving_);
  void Note(const TlsCertificate& certificate);
  void Report(const absl::Status& reloaded);

  const TlsFiles files_;
  std::atomic<int64_t> expiry_{0};  // Unix time
  std::atomic<bool> failed_{false};
  ClientCertificates client_certificates_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Mutex serving_;  // held while a listener takes a certificate
  TlsCertificate served_ ABSL_GUARDED_BY(serving_);
  std::vector<Use> uses_ ABSL_GUARDED_BY(serving_);

  // Used only by the thread.
  std::string failure_;  // the last that was logged; "" after a success
  std::thread thread_;
};

}  // namespace identity

#endif  // IDENTITY_NET_TLS_RELOADER_H_
