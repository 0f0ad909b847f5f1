#include "server/http/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace identity {
namespace {

namespace ssl = boost::asio::ssl;

boost::asio::const_buffer BufferOf(absl::string_view text) { return {text.data(), text.size()}; }

// A resumed session belongs to the settings that it began with. They name it, or OpenSSL would refuse to resume those
// of clients with a certificate.
constexpr unsigned char kSessionContext[] = {'i', 'd', 'e', 'n', 't', 'i', 't', 'y'};

}  // namespace

absl::StatusOr<std::shared_ptr<ssl::context>> MakeTlsContext(const TlsCertificate& certificate) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* const native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_id_context(native, kSessionContext, sizeof kSessionContext);
  const boost::asio::const_buffer chain = BufferOf(certificate.key_and_chain().Reveal());
  boost::system::error_code error;
  context->use_private_key(chain, ssl::context::pem, error);
  if (!error) context->use_certificate_chain(chain, error);
  if (!error && !certificate.client_cas().empty()) {
    context->add_certificate_authority(BufferOf(certificate.client_cas()), error);
    context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  }
  if (error) {
    return InvalidField("tls-certificate-file", absl::StrCat("cannot be used for TLS: ", error.message()));
  }
  return context;
}

std::string PeerCertificate(const SSL& connection) {
  X509* const certificate = SSL_get0_peer_certificate(&connection);
  if (certificate == nullptr) return "";
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  if (out == nullptr || PEM_write_bio_X509(out.get(), certificate) != 1) return "";
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace identity
