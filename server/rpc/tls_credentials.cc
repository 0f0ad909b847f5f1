#include "server/rpc/tls_credentials.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <string>

#include "server/base/status_macros.h"
#include "server/rpc/memory_file.h"

namespace identity {
namespace {

namespace tls = grpc::experimental;

constexpr unsigned kGrpcIntervalSeconds = 1;

struct CertificateFiles {
  MemoryFile key_and_chain;
  MemoryFile client_cas;

  absl::Status Replace(const TlsCertificate& certificate) {
    RETURN_IF_ERROR(client_cas.Replace(certificate.client_cas()));
    return key_and_chain.Replace(certificate.key_and_chain().Reveal());
  }
};

// Options of a server that takes its own certificate from `provider` and, when `mutual`, the roots of its clients'
// certificates, too. The one place where the versions of gRPC differ about TLS: older ones have one provider for both,
// newer ones a provider for each. A template, so only the functions that this version has are compiled.
template <typename Options = tls::TlsServerCredentialsOptions>
Options MakeTlsOptions(const std::shared_ptr<tls::CertificateProviderInterface>& provider, bool mutual) {
  if constexpr (requires { Options::Create(provider); }) {
    Options options = *Options::Create(provider);
    if (mutual) options.set_root_certificate_provider(provider);
    return options;
  } else {
    Options options(provider);
    options.watch_identity_key_cert_pairs();
    if (mutual) options.watch_root_certs();
    return options;
  }
}

// Key and chain are one file, so gRPC cannot combine an old key with a new chain: it opens the file once for each, and
// starts again when the modification time has changed meanwhile.
std::shared_ptr<grpc::ServerCredentials> MakeCredentials(const std::string& key_and_chain, const std::string& cas) {
  const bool mutual = !cas.empty();
  auto options = MakeTlsOptions(
      std::make_shared<tls::FileWatcherCertificateProvider>(key_and_chain, key_and_chain, cas, kGrpcIntervalSeconds),
      mutual);
  if (mutual) options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return tls::TlsServerCredentials(options);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> TlsCredentials(TlsReloader& reloader) {
  const auto files = std::make_shared<CertificateFiles>();
  RETURN_IF_ERROR(
      reloader.Subscribe([files](const TlsCertificate& certificate) { return files->Replace(certificate); }));
  return MakeCredentials(files->key_and_chain.path(), reloader.mutual() ? files->client_cas.path() : "");
}

}  // namespace identity
