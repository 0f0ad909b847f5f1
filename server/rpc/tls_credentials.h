#ifndef IDENTITY_RPC_TLS_CREDENTIALS_H_
#define IDENTITY_RPC_TLS_CREDENTIALS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "absl/status/statusor.h"
#include "server/net/tls_reloader.h"

namespace identity {

// Credentials of a gRPC server that shows the certificate of `reloader`, and each new one. The server must end before
// `reloader`. INTERNAL when the system has no memory or descriptor.
//
// gRPC can watch files, but it would give up the good certificate for a bad one, and refuse all new connections. So it
// watches only files in memory, which hold nothing but checked certificates.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> TlsCredentials(TlsReloader& reloader);

}  // namespace identity

#endif  // IDENTITY_RPC_TLS_CREDENTIALS_H_
