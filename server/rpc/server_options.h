#ifndef IDENTITY_RPC_SERVER_OPTIONS_H_
#define IDENTITY_RPC_SERVER_OPTIONS_H_

#include <string>

#include "absl/time/time.h"
#include "server/net/connections.h"

namespace identity {

// Address, TLS and connections of the server. A value.
struct ServerOptions {
  std::string listen_address = "127.0.0.1:50051";  // as ListenAddress::Parse reads it
  // Without a certificate the server speaks plain text. The program starts with that only on loopback, unless
  // `allow_plaintext`.
  std::string tls_certificate_file;
  std::string tls_key_file;
  std::string tls_client_ca_file;  // when set, clients must present a certificate that it issued
  bool allow_plaintext = false;
  bool reflection = true;
  ConnectionLimits connections;
  // gRPC closes a connection at this age, ± 10 %, so that new replicas get their share of the clients.
  absl::Duration max_connection_age = absl::Seconds(60);
};

}  // namespace identity

#endif  // IDENTITY_RPC_SERVER_OPTIONS_H_
