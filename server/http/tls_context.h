#ifndef IDENTITY_HTTP_TLS_CONTEXT_H_
#define IDENTITY_HTTP_TLS_CONTEXT_H_

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "absl/status/statusor.h"
#include "server/net/tls_certificate.h"

namespace identity {

using TlsSettings = std::shared_ptr<boost::asio::ssl::context>;

// The settings of TLS connections that show `certificate`: TLS 1.2 or 1.3 with the library's own choice of ciphers, and
// a certificate of the client when there are CAs for it. INVALID_ARGUMENT when the TLS library refuses the certificate.
absl::StatusOr<TlsSettings> MakeTlsContext(const TlsCertificate& certificate);

// The certificate that the client has shown, in PEM; "": none.
std::string PeerCertificate(const SSL& connection);

}  // namespace identity

#endif  // IDENTITY_HTTP_TLS_CONTEXT_H_
