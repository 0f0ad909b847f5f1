#include "server/domain/consistency_token.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

class ConsistencyTest : public RpcTest {
 protected:
  static Result<v1::CheckPermissionResponse> Check(const std::string& consistency) {
    return server().Call(
        &Identity::CheckPermission,
        Proto<v1::CheckPermissionRequest>("anonymous: true permission: 'a:b' consistency { $0 }", consistency),
        server().root());
  }
  static Result<v1::CheckPermissionResponse> CheckAt(const std::string& token) {
    return Check("at_least_as_fresh: '" + token + "'");
  }
};

TEST_F(ConsistencyTest, AConsistencyTokenOfThePastOrPresentIsAccepted) {
  const std::string first = Must(Check("")).consistency_token();
  EXPECT_THAT(CheckAt(first), Succeeds());
  server().MakeRole({"posts:read"});
  EXPECT_THAT(CheckAt(first), Succeeds());
  EXPECT_THAT(Check("fully_consistent: true"), Succeeds());
  EXPECT_THAT(Check("minimize_latency: true"), Succeeds());
}

TEST_F(ConsistencyTest, AConsistencyTokenOfAnotherHistoryIsUnknown) {
  const auto now = ConsistencyToken::Parse(Must(Check("")).consistency_token());
  ASSERT_TRUE(now);
  ConsistencyToken future = *now;
  future.revision += 1000;
  ConsistencyToken other_system = *now;
  other_system.history.system_identifier ^= 1;
  ConsistencyToken other_timeline = *now;
  other_timeline.history.timeline += 1;
  for (const ConsistencyToken& token : {future, other_system, other_timeline}) {
    EXPECT_THAT(CheckAt(token.ToText()), FailsWith(ErrorReason::kConsistencyTokenUnknown));
  }
}

TEST_F(ConsistencyTest, AMalformedConsistencyIsRefused) {
  for (const std::string& token : {std::string(), std::string("x"), std::string(27, '!'), std::string(27, '_')}) {
    EXPECT_THAT(CheckAt(token), RefusesField("consistency.at_least_as_fresh")) << token;
  }
  EXPECT_THAT(Check("fully_consistent: false"), RefusesField("consistency.fully_consistent"));
  EXPECT_THAT(Check("minimize_latency: false"), RefusesField("consistency.minimize_latency"));
}

TEST_F(ConsistencyTest, EveryChangeMovesTheRevisionByOne) {
  const auto revision = [] { return ConsistencyToken::Parse(Must(Check("")).consistency_token())->revision; };
  const int64_t before = revision();
  server().MakeRole({"posts:read"});
  EXPECT_EQ(revision(), before + 1);
  server().MakeUser();
  EXPECT_EQ(revision(), before + 2);
  server().Login(server().root_user());
  EXPECT_EQ(revision(), before + 2) << "no decision depends on a login";
}

}  // namespace
}  // namespace identity
