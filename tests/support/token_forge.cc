#include "tests/support/token_forge.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <cstdlib>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/encoding/base64url.h"

namespace identity {
namespace {

using Json = nlohmann::json;

// For steps that fail only when the test is wrong.
void Must(bool success) {
  if (!success) std::abort();
}

bool IsRsa(JwsAlgorithm algorithm) { return NameOf(algorithm)[0] == 'R' || NameOf(algorithm)[0] == 'P'; }
size_t CoordinateBytes(JwsAlgorithm algorithm) { return algorithm == JwsAlgorithm::kEs256 ? 32 : 48; }

const EVP_MD* DigestOf(JwsAlgorithm algorithm) {
  if (algorithm == JwsAlgorithm::kEdDsa) return nullptr;
  if (absl::EndsWith(NameOf(algorithm), "384")) return EVP_sha384();
  return absl::EndsWith(NameOf(algorithm), "512") ? EVP_sha512() : EVP_sha256();
}

EVP_PKEY* NewKey(JwsAlgorithm algorithm, unsigned rsa_bits) {
  if (IsRsa(algorithm)) return EVP_RSA_gen(rsa_bits);
  if (algorithm == JwsAlgorithm::kEdDsa) return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  return EVP_EC_gen(algorithm == JwsAlgorithm::kEs256 ? "P-256" : "P-384");
}

// The number as bytes, at least `least` of them.
std::string Encoded(const EVP_PKEY* key, const char* name, int least = 1) {
  BIGNUM* number = nullptr;
  Must(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  std::string bytes(static_cast<size_t>(std::max(least, BN_num_bytes(number))), '\0');
  Must(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) >= 0);
  BN_free(number);
  return Base64UrlEncode(bytes);
}

std::string FromDer(const std::string& der, size_t coordinate_bytes) {
  const auto* next = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* const both = d2i_ECDSA_SIG(nullptr, &next, static_cast<decltype(0L)>(der.size()));
  Must(both != nullptr);
  std::string signature(2 * coordinate_bytes, '\0');
  auto* const bytes = reinterpret_cast<unsigned char*>(signature.data());
  const int length = static_cast<int>(coordinate_bytes);
  Must(BN_bn2binpad(ECDSA_SIG_get0_r(both), bytes, length) == length &&
       BN_bn2binpad(ECDSA_SIG_get0_s(both), bytes + length, length) == length);
  ECDSA_SIG_free(both);
  return signature;
}

}  // namespace

TokenForge::TokenForge(JwsAlgorithm algorithm, const std::string& kid, unsigned rsa_bits)
    : algorithm_(algorithm), kid_(kid), key_(NewKey(algorithm, rsa_bits), EVP_PKEY_free) {
  Must(key_ != nullptr);
}

Json TokenForge::Jwk() const {
  Json jwk = {{"kid", kid_}, {"use", "sig"}, {"alg", std::string(NameOf(algorithm_))}};
  if (IsRsa(algorithm_)) {
    jwk["kty"] = "RSA";
    jwk["n"] = Encoded(key_.get(), OSSL_PKEY_PARAM_RSA_N);
    jwk["e"] = Encoded(key_.get(), OSSL_PKEY_PARAM_RSA_E);
  } else if (algorithm_ == JwsAlgorithm::kEdDsa) {
    std::string bytes(32, '\0');
    size_t size = bytes.size();
    Must(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size) == 1);
    jwk["kty"] = "OKP";
    jwk["crv"] = "Ed25519";
    jwk["x"] = Base64UrlEncode(bytes);
  } else {
    const int length = static_cast<int>(CoordinateBytes(algorithm_));
    jwk["kty"] = "EC";
    jwk["crv"] = length == 32 ? "P-256" : "P-384";
    jwk["x"] = Encoded(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, length);
    jwk["y"] = Encoded(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, length);
  }
  return jwk;
}

Json TokenForge::Header() const { return {{"alg", std::string(NameOf(algorithm_))}, {"kid", kid_}, {"typ", "JWT"}}; }

std::string TokenForge::Sign(const Json& header, const std::string& claims) const {
  const std::string signed_part = absl::StrCat(Base64UrlEncode(header.dump()), ".", Base64UrlEncode(claims));
  return absl::StrCat(signed_part, ".", Base64UrlEncode(SignatureOf(signed_part)));
}

std::string TokenForge::SignatureOf(absl::string_view message) const {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* key_context = nullptr;
  Must(EVP_DigestSignInit(context, &key_context, DigestOf(algorithm_), nullptr, key_.get()) == 1);
  if (algorithm_ == JwsAlgorithm::kPs256) {
    Must(EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) == 1);
  }
  std::string signature(static_cast<size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  size_t size = signature.size();
  Must(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                      reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1);
  EVP_MD_CTX_free(context);
  signature.resize(size);
  const bool is_point = !IsRsa(algorithm_) && algorithm_ != JwsAlgorithm::kEdDsa;
  return is_point ? FromDer(signature, CoordinateBytes(algorithm_)) : signature;
}

}  // namespace identity
