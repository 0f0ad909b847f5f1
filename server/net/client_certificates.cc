#include "server/net/client_certificates.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

// Maximum number of parsed certificates in memory. Beyond it, all are evicted.
constexpr size_t kMostRead = 1000;
constexpr size_t kMaxPemBytes = 64 * 1024;

struct Freer {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
template <typename T>
using Held = std::unique_ptr<T, Freer>;

Held<BIO> Open(absl::string_view text) {
  return Held<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

absl::Status CrlFault(const std::string& file, absl::string_view fault) {
  ERR_clear_error();
  return InvalidField("tls-client-crl-file", absl::StrCat(file, " ", fault));
}

// "" unless there is exactly one.
std::string OnlyUri(const X509& certificate) {
  const Held<GENERAL_NAMES> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string uri;
  int uris = 0;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    if (++uris > 1) return "";
    const ASN1_IA5STRING* const text = name->d.uniformResourceIdentifier;
    uri.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
               static_cast<size_t>(ASN1_STRING_length(text)));
  }
  return uri;
}

absl::Time EndOf(const X509& certificate) {
  std::tm time = {};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &time) != 1) return absl::InfinitePast();
  return absl::FromTM(time, absl::UTCTimeZone());
}

std::string TextOf(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::vector<Held<X509>> CertificatesIn(const std::string& file) {
  const std::string text = TextOf(file);
  const Held<BIO> in = Open(text);
  std::vector<Held<X509>> certificates;
  while (X509* const one = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)) certificates.emplace_back(one);
  ERR_clear_error();
  return certificates;
}

// Whether a CA with the name of the list's issuer has signed it.
bool IsSigned(X509_CRL& list, const std::vector<Held<X509>>& cas) {
  return std::any_of(cas.begin(), cas.end(), [&list](const Held<X509>& ca) {
    return X509_NAME_cmp(X509_CRL_get_issuer(&list), X509_get_subject_name(ca.get())) == 0 &&
           X509_CRL_verify(&list, X509_get0_pubkey(ca.get())) == 1;
  });
}

}  // namespace

absl::Status ClientCertificates::Load(const std::string& crl_file, const std::string& ca_file) {
  const std::string text = TextOf(crl_file);
  if (text.empty()) return CrlFault(crl_file, "cannot be read, or is empty");
  std::string files = absl::StrCat(text, TextOf(ca_file));
  if (files == loaded_) return absl::OkStatus();
  const std::vector<Held<X509>> cas = CertificatesIn(ca_file);
  const Held<BIO> in = Open(text);
  auto lists = std::make_shared<Lists>();
  ERR_clear_error();
  while (X509_CRL* const next = PEM_read_bio_X509_CRL(in.get(), nullptr, nullptr, nullptr)) {
    lists->emplace_back(next, &X509_CRL_free);
    if (!IsSigned(*next, cas)) return CrlFault(crl_file, "holds a list that no CA of --tls-client-ca-file has signed");
  }
  const auto error = ERR_peek_last_error();
  const bool complete = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  if (!complete) return CrlFault(crl_file, "holds a malformed list");
  if (lists->empty()) return CrlFault(crl_file, "holds no list of revoked certificates in PEM");
  ERR_clear_error();
  loaded_ = std::move(files);
  MutexLock lock(mutex_);
  lists_ = std::move(lists);
  return absl::OkStatus();
}

std::shared_ptr<const ClientCertificate> ClientCertificates::Read(absl::string_view pem) const {
  if (pem.empty() || pem.size() > kMaxPemBytes) return nullptr;
  {
    MutexLock lock(mutex_);
    if (const auto known = read_.find(pem); known != read_.end()) return known->second;
  }
  const Held<BIO> in = Open(pem);
  const std::shared_ptr<X509> parsed(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), &X509_free);
  ERR_clear_error();
  if (parsed == nullptr) return nullptr;
  auto read = std::make_shared<const ClientCertificate>(ClientCertificate{OnlyUri(*parsed), EndOf(*parsed), parsed});
  MutexLock lock(mutex_);
  if (read_.size() >= kMostRead) read_.clear();
  read_.emplace(pem, read);
  return read;
}

bool ClientCertificates::IsRevoked(const ClientCertificate& certificate) const {
  std::shared_ptr<const Lists> lists;
  {
    MutexLock lock(mutex_);
    lists = lists_;
  }
  if (lists == nullptr) return false;
  constexpr int kRevoked = 1;
  const X509_NAME* const issuer = X509_get_issuer_name(certificate.parsed.get());
  return std::any_of(lists->begin(), lists->end(), [&](const std::shared_ptr<X509_CRL>& list) {
    X509_REVOKED* entry = nullptr;
    return X509_NAME_cmp(X509_CRL_get_issuer(list.get()), issuer) == 0 &&
           X509_CRL_get0_by_cert(list.get(), &entry, certificate.parsed.get()) == kRevoked;
  });
}

}  // namespace identity
