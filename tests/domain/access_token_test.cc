#include "server/domain/access_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sodium.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "server/base/encoding/base64url.h"
#include "server/base/error.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using Failure = AccessTokenVerifier::Failure;

constexpr char kIssuer[] = "https://identity.example.com";
constexpr char kSubject[] = "01890a5d-ac96-774b-bcce-b302099a8057";
constexpr char kTokenId[] = "01890a5d-ac96-774b-bcce-b302099a8058";
constexpr char kSession[] = "01890a5d-ac96-774b-bcce-b302099a8059";
constexpr int64_t kIssueSeconds = 1700000000;
constexpr int64_t kExpireSeconds = kIssueSeconds + 900;
const absl::Time kCheckTime = absl::FromUnixSeconds(kIssueSeconds + 60);

const SigningKey& Key() {
  static const SigningKey* const key = new SigningKey(*SigningKey::FromSeed(Secret(std::string(32, 'a'))));
  return *key;
}
const SigningKey& OtherKey() {
  static const SigningKey* const key = new SigningKey(*SigningKey::FromSeed(Secret(std::string(32, 'b'))));
  return *key;
}

AccessTokenVerifier Verifier() { return AccessTokenVerifier(kIssuer, {Key().verification_key()}); }

AccessTokenClaims Claims() {
  AccessTokenClaims claims;
  claims.issuer = kIssuer;
  claims.subject = *PrincipalId::Parse(kSubject);
  claims.audience = "identity";
  claims.issue_time = absl::FromUnixSeconds(kIssueSeconds);
  claims.expire_time = absl::FromUnixSeconds(kExpireSeconds);
  claims.id = *TokenId::Parse(kTokenId);
  claims.session_id = *SessionId::Parse(kSession);
  claims.client_id = "identity";
  claims.scopes = *Scopes::Parse({"posts:*", "users:read"});
  claims.roles = {"admin", "editor"};
  claims.auth_time = absl::FromUnixSeconds(kIssueSeconds - 5);
  claims.amr = {"pwd", "otp"};
  claims.epoch = 3;
  return claims;
}

std::string Signed(const AccessTokenClaims& claims) { return std::string(SignAccessToken(claims, Key()).Reveal()); }

std::string Header() {
  return absl::StrCat(R"({"alg":"EdDSA","kid":")", Key().verification_key().kid(), R"(","typ":"at+jwt"})");
}

std::string Payload() {
  return absl::StrCat(R"({"iss":")", kIssuer, R"(","sub":")", kSubject, R"(","aud":"identity","iat":)", kIssueSeconds,
                      R"(,"nbf":)", kIssueSeconds, R"(,"exp":)", kExpireSeconds, R"(,"jti":")", kTokenId,
                      R"(","sid":")", kSession, R"(","client_id":"identity","scope":"*","roles":["admin"],)",
                      R"("auth_time":)", kIssueSeconds, R"(,"amr":["pwd"],"epoch":0})");
}

// The payload with `from`, which it must contain, replaced by `to`.
std::string Changed(const std::string& text, const std::string& from, const std::string& to) {
  EXPECT_NE(text.find(from), std::string::npos) << from;
  return absl::StrReplaceAll(text, {{from, to}});
}

// A token with a valid signature over any header and payload.
std::string SignRaw(absl::string_view header, absl::string_view payload, const SigningKey& key = Key()) {
  const std::string part = absl::StrCat(Base64UrlEncode(header), ".", Base64UrlEncode(payload));
  return absl::StrCat(part, ".", Base64UrlEncode(key.Sign(part)));
}

::testing::AssertionResult IsInvalid(absl::string_view token) {
  const auto result = Verifier().Verify(token, kCheckTime);
  if (result.token) return ::testing::AssertionFailure() << "it verified";
  if (result.failure != Failure::kInvalid || result.expired_claims) {
    return ::testing::AssertionFailure() << "it counts as expired";
  }
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult IsValid(absl::string_view token, absl::Time now = kCheckTime) {
  if (Verifier().Verify(token, now).token) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "it did not verify";
}

TEST(AccessTokenTest, ClaimsSurviveEncodingAndVerification) {
  const auto result = Verifier().Verify(Signed(Claims()), kCheckTime);
  ASSERT_TRUE(result.token);
  const AccessTokenClaims& claims = result.token->claims();
  EXPECT_EQ(claims.issuer, kIssuer);
  EXPECT_EQ(claims.subject.ToString(), kSubject);
  EXPECT_EQ(claims.audience, "identity");
  EXPECT_EQ(claims.issue_time, Claims().issue_time);
  EXPECT_EQ(claims.expire_time, Claims().expire_time);
  EXPECT_EQ(claims.id.ToString(), kTokenId);
  ASSERT_TRUE(claims.session_id);
  EXPECT_EQ(claims.session_id->ToString(), kSession);
  EXPECT_FALSE(claims.api_key_id);
  EXPECT_EQ(claims.client_id, "identity");
  EXPECT_EQ(claims.scopes, Claims().scopes);
  EXPECT_EQ(claims.roles, Claims().roles);
  EXPECT_EQ(claims.auth_time, Claims().auth_time);
  EXPECT_EQ(claims.amr, Claims().amr);
  EXPECT_EQ(claims.epoch, 3);
}

TEST(AudienceTest, IsOneTo256BytesOfPrintableAscii) {
  for (const std::string& audience : {std::string("a"), std::string("https://api.example/v1"), std::string(256, 'x')}) {
    EXPECT_THAT(CheckAudience(audience), IsOk()) << audience;
  }
  for (const std::string& audience :
       {std::string(), std::string(257, 'x'), std::string("a b"), std::string("a\n"), std::string("\xc3\xa4")}) {
    EXPECT_THAT(CheckAudience(audience), HasReason(ErrorReason::kInvalidField)) << audience;
  }
}

TEST(AccessTokenTest, ExchangedApiKeyReplacesTheSession) {
  AccessTokenClaims claims = Claims();
  claims.session_id = absl::nullopt;
  claims.api_key_id = *ApiKeyId::Parse(kSession);
  claims.roles.clear();
  claims.amr.clear();
  claims.scopes = Scopes();
  const auto result = Verifier().Verify(Signed(claims), kCheckTime);
  ASSERT_TRUE(result.token);
  EXPECT_FALSE(result.token->claims().session_id);
  EXPECT_EQ(result.token->claims().api_key_id, claims.api_key_id);
  EXPECT_TRUE(result.token->claims().scopes.empty());
}

Delegation DelegationBy(const std::string& last_digits) {
  const std::string kid = Key().verification_key().kid();
  const auto id = [&](const char* kind) {
    return absl::StrCat("01890a5d-ac96-774b-bcce-b302099a8", kind, last_digits);
  };
  return {*PrincipalId::Parse(id("a")), *ApiKeyId::Parse(id("b")), *TokenId::Parse(id("c")), kid};
}

TEST(AccessTokenTest, DelegationsSurviveEncodingAndVerification) {
  AccessTokenClaims claims = Claims();
  for (const char* digits : {"01", "02", "03", "04"}) claims.delegations.push_back(DelegationBy(digits));
  const std::string token = Signed(claims);
  EXPECT_TRUE(IsValid(token));
  const auto result = Verifier().Verify(token, kCheckTime);
  ASSERT_TRUE(result.token);
  ASSERT_EQ(result.token->claims().delegations.size(), kMaxDelegations);
  for (size_t i = 0; i < kMaxDelegations; ++i) {
    const Delegation& read = result.token->claims().delegations[i];
    EXPECT_EQ(read.actor, claims.delegations[i].actor);
    EXPECT_EQ(read.actor_key, claims.delegations[i].actor_key);
    EXPECT_EQ(read.parent, claims.delegations[i].parent);
    EXPECT_EQ(read.parent_kid, claims.delegations[i].parent_kid);
  }
  claims.delegations.push_back(DelegationBy("05"));
  EXPECT_TRUE(IsInvalid(Signed(claims))) << "one more than there may be";
}

TEST(AccessTokenTest, ActIsReadableByOthers) {
  AccessTokenClaims claims = Claims();
  claims.delegations = {DelegationBy("01"), DelegationBy("02")};
  const std::vector<std::string> parts = absl::StrSplit(Signed(claims), '.');
  std::string payload;
  ASSERT_TRUE(Base64UrlDecode(parts[1], &payload));
  EXPECT_THAT(payload, ::testing::HasSubstr(absl::StrCat(R"("sub":")", DelegationBy("02").actor.ToString(), "\"}")))
      << "RFC 8693, section 4.1: `act` in `act`";
}

TEST(AccessTokenVerifierTest, ATokenFromATokenOfAnUnknownKeyIsRefused) {
  AccessTokenClaims claims = Claims();
  claims.delegations = {DelegationBy("01"), DelegationBy("02")};
  claims.delegations[1].parent_kid = OtherKey().verification_key().kid();
  EXPECT_TRUE(IsInvalid(Signed(claims)));
}

TEST(AccessTokenVerifierTest, MalformedDelegationsAreRefused) {
  AccessTokenClaims claims = Claims();
  claims.delegations = {DelegationBy("01")};
  const std::vector<std::string> parts = absl::StrSplit(Signed(claims), '.');
  std::string payload;
  ASSERT_TRUE(Base64UrlDecode(parts[1], &payload));
  EXPECT_TRUE(IsValid(SignRaw(Header(), payload)));
  const std::pair<std::string, std::string> kChanges[] = {
      {R"("parent_jti")", R"("x")"},
      {R"("parent_kid")", R"("x")"},
      {R"("akid")", R"("x")"},
      {R"({"akid":)", R"({"act":{},"akid":)"},
      {R"({"akid":)", R"({"act":null,"akid":)"},
      {R"({"akid":)", R"({"x":{},"akid":)"},
      {R"({"akid":)", R"({"x":1,"x":1,"akid":)"},
      {R"({"akid":)", R"([{"akid":)"},
      {R"("aud":)", R"("act":{},"aud":)"},
  };
  for (const auto& [from, to] : kChanges) {
    EXPECT_TRUE(IsInvalid(SignRaw(Header(), Changed(payload, from, to)))) << to;
  }
  EXPECT_TRUE(IsInvalid(SignRaw(Header(), Changed(Payload(), "{", R"({"act":"x",)"))));
  EXPECT_TRUE(IsInvalid(SignRaw(Header(), Changed(Payload(), "{", R"({"act":{},)"))));
}

TEST(AccessTokenTest, HeaderNamesAlgorithmTypeAndKey) {
  const std::string token = Signed(Claims());
  std::string header;
  ASSERT_TRUE(Base64UrlDecode(token.substr(0, token.find('.')), &header));
  EXPECT_NE(header.find(R"("alg":"EdDSA")"), std::string::npos);
  EXPECT_NE(header.find(R"("typ":"at+jwt")"), std::string::npos);
  EXPECT_NE(header.find(Key().verification_key().kid()), std::string::npos);
}

TEST(AccessTokenTest, BytesThatAreNotUtf8AreReplaced) {
  AccessTokenClaims claims = Claims();
  claims.audience = std::string("\xff");
  EXPECT_TRUE(IsValid(Signed(claims)));
}

TEST(AccessTokenVerifierTest, HandWrittenTokenIsValid) { EXPECT_TRUE(IsValid(SignRaw(Header(), Payload()))); }

TEST(AccessTokenVerifierTest, EquivalentHeaderWithOtherBytesIsRefused) {
  const std::string kid(Key().verification_key().kid());
  for (const std::string& header :
       {absl::StrCat(R"({"typ":"at+jwt","alg":"EdDSA","kid":")", kid, R"("})"), Changed(Header(), ",", ", "),
        Changed(Header(), "{", "{ "), Changed(Header(), "EdDSA", R"(\u0045dDSA)")}) {
    EXPECT_TRUE(IsInvalid(SignRaw(header, Payload()))) << header;
  }
}

TEST(AccessTokenVerifierTest, EveryBitFlipIsRefused) {
  const std::string token = Signed(Claims());
  for (size_t i = 0; i < token.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string broken = token;
      broken[i] = static_cast<char>(broken[i] ^ (1 << bit));
      ASSERT_TRUE(IsInvalid(broken)) << "bit " << bit << " of byte " << i;
    }
  }
}

// libsodium takes a byte above ASCII for "_". Ten tokens, since not every signature has a "_".
TEST(AccessTokenVerifierTest, ByteAboveAsciiInTheSignatureIsRefused) {
  AccessTokenClaims claims = Claims();
  for (claims.epoch = 0; claims.epoch < 10; ++claims.epoch) {
    const std::string token = Signed(claims);
    for (size_t i = token.rfind('.') + 1; i < token.size(); ++i) {
      std::string other = token;
      other[i] = '\xdf';
      EXPECT_TRUE(IsInvalid(other)) << i;
    }
  }
}

TEST(AccessTokenVerifierTest, EveryTruncationIsRefused) {
  const std::string token = Signed(Claims());
  for (size_t size = 0; size < token.size(); ++size) {
    ASSERT_TRUE(IsInvalid(token.substr(0, size))) << size;
    ASSERT_TRUE(IsInvalid(token.substr(token.size() - size))) << size;
  }
}

TEST(AccessTokenVerifierTest, AnythingAddedIsRefused) {
  const std::string token = Signed(Claims());
  for (const std::string& text :
       {token + "=", token + ".", token + "\n", absl::StrCat(" ", token), absl::StrCat(".", token), token + "A",
        token + "." + token, token + std::string(1, '\0')}) {
    EXPECT_TRUE(IsInvalid(text)) << text;
  }
}

TEST(AccessTokenVerifierTest, DotsAndLongInputsAreRefused) {
  EXPECT_TRUE(IsInvalid(std::string(1 << 20, '.')));
  EXPECT_TRUE(IsInvalid(std::string(AccessTokenVerifier::kMaxBytes, '.')));
  EXPECT_TRUE(IsInvalid(std::string(1 << 20, 'A')));
  EXPECT_TRUE(IsInvalid(".."));
  EXPECT_TRUE(IsInvalid(""));
}

TEST(AccessTokenVerifierTest, SizeIsLimitedEvenWithAValidSignature) {
  const auto padded = [](size_t size) {
    return SignRaw(Header(), Changed(Payload(), R"("epoch":0)",
                                     absl::StrCat(R"("epoch":0,"x":")", std::string(size, 'x'), R"(")")));
  };
  size_t size = 11000;
  while (padded(size + 1).size() <= AccessTokenVerifier::kMaxBytes) ++size;
  EXPECT_TRUE(IsValid(padded(size)));
  EXPECT_TRUE(IsInvalid(padded(size + 2)));
}

TEST(AccessTokenVerifierTest, OnlyEdDsaIsAccepted) {
  for (const char* algorithm : {"none", "None", "NONE", "", "HS256", "RS256", "ES256", "EDDSA", "eddsa", "Ed25519"}) {
    const std::string header = Changed(Header(), R"("EdDSA")", absl::StrCat("\"", algorithm, "\""));
    EXPECT_TRUE(IsInvalid(SignRaw(header, Payload()))) << algorithm;
    const std::string unsigned_part = absl::StrCat(Base64UrlEncode(header), ".", Base64UrlEncode(Payload()));
    EXPECT_TRUE(IsInvalid(unsigned_part + ".")) << algorithm;
    EXPECT_TRUE(IsInvalid(unsigned_part)) << algorithm;
  }
  EXPECT_TRUE(IsInvalid(absl::StrCat(Base64UrlEncode(Header()), ".", Base64UrlEncode(Payload()), ".")));
}

TEST(AccessTokenVerifierTest, PublicKeyIsNotAcceptedAsAnHmacSecret) {
  const std::string& secret = Key().verification_key().bytes();
  for (const char* algorithm : {"HS256", "EdDSA"}) {
    const std::string header = Changed(Header(), R"("EdDSA")", absl::StrCat("\"", algorithm, "\""));
    const std::string part = absl::StrCat(Base64UrlEncode(header), ".", Base64UrlEncode(Payload()));
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256(mac, reinterpret_cast<const unsigned char*>(part.data()), part.size(),
                           reinterpret_cast<const unsigned char*>(secret.data()));
    const std::string tag(reinterpret_cast<const char*>(mac), sizeof(mac));
    EXPECT_TRUE(IsInvalid(absl::StrCat(part, ".", Base64UrlEncode(tag)))) << algorithm;
    EXPECT_TRUE(IsInvalid(absl::StrCat(part, ".", Base64UrlEncode(tag + tag)))) << algorithm;
  }
}

TEST(AccessTokenVerifierTest, KeyMustBeKnownByItsKid) {
  EXPECT_TRUE(IsInvalid(std::string(SignAccessToken(Claims(), OtherKey()).Reveal())));
  EXPECT_TRUE(IsInvalid(SignRaw(Header(), Payload(), OtherKey()))) << "the signature of another key under our kid";
  const std::string kid = Key().verification_key().kid();
  for (const std::string& other : {std::string(), OtherKey().verification_key().kid(), kid + "=", kid.substr(1),
                                   std::string("../../dev/null"), std::string("' OR 1=1 --")}) {
    EXPECT_TRUE(IsInvalid(SignRaw(Changed(Header(), kid, other), Payload()))) << other;
  }
  EXPECT_TRUE(IsInvalid(SignRaw(R"({"alg":"EdDSA","typ":"at+jwt"})", Payload())));
}

TEST(AccessTokenVerifierTest, EveryKnownKeyVerifies) {
  const AccessTokenVerifier both(kIssuer, {Key().verification_key(), OtherKey().verification_key()});
  EXPECT_TRUE(both.Verify(Signed(Claims()), kCheckTime).token);
  EXPECT_TRUE(both.Verify(SignAccessToken(Claims(), OtherKey()).Reveal(), kCheckTime).token);
  EXPECT_FALSE(AccessTokenVerifier(kIssuer, {}).Verify(Signed(Claims()), kCheckTime).token);
}

TEST(AccessTokenVerifierTest, HeaderThatNamesAKeyOrAnythingElseIsRefused) {
  for (const char* member :
       {R"("jku":"https://evil.example/keys")", R"("jwk":{"kty":"OKP","crv":"Ed25519","x":"AA"})", R"("jwk":"x")",
        R"("x5u":"https://evil.example/cert")", R"("x5c":["AA"])", R"("x5t":"AA")", R"("x5t#S256":"AA")",
        R"("crit":["exp"])", R"("crit":[])", R"("b64":false)", R"("cty":"JWT")", R"("zip":"DEF")", R"("x":null)"}) {
    EXPECT_TRUE(IsInvalid(SignRaw(Changed(Header(), "{", absl::StrCat("{", member, ",")), Payload()))) << member;
  }
}

TEST(AccessTokenVerifierTest, OnlyAccessTokensAreAccepted) {
  for (const char* type : {"JWT", "jwt", "at+JWT", "AT+JWT", "application/at+jwt", "", "logout+jwt"}) {
    EXPECT_TRUE(IsInvalid(SignRaw(Changed(Header(), "at+jwt", type), Payload()))) << type;
  }
  EXPECT_TRUE(IsInvalid(SignRaw(Changed(Header(), R"(,"typ":"at+jwt")", ""), Payload())));
  EXPECT_TRUE(IsInvalid(SignRaw(Changed(Header(), R"("typ":"at+jwt")", R"("typ":1)"), Payload())));
}

TEST(AccessTokenVerifierTest, OtherSecretsAreRefused) {
  EXPECT_TRUE(IsInvalid("idr_02tcRIyrxLXTR81B3dqdOx_0Eoh211G4c8wtVWM00my5rsNSFlKgaWqQ4mb8gdEqno_2vLgGV"));
  EXPECT_TRUE(IsInvalid("idk_02tcRIyrxLXTR81B3dqdOx_0Eoh211G4c8wtVWM00my5rsNSFlKgaWqQ4mb8gdEqno_2MMGew"));
}

TEST(AccessTokenVerifierTest, DuplicateMembersAreRefused) {
  for (const char* member : {R"("alg":"EdDSA")", R"("typ":"at+jwt")", R"("alg":"none")", R"("\u0061lg":"none")"}) {
    EXPECT_TRUE(IsInvalid(SignRaw(Changed(Header(), "{", absl::StrCat("{", member, ",")), Payload()))) << member;
  }
  for (const std::string& member : {absl::StrCat(R"("sub":")", kSubject, R"(")"), std::string(R"("exp":99999999999)"),
                                    std::string(R"("scope":"*")"), std::string(R"("roles":[])"),
                                    std::string(R"("\u0073cope":"*")"), std::string(R"("x":1,"x":1)")}) {
    EXPECT_TRUE(IsInvalid(SignRaw(Header(), Changed(Payload(), "{", absl::StrCat("{", member, ","))))) << member;
    EXPECT_TRUE(IsInvalid(SignRaw(Header(), Changed(Payload(), "}", absl::StrCat(",", member, "}"))))) << member;
  }
}

TEST(AccessTokenVerifierTest, OtherIssuerIsRefused) {
  for (const char* issuer :
       {"https://identity.example.com/", "https://IDENTITY.example.com", "", "https://evil.example"}) {
    EXPECT_TRUE(IsInvalid(SignRaw(Header(), Changed(Payload(), kIssuer, issuer)))) << issuer;
  }
}

TEST(AccessTokenVerifierTest, EveryClaimIsRequired) {
  const std::string payload = Payload();
  const std::vector<std::string> members = absl::StrSplit(payload.substr(1, payload.size() - 2), ',');
  ASSERT_EQ(members.size(), 14u);
  for (const std::string& left_out : members) {
    std::string rest;
    for (const std::string& member : members) {
      if (member != left_out) absl::StrAppend(&rest, rest.empty() ? "" : ",", member);
    }
    EXPECT_TRUE(IsInvalid(SignRaw(Header(), absl::StrCat("{", rest, "}")))) << left_out;
  }
}

TEST(AccessTokenVerifierTest, SessionOrApiKeyAndNeverBoth) {
  const std::string both = Changed(Payload(), "{", absl::StrCat(R"({"akid":")", kSession, R"(",)"));
  EXPECT_TRUE(IsInvalid(SignRaw(Header(), both)));
  EXPECT_TRUE(IsInvalid(SignRaw(Header(), Changed(both, kSession, "x"))));
  EXPECT_TRUE(
      IsInvalid(SignRaw(Header(), Changed(Payload(), absl::StrCat(R"("sid":")", kSession, R"(")"), R"("sid":null)"))));
  EXPECT_TRUE(IsValid(SignRaw(Header(), Changed(Payload(), R"("sid")", R"("akid")"))));
}

TEST(AccessTokenVerifierTest, ClaimsOfAnotherTypeAreRefused) {
  const std::string iat = absl::StrCat(R"("iat":)", kIssueSeconds);
  const std::string exp = absl::StrCat(R"("exp":)", kExpireSeconds);
  const std::pair<std::string, std::string> kChanges[] = {
      {R"("aud":"identity")", R"("aud":["identity"])"},
      {R"("aud":"identity")", R"("aud":["identity","other"])"},
      {R"("aud":"identity")", R"("aud":null)"},
      {R"("aud":"identity")", R"("aud":{})"},
      {R"("scope":"*")", R"("scope":["*"])"},
      {R"("scope":"*")", R"("scope":"a  b")"},
      {R"("scope":"*")", R"("scope":"NOT A SCOPE")"},
      {R"("roles":["admin"])", R"("roles":"admin")"},
      {R"("roles":["admin"])", R"("roles":[1])"},
      {R"("roles":["admin"])", R"("roles":[["admin"]])"},
      {R"("roles":["admin"])", R"("roles":[null])"},
      {R"("roles":["admin"])", R"("roles":{"admin":true})"},
      {R"("amr":["pwd"])", R"("amr":true)"},
      {R"("client_id":"identity")", R"("client_id":7)"},
      {R"("epoch":0)", R"("epoch":-1)"},
      {R"("epoch":0)", R"("epoch":"0")"},
      {R"("epoch":0)", R"("epoch":0.0)"},
      {R"("epoch":0)", R"("epoch":18446744073709551616)"},
      {iat, iat + ".0"},
      {iat, R"("iat":1e3)"},
      {iat, R"("iat":-1)"},
      {iat, R"("iat":"1700000000")"},
      {iat, R"("iat":true)"},
      {exp, R"("exp":253402300800)"},
      {exp, R"("exp":9223372036854775807)"},
      {exp, R"("exp":18446744073709551615)"},
      {exp, R"("exp":1e400)"},
      {exp, R"("exp":null)"},
      {kSubject, "anonymous"},
      {kTokenId, "1"},
      {kSession, "1"},
  };
  for (const auto& [from, to] : kChanges) {
    EXPECT_TRUE(IsInvalid(SignRaw(Header(), Changed(Payload(), from, to)))) << to;
  }
  EXPECT_TRUE(IsValid(SignRaw(Header(), Changed(Payload(), exp, absl::StrCat(R"("exp":)", kIssueSeconds + 3600)))));
}

TEST(AccessTokenVerifierTest, UnknownClaimsAreIgnored) {
  for (const char* member : {R"("x":"y")", R"("x":-1.5)", R"("x":null)", R"("x":false)", R"("x":["y"])", R"("":"")"}) {
    EXPECT_TRUE(IsValid(SignRaw(Header(), Changed(Payload(), "{", absl::StrCat("{", member, ","))))) << member;
  }
}

TEST(AccessTokenVerifierTest, DepthIsBounded) {
  for (const std::string& value :
       {std::string("{}"), std::string("[[]]"), std::string("[{}]"), std::string(5000, '[')}) {
    EXPECT_TRUE(IsInvalid(SignRaw(Header(), Changed(Payload(), "{", absl::StrCat(R"({"x":)", value, ","))))) << value;
  }
}

TEST(AccessTokenVerifierTest, AnythingButOneJsonObjectIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("null"), std::string("[]"), std::string("\"x\""), std::string("1"), std::string("{"),
        std::string("{}"), std::string("[\"a\"]"), Payload() + "x", Payload() + Payload(),
        absl::StrCat("[", Payload(), "]"), Payload() + "//", Changed(Payload(), "identity.example", "\xff.example"),
        Payload() + std::string(1, '\0'), Payload() + std::string("\0{", 2)}) {
    EXPECT_TRUE(IsInvalid(SignRaw(Header(), text))) << text;
    EXPECT_TRUE(IsInvalid(SignRaw(text, Payload()))) << text;
  }
}

TEST(AccessTokenVerifierTest, ExpiryIsAcceptedUpToTheSkewLate) {
  const std::string token = Signed(Claims());
  const absl::Time end = absl::FromUnixSeconds(kExpireSeconds) + AccessTokenVerifier::kSkew;
  EXPECT_EQ(AccessTokenVerifier::kSkew, absl::Seconds(30));
  EXPECT_TRUE(IsValid(token, absl::FromUnixSeconds(kExpireSeconds)));
  EXPECT_TRUE(IsValid(token, end - absl::Nanoseconds(1)));
  for (const absl::Time now : {end, end + absl::Hours(1), absl::InfiniteFuture()}) {
    const auto result = Verifier().Verify(token, now);
    EXPECT_FALSE(result.token);
    EXPECT_EQ(result.failure, Failure::kExpired);
    ASSERT_TRUE(result.expired_claims);
    EXPECT_EQ(result.expired_claims->id.ToString(), kTokenId);
  }
}

TEST(AccessTokenVerifierTest, NotBeforeAndIssueTimeAreAcceptedUpToTheSkewEarly) {
  const std::string token = Signed(Claims());
  const absl::Time begin = absl::FromUnixSeconds(kIssueSeconds) - AccessTokenVerifier::kSkew;
  EXPECT_TRUE(IsValid(token, begin));
  EXPECT_FALSE(IsValid(token, begin - absl::Nanoseconds(1)));
  for (const char* claim : {"iat", "nbf"}) {
    const std::string from = absl::StrCat("\"", claim, "\":", kIssueSeconds);
    const auto later = [&](int64_t seconds) {
      return SignRaw(Header(), Changed(Payload(), from, absl::StrCat("\"", claim, "\":", kIssueSeconds + seconds)));
    };
    EXPECT_TRUE(IsValid(later(90))) << claim;
    EXPECT_TRUE(IsInvalid(later(91))) << claim;
  }
}

TEST(AccessTokenVerifierTest, ExpiredTokenWithABadSignatureIsInvalid) {
  std::string token = Signed(Claims());
  token[token.size() - 10] = token[token.size() - 10] == 'A' ? 'B' : 'A';
  const auto result = Verifier().Verify(token, absl::FromUnixSeconds(kExpireSeconds) + absl::Hours(1));
  EXPECT_EQ(result.failure, Failure::kInvalid);
  EXPECT_FALSE(result.expired_claims);
}

TEST(AccessTokenVerifierTest, ExpiredTokenOfAnotherIssuerIsInvalid) {
  const AccessTokenVerifier verifier("https://other.example", {Key().verification_key()});
  const auto result = verifier.Verify(Signed(Claims()), absl::FromUnixSeconds(kExpireSeconds) + absl::Hours(1));
  EXPECT_EQ(result.failure, Failure::kInvalid);
  EXPECT_FALSE(result.expired_claims);
}

TEST(AccessTokenTest, TokenThatLivesTooLongIsRefused) {
  AccessTokenClaims claims = Claims();
  claims.expire_time = claims.issue_time + kLongestAccessTokenLifetime;
  EXPECT_TRUE(Verifier().Verify(Signed(claims), kCheckTime).token);
  claims.expire_time += absl::Seconds(1);
  EXPECT_FALSE(Verifier().Verify(Signed(claims), kCheckTime).token);
}

}  // namespace
}  // namespace identity
