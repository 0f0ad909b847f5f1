#ifndef IDENTITY_NET_TLS_CERTIFICATE_H_
#define IDENTITY_NET_TLS_CERTIFICATE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/secret.h"

namespace identity {

// The files of a server's certificate, in PEM. A value.
struct TlsFiles {
  std::string certificate;
  std::string key;
  std::string client_ca;        // when set, clients must present a certificate that it issued
  std::string client_crl = {};  // with `client_ca`: the certificates that it has revoked; "": none
};

// What a server shows and checks in a TLS handshake (RFC 8446, section 4.4). Always usable: the certificate fits its
// key. A value that can only be moved.
class TlsCertificate {
 public:
  // Reads the files of the options tls-certificate-file, tls-key-file and, if it is set, tls-client-ca-file.
  // INVALID_ARGUMENT names the option, the file and the fault:
  // - a file that cannot be read, or without a certificate or private key in PEM,
  // - a key that needs a passphrase or does not fit the first certificate of the chain,
  // - a certificate or key that the TLS library refuses, such as one with a short RSA key.
  // A certificate that has expired is no fault.
  static absl::StatusOr<TlsCertificate> Read(const TlsFiles& files);

  // In PEM: the key, and then the chain from the server's certificate on.
  const Secret& key_and_chain() const { return key_and_chain_; }
  // In PEM; empty when clients need no certificate.
  const std::string& client_cas() const { return client_cas_; }
  // When the server's certificate ends.
  absl::Time expiry() const { return expiry_; }

  friend bool operator==(const TlsCertificate& a, const TlsCertificate& b) {
    return a.key_and_chain_ == b.key_and_chain_ && a.client_cas_ == b.client_cas_;
  }

 private:
  TlsCertificate(Secret key_and_chain, std::string client_cas, absl::Time expiry);
  Secret key_and_chain_;
  std::string client_cas_;
  absl::Time expiry_;
};

}  // namespace identity

#endif  // IDENTITY_NET_TLS_CERTIFICATE_H_
