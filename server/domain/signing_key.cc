#include "server/domain/signing_key.h"

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "server/base/encoding/base64url.h"
#include "server/base/enum_names.h"
#include "server/base/error.h"
#include "server/base/sodium.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

static_assert(kSigningSeedBytes == crypto_sign_SEEDBYTES);

constexpr EnumName<SigningKeyState> kStates[] = {
    {SigningKeyState::kNext, "next"}, {SigningKeyState::kActive, "active"}, {SigningKeyState::kRetiring, "retiring"}};
static_assert(NamesEach(kStates, SigningKeyState::kRetiring));

// RFC 7638 section 3: only the required members, in the order of their names, without space.
std::string Thumbprint(const std::map<std::string, std::string>& members) {
  const std::string text = nlohmann::json(members).dump();
  unsigned char digest[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(digest, Unsigned(text), text.size());
  return Base64UrlEncode(absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

std::map<std::string, std::string> EdDsaMembers(absl::string_view key) {
  return {{"crv", "Ed25519"}, {"kty", "OKP"}, {"x", Base64UrlEncode(key)}};
}

}  // namespace

absl::string_view NameOf(SigningKeyState state) { return NameIn(kStates, state); }

absl::optional<SigningKeyState> ParseSigningKeyState(absl::string_view name) { return FindByName(kStates, name); }

VerificationKey::VerificationKey(SigningAlgorithm algorithm, absl::string_view bytes, absl::optional<OpenSslKey> key)
    : algorithm_(algorithm),
      bytes_(bytes),
      key_(std::move(key)),
      members_(key_ ? key_->JwkMembers() : EdDsaMembers(bytes)),
      kid_(Thumbprint(members_)) {}

absl::StatusOr<VerificationKey> VerificationKey::Create(SigningAlgorithm algorithm, absl::string_view bytes) {
  EnsureSodium();
  if (algorithm == SigningAlgorithm::kEdDsa) {
    if (bytes.size() != crypto_sign_PUBLICKEYBYTES) return InvalidField("public_key", "must be 32 bytes");
    return VerificationKey(algorithm, bytes, absl::nullopt);
  }
  absl::optional<OpenSslKey> key = OpenSslKey::FromPublic(algorithm, bytes);
  if (!key) return InvalidField("public_key", absl::StrCat("is not a key for ", NameOf(algorithm)));
  return VerificationKey(algorithm, bytes, std::move(key));
}

std::string VerificationKey::ToJwk() const {
  nlohmann::json jwk(members_);
  jwk["alg"] = std::string(NameOf(algorithm_));
  jwk["kid"] = kid_;
  jwk["use"] = "sig";
  return jwk.dump();
}

bool VerificationKey::Verify(absl::string_view message, absl::string_view signature) const {
  if (key_) return key_->Verify(message, signature);
  if (signature.size() != crypto_sign_BYTES) return false;
  // Refuses unreduced scalars and points of small order, so that nobody can derive a second signature from a first.
  return crypto_sign_verify_detached(Unsigned(signature), Unsigned(message), message.size(), Unsigned(bytes_)) == 0;
}

absl::StatusOr<SigningKey> SigningKey::FromSeed(const Secret& seed) {
  EnsureSodium();
  if (seed.size() != kSigningSeedBytes) return InvalidField("seed", "must be 32 bytes");
  std::string expanded(crypto_sign_SECRETKEYBYTES, '\0');
  std::string key(crypto_sign_PUBLICKEYBYTES, '\0');
  crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(key.data()),
                           reinterpret_cast<unsigned char*>(expanded.data()), Unsigned(seed.Reveal()));
  Secret secret(std::move(expanded));
  ASSIGN_OR_RETURN(VerificationKey public_half, VerificationKey::Create(SigningAlgorithm::kEdDsa, key));
  return SigningKey(std::move(secret), absl::nullopt, std::move(public_half));
}

absl::StatusOr<SigningKey> SigningKey::FromPrivate(SigningAlgorithm algorithm, const Secret& private_key) {
  if (algorithm == SigningAlgorithm::kEdDsa) return FromSeed(private_key);
  absl::optional<OpenSslKey> key = OpenSslKey::FromPrivate(algorithm, private_key);
  if (!key) return InvalidField("private_key", absl::StrCat("is not a key for ", NameOf(algorithm)));
  // Read again from the public half alone, so that this object never copies the private one.
  ASSIGN_OR_RETURN(VerificationKey public_half, VerificationKey::Create(algorithm, key->PublicDer()));
  return SigningKey(Secret(), std::move(key), std::move(public_half));
}

std::string SigningKey::Sign(absl::string_view message) const {
  if (key_) return key_->Sign(message);
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, Unsigned(message), message.size(),
                       Unsigned(expanded_.Reveal()));
  return signature;
}

}  // namespace identity
