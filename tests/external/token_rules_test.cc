#include "server/domain/external/token_rules.h"

#include <gmock/gmock.h>
#include <openssl/evp.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "server/base/encoding/base64url.h"
#include "tests/support/token_forge.h"

namespace identity {
namespace {

using Json = nlohmann::json;

constexpr int64_t kNow = 1'800'000'000;

const TokenForge& Forge(JwsAlgorithm algorithm = JwsAlgorithm::kRs256) {
  static const auto* const forges = [] {
    auto* const all = new std::vector<TokenForge>();
    for (const JwsAlgorithm each : kJwsAlgorithms) all->emplace_back(each);
    return all;
  }();
  return (*forges)[static_cast<size_t>(algorithm)];
}

ExternalClaims ClaimsIn(const Json& claims, JwsAlgorithm algorithm = JwsAlgorithm::kRs256) {
  const TokenForge& forge = Forge(algorithm);
  return *ExternalClaims::Verify(*ExternalToken::Parse(forge.Sign(claims)), *JsonWebKey::FromJson(forge.Jwk()));
}

std::string Name(const CheckedToken& checked) { return checked.identity ? "good" : std::string(NameOf(checked.fault)); }

// The shapes of tokens that providers document, with the audience that a client of ours has there.
struct Provider {
  const char* name;
  std::string issuer;
  std::string audience;
  Json claims;
};

Provider Auth0() {
  return {"Auth0",
          "https://shop.eu.auth0.com/",
          "AbCdEfGhIjKlMnOp",
          {{"nickname", "ada"},
           {"name", "ada@example.com"},
           {"picture", "https://s.gravatar.com/avatar/x.png"},
           {"updated_at", "2027-01-15T07:59:00.000Z"},
           {"email", "ada@example.com"},
           {"email_verified", true},
           {"iss", "https://shop.eu.auth0.com/"},
           {"aud", "AbCdEfGhIjKlMnOp"},
           {"iat", kNow - 60},
           {"exp", kNow + 36'000},
           {"sub", "auth0|65f1c0ffee"},
           {"sid", "Xq1"},
           {"nonce", "n-1"}}};
}

Provider Firebase() {
  return {"Firebase",
          "https://securetoken.google.com/shop-1",
          "shop-1",
          {{"name", "Ada"},
           {"iss", "https://securetoken.google.com/shop-1"},
           {"aud", "shop-1"},
           {"auth_time", kNow - 90},
           {"user_id", "w1"},
           {"sub", "w1"},
           {"iat", kNow - 60},
           {"exp", kNow + 3'540},
           {"email", "ada@example.com"},
           {"email_verified", false},
           {"firebase", {{"identities", {{"email", {"ada@example.com"}}}}, {"sign_in_provider", "password"}}}}};
}

// A change of a good token, and the fault that it must have. Unset values are removed.
struct Bad {
  const char* fault;
  std::vector<std::pair<const char*, Json>> changes;
};

std::vector<Bad> BadTokens(const Provider& provider) {
  const Json none;
  return {
      {"issuer", {{"iss", none}}},
      {"issuer", {{"iss", "https://evil.example/"}}},
      {"issuer", {{"iss", provider.issuer + "/"}}},
      {"issuer", {{"iss", {provider.issuer}}}},
      {"subject", {{"sub", none}}},
      {"subject", {{"sub", ""}}},
      {"subject", {{"sub", 7}}},
      {"subject", {{"sub", std::string(256, 'x')}}},
      {"subject", {{"sub", "ad\u00e9"}}},
      {"subject", {{"sub", "a\nb"}}},
      {"audience", {{"aud", none}}},
      {"audience", {{"aud", "another-client"}}},
      {"audience", {{"aud", Json::array()}}},
      {"audience", {{"aud", {provider.audience, "another-client"}}}},
      {"audience", {{"aud", {provider.audience, "another-client"}}, {"azp", "another-client"}}},
      {"audience", {{"azp", "another-client"}}},
      {"audience", {{"azp", 1}}},
      {"audience", {{"aud", {provider.audience, 1}}}},
      {"expired", {{"exp", none}}},
      {"expired", {{"exp", kNow - 30}}},
      {"expired", {{"exp", std::to_string(kNow + 60)}}},
      {"not_yet_valid", {{"iat", none}}},
      {"not_yet_valid", {{"iat", kNow + 31}}},
      {"not_yet_valid", {{"nbf", kNow + 31}}},
      {"not_yet_valid", {{"nbf", "soon"}}},
      {"purpose", {{"typ", "Bearer"}}},
      {"purpose", {{"events", Json::object()}}},
      {"nonce", {{"nonce", "n-2"}}},
      {"nonce", {{"nonce", 1}}},
      {"nonce", {{"nonce", ""}}},
  };
}

class TokenRulesTest : public testing::TestWithParam<Provider> {
 protected:
  CheckedToken Check(const Json& claims) const {
    IdTokenContext context;
    context.nonce = GetParam().claims.value("nonce", "");
    return CheckIdToken(ClaimsIn(claims), GetParam().issuer, {"other", GetParam().audience}, context,
                        absl::FromUnixSeconds(kNow));
  }
};

TEST_P(TokenRulesTest, AGoodTokenHasAnIdentity) {
  const CheckedToken checked = Check(GetParam().claims);
  ASSERT_TRUE(checked.identity) << NameOf(checked.fault);
  EXPECT_EQ(checked.identity->issuer(), GetParam().issuer);
  EXPECT_EQ(checked.identity->subject(), GetParam().claims["sub"].get<std::string>());
  EXPECT_EQ(checked.expire_time, absl::FromUnixSeconds(GetParam().claims["exp"].get<int64_t>()));
}

TEST_P(TokenRulesTest, EachBadTokenIsRefusedForItsFault) {
  for (const Bad& bad : BadTokens(GetParam())) {
    Json claims = GetParam().claims;
    std::string change;
    for (const auto& [name, value] : bad.changes) {
      if (value.is_null()) {
        claims.erase(name);
      } else {
        claims[name] = value;
      }
      change += std::string(name) + "=" + value.dump() + " ";
    }
    EXPECT_EQ(Name(Check(claims)), bad.fault) << change;
  }
}

INSTANTIATE_TEST_SUITE_P(Providers, TokenRulesTest, testing::Values(Auth0(), Firebase()),
                         [](const auto& parameter) { return parameter.param.name; });

TEST(TokenRulesTest, SeveralAudiencesNeedThePartyThatTheTokenWasIssuedTo) {
  Json claims = Auth0().claims;
  claims["aud"] = {"AbCdEfGhIjKlMnOp", "https://shop.eu.auth0.com/userinfo"};
  claims["azp"] = "AbCdEfGhIjKlMnOp";
  EXPECT_EQ(Name(CheckIdToken(ClaimsIn(claims), Auth0().issuer, {"AbCdEfGhIjKlMnOp"}, {"n-1", ""},
                              absl::FromUnixSeconds(kNow))),
            "good");
}

TEST(TokenRulesTest, AnIssuerWithoutAudiencesHasNoGoodToken) {
  const auto now = absl::FromUnixSeconds(kNow);
  EXPECT_EQ(Name(CheckExternalToken(ClaimsIn(Auth0().claims), Auth0().issuer, {}, now)), "audience");
  EXPECT_EQ(Name(CheckExternalToken(ClaimsIn(Auth0().claims), "", {"AbCdEfGhIjKlMnOp"}, now)), "issuer");
}

TEST(TokenRulesTest, ANonceThatTheClientDoesNotNameIsRefused) {
  const auto check = [](const Provider& provider, const std::string& nonce) {
    return Name(CheckIdToken(ClaimsIn(provider.claims), provider.issuer, {provider.audience}, {nonce, ""},
                             absl::FromUnixSeconds(kNow)));
  };
  EXPECT_EQ(check(Auth0(), "n-1"), "good");
  EXPECT_EQ(check(Auth0(), ""), "nonce");
  EXPECT_EQ(check(Firebase(), ""), "good");
  EXPECT_EQ(check(Firebase(), "n-1"), "nonce");
}

TEST(TokenRulesTest, ATokenCountsUntilItsTimeAndALittleLonger) {
  const Provider provider = Firebase();
  const auto check = [&](int64_t seconds) {
    return Name(CheckExternalToken(ClaimsIn(provider.claims), provider.issuer, {provider.audience},
                                   absl::FromUnixSeconds(seconds)));
  };
  EXPECT_EQ(check(kNow + 3'540 + 29), "good");
  EXPECT_EQ(check(kNow + 3'540 + 30), "expired");
  EXPECT_EQ(check(kNow - 60 - 30), "good");
  EXPECT_EQ(check(kNow - 60 - 31), "not_yet_valid");
}

// OpenID Connect Core, section 3.1.3.6: half of the hash that goes with the algorithm.
TEST(TokenRulesTest, TheHashOfTheAccessTokenFollowsTheAlgorithm) {
  const std::string access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
  const struct {
    JwsAlgorithm algorithm;
    const EVP_MD* digest;
  } cases[] = {{JwsAlgorithm::kRs256, EVP_sha256()}, {JwsAlgorithm::kPs256, EVP_sha256()},
               {JwsAlgorithm::kEs256, EVP_sha256()}, {JwsAlgorithm::kRs384, EVP_sha384()},
               {JwsAlgorithm::kEs384, EVP_sha384()}, {JwsAlgorithm::kRs512, EVP_sha512()},
               {JwsAlgorithm::kEdDsa, EVP_sha512()}};
  for (const auto& [algorithm, digest] : cases) {
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    ASSERT_EQ(EVP_Digest(access_token.data(), access_token.size(), hash, &size, digest, nullptr), 1);
    Json claims = Firebase().claims;
    claims["at_hash"] = Base64UrlEncode(absl::string_view(reinterpret_cast<const char*>(hash), size / 2));
    const auto check = [&](const std::string& token) {
      return Name(CheckIdToken(ClaimsIn(claims, algorithm), Firebase().issuer, {"shop-1"}, {"", token},
                               absl::FromUnixSeconds(kNow)));
    };
    EXPECT_EQ(check(access_token), "good") << NameOf(algorithm);
    EXPECT_EQ(check("another"), "access_token") << NameOf(algorithm);
    EXPECT_EQ(check(""), "good") << NameOf(algorithm);
  }
  EXPECT_EQ(Name(CheckIdToken(ClaimsIn(Firebase().claims), Firebase().issuer, {"shop-1"}, {"", access_token},
                              absl::FromUnixSeconds(kNow))),
            "access_token")
      << "without the claim";
}

// The value that RFC 7515's sibling, OpenID Connect Core, has in its appendix A.3.
TEST(TokenRulesTest, TheHashOfTheStandardsExampleAgrees) {
  Json claims = Firebase().claims;
  claims["at_hash"] = "77QmUPtjPfzWtF2AnpK9RQ";
  EXPECT_EQ(Name(CheckIdToken(ClaimsIn(claims), Firebase().issuer, {"shop-1"},
                              {"", "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"}, absl::FromUnixSeconds(kNow))),
            "good");
}

}  // namespace
}  // namespace identity
