#include "server/domain/external/external_token.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/encoding/base64url.h"
#include "tests/support/token_forge.h"

namespace identity {
namespace {

using testing::ElementsAre;
using testing::Optional;
using Json = nlohmann::json;

const TokenForge& Forge() {
  static const auto* const forge = new TokenForge(JwsAlgorithm::kEs256);
  return *forge;
}
JsonWebKey Key() { return *JsonWebKey::FromJson(Forge().Jwk()); }

Json Claims() { return {{"iss", "https://issuer.example"}, {"sub", "ada"}}; }

absl::optional<ExternalClaims> Verified(const Json& claims) {
  const auto token = ExternalToken::Parse(Forge().Sign(claims));
  return token ? ExternalClaims::Verify(*token, Key()) : absl::nullopt;
}

TEST(ExternalTokenTest, TellsWhichKeyWouldVerifyIt) {
  const auto token = ExternalToken::Parse(Forge().Sign(Claims()));
  ASSERT_TRUE(token);
  EXPECT_EQ(token->algorithm(), JwsAlgorithm::kEs256);
  EXPECT_EQ(token->kid(), "k1");
  EXPECT_EQ(token->claimed_issuer(), "https://issuer.example");
}

TEST(ExternalTokenTest, ClaimsNeedTheRightSignature) {
  const auto token = ExternalToken::Parse(Forge().Sign(Claims()));
  ASSERT_TRUE(token);
  EXPECT_TRUE(ExternalClaims::Verify(*token, Key()));
  const TokenForge other(JwsAlgorithm::kEs256);
  EXPECT_FALSE(ExternalClaims::Verify(*token, *JsonWebKey::FromJson(other.Jwk())));
  const std::vector<std::string> parts = absl::StrSplit(Forge().Sign(Claims()), '.');
  const std::string other_claims = Base64UrlEncode(R"({"iss":"https://issuer.example","sub":"eve"})");
  const auto changed = ExternalToken::Parse(absl::StrCat(parts[0], ".", other_claims, ".", parts[2]));
  ASSERT_TRUE(changed);
  EXPECT_FALSE(ExternalClaims::Verify(*changed, Key()));
}

// RFC 8725, section 2.1: neither "none", nor a public key as the secret of an HMAC.
TEST(ExternalTokenTest, TheTokenCannotChooseAnAlgorithm) {
  for (const char* name : {"none", "None", "", "HS256", "HS512", "RS1", "es256"}) {
    Json header = Forge().Header();
    header["alg"] = name;
    EXPECT_FALSE(ExternalToken::Parse(Forge().Sign(header, Claims().dump()))) << name;
  }
  Json header = Forge().Header();
  header["alg"] = "ES384";
  const auto token = ExternalToken::Parse(Forge().Sign(header, Claims().dump()));
  ASSERT_TRUE(token);
  EXPECT_FALSE(ExternalClaims::Verify(*token, Key()));
}

TEST(ExternalTokenTest, TheTokenCannotBringAKey) {
  for (const char* name : {"jku", "jwk", "x5u", "x5c", "crit", "b64"}) {
    Json header = Forge().Header();
    header[name] = Forge().Jwk();
    EXPECT_FALSE(ExternalToken::Parse(Forge().Sign(header, Claims().dump()))) << name;
  }
}

TEST(ExternalTokenTest, OtherKindsOfTokenAreRefused) {
  for (const char* type : {"at+jwt", "application/at+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt"}) {
    Json header = Forge().Header();
    header["typ"] = type;
    EXPECT_FALSE(ExternalToken::Parse(Forge().Sign(header, Claims().dump()))) << type;
  }
  Json header = Forge().Header();
  for (const char* type : {"JWT", "jwt", "application/jwt"}) {
    header["typ"] = type;
    EXPECT_TRUE(ExternalToken::Parse(Forge().Sign(header, Claims().dump()))) << type;
  }
  header.erase("typ");
  EXPECT_TRUE(ExternalToken::Parse(Forge().Sign(header, Claims().dump())));
}

TEST(ExternalTokenTest, RefusesOtherForms) {
  const std::string good = Forge().Sign(Claims());
  const std::vector<std::string> parts = absl::StrSplit(good, '.');
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), parts[0], absl::StrCat(parts[0], ".", parts[1]),
        absl::StrCat(good, "."), absl::StrCat(good, ".x"), absl::StrCat(" ", good), absl::StrCat(good, "\n"),
        absl::StrCat(good, "="), absl::StrCat(parts[0], "..", parts[2])}) {
    EXPECT_FALSE(ExternalToken::Parse(text)) << text;
  }
  for (const char* header : {"[]", "x", R"({"alg":1})", R"({"alg":"ES256","kid":7})",
                             R"({"alg":"ES256","alg":"ES256"})", R"({"alg":"ES256","typ":[]})"}) {
    EXPECT_FALSE(ExternalToken::Parse(absl::StrCat(Base64UrlEncode(header), ".", parts[1], ".", parts[2]))) << header;
  }
  Json long_claims = Claims();
  long_claims["picture"] = std::string(ExternalToken::kMaxBytes, 'x');
  EXPECT_FALSE(ExternalToken::Parse(Forge().Sign(long_claims)));
}

// Two programs could read such claims differently.
TEST(ExternalTokenTest, RefusesClaimsWithTwoMeanings) {
  for (const std::string& claims : {std::string(R"({"sub":"ada","sub":"eve"})"), std::string(R"({"a":{"b":1,"b":2}})"),
                                    std::string("{\"sub\":\"a\xff\"}"), std::string("{\"sub\":\"ada\"}\0x", 15),
                                    std::string("[\"sub\"]"), std::string(40, '[') + std::string(40, ']')}) {
    EXPECT_FALSE(ExternalToken::Parse(Forge().Sign(Forge().Header(), claims))) << claims;
  }
}

TEST(ExternalClaimsTest, ReadsClaimsByNameAndByPointer) {
  const auto claims = Verified({{"sub", "ada"},
                                {"https://shop.example/roles", {"admin"}},
                                {"realm_access", {{"roles", {"editor", "reader"}}}},
                                {"kubernetes.io", {{"pod", {{"name", "web-1"}}}}},
                                {"a/b", {{"~c", "found"}}},
                                {"email_verified", true},
                                {"exp", 1700000000.75},
                                {"mixed", {"a", 1}}});
  ASSERT_TRUE(claims);
  EXPECT_THAT(claims->Text("sub"), Optional(std::string("ada")));
  EXPECT_THAT(claims->Texts("sub"), Optional(ElementsAre("ada")));
  EXPECT_THAT(claims->Texts("https://shop.example/roles"), Optional(ElementsAre("admin")));
  EXPECT_THAT(claims->Texts("/realm_access/roles"), Optional(ElementsAre("editor", "reader")));
  EXPECT_THAT(claims->Text("/kubernetes.io/pod/name"), Optional(std::string("web-1")));
  EXPECT_THAT(claims->Text("/a~1b/~0c"), Optional(std::string("found")));
  EXPECT_THAT(claims->Bool("email_verified"), Optional(true));
  EXPECT_THAT(claims->Time("exp"), Optional(absl::FromUnixSeconds(1700000000)));
  EXPECT_FALSE(claims->Text("/sub/x"));
  EXPECT_FALSE(claims->Text("/realm_access"));
  EXPECT_FALSE(claims->Texts("mixed"));
  EXPECT_FALSE(claims->Text("missing"));
  EXPECT_FALSE(claims->Bool("sub"));
  EXPECT_FALSE(claims->Time("sub"));
  EXPECT_TRUE(claims->Has("/realm_access/roles"));
  EXPECT_FALSE(claims->Has("/realm_access/groups"));
}

TEST(ExternalClaimsTest, ATimeIsWithinTheYearsThatWeKnow) {
  const auto claims = Verified({{"negative", -1}, {"late", 1e18}, {"text", "1700000000"}, {"zero", 0}});
  ASSERT_TRUE(claims);
  for (const char* name : {"negative", "late", "text"}) EXPECT_FALSE(claims->Time(name)) << name;
  EXPECT_THAT(claims->Time("zero"), Optional(absl::UnixEpoch()));
}

}  // namespace
}  // namespace identity
