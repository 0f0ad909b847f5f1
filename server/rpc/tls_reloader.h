#ifndef IDENTITY_RPC_TLS_RELOADER_H_
#define IDENTITY_RPC_TLS_RELOADER_H_

#include <grpcpp/security/server_credentials.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/base/metrics.h"
#include "server/rpc/memory_file.h"
#include "server/rpc/server_options.h"
#include "server/rpc/tls_certificate.h"

namespace identity {

// The server's certificate for gRPC. Reads its files again every second, on a separate thread, so that a renewed
// certificate needs no restart. New connections get it within about two seconds. While the files cannot be used, new
// connections get the last certificate that could. The log and a gauge show the fault.
//
// gRPC can watch files, but it would give up the good certificate for a bad one, and refuse all new connections. So it
// watches only files in memory, which hold nothing but checked certificates.
class TlsReloader {
 public:
  // Reads the files. Errors as TlsCertificate::Read.
  static absl::StatusOr<std::unique_ptr<TlsReloader>> Start(const ServerOptions& options);
  ~TlsReloader();
  TlsReloader(const TlsReloader&) = delete;
  TlsReloader& operator=(const TlsReloader&) = delete;

  // For servers that end before this object.
  const std::shared_ptr<grpc::ServerCredentials>& credentials() const { return credentials_; }
  // When the served certificate expires, and whether the files hold another one that cannot be served.
  std::vector<Gauge> Gauges() const;

 private:
  TlsReloader(const ServerOptions& options, TlsCertificate certificate);
  void Work();
  // Waits for the interval. False when the thread must stop.
  bool AwaitTurn();
  absl::Status Reload();
  absl::Status Serve(const TlsCertificate& certificate);
  void Report(const absl::Status& reloaded);

  const ServerOptions options_;
  MemoryFile key_and_chain_;
  MemoryFile client_cas_;
  std::shared_ptr<grpc::ServerCredentials> credentials_;  // reads the files above
  std::atomic<int64_t> expiry_{0};                        // Unix time
  std::atomic<bool> failed_{false};
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  // Used only by the thread.
  TlsCertificate served_;
  std::string failure_;  // the last that was logged; "" after a success
  std::thread thread_;
};

}  // namespace identity

#endif  // IDENTITY_RPC_TLS_RELOADER_H_
