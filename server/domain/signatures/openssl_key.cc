#include "server/domain/signatures/openssl_key.h"

#include <openssl/core_names.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "server/base/encoding/base64url.h"
#include "server/domain/signatures/openssl.h"

namespace identity {
namespace {

using openssl::BytesOf;
using openssl::CleanErrors;
using openssl::DigestContext;
using openssl::EcdsaSignature;
using openssl::Freed;
using openssl::NewDigestContext;
using openssl::Number;
using openssl::Require;
using openssl::TakeDer;

using DerLength = decltype(0L);  // as OpenSSL counts

constexpr size_t kCoordinateBytes = 32;  // of P-256; r and s have the same length
constexpr int kLeastRsaBits = 2048;      // RFC 7518 section 3.3
constexpr int kMostRsaBits = 4096;

// (n - 1) / 2 for the order n of P-256, the greatest value that is the lower one of s and n - s.
constexpr unsigned char kHalfOrder[kCoordinateBytes] = {
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8};

using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freed<PKCS8_PRIV_KEY_INFO_free>>;

Number HalfOrder() {
  Number number(BN_bin2bn(kHalfOrder, kCoordinateBytes, nullptr));
  Require(number != nullptr);
  return number;
}

Number GetNumber(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  return Number(number);
}

std::string Encode(const Number& number, size_t bytes) {
  std::string text(bytes, '\0');
  Require(number != nullptr && BN_bn2binpad(number.get(), BytesOf(text), static_cast<int>(bytes)) >= 0);
  return Base64UrlEncode(text);
}

size_t ModulusBytes(EVP_PKEY* key) { return static_cast<size_t>(EVP_PKEY_get_size(key)); }

bool IsP256(EVP_PKEY* key) {
  char group[64];
  size_t length = 0;
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_group_name(key, group, sizeof(group), &length) == 1 &&
         absl::string_view(group, length) == SN_X9_62_prime256v1;
}

bool IsRsa(EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || bits < kLeastRsaBits || bits > kMostRsaBits) return false;
  const Number exponent = GetNumber(key, OSSL_PKEY_PARAM_RSA_E);
  return exponent != nullptr && BN_is_word(exponent.get(), RSA_F4) == 1;
}

bool IsFor(SigningAlgorithm algorithm, EVP_PKEY* key) {
  switch (algorithm) {
    case SigningAlgorithm::kEdDsa:
      return false;
    case SigningAlgorithm::kEs256:
      return IsP256(key);
    case SigningAlgorithm::kRs256:
      return IsRsa(key);
  }
  return false;
}

std::shared_ptr<EVP_PKEY> Shared(EVP_PKEY* key) { return std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free); }

bool VerifyEncoded(EVP_PKEY* key, absl::string_view message, absl::string_view signature) {
  const DigestContext context = NewDigestContext();
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), BytesOf(signature), signature.size(), BytesOf(message), message.size()) == 1;
}

std::string SignEncoded(EVP_PKEY* key, absl::string_view message) {
  const DigestContext context = NewDigestContext();
  std::string signature(static_cast<size_t>(EVP_PKEY_get_size(key)), '\0');
  size_t length = signature.size();
  Require(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
          EVP_DigestSign(context.get(), BytesOf(signature), &length, BytesOf(message), message.size()) == 1);
  signature.resize(length);
  return signature;
}

// The DER form, which OpenSSL reads, of r and s (RFC 7518 section 3.4). "" unless 0 < s <= (n - 1) / 2 and r > 0;
// OpenSSL refuses an r from n on.
std::string ToDer(absl::string_view signature) {
  if (signature.size() != 2 * kCoordinateBytes) return "";
  Number r(BN_bin2bn(BytesOf(signature), kCoordinateBytes, nullptr));
  Number s(BN_bin2bn(BytesOf(signature) + kCoordinateBytes, kCoordinateBytes, nullptr));
  const EcdsaSignature both(ECDSA_SIG_new());
  Require(r != nullptr && s != nullptr && both != nullptr);
  if (BN_is_zero(r.get()) || BN_is_zero(s.get()) || BN_cmp(s.get(), HalfOrder().get()) > 0) return "";
  ECDSA_SIG_set0(both.get(), r.release(), s.release());
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(both.get(), &der);
  return TakeDer(der, length);
}

// n - s, which is valid wherever s is.
Number OtherS(const BIGNUM* s) {
  Number other = HalfOrder();
  Require(BN_lshift1(other.get(), other.get()) == 1 && BN_add_word(other.get(), 1) == 1 &&
          BN_sub(other.get(), other.get(), s) == 1);
  return other;
}

// The inverse of ToDer. Lowers s.
std::string FromDer(absl::string_view der) {
  const unsigned char* next = BytesOf(der);
  const EcdsaSignature both(d2i_ECDSA_SIG(nullptr, &next, static_cast<DerLength>(der.size())));
  Require(both != nullptr);
  const BIGNUM* s = ECDSA_SIG_get0_s(both.get());
  const Number other = OtherS(s);
  const BIGNUM* lower = BN_cmp(s, HalfOrder().get()) > 0 ? other.get() : s;
  std::string signature(2 * kCoordinateBytes, '\0');
  Require(BN_bn2binpad(ECDSA_SIG_get0_r(both.get()), BytesOf(signature), kCoordinateBytes) > 0 &&
          BN_bn2binpad(lower, BytesOf(signature) + kCoordinateBytes, kCoordinateBytes) > 0);
  return signature;
}

}  // namespace

absl::optional<OpenSslKey> OpenSslKey::FromPublic(SigningAlgorithm algorithm, absl::string_view der) {
  const CleanErrors clean;
  const unsigned char* next = BytesOf(der);
  std::shared_ptr<EVP_PKEY> key = Shared(d2i_PUBKEY(nullptr, &next, static_cast<DerLength>(der.size())));
  if (key == nullptr || !IsFor(algorithm, key.get())) return absl::nullopt;
  OpenSslKey read(algorithm, std::move(key));
  if (read.PublicDer() != der) return absl::nullopt;
  return read;
}

absl::optional<OpenSslKey> OpenSslKey::FromPrivate(SigningAlgorithm algorithm, const Secret& der) {
  const CleanErrors clean;
  const unsigned char* begin = BytesOf(der.Reveal());
  const unsigned char* next = begin;
  const Pkcs8 pkcs8(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &next, static_cast<DerLength>(der.size())));
  if (pkcs8 == nullptr || next != begin + der.size()) return absl::nullopt;
  std::shared_ptr<EVP_PKEY> key = Shared(EVP_PKCS82PKEY(pkcs8.get()));
  if (key == nullptr || !IsFor(algorithm, key.get())) return absl::nullopt;
  OpenSslKey read(algorithm, std::move(key));
  // A key that signs once signs always, so `Sign` has no error.
  const std::string probe = SignEncoded(read.key_.get(), "probe");
  if (!VerifyEncoded(read.key_.get(), "probe", probe)) return absl::nullopt;
  return read;
}

std::string OpenSslKey::PublicDer() const {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key_.get(), &der);
  return TakeDer(der, length);
}

std::map<std::string, std::string> OpenSslKey::JwkMembers() const {
  EVP_PKEY* key = key_.get();
  if (algorithm_ == SigningAlgorithm::kEs256) {
    return {{"crv", "P-256"},
            {"kty", "EC"},
            {"x", Encode(GetNumber(key, OSSL_PKEY_PARAM_EC_PUB_X), kCoordinateBytes)},
            {"y", Encode(GetNumber(key, OSSL_PKEY_PARAM_EC_PUB_Y), kCoordinateBytes)}};
  }
  return {{"e", "AQAB"}, {"kty", "RSA"}, {"n", Encode(GetNumber(key, OSSL_PKEY_PARAM_RSA_N), ModulusBytes(key))}};
}

bool OpenSslKey::Verify(absl::string_view message, absl::string_view signature) const {
  const CleanErrors clean;
  if (algorithm_ == SigningAlgorithm::kEs256) {
    const std::string der = ToDer(signature);
    return !der.empty() && VerifyEncoded(key_.get(), message, der);
  }
  return signature.size() == ModulusBytes(key_.get()) && VerifyEncoded(key_.get(), message, signature);
}

std::string OpenSslKey::Sign(absl::string_view message) const {
  const CleanErrors clean;
  std::string signature = SignEncoded(key_.get(), message);
  return algorithm_ == SigningAlgorithm::kEs256 ? FromDer(signature) : signature;
}

}  // namespace identity
