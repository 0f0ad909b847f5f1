#include "server/domain/external/json_web_key.h"

#include <openssl/core_names.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/encoding/base64url.h"
#include "server/base/encoding/strict_json.h"
#include "server/base/error.h"
#include "server/base/sodium.h"
#include "server/domain/signatures/openssl.h"

namespace identity {
namespace {

using Json = nlohmann::json;
using openssl::BytesOf;
using openssl::CleanErrors;
using openssl::DigestContext;
using openssl::EcdsaSignature;
using openssl::Freed;
using openssl::NewDigestContext;
using openssl::Number;
using openssl::Require;
using openssl::TakeDer;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;

constexpr int kLeastRsaBits = 2048;  // RFC 7518 section 3.3
constexpr int kMostRsaBits = 4096;   // larger keys make each check of a key set, and each verification, expensive
constexpr int kMostExponentBits = 64;

struct Curve {
  const char* name;   // in a JWK
  const char* group;  // in OpenSSL
  size_t coordinate_bytes;
};
constexpr Curve kCurves[] = {{"P-256", SN_X9_62_prime256v1, 32}, {"P-384", SN_secp384r1, 48}};

// "" when the member is missing or no string.
std::string TextIn(const Json& jwk, const char* name) {
  const auto found = jwk.find(name);
  return found != jwk.end() && found->is_string() ? found->get<std::string>() : "";
}

// "" when the member is missing or not base64url.
std::string BytesIn(const Json& jwk, const char* name) {
  std::string bytes;
  return Base64UrlDecode(TextIn(jwk, name), &bytes) ? bytes : "";
}

Number ToNumber(absl::string_view bytes) {
  Number number(BN_bin2bn(BytesOf(bytes), static_cast<int>(bytes.size()), nullptr));
  Require(number != nullptr);
  return number;
}

// Whether the key is meant to verify signatures. Both members are optional.
bool IsToVerify(const Json& jwk) {
  if (jwk.contains("use") && TextIn(jwk, "use") != "sig") return false;
  const auto operations = jwk.find("key_ops");
  return operations == jwk.end() ||
         (operations->is_array() && std::find(operations->begin(), operations->end(), "verify") != operations->end());
}

// A public key from its parameters. Null when they are no such key.
std::shared_ptr<EVP_PKEY> MakeKey(const char* type, const ParameterBuilder& builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  Require(parameters != nullptr && context != nullptr);
  EVP_PKEY* made = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  std::shared_ptr<EVP_PKEY> key(made, EVP_PKEY_free);
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, made, nullptr));
  Require(check != nullptr);
  return EVP_PKEY_public_check(check.get()) == 1 ? key : nullptr;
}

ParameterBuilder NewBuilder() {
  ParameterBuilder builder(OSSL_PARAM_BLD_new());
  Require(builder != nullptr);
  return builder;
}

// The DER form, which OpenSSL reads, of r and s. "" for another length.
std::string PointSignature(absl::string_view signature, size_t coordinate_bytes) {
  if (signature.size() != 2 * coordinate_bytes) return "";
  Number r = ToNumber(signature.substr(0, coordinate_bytes));
  Number s = ToNumber(signature.substr(coordinate_bytes));
  const EcdsaSignature both(ECDSA_SIG_new());
  Require(both != nullptr && ECDSA_SIG_set0(both.get(), r.get(), s.get()) == 1);
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(both.get(), &der);
  return TakeDer(der, length);
}

bool UsePss(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

bool VerifyBy(EVP_PKEY* key, const EVP_MD* digest, bool pss, absl::string_view message, absl::string_view signature) {
  const DigestContext context = NewDigestContext();
  EVP_PKEY_CTX* key_context = nullptr;
  return EVP_DigestVerifyInit(context.get(), &key_context, digest, nullptr, key) == 1 &&
         (!pss || UsePss(key_context)) &&
         EVP_DigestVerify(context.get(), BytesOf(signature), signature.size(), BytesOf(message), message.size()) == 1;
}

}  // namespace

// What an algorithm needs.
struct AlgorithmRow {
  JwsAlgorithm algorithm;
  JsonWebKey::Type type;
  const EVP_MD* (*digest)();  // null for EdDSA
  bool pss;

  static const AlgorithmRow& Of(JwsAlgorithm algorithm);
};

const AlgorithmRow& AlgorithmRow::Of(JwsAlgorithm algorithm) {
  using Type = JsonWebKey::Type;
  static constexpr AlgorithmRow kRows[] = {
      {JwsAlgorithm::kRs256, Type::kRsa, EVP_sha256, false},  {JwsAlgorithm::kRs384, Type::kRsa, EVP_sha384, false},
      {JwsAlgorithm::kRs512, Type::kRsa, EVP_sha512, false},  {JwsAlgorithm::kPs256, Type::kRsa, EVP_sha256, true},
      {JwsAlgorithm::kEs256, Type::kP256, EVP_sha256, false}, {JwsAlgorithm::kEs384, Type::kP384, EVP_sha384, false},
      {JwsAlgorithm::kEdDsa, Type::kEd25519, nullptr, false}};
  return *std::find_if(std::begin(kRows), std::end(kRows) - 1,
                       [&](const AlgorithmRow& row) { return row.algorithm == algorithm; });
}

absl::optional<JsonWebKey> JsonWebKey::ReadRsa(const Json& jwk) {
  const Number modulus = ToNumber(BytesIn(jwk, "n"));
  const Number exponent = ToNumber(BytesIn(jwk, "e"));
  const int bits = BN_num_bits(modulus.get());
  if (bits < kLeastRsaBits || bits > kMostRsaBits) return absl::nullopt;
  if (BN_num_bits(exponent.get()) > kMostExponentBits || !BN_is_odd(exponent.get()) || BN_is_one(exponent.get())) {
    return absl::nullopt;
  }
  const ParameterBuilder builder = NewBuilder();
  Require(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1 &&
          OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1);
  std::shared_ptr<EVP_PKEY> key = MakeKey("RSA", builder);
  if (key == nullptr) return absl::nullopt;
  return JsonWebKey(Type::kRsa, std::move(key));
}

absl::optional<JsonWebKey> JsonWebKey::ReadPoint(const Json& jwk) {
  const auto curve = std::find_if(std::begin(kCurves), std::end(kCurves),
                                  [&](const Curve& known) { return TextIn(jwk, "crv") == known.name; });
  if (curve == std::end(kCurves)) return absl::nullopt;
  const std::string x = BytesIn(jwk, "x");
  const std::string y = BytesIn(jwk, "y");
  if (x.size() != curve->coordinate_bytes || y.size() != curve->coordinate_bytes) return absl::nullopt;
  const std::string point = absl::StrCat("\x04", x, y);  // uncompressed (SEC 1, section 2.3.3)
  const ParameterBuilder builder = NewBuilder();
  Require(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) == 1 &&
          OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1);
  std::shared_ptr<EVP_PKEY> key = MakeKey("EC", builder);
  if (key == nullptr) return absl::nullopt;
  return JsonWebKey(curve == std::begin(kCurves) ? Type::kP256 : Type::kP384, std::move(key));
}

absl::optional<JsonWebKey> JsonWebKey::ReadEd25519(const Json& jwk) {
  std::string bytes = BytesIn(jwk, "x");
  if (TextIn(jwk, "crv") != "Ed25519" || bytes.size() != crypto_sign_PUBLICKEYBYTES) return absl::nullopt;
  JsonWebKey key(Type::kEd25519, nullptr);
  key.ed25519_ = std::move(bytes);
  return key;
}

absl::optional<JsonWebKey> JsonWebKey::FromJson(const Json& jwk) {
  const CleanErrors clean;
  if (!jwk.is_object() || !IsToVerify(jwk)) return absl::nullopt;
  const std::string type = TextIn(jwk, "kty");
  absl::optional<JsonWebKey> key = type == "RSA"   ? ReadRsa(jwk)
                                   : type == "EC"  ? ReadPoint(jwk)
                                   : type == "OKP" ? ReadEd25519(jwk)
                                                   : absl::nullopt;
  if (!key) return absl::nullopt;
  key->kid_ = TextIn(jwk, "kid");
  if (!jwk.contains("alg")) return key;
  key->only_ = ParseJwsAlgorithm(TextIn(jwk, "alg"));
  if (!key->only_ || AlgorithmRow::Of(*key->only_).type != key->type_) return absl::nullopt;
  return key;
}

bool operator==(const JsonWebKey& a, const JsonWebKey& b) {
  if (a.type_ != b.type_ || a.kid_ != b.kid_ || a.only_ != b.only_ || a.ed25519_ != b.ed25519_) return false;
  return a.key_ == b.key_ || (a.key_ && b.key_ && EVP_PKEY_eq(a.key_.get(), b.key_.get()) == 1);
}

bool JsonWebKey::IsFor(JwsAlgorithm algorithm) const {
  return AlgorithmRow::Of(algorithm).type == type_ && (!only_ || *only_ == algorithm);
}

bool JsonWebKey::Verify(JwsAlgorithm algorithm, absl::string_view message, absl::string_view signature) const {
  if (!IsFor(algorithm)) return false;
  if (type_ == Type::kEd25519) {
    EnsureSodium();
    return signature.size() == crypto_sign_BYTES &&
           crypto_sign_verify_detached(Unsigned(signature), Unsigned(message), message.size(), Unsigned(ed25519_)) == 0;
  }
  const CleanErrors clean;
  const AlgorithmRow& row = AlgorithmRow::Of(algorithm);
  if (type_ == Type::kRsa) {
    return signature.size() == static_cast<size_t>(EVP_PKEY_get_size(key_.get())) &&
           VerifyBy(key_.get(), row.digest(), row.pss, message, signature);
  }
  const std::string der = PointSignature(signature, kCurves[type_ == Type::kP256 ? 0 : 1].coordinate_bytes);
  return !der.empty() && VerifyBy(key_.get(), row.digest(), false, message, der);
}

absl::StatusOr<JsonWebKeySet> JsonWebKeySet::Parse(absl::string_view json) {
  const auto refuse = [](absl::string_view rule) { return InvalidField("jwks", rule); };
  if (json.size() > kMaxBytes) return refuse(absl::StrCat("is larger than ", kMaxBytes, " bytes"));
  const Json parsed = ParseStrictJson(json);
  if (!parsed.is_object() || !parsed.contains("keys") || !parsed["keys"].is_array()) {
    return refuse("is no JWK set: an object whose member `keys` is an array");
  }
  const Json& keys = parsed["keys"];
  if (keys.size() > kMaxKeys) return refuse(absl::StrCat("has more than ", kMaxKeys, " keys"));
  JsonWebKeySet set;
  for (const Json& jwk : keys) {
    if (absl::optional<JsonWebKey> key = JsonWebKey::FromJson(jwk)) set.keys_.push_back(*std::move(key));
  }
  return set;
}

const JsonWebKey* JsonWebKeySet::Find(absl::string_view kid, JwsAlgorithm algorithm) const {
  const JsonWebKey* found = nullptr;
  for (const JsonWebKey& key : keys_) {
    if (!key.IsFor(algorithm) || (!kid.empty() && key.kid() != kid)) continue;
    if (found != nullptr) return kid.empty() ? nullptr : found;
    found = &key;
  }
  return found;
}

}  // namespace identity
