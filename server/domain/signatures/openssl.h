#ifndef IDENTITY_DOMAIN_SIGNATURES_OPENSSL_H_
#define IDENTITY_DOMAIN_SIGNATURES_OPENSSL_H_

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>
#include <new>
#include <string>

#include "absl/strings/string_view.h"

// What uses of OpenSSL share. Only for sources.
namespace identity::openssl {

template <auto release>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    release(object);
  }
};
using Number = std::unique_ptr<BIGNUM, Freed<BN_clear_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

// OpenSSL keeps a queue of errors for each thread. It would mix ours with those of other users of the thread.
class CleanErrors {
 public:
  CleanErrors() { ERR_set_mark(); }
  ~CleanErrors() { ERR_pop_to_mark(); }
  CleanErrors(const CleanErrors&) = delete;
  CleanErrors& operator=(const CleanErrors&) = delete;
};

inline const unsigned char* BytesOf(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* BytesOf(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// For steps that fail only without memory.
inline void Require(bool success) {
  if (!success) throw std::bad_alloc();
}

inline DigestContext NewDigestContext() {
  DigestContext context(EVP_MD_CTX_new());
  Require(context != nullptr);
  return context;
}

// A DER text that OpenSSL has allocated, and its length.
inline std::string TakeDer(unsigned char* der, int length) {
  Require(length > 0);
  std::string text(reinterpret_cast<const char*>(der), static_cast<size_t>(length));
  OPENSSL_free(der);
  return text;
}

}  // namespace identity::openssl

#endif  // IDENTITY_DOMAIN_SIGNATURES_OPENSSL_H_
