#include "server/app/admin/key_generation.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <utility>

#include "server/base/error.h"
#include "server/base/random.h"
#include "server/domain/signing_key.h"

namespace identity {
namespace {

// The least that RFC 7518 section 3.3 allows. Keys sign for months at most. 3072 bits would triple the time of each
// signature, to 3 ms.
constexpr size_t kRsaBits = 2048;

using OpenSslPrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Pkcs8Info = std::unique_ptr<PKCS8_PRIV_KEY_INFO, decltype(&PKCS8_PRIV_KEY_INFO_free)>;

OpenSslPrivateKey Generate(SigningAlgorithm algorithm) {
  EVP_PKEY* key = algorithm == SigningAlgorithm::kEs256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(kRsaBits);
  return OpenSslPrivateKey(key, EVP_PKEY_free);
}

// Empty when OpenSSL fails.
Secret EncodePkcs8(EVP_PKEY* key) {
  if (key == nullptr) return Secret();
  const Pkcs8Info info(EVP_PKEY2PKCS8(key), PKCS8_PRIV_KEY_INFO_free);
  unsigned char* der = nullptr;
  const int length = info == nullptr ? 0 : i2d_PKCS8_PRIV_KEY_INFO(info.get(), &der);
  if (length <= 0) return Secret();
  const auto size = static_cast<size_t>(length);
  Secret secret(absl::string_view(reinterpret_cast<const char*>(der), size));
  OPENSSL_clear_free(der, size);
  return secret;
}

}  // namespace

absl::StatusOr<Secret> NewPrivateKey(SigningAlgorithm algorithm) {
  if (algorithm == SigningAlgorithm::kEdDsa) return Secret(RandomBytes(kSigningSeedBytes));
  Secret der = EncodePkcs8(Generate(algorithm).get());
  if (der.empty()) return Error(ErrorReason::kInternal, "OpenSSL cannot make a signing key");
  return der;
}

}  // namespace identity
