#include "db/stores/sessions.h"

#include "tests/db/stores/store_fixture.h"

namespace identity {
namespace {

class SessionStoreTest : public StoreTest {
 protected:
  SessionId AddRevoked(const PrincipalId& principal, const std::string& ago) {
    const SessionId id = AddSession(principal);
    test_database_.Execute(absl::StrCat("UPDATE sessions SET revoke_time = now() - interval '", ago, "' WHERE id = '",
                                        id.ToString(), "'"));
    return id;
  }
};

TEST_F(SessionStoreTest, RevokedSinceReturnsSessionsRevokedWithinTheLifetime) {
  const PrincipalId ann = AddUser("ann");
  AddSession(ann);
  const SessionId recent = AddRevoked(ann, "14 minutes");
  AddRevoked(ann, "16 minutes");
  const auto revoked = In([](Transaction& t) { return sessions::RevokedSince(t, absl::Minutes(15)); });
  ASSERT_EQ(revoked->size(), 1u);
  EXPECT_EQ(revoked->at(0).id, recent);
  EXPECT_EQ(revoked->at(0).revoke_time,
            test_database_.Execute("SELECT max(revoke_time) AS time FROM sessions")[0].Time("time"));
}

TEST_F(SessionStoreTest, RevokedSinceUsesAnIndex) {
  const Rows plan = test_database_.Execute(
      "SET enable_seqscan = off; EXPLAIN SELECT id FROM sessions WHERE revoke_time > now() - interval '1 hour'");
  std::string text;
  for (size_t i = 0; i < plan.size(); ++i) text += plan[i].Text("QUERY PLAN");
  EXPECT_THAT(text, ::testing::HasSubstr("sessions_revoke"));
}

TEST_F(SessionStoreTest, RevokedAccessTokensOmitsThoseThatExpiredAnHourAgo) {
  const absl::Time now =
      absl::FromUnixSeconds(absl::ToUnixSeconds(test_database_.Execute("SELECT now() AS time")[0].Time("time")));
  const auto add = [&](absl::Duration after) {
    const TokenId id(Insert("SELECT uuid_v7() AS id"));
    EXPECT_THAT(In([&](Transaction& t) { return sessions::RevokeAccessToken(t, id, now + after); }), IsOk());
    return id;
  };
  const TokenId alive = add(absl::Minutes(10));
  const TokenId just_expired = add(-absl::Minutes(59));
  add(-absl::Minutes(61));
  const auto revoked = In([](Transaction& t) { return sessions::RevokedAccessTokens(t); });
  ASSERT_EQ(revoked->size(), 2u);
  for (const sessions::RevokedAccessToken& token : *revoked) {
    EXPECT_TRUE(token.id == alive || token.id == just_expired);
    EXPECT_EQ(token.expire_time, now + (token.id == alive ? absl::Minutes(10) : -absl::Minutes(59)));
  }
}

}  // namespace
}  // namespace identity
