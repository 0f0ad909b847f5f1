#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "server/base/encoding/base64url.h"
#include "server/domain/access_token.h"
#include "tests/support/sample_keys.h"

// Attacks on the algorithms of access tokens. One verifier knows a key of each algorithm, as in a deployment that signs
// with all of them.
namespace identity {
namespace {

constexpr char kTokenIssuer[] = "https://identity.example.com";
const absl::Time kIssueTime = absl::FromUnixSeconds(1700000000);
const absl::Time kNow = kIssueTime + absl::Minutes(1);

const SigningKey& KeyOf(SigningAlgorithm algorithm) {
  static const auto* const keys = [] {
    auto* const all = new std::vector<SigningKey>();
    for (const SigningAlgorithm each : kSigningAlgorithms) all->push_back(SampleKey(each));
    return all;
  }();
  return (*keys)[static_cast<size_t>(algorithm)];
}

const AccessTokenVerifier& VerifierOfAll() {
  static const auto* const verifier = [] {
    std::vector<VerificationKey> keys;
    for (const SigningAlgorithm each : kSigningAlgorithms) keys.push_back(KeyOf(each).verification_key());
    return new AccessTokenVerifier(kTokenIssuer, keys);
  }();
  return *verifier;
}

bool Accepts(absl::string_view token) { return VerifierOfAll().Verify(token, kNow).token.has_value(); }

struct Parts {
  std::string header;
  std::string payload;
  std::string signature;
};

std::string Decoded64(absl::string_view text) {
  std::string bytes;
  EXPECT_TRUE(Base64UrlDecode(text, &bytes)) << text;
  return bytes;
}

Parts PartsOf(const std::string& token) {
  const std::vector<std::string> segments = absl::StrSplit(token, '.');
  return {Decoded64(segments[0]), Decoded64(segments[1]), Decoded64(segments[2])};
}

std::string SignedPart(const Parts& parts) {
  return absl::StrCat(Base64UrlEncode(parts.header), ".", Base64UrlEncode(parts.payload));
}

std::string Join(const Parts& parts) { return absl::StrCat(SignedPart(parts), ".", Base64UrlEncode(parts.signature)); }

std::string Replaced(const std::string& text, absl::string_view from, absl::string_view to) {
  EXPECT_NE(text.find(std::string(from)), std::string::npos) << from;
  return absl::StrReplaceAll(text, {{from, to}});
}

class TokenAlgorithmTest : public ::testing::TestWithParam<SigningAlgorithm> {
 protected:
  static std::string Token() {
    AccessTokenClaims claims;
    claims.issuer = kTokenIssuer;
    claims.subject = *PrincipalId::Parse("01890a5d-ac96-774b-bcce-b302099a8057");
    claims.audience = "orders";
    claims.issue_time = kIssueTime;
    claims.expire_time = kIssueTime + absl::Minutes(15);
    claims.id = *TokenId::Parse("01890a5d-ac96-774b-bcce-b302099a8058");
    claims.session_id = *SessionId::Parse("01890a5d-ac96-774b-bcce-b302099a8059");
    claims.client_id = "identity";
    claims.auth_time = kIssueTime;
    return std::string(SignAccessToken(claims, KeyOf(GetParam())).Reveal());
  }
  static Parts TokenParts() { return PartsOf(Token()); }
  static std::vector<SigningAlgorithm> Others() {
    std::vector<SigningAlgorithm> others;
    for (const SigningAlgorithm each : kSigningAlgorithms) {
      if (each != GetParam()) others.push_back(each);
    }
    return others;
  }
  // The token with another header, and with a true signature of the key of `signer` over it.
  static std::string Resigned(const std::string& header, SigningAlgorithm signer = GetParam()) {
    Parts parts = TokenParts();
    parts.header = header;
    parts.signature = KeyOf(signer).Sign(SignedPart(parts));
    return Join(parts);
  }
};

INSTANTIATE_TEST_SUITE_P(Each, TokenAlgorithmTest, ::testing::ValuesIn(kSigningAlgorithms),
                         [](const auto& test) { return std::string(NameOf(test.param)); });

TEST_P(TokenAlgorithmTest, ATokenOfTheKeyIsAcceptedAndNamesTheAlgorithm) {
  EXPECT_TRUE(Accepts(Token()));
  EXPECT_EQ(TokenParts().header, absl::StrCat(R"({"alg":")", NameOf(GetParam()), R"(","kid":")",
                                              KeyOf(GetParam()).verification_key().kid(), R"(","typ":"at+jwt"})"));
  EXPECT_TRUE(Accepts(Resigned(TokenParts().header)));
}

TEST_P(TokenAlgorithmTest, EveryBitFlipIsRefused) {
  const std::string token = Token();
  for (size_t i = 0; i < token.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string broken = token;
      broken[i] = static_cast<char>(broken[i] ^ (1 << bit));
      ASSERT_FALSE(Accepts(broken)) << "bit " << bit << " of byte " << i;
    }
  }
}

TEST_P(TokenAlgorithmTest, EveryTruncationIsRefused) {
  const std::string token = Token();
  for (size_t size = 0; size < token.size(); ++size) ASSERT_FALSE(Accepts(token.substr(0, size))) << size;
  Parts parts = TokenParts();
  const std::string signature = parts.signature;
  for (size_t size = 0; size < signature.size(); ++size) {
    parts.signature = signature.substr(0, size);
    ASSERT_FALSE(Accepts(Join(parts))) << size;
    parts.signature = signature.substr(signature.size() - size);
    ASSERT_FALSE(Accepts(Join(parts))) << size;
  }
  for (const std::string& longer : {signature + '\0', '\0' + signature, signature + signature}) {
    parts.signature = longer;
    EXPECT_FALSE(Accepts(Join(parts)));
  }
}

TEST_P(TokenAlgorithmTest, AnotherAlgorithmInTheHeaderIsRefused) {
  const std::string header = TokenParts().header;
  const std::string name(NameOf(GetParam()));
  for (const char* other : {"none", "None", "", "HS256", "HS512", "EdDSA", "ES256", "RS256", "PS256", "ES384", "ES256K",
                            "RS512", "Ed25519", "es256"}) {
    if (name == other) continue;
    const std::string changed = Replaced(header, absl::StrCat("\"", name, "\""), absl::StrCat("\"", other, "\""));
    EXPECT_FALSE(Accepts(Resigned(changed))) << other;
    Parts parts = TokenParts();
    parts.header = changed;
    for (const char* signature : {"", "\x30\x06\x02\x01\x01\x02\x01\x01"}) {
      parts.signature = signature;
      EXPECT_FALSE(Accepts(Join(parts))) << other;
    }
  }
}

// The header of one key, byte for byte, with a true signature of another.
TEST_P(TokenAlgorithmTest, TheKidOfAnotherAlgorithmsKeyIsRefused) {
  const std::string kid = KeyOf(GetParam()).verification_key().kid();
  for (const SigningAlgorithm other : Others()) {
    const std::string other_kid = KeyOf(other).verification_key().kid();
    const std::string only_kid = Replaced(TokenParts().header, kid, other_kid);
    const std::string both = Replaced(only_kid, NameOf(GetParam()), NameOf(other));
    for (const SigningAlgorithm signer : kSigningAlgorithms) {
      EXPECT_FALSE(Accepts(Resigned(only_kid, signer))) << NameOf(signer);
      EXPECT_EQ(Accepts(Resigned(both, signer)), signer == other) << NameOf(signer);
    }
  }
}

TEST_P(TokenAlgorithmTest, AnotherKeyOfTheSameAlgorithmIsRefused) {
  const SigningKey other = SampleKey(GetParam(), 1);
  Parts parts = TokenParts();
  parts.signature = other.Sign(SignedPart(parts));
  EXPECT_FALSE(Accepts(Join(parts))) << "under the kid of a known key";
  parts.header = Replaced(parts.header, KeyOf(GetParam()).verification_key().kid(), other.verification_key().kid());
  parts.signature = other.Sign(SignedPart(parts));
  EXPECT_FALSE(Accepts(Join(parts))) << "under its own kid";
  EXPECT_TRUE(AccessTokenVerifier(kTokenIssuer, {other.verification_key()}).Verify(Join(parts), kNow).token);
}

std::string HmacSha256(const std::string& secret, const std::string& text) {
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &length);
  return std::string(reinterpret_cast<const char*>(mac), length);
}

TEST_P(TokenAlgorithmTest, ThePublicKeyIsNotAnHmacSecret) {
  const VerificationKey& key = KeyOf(GetParam()).verification_key();
  const std::string pem =
      absl::StrCat("-----BEGIN PUBLIC KEY-----\n", Base64UrlEncode(key.bytes()), "\n-----END PUBLIC KEY-----\n");
  for (const std::string& secret : {key.bytes(), key.ToJwk(), pem, key.kid()}) {
    for (const absl::string_view algorithm : {absl::string_view("HS256"), NameOf(GetParam())}) {
      Parts parts = TokenParts();
      parts.header = Replaced(parts.header, NameOf(GetParam()), algorithm);
      parts.signature = HmacSha256(secret, SignedPart(parts));
      EXPECT_FALSE(Accepts(Join(parts)));
      parts.signature += parts.signature;
      EXPECT_FALSE(Accepts(Join(parts)));
    }
  }
}

TEST_P(TokenAlgorithmTest, AnotherTypeOrHeaderIsRefused) {
  const std::string header = TokenParts().header;
  for (const char* type : {"JWT", "jwt", "at+JWT", "application/at+jwt", "", "dpop+jwt", "logout+jwt"}) {
    EXPECT_FALSE(Accepts(Resigned(Replaced(header, "at+jwt", type)))) << type;
  }
  const std::string jwk = KeyOf(GetParam()).verification_key().ToJwk();
  for (const std::string& member :
       {absl::StrCat(R"("jwk":)", jwk), std::string(R"("jku":"https://evil.example/keys")"),
        std::string(R"("x5u":"https://evil.example")"), std::string(R"("x5c":["AA"])"), std::string(R"("crit":[])"),
        std::string(R"("alg":"none")"), std::string(R"("b64":false)")}) {
    EXPECT_FALSE(Accepts(Resigned(Replaced(header, "{", absl::StrCat("{", member, ","))))) << member;
  }
  EXPECT_FALSE(Accepts(Resigned(Replaced(header, ",", ", "))));
}

// The DER form of an ECDSA signature, which other protocols use.
std::string DerOf(const std::string& raw) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(raw.data());
  ECDSA_SIG* signature = ECDSA_SIG_new();
  ECDSA_SIG_set0(signature, BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(signature, &der);
  std::string text(reinterpret_cast<const char*>(der), static_cast<size_t>(length));
  OPENSSL_free(der);
  ECDSA_SIG_free(signature);
  return text;
}

constexpr char kOrderBytes[] =
    "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
    "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";

class Es256TokenTest : public TokenAlgorithmTest {};
INSTANTIATE_TEST_SUITE_P(Each, Es256TokenTest, ::testing::Values(SigningAlgorithm::kEs256));

TEST_P(Es256TokenTest, ASignatureInDerIsRefused) {
  Parts parts = TokenParts();
  parts.signature = DerOf(parts.signature);
  EXPECT_FALSE(Accepts(Join(parts)));
  while (parts.signature.size() < 64) parts.signature += '\0';
  EXPECT_FALSE(Accepts(Join(parts)));
  parts.signature.resize(64);
  EXPECT_FALSE(Accepts(Join(parts)));
}

TEST_P(Es256TokenTest, NumbersOfZeroAndFromTheOrderOnAreRefused) {
  Parts parts = TokenParts();
  const std::string r = parts.signature.substr(0, 32);
  const std::string s = parts.signature.substr(32);
  const std::string zero(32, '\0');
  const std::string order(kOrderBytes, 32);
  for (const std::string& signature :
       {zero + zero, r + zero, zero + s, zero + std::string(31, '\0') + '\1', order + order, r + order, order + s,
        order + zero, std::string(64, '\xff'), s + r}) {
    parts.signature = signature;
    EXPECT_FALSE(Accepts(Join(parts)));
  }
}

// OpenSSL would accept (r, n - s), too. Nobody may make a second token from a first.
TEST_P(Es256TokenTest, TheOtherSOfASignatureIsRefused) {
  Parts parts = TokenParts();
  BIGNUM* order = BN_bin2bn(reinterpret_cast<const unsigned char*>(kOrderBytes), 32, nullptr);
  BIGNUM* s = BN_bin2bn(reinterpret_cast<const unsigned char*>(parts.signature.data()) + 32, 32, nullptr);
  BN_sub(s, order, s);
  BN_bn2binpad(s, reinterpret_cast<unsigned char*>(parts.signature.data()) + 32, 32);
  BN_free(s);
  BN_free(order);
  EXPECT_FALSE(Accepts(Join(parts)));
}

}  // namespace
}  // namespace identity
