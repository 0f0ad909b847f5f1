#ifndef IDENTITY_RPC_TLS_OPTIONS_H_
#define IDENTITY_RPC_TLS_OPTIONS_H_

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <memory>

namespace identity {

// Options of a server that takes its own certificate from `provider` and, when `mutual`, the roots of its clients'
// certificates, too. The one place where the versions of gRPC differ about TLS: older ones have one provider for both,
// newer ones a provider for each. A template, so only the functions that this version has are compiled.
template <typename Options = grpc::experimental::TlsServerCredentialsOptions>
Options MakeTlsOptions(const std::shared_ptr<grpc::experimental::CertificateProviderInterface>& provider, bool mutual) {
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

}  // namespace identity

#endif  // IDENTITY_RPC_TLS_OPTIONS_H_
