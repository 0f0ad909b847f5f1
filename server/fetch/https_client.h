#ifndef IDENTITY_FETCH_HTTPS_CLIENT_H_
#define IDENTITY_FETCH_HTTPS_CLIENT_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/app/access/document_source.h"
#include "server/base/network_set.h"

namespace identity {

// Gets documents by HTTPS, each over a connection of its own, from servers that an administrator names. So nobody may
// use it to reach what only this machine can reach (SSRF):
// - TLS 1.2 or later, and the server's name is verified,
// - it connects to public addresses only, whatever a name resolves to, to networks that the operator allows, and to the
//   API server of the cluster,
// - it follows at most 3 redirects, only to the same origin,
// - it ignores proxies of the environment, .netrc files and cookies,
// - a document has at most kMaxBytes, and takes at most kTimeout.
// Thread-safe.
class HttpsClient final : public DocumentSource {
 public:
  static constexpr size_t kMaxBytes = 256 * 1024;
  static constexpr absl::Duration kTimeout = absl::Seconds(5);
  static constexpr int kMaxRedirects = 3;

  // The API server of the Kubernetes cluster in which this program runs. It shows its keys only to those who have a
  // token of the cluster. Its certificate comes from the cluster's own CA, and its address need not be public.
  struct Cluster {
    std::string origin;               // such as "https://kubernetes.default.svc"; "": there is none
    std::string credentials_folder =  // with the files `token` and `ca.crt`, which Kubernetes renews
        "/var/run/secrets/kubernetes.io/serviceaccount";
  };
  struct Options {
    std::string ca_file;          // in PEM, in addition to the system's; "": only the system's
    NetworkSet allowed_networks;  // that are not public
    Cluster cluster;
  };
  // Whether `url` is an HTTPS URL with nothing but a host and a port.
  static bool IsOrigin(const std::string& url);
  // INVALID_ARGUMENT names the flag of an invalid value (provider-ca-file).
  static absl::StatusOr<std::unique_ptr<HttpsClient>> Create(Options options);

  absl::StatusOr<Document> Get(const RequestContext& context, const std::string& url) override;

 private:
  explicit HttpsClient(Options options) : options_(std::move(options)) {}
  const Options options_;
};

}  // namespace identity

#endif  // IDENTITY_FETCH_HTTPS_CLIENT_H_
