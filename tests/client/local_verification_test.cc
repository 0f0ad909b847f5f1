#include "identity/local_verification.h"

#include <gmock/gmock.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/token_forge.h"

namespace identity {
namespace {

using Json = nlohmann::json;

class LocalVerificationTest : public testing::TestWithParam<JwsAlgorithm> {
 protected:
  LocalVerificationTest() : forge_(JwsAlgorithm::kEdDsa, "ed"), next_forge_(JwsAlgorithm::kEs256, "es") {
    TokenVerifier::Options options;
    options.issuer = "https://issuer.example";
    options.audience = "shop";
    options.clock = [this] { return now_; };
    options.fetch = [this]() -> absl::StatusOr<KeyDocument> {
      ++fetches_;
      if (!failure_.ok()) return failure_;
      return KeyDocument{published_.dump(), absl::Minutes(5)};
    };
    verifier_ = TokenVerifier::Create(std::move(options)).value();
  }

  Json Claims() const {
    const int64_t now = absl::ToUnixSeconds(now_);
    return {{"iss", "https://issuer.example"},
            {"aud", "shop"},
            {"sub", "ada"},
            {"client_id", "identity"},
            {"jti", "t1"},
            {"sid", "s1"},
            {"scope", "posts:read posts:update"},
            {"iat", now},
            {"exp", now + 900}};
  }
  static std::string Sign(const TokenForge& forge, const Json& claims) {
    Json header = forge.Header();
    header["typ"] = "at+jwt";
    return forge.Sign(header, claims.dump());
  }
  // "OK", or the name of the error's code.
  std::string Verify(const std::string& token) const {
    return absl::StatusCodeToString(verifier_->Verify(token).status().code());
  }

  absl::Time now_ = absl::FromUnixSeconds(2'000'000'000);
  TokenForge forge_;
  TokenForge next_forge_;
  Json published_ = {{"keys", {forge_.Jwk()}}};
  absl::Status failure_;
  int fetches_ = 0;
  std::unique_ptr<TokenVerifier> verifier_;
};

TEST_F(LocalVerificationTest, ReturnsTheClaims) {
  const auto token = verifier_->Verify(Sign(forge_, Claims()));
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(token->subject(), "ada");
  EXPECT_EQ(token->client_id(), "identity");
  EXPECT_EQ(token->id(), "t1");
  EXPECT_EQ(token->session_id(), "s1");
  EXPECT_THAT(token->scopes(), testing::ElementsAre("posts:read", "posts:update"));
  EXPECT_EQ(token->issue_time(), now_);
  EXPECT_EQ(token->expire_time(), now_ + absl::Seconds(900));
}

TEST_F(LocalVerificationTest, ClocksMayDifferByThirtySeconds) {
  const std::string token = Sign(forge_, Claims());
  const absl::Time issued = now_;
  for (const auto& [difference, expected] :
       {std::pair(absl::Seconds(929), "OK"), std::pair(absl::Seconds(930), "UNAUTHENTICATED"),
        std::pair(absl::Seconds(-30), "OK"), std::pair(absl::Seconds(-31), "UNAUTHENTICATED")}) {
    now_ = issued + difference;
    EXPECT_EQ(Verify(token), expected) << difference;
  }
}

TEST_F(LocalVerificationTest, AnotherEncodingOfTheSameTokenIsRefused) {
  const std::string token = Sign(forge_, Claims());
  for (const char* end : {"=", ".", "\n", " "}) EXPECT_EQ(Verify(token + end), "UNAUTHENTICATED") << end;
  std::string other = token;
  other.back() = other.back() == 'A' ? 'B' : static_cast<char>(other.back() + 1);  // may change only unused bits
  EXPECT_EQ(Verify(other), "UNAUTHENTICATED");
}

TEST_F(LocalVerificationTest, TheKeysAreKeptForTheirLifetime) {
  const std::string token = Sign(forge_, Claims());
  EXPECT_EQ(Verify(token), "OK");
  now_ += absl::Minutes(5) - absl::Seconds(1);
  EXPECT_EQ(Verify(token), "OK");
  EXPECT_EQ(fetches_, 1);
  now_ += absl::Seconds(1);
  EXPECT_EQ(Verify(token), "OK");
  EXPECT_EQ(fetches_, 2);
}

TEST_F(LocalVerificationTest, AnUnknownKeyFetchesThemOncePerTenSeconds) {
  EXPECT_EQ(Verify(Sign(forge_, Claims())), "OK");
  const std::string token = Sign(next_forge_, Claims());
  EXPECT_EQ(Verify(token), "UNAUTHENTICATED");
  EXPECT_EQ(Verify(token), "UNAUTHENTICATED");
  EXPECT_EQ(fetches_, 2);
  published_["keys"].push_back(next_forge_.Jwk());
  now_ += absl::Seconds(10);
  EXPECT_EQ(Verify(token), "OK");
  EXPECT_EQ(fetches_, 3);
}

TEST_F(LocalVerificationTest, WithoutTheKeysNothingIsKnown) {
  failure_ = absl::UnavailableError("away");
  const std::string token = Sign(forge_, Claims());
  EXPECT_EQ(Verify(token), "UNAVAILABLE");
  EXPECT_EQ(Verify(token), "UNAVAILABLE");
  EXPECT_EQ(fetches_, 1) << "no pause after a failure";
  failure_ = absl::OkStatus();
  now_ += absl::Seconds(1);
  EXPECT_EQ(Verify(token), "OK");
  failure_ = absl::UnavailableError("away");
  now_ += absl::Minutes(5);
  EXPECT_EQ(Verify(token), "UNAVAILABLE") << "the keys have expired";
}

TEST_F(LocalVerificationTest, TheAddressOfTheKeysIsHttpsOrLoopback) {
  for (const auto& [url, expected] :
       {std::pair("https://id.example/jwks", true), std::pair("http://127.0.0.1:8080/jwks", true),
        std::pair("http://[::1]:8080/jwks", true), std::pair("http://localhost/jwks", true),
        std::pair("http://id.example/jwks", false), std::pair("http://127.0.0.1.example/jwks", false),
        std::pair("http://127.0.0.1@id.example/jwks", false), std::pair("file:///jwks", false), std::pair("", false)}) {
    TokenVerifier::Options options;
    options.keys_url = url;
    options.issuer = "i";
    options.audience = "a";
    EXPECT_EQ(TokenVerifier::Create(std::move(options)).ok(), expected) << url;
  }
}

TEST_P(LocalVerificationTest, VerifiesOnlyTheAlgorithmsOfTheContract) {
  const TokenForge forge(GetParam(), "key");
  published_ = {{"keys", {forge.Jwk()}}};
  const bool is_known =
      GetParam() == JwsAlgorithm::kEdDsa || GetParam() == JwsAlgorithm::kEs256 || GetParam() == JwsAlgorithm::kRs256;
  EXPECT_EQ(Verify(Sign(forge, Claims())), is_known ? "OK" : "UNAUTHENTICATED");
}

INSTANTIATE_TEST_SUITE_P(Algorithms, LocalVerificationTest, testing::ValuesIn(kJwsAlgorithms));

}  // namespace
}  // namespace identity
