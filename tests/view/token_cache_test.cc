#include "server/view/token_cache.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/base/random.h"

namespace identity {
namespace {

constexpr char kIssuer[] = "https://identity.example";

AccessTokenClaims Claims(absl::Time expire_time) {
  AccessTokenClaims claims;
  claims.issuer = kIssuer;
  claims.audience = "identity";
  claims.expire_time = expire_time;
  claims.session_id = SessionId();
  return claims;
}

class TokenCacheTest : public ::testing::Test {
 protected:
  std::string Sign(absl::Time expire_time) const { return Sign(expire_time, key_); }
  static std::string Sign(absl::Time expire_time, const SigningKey& key) {
    return std::string(SignAccessToken(Claims(expire_time), key).Reveal());
  }
  const SigningKey key_ = *SigningKey::FromSeed(Secret(RandomBytes(kSigningSeedBytes)));
  const SigningKey other_key_ = *SigningKey::FromSeed(Secret(RandomBytes(kSigningSeedBytes)));
  const AccessTokenVerifier verifier_{kIssuer, {key_.verification_key(), other_key_.verification_key()}};
};

TEST_F(TokenCacheTest, FindsATokenByItsWholeText) {
  TokenCache cache(1 << 20);
  const std::string text = Sign(absl::FromUnixSeconds(2000));
  EXPECT_FALSE(cache.Find(text));
  cache.Keep(text, *verifier_.VerifySignature(text));
  EXPECT_TRUE(cache.Find(text));
  EXPECT_FALSE(cache.Find(text.substr(0, text.size() - 1)));
  EXPECT_FALSE(cache.Find(text + "A"));
  std::string other = text;
  other.back() = other.back() == 'A' ? 'B' : 'A';
  EXPECT_FALSE(cache.Find(other));
}

TEST_F(TokenCacheTest, ACachedTokenStillExpires) {
  TokenCache cache(1 << 20);
  const std::string text = Sign(absl::FromUnixSeconds(2000));
  cache.Keep(text, *verifier_.VerifySignature(text));
  const auto kept = cache.Find(text);
  ASSERT_TRUE(kept);
  EXPECT_TRUE(AccessTokenVerifier::VerifyTimes(*kept, absl::FromUnixSeconds(1990)).token);
  EXPECT_FALSE(AccessTokenVerifier::VerifyTimes(*kept, absl::FromUnixSeconds(2030)).token);
  EXPECT_EQ(AccessTokenVerifier::VerifyTimes(*kept, absl::FromUnixSeconds(2030)).failure,
            AccessTokenVerifier::Failure::kExpired);
}

TEST_F(TokenCacheTest, TokensOfARemovedKeyAreDropped) {
  TokenCache cache(1 << 20);
  const std::string dead = Sign(absl::FromUnixSeconds(2000));
  const std::string good = Sign(absl::FromUnixSeconds(2000), other_key_);
  for (const std::string& text : {dead, good}) cache.Keep(text, *verifier_.VerifySignature(text));
  cache.RemoveKeys({});
  EXPECT_EQ(cache.size(), 2u);
  cache.RemoveKeys({key_.verification_key().kid()});
  EXPECT_FALSE(cache.Find(dead));
  EXPECT_TRUE(cache.Find(good));
}

// A caller may verify a token before the removal of its key, and keep it afterwards.
TEST_F(TokenCacheTest, ATokenOfARemovedKeyIsNotKept) {
  TokenCache cache(1 << 20);
  const std::string text = Sign(absl::FromUnixSeconds(2000));
  const auto verified = verifier_.VerifySignature(text);
  EXPECT_EQ(verified->kids(), std::vector<absl::string_view>{key_.verification_key().kid()});
  cache.RemoveKeys({key_.verification_key().kid()});
  cache.Keep(text, *verified);
  EXPECT_FALSE(cache.Find(text));
}

// Otherwise a thief of the removed key could exchange its tokens for those of another key.
TEST_F(TokenCacheTest, ATokenFromATokenOfARemovedKeyIsDroppedToo) {
  TokenCache cache(1 << 20);
  AccessTokenClaims claims = Claims(absl::FromUnixSeconds(2000));
  claims.delegations = {{PrincipalId(), ApiKeyId(), TokenId(), key_.verification_key().kid()}};
  const std::string text(SignAccessToken(claims, other_key_).Reveal());
  const auto verified = verifier_.VerifySignature(text);
  ASSERT_TRUE(verified);
  cache.Keep(text, *verified);
  EXPECT_TRUE(cache.Find(text));
  cache.RemoveKeys({key_.verification_key().kid()});
  EXPECT_FALSE(cache.Find(text));
  cache.Keep(text, *verified);
  EXPECT_FALSE(cache.Find(text));
}

}  // namespace
}  // namespace identity
