#include "identity/published_keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "identity/base64url.h"
#include "identity/json.h"

namespace identity {
inline namespace client {
namespace {

using Json = nlohmann::json;

constexpr absl::Duration kPauseAfterFailure = absl::Seconds(1);
constexpr absl::Duration kPauseForUnknownKeys = absl::Seconds(10);
constexpr int kMinRsaBits = 2048;
constexpr size_t kP256Bytes = 32;

// Objects of OpenSSL, each with the function that frees it.
template <auto free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    free(object);
  }
};
using Bignum = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using ParamsBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;
using Key = std::shared_ptr<EVP_PKEY>;

// Removes the errors that OpenSSL adds to the thread's list. TLS on this thread would take them for its own.
class QuietErrors {
 public:
  QuietErrors() { ERR_set_mark(); }
  ~QuietErrors() { ERR_pop_to_mark(); }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
};

const unsigned char* Bytes(absl::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Bignum ToBignum(absl::string_view bytes) {
  return Bignum(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
}

// A member that is text; empty without it.
std::string TextOf(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

// A member that is base64url; empty without it.
std::string BytesOf(const Json& object, const char* name) { return DecodeBase64Url(TextOf(object, name)).value_or(""); }

Key KeyOf(const char* type, OSSL_PARAM_BLD* values) {
  const Params params(OSSL_PARAM_BLD_to_param(values));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return Key(key, EVP_PKEY_free);
}

Key Ed25519Key(const Json& jwk) {
  const std::string point = BytesOf(jwk, "x");
  return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(point), point.size()), EVP_PKEY_free);
}

// OpenSSL refuses a point that is not on the curve.
Key P256Key(const Json& jwk) {
  const std::string x = BytesOf(jwk, "x");
  const std::string y = BytesOf(jwk, "y");
  if (x.size() != kP256Bytes || y.size() != kP256Bytes) return nullptr;
  const std::string point = absl::StrCat("\x04", x, y);
  const ParamsBuilder values(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(values.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(values.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  return KeyOf("EC", values.get());
}

Key RsaKey(const Json& jwk) {
  const Bignum modulus = ToBignum(BytesOf(jwk, "n"));
  const Bignum exponent = ToBignum(BytesOf(jwk, "e"));
  if (BN_num_bits(modulus.get()) < kMinRsaBits || !BN_is_odd(exponent.get()) || BN_is_one(exponent.get())) {
    return nullptr;
  }
  const ParamsBuilder values(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(values.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(values.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  return KeyOf("RSA", values.get());
}

// OpenSSL knows signatures of ECDSA only as DER. Empty when it is not one of ES256 (RFC 7518, section 3.4).
std::string ToDer(absl::string_view signature) {
  if (signature.size() != 2 * kP256Bytes) return "";
  const EcSignature both(ECDSA_SIG_new());
  ECDSA_SIG_set0(both.get(), ToBignum(signature.substr(0, kP256Bytes)).release(),
                 ToBignum(signature.substr(kP256Bytes)).release());
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(both.get(), &der);
  std::string result(reinterpret_cast<char*>(der), size > 0 ? static_cast<size_t>(size) : 0);
  OPENSSL_free(der);
  return result;
}

// The keys of a JWKS that could have signed an access token.
absl::StatusOr<std::map<std::string, PublicKey>> ReadKeys(const std::string& json) {
  const Json document = ParseJson(json);
  if (!document.is_object() || !document.contains("keys") || !document["keys"].is_array()) {
    return absl::UnavailableError("the keys are not a JWKS");
  }
  std::map<std::string, PublicKey> keys;
  for (const Json& jwk : document["keys"]) {
    const absl::StatusOr<PublicKey> key = PublicKey::Parse(jwk.dump());
    if (key.ok()) keys.emplace(key->id(), *key);
  }
  return keys;
}

}  // namespace

absl::StatusOr<PublicKey> PublicKey::Parse(const std::string& jwk) {
  const Json object = ParseJson(jwk);
  if (!object.is_object()) return absl::InvalidArgumentError("not a JSON object");
  const QuietErrors quiet;
  PublicKey result;
  result.id_ = TextOf(object, "kid");
  const std::string kind = absl::StrCat(TextOf(object, "kty"), " ", TextOf(object, "crv"));
  if (kind == "OKP Ed25519") {
    result.algorithm_ = "EdDSA";
    result.key_ = Ed25519Key(object);
  } else if (kind == "EC P-256") {
    result.algorithm_ = "ES256";
    result.key_ = P256Key(object);
  } else if (kind == "RSA ") {
    result.algorithm_ = "RS256";
    result.key_ = RsaKey(object);
  }
  const bool is_for_signatures = TextOf(object, "use").empty() || TextOf(object, "use") == "sig";
  const bool has_algorithm = TextOf(object, "alg").empty() || TextOf(object, "alg") == result.algorithm_;
  if (result.key_ != nullptr && is_for_signatures && has_algorithm && !result.id_.empty()) return result;
  return absl::InvalidArgumentError("not a key that could have signed an access token");
}

bool PublicKey::Verifies(absl::string_view text, absl::string_view signature) const {
  const QuietErrors quiet;
  const std::string der = algorithm_ == "ES256" ? ToDer(signature) : "";
  const absl::string_view bytes = algorithm_ == "ES256" ? der : signature;
  const EVP_MD* hash = algorithm_ == "EdDSA" ? nullptr : EVP_sha256();  // Ed25519 has its own
  const Digest digest(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(digest.get(), nullptr, hash, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(digest.get(), Bytes(bytes), bytes.size(), Bytes(text), text.size()) == 1;
}

PublishedKeys::PublishedKeys(KeyFetch fetch, std::function<absl::Time()> clock)
    : fetch_(std::move(fetch)), clock_(std::move(clock)) {}

absl::StatusOr<PublicKey> PublishedKeys::Find(const std::string& id) {
  std::shared_ptr<const Known> current = known();
  if (MustFetch(*current, id)) {
    const std::lock_guard<std::mutex> fetching(fetching_);
    current = known();
    if (MustFetch(*current, id)) {
      current = std::make_shared<const Known>(Fetch(*current));
      const std::lock_guard<std::mutex> lock(mutex_);
      known_ = current;
    }
  }
  const auto found = current->keys.find(id);
  if (found != current->keys.end() && clock_() < current->expire_time) return found->second;
  return current->error.ok() ? absl::NotFoundError("there is no key of this id") : current->error;
}

std::shared_ptr<const PublishedKeys::Known> PublishedKeys::known() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return known_;
}

bool PublishedKeys::MustFetch(const Known& known, const std::string& id) const {
  const absl::Time now = clock_();
  if (now < known.next_try) return false;
  if (now >= known.expire_time) return true;
  return known.keys.count(id) == 0 && now >= known.next_try_for_unknown;
}

PublishedKeys::Known PublishedKeys::Fetch(const Known& before) const {
  const absl::StatusOr<KeyDocument> document = fetch_();
  absl::StatusOr<std::map<std::string, PublicKey>> keys =
      document.ok() ? ReadKeys(document->json) : absl::UnavailableError(document.status().message());
  Known after = before;
  const absl::Time now = clock_();
  if (now < before.expire_time) after.next_try_for_unknown = now + kPauseForUnknownKeys;
  after.error = keys.status();
  if (keys.ok()) {
    after.keys = *std::move(keys);
    after.expire_time = now + document->lifetime;
  } else {
    after.next_try = now + kPauseAfterFailure;
  }
  return after;
}

}  // namespace client
}  // namespace identity
