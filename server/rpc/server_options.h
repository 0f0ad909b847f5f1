#ifndef IDENTITY_RPC_SERVER_OPTIONS_H_
#define IDENTITY_RPC_SERVER_OPTIONS_H_

#include <string>

#include "absl/time/time.h"
#include "server/net/connections.h"

namespace identity {

// Address and connections of the gRPC server. A value.
struct ServerOptions {
  std::string listen_address = "127.0.0.1:50051";  // as ListenAddress::Parse reads it
  bool reflection = true;
  ConnectionLimits connections;
  // gRPC closes a connection at this age, ± 10 %, so that new replicas get their share of the clients.
  absl::Duration max_connection_age = absl::Seconds(60);
};

}  // namespace identity

#endif  // IDENTITY_RPC_SERVER_OPTIONS_H_
