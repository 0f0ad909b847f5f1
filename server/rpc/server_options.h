#ifndef IDENTITY_RPC_SERVER_OPTIONS_H_
#define IDENTITY_RPC_SERVER_OPTIONS_H_

#include <string>

namespace identity {

// Address and TLS of the server. A value.
struct ServerOptions {
  std::string listen_address = "127.0.0.1:50051";  // host:port; port 0: any free port
  // Without a certificate the server speaks plain text. The program starts with that only on loopback, unless
  // `allow_plaintext`.
  std::string tls_certificate_file;
  std::string tls_key_file;
  std::string tls_client_ca_file;  // when set, clients must present a certificate that it issued
  bool allow_plaintext = false;
  bool reflection = true;
};

}  // namespace identity

#endif  // IDENTITY_RPC_SERVER_OPTIONS_H_
