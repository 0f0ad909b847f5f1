#include "server/net/tls_certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <ctime>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

struct Deleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
template <typename T>
using Owned = std::unique_ptr<T, Deleter>;
using Certificates = std::vector<Owned<X509>>;
using OpenSslError = decltype(ERR_peek_error());

// A file that an option names.
struct PemFile {
  absl::string_view option;
  const std::string& path;
};

absl::Status Fault(const PemFile& file, absl::string_view fault) {
  return InvalidField(file.option, absl::StrCat(file.path, " ", fault));
}

absl::StatusOr<Secret> ReadFile(const PemFile& file) {
  std::ifstream in(file.path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!text) return Fault(file, "cannot be read, or is empty");
  return Secret(text.str());
}

Owned<BIO> Reader(const Secret& text) {
  return Owned<BIO>(BIO_new_mem_buf(text.Reveal().data(), static_cast<int>(text.size())));
}

// Without it, OpenSSL would ask for the passphrase on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

// True when the last certificate was read, false when the next one is malformed.
bool IsEndOfPem(OpenSslError error) {
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

// The file's certificates, at least one. Skips everything else in it.
absl::StatusOr<Certificates> ReadCertificates(const PemFile& file) {
  ASSIGN_OR_RETURN(const Secret text, ReadFile(file));
  const Owned<BIO> in = Reader(text);
  Certificates certificates;
  ERR_clear_error();
  while (X509* certificate = PEM_read_bio_X509(in.get(), nullptr, &NoPassphrase, nullptr)) {
    certificates.emplace_back(certificate);
  }
  const bool complete = IsEndOfPem(ERR_peek_last_error());
  ERR_clear_error();
  if (!complete) return Fault(file, "holds a malformed certificate");
  if (certificates.empty()) return Fault(file, "holds no certificate in PEM");
  return certificates;
}

absl::StatusOr<Owned<EVP_PKEY>> ReadKey(const PemFile& file) {
  ASSIGN_OR_RETURN(const Secret text, ReadFile(file));
  Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(Reader(text).get(), nullptr, &NoPassphrase, nullptr));
  ERR_clear_error();
  if (key == nullptr) return Fault(file, "holds no private key in PEM without a passphrase");
  return key;
}

// Refuses what the TLS library would refuse later, in a handshake.
absl::Status CheckUsable(const PemFile& file, X509& certificate, EVP_PKEY& key) {
  const Owned<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
  ERR_clear_error();
  if (context != nullptr && SSL_CTX_use_certificate(context.get(), &certificate) == 1 &&
      SSL_CTX_use_PrivateKey(context.get(), &key) == 1) {
    return absl::OkStatus();
  }
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  return Fault(file, absl::StrCat("cannot be used for TLS: ", reason == nullptr ? "unknown reason" : reason));
}

std::string TextOf(BIO& out) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(&out, &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string ToPem(const Certificates& certificates) {
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  for (const Owned<X509>& certificate : certificates) PEM_write_bio_X509(out.get(), certificate.get());
  return TextOf(*out);
}

std::string ToPem(const EVP_PKEY& key) {
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(out.get(), &key, nullptr, nullptr, 0, nullptr, nullptr);
  return TextOf(*out);
}

absl::Time ExpiryOf(const X509& certificate) {
  std::tm time = {};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &time) != 1) return absl::InfinitePast();
  return absl::FromTM(time, absl::UTCTimeZone());
}

}  // namespace

TlsCertificate::TlsCertificate(Secret key_and_chain, std::string client_cas, absl::Time expiry)
    : key_and_chain_(std::move(key_and_chain)), client_cas_(std::move(client_cas)), expiry_(expiry) {}

absl::StatusOr<TlsCertificate> TlsCertificate::Read(const TlsFiles& files) {
  const PemFile chain_file = {"tls-certificate-file", files.certificate};
  const PemFile key_file = {"tls-key-file", files.key};
  ASSIGN_OR_RETURN(const Certificates chain, ReadCertificates(chain_file));
  ASSIGN_OR_RETURN(const Owned<EVP_PKEY> key, ReadKey(key_file));
  if (X509_check_private_key(chain[0].get(), key.get()) != 1) {
    ERR_clear_error();
    return Fault(key_file, absl::StrCat("is not the key of the certificate in ", chain_file.path));
  }
  RETURN_IF_ERROR(CheckUsable(chain_file, *chain[0], *key));
  std::string client_cas;
  if (!files.client_ca.empty()) {
    ASSIGN_OR_RETURN(const Certificates cas, ReadCertificates({"tls-client-ca-file", files.client_ca}));
    client_cas = ToPem(cas);
  }
  return TlsCertificate(Secret(absl::StrCat(ToPem(*key), ToPem(chain))), std::move(client_cas), ExpiryOf(*chain[0]));
}

}  // namespace identity
