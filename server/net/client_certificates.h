#ifndef IDENTITY_NET_CLIENT_CERTIFICATES_H_
#define IDENTITY_NET_CLIENT_CERTIFICATES_H_

#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace identity {

// A client's certificate, whose chain the TLS handshake has verified. Never changed.
struct ClientCertificate {
  std::string uri;  // its only URI (RFC 5280, section 4.2.1.6), such as a SPIFFE ID; "" when it has none or several
  absl::Time expire_time;
  std::shared_ptr<X509> parsed;
};

// Reads the certificates of clients, and knows which ones their CA has revoked (RFC 5280, section 5). A certificate is
// judged at each call, so a connection from before its revocation does not help. Thread-safe.
class ClientCertificates {
 public:
  // Replaces what is known of revoked certificates by the lists in `crl_file`, in PEM, each of which a CA of `ca_file`
  // must have signed. INVALID_ARGUMENT names the option (tls-client-crl-file); what was known then stays. A list whose
  // time for an update has passed still counts. Call it on one thread at a time.
  absl::Status Load(const std::string& crl_file, const std::string& ca_file);

  // The certificate in `pem`. Null: unreadable. Remembers those that it has read.
  std::shared_ptr<const ClientCertificate> Read(absl::string_view pem) const;
  bool IsRevoked(const ClientCertificate& certificate) const;

 private:
  using Lists = std::vector<std::shared_ptr<X509_CRL>>;

  mutable absl::Mutex mutex_;
  mutable absl::flat_hash_map<std::string, std::shared_ptr<const ClientCertificate>> read_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const Lists> lists_ ABSL_GUARDED_BY(mutex_);  // null: none
  std::string loaded_;                                          // the files as they were
};

}  // namespace identity

#endif  // IDENTITY_NET_CLIENT_CERTIFICATES_H_
