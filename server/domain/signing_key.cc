#include "server/domain/signing_key.h"

#include "absl/strings/str_cat.h"
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
std::string Thumbprint(absl::string_view key) {
  const std::string members = absl::StrCat(R"({"crv":"Ed25519","kty":"OKP","x":")", Base64UrlEncode(key), R"("})");
  unsigned char digest[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(digest, Unsigned(members), members.size());
  return Base64UrlEncode(absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

}  // namespace

absl::string_view NameOf(SigningKeyState state) { return NameIn(kStates, state); }

absl::optional<SigningKeyState> ParseSigningKeyState(absl::string_view name) { return FindByName(kStates, name); }

absl::StatusOr<VerificationKey> VerificationKey::Create(absl::string_view bytes) {
  EnsureSodium();
  if (bytes.size() != crypto_sign_PUBLICKEYBYTES) return InvalidField("public_key", "must be 32 bytes");
  return VerificationKey(std::string(bytes), Thumbprint(bytes));
}

std::string VerificationKey::ToJwk() const {
  // Base64url needs no escaping in JSON.
  return absl::StrCat(R"({"alg":"EdDSA","crv":"Ed25519","kid":")", kid_, R"(","kty":"OKP","use":"sig","x":")",
                      Base64UrlEncode(bytes_), R"("})");
}

bool VerificationKey::Verify(absl::string_view message, absl::string_view signature) const {
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
  ASSIGN_OR_RETURN(VerificationKey verification_key, VerificationKey::Create(key));
  return SigningKey(std::move(secret), std::move(verification_key));
}

std::string SigningKey::Sign(absl::string_view message) const {
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, Unsigned(message), message.size(),
                       Unsigned(private_.Reveal()));
  return signature;
}

}  // namespace identity
