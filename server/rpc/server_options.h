#ifndef IDENTITY_RPC_SERVER_OPTIONS_H_
#define IDENTITY_RPC_SERVER_OPTIONS_H_

#include <string>

namespace identity {

// Where and how to listen. A value.
struct ServerOptions {
  std::string listen_address = "127.0.0.1:50051";  // host:port; port 0 takes a free one
  // Without a certificate the server speaks plain text, on loopback alone unless `allow_plaintext`.
  std::string tls_certificate_file;
  std::string tls_key_file;
  std::string tls_client_ca_file;  // when set, clients must present a certificate of it
  bool allow_plaintext = false;
  bool reflection = true;
};

}  // namespace identity

#endif  // IDENTITY_RPC_SERVER_OPTIONS_H_
