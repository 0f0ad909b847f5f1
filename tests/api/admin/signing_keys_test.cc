#include "server/app/admin/signing_keys.h"

#include <future>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "db/change_log.h"
#include "db/stores/signing_keys.h"
#include "server/app/access/key_ring.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// Each test has a server of its own, since all tests of one server would share the keys.
class SigningKeyTest : public ::testing::Test {
 protected:
  Result<v1::RotateSigningKeyResponse> Rotate(const Metadata& metadata) {
    return server_.Call(&Admin::RotateSigningKey, v1::RotateSigningKeyRequest(), metadata);
  }
  Result<v1::RemoveSigningKeyResponse> Remove(const std::string& kid, const Metadata& metadata) {
    v1::RemoveSigningKeyRequest request;
    request.set_kid(kid);
    return server_.Call(&Admin::RemoveSigningKey, request, metadata);
  }
  std::vector<v1::SigningKey> List() {
    const auto listed = Must(server_.Call(&Admin::ListSigningKeys, v1::ListSigningKeysRequest(), server_.root()));
    return {listed.signing_keys().begin(), listed.signing_keys().end()};
  }
  std::vector<v1::SigningKeyState> States() {
    std::vector<v1::SigningKeyState> states;
    for (const v1::SigningKey& key : List()) states.push_back(key.state());
    return states;
  }
  std::string KidIn(v1::SigningKeyState state) {
    for (const v1::SigningKey& key : List()) {
      if (key.state() == state) return key.kid();
    }
    return "";
  }
  std::string Jwks() { return *ReadJwks({absl::Now() + absl::Seconds(20)}, server_.database().database()); }
  static std::string KidOf(const std::string& token) {
    std::string header;
    absl::WebSafeBase64Unescape(std::vector<std::string>(absl::StrSplit(token, '.'))[0], &header);
    return nlohmann::json::parse(header)["kid"];
  }
  // Moves the retirement of all retiring keys into the past.
  void Age(const std::string& interval) {
    server_.database().Execute("UPDATE signing_keys SET retire_time = retire_time - interval '" + interval +
                               "' WHERE state = 'retiring'");
  }
  absl::Status RemoveRetired() {
    return RemoveRetiredSigningKeys({absl::Now() + absl::Seconds(20)}, server_.database().database());
  }
  v1::CheckPermissionResponse Check(const std::string& token) {
    v1::CheckPermissionRequest request = Proto<v1::CheckPermissionRequest>(
        "access_token: '$0' permission: 'identity:self:read' resource: 'users/$1'", token, server_.root_id());
    request.mutable_consistency()->set_fully_consistent(true);
    return server_.Check(request);
  }

  TestServer server_;
};

TEST_F(SigningKeyTest, TheFirstStartCreatesAnActiveAndANextKey) {
  EXPECT_THAT(States(), ::testing::UnorderedElementsAre(v1::SIGNING_KEY_STATE_ACTIVE, v1::SIGNING_KEY_STATE_NEXT));
  for (const v1::SigningKey& key : List()) {
    EXPECT_EQ(nlohmann::json::parse(key.public_jwk())["kid"], key.kid());
    EXPECT_TRUE(key.has_create_time());
    EXPECT_FALSE(key.has_retire_time());
    EXPECT_THAT(Jwks(), HasSubstr(key.kid())) << "published even before it signs";
  }
  const std::vector<v1::SigningKeyState> before = States();
  server_.Restart();
  EXPECT_EQ(States(), before) << "a second start creates none";
}

TEST_F(SigningKeyTest, AStartCreatesAMissingNextKey) {
  server_.database().Execute("DELETE FROM signing_keys WHERE state = 'next'");
  server_.Restart();
  EXPECT_THAT(States(), ElementsAre(v1::SIGNING_KEY_STATE_ACTIVE, v1::SIGNING_KEY_STATE_NEXT));
}

TEST_F(SigningKeyTest, ARotationActivatesTheNextKeyAndRetiresTheOldOne) {
  const std::string old_kid = KidIn(v1::SIGNING_KEY_STATE_ACTIVE);
  const std::string next_kid = KidIn(v1::SIGNING_KEY_STATE_NEXT);
  const std::string before = server_.Login(server_.root_user()).access_token();
  EXPECT_EQ(KidOf(before), old_kid);
  const auto rotated = Must(Rotate(server_.root()));
  EXPECT_EQ(rotated.signing_key().kid(), next_kid);
  EXPECT_EQ(rotated.signing_key().state(), v1::SIGNING_KEY_STATE_ACTIVE);
  EXPECT_FALSE(rotated.consistency_token().empty());
  EXPECT_EQ(KidIn(v1::SIGNING_KEY_STATE_ACTIVE), next_kid);
  EXPECT_EQ(KidIn(v1::SIGNING_KEY_STATE_RETIRING), old_kid);
  EXPECT_EQ(List().size(), 3u);
  const std::string after = server_.Login(server_.root_user()).access_token();
  EXPECT_EQ(KidOf(after), next_kid);
  for (const std::string& token : {before, after}) EXPECT_EQ(Check(token).reason(), v1::REASON_GRANTED);
  EXPECT_EQ(server_.Ask("SELECT target FROM audit_events WHERE event = 'signing_key.rotated'"), next_kid);
}

// No cache helps: each server sees the token for the first time after the rotation.
TEST_F(SigningKeyTest, ATokenOfARetiringKeyIsValidOnAServerThatNeverSawIt) {
  const std::string first = server_.Login(server_.root_user()).access_token();
  Must(Rotate(server_.root()));
  EXPECT_EQ(Check(first).reason(), v1::REASON_GRANTED);
  server_.Restart();
  EXPECT_EQ(Check(first).reason(), v1::REASON_GRANTED);
}

TEST_F(SigningKeyTest, RotatingRequiresThePermissionEverywhere) {
  EXPECT_THAT(Rotate(server_.MakeCaller({"identity:signing_keys:read"})), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Rotate(server_.MakeCaller({"identity:signing_keys:write"}, "keys")),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_EQ(List().size(), 2u);
  EXPECT_THAT(Rotate(server_.MakeCaller({"identity:signing_keys:write"})), Succeeds());
}

TEST_F(SigningKeyTest, AtMostTenKeysRetireAtATime) {
  for (int i = 0; i < 10; ++i) Must(Rotate(server_.root()));
  const std::string active = KidIn(v1::SIGNING_KEY_STATE_ACTIVE);
  EXPECT_THAT(Rotate(server_.root()), FailsWith(ErrorReason::kLimitReached));
  EXPECT_EQ(KidIn(v1::SIGNING_KEY_STATE_ACTIVE), active);
  Age("3 hours");
  EXPECT_THAT(Rotate(server_.root()), Succeeds()) << "keys whose tokens have all expired make room";
  EXPECT_EQ(List().size(), 3u);
}

TEST_F(SigningKeyTest, ARetiredKeyIsDeletedTwoHoursAfterItsRetirement) {
  const std::string old_kid = KidIn(v1::SIGNING_KEY_STATE_ACTIVE);
  const std::string token = server_.Login(server_.root_user()).access_token();
  Must(Rotate(server_.root()));
  Age("119 minutes");
  EXPECT_TRUE(RemoveRetired().ok());
  EXPECT_EQ(KidIn(v1::SIGNING_KEY_STATE_RETIRING), old_kid);
  Age("2 minutes");
  EXPECT_TRUE(RemoveRetired().ok());
  EXPECT_EQ(List().size(), 2u);
  EXPECT_THAT(Jwks(), Not(HasSubstr(old_kid)));
  EXPECT_EQ(Check(token).reason(), v1::REASON_CREDENTIAL_INVALID) << "the running server has dropped the key, too";
}

TEST_F(SigningKeyTest, RemovingTheActiveKeyEndsItsTokensAndActivatesTheNextKey) {
  const std::string stolen = KidIn(v1::SIGNING_KEY_STATE_ACTIVE);
  const std::string next = KidIn(v1::SIGNING_KEY_STATE_NEXT);
  const v1::TokenSet tokens = server_.Login(server_.root_user());
  ASSERT_EQ(Check(tokens.access_token()).reason(), v1::REASON_GRANTED) << "now the token is cached";
  const auto removed = Must(Remove(stolen, server_.root()));
  EXPECT_EQ(removed.signing_key().kid(), next);
  EXPECT_EQ(removed.signing_key().state(), v1::SIGNING_KEY_STATE_ACTIVE);
  EXPECT_FALSE(removed.consistency_token().empty());
  EXPECT_EQ(server_.ReasonFor(tokens.access_token(), "identity:self:read"), v1::REASON_CREDENTIAL_INVALID);
  EXPECT_THAT(server_.Call(&Account::GetAccount, v1::GetAccountRequest(), Bearer(tokens.access_token())),
              FailsWith(ErrorReason::kCallerInvalid));
  EXPECT_THAT(Jwks(), Not(HasSubstr(stolen)));
  EXPECT_EQ(KidIn(v1::SIGNING_KEY_STATE_ACTIVE), next);
  EXPECT_THAT(KidIn(v1::SIGNING_KEY_STATE_NEXT), Not(::testing::AnyOf("", stolen, next)));
  EXPECT_EQ(List().size(), 2u);
  EXPECT_EQ(server_.Ask("SELECT target || ' ' || (actor_id = '" + server_.root_id() +
                        "')::text FROM audit_events WHERE event = 'signing_key.removed'"),
            stolen + " true");
}

TEST_F(SigningKeyTest, SessionsContinueWithTheNewKeyAfterARemoval) {
  const v1::TokenSet tokens = server_.Login(server_.root_user());
  const std::string active = Must(Remove(KidOf(tokens.access_token()), server_.root())).signing_key().kid();
  v1::RefreshRequest refresh;
  refresh.set_refresh_token(tokens.refresh_token());
  const v1::TokenSet fresh = Must(server_.Call(&Identity::Refresh, refresh)).tokens();
  EXPECT_EQ(KidOf(fresh.access_token()), active);
  EXPECT_EQ(Check(fresh.access_token()).reason(), v1::REASON_GRANTED);
  EXPECT_EQ(fresh.session_id(), tokens.session_id());
}

TEST_F(SigningKeyTest, RemovingTheNextKeyMakesAnother) {
  const std::string active = KidIn(v1::SIGNING_KEY_STATE_ACTIVE);
  const std::string next = KidIn(v1::SIGNING_KEY_STATE_NEXT);
  const std::string token = server_.Login(server_.root_user()).access_token();
  EXPECT_EQ(Must(Remove(next, server_.root())).signing_key().kid(), active);
  EXPECT_THAT(KidIn(v1::SIGNING_KEY_STATE_NEXT), Not(::testing::AnyOf("", next)));
  EXPECT_THAT(Jwks(), Not(HasSubstr(next)));
  EXPECT_EQ(Check(token).reason(), v1::REASON_GRANTED);
}

TEST_F(SigningKeyTest, RemovingARetiringKeyEndsOnlyItsTokens) {
  const std::string old_token = server_.Login(server_.root_user()).access_token();
  const std::string active = Must(Rotate(server_.root())).signing_key().kid();
  const std::string new_token = server_.Login(server_.root_user()).access_token();
  EXPECT_EQ(Check(old_token).reason(), v1::REASON_GRANTED);
  EXPECT_EQ(Check(new_token).reason(), v1::REASON_GRANTED);
  EXPECT_EQ(Must(Remove(KidOf(old_token), server_.root())).signing_key().kid(), active);
  EXPECT_EQ(Check(old_token).reason(), v1::REASON_CREDENTIAL_INVALID);
  EXPECT_EQ(Check(new_token).reason(), v1::REASON_GRANTED);
  EXPECT_EQ(States().size(), 2u);
}

TEST_F(SigningKeyTest, RemovingRequiresThePermissionEverywhereAndAKnownKey) {
  const std::string kid = KidIn(v1::SIGNING_KEY_STATE_NEXT);
  EXPECT_THAT(Remove(kid, server_.MakeCaller({"identity:signing_keys:read"})),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Remove(kid, server_.MakeCaller({"identity:signing_keys:write"}, "keys")),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Remove("", server_.root()), RefusesField("kid"));
  const std::string revision = server_.Ask("SELECT value::text FROM revision");
  EXPECT_THAT(Remove("unknown", server_.root()), FailsWith(ErrorReason::kNotFound));
  EXPECT_EQ(server_.Ask("SELECT value::text FROM revision"), revision);
  EXPECT_EQ(KidIn(v1::SIGNING_KEY_STATE_NEXT), kid);
  EXPECT_THAT(Remove(kid, server_.MakeCaller({"identity:signing_keys:write"})), Succeeds());
}

// The thief's call was admitted, and waits for the revision while the key is removed.
TEST_F(SigningKeyTest, AChangeThatBeganBeforeTheRemovalFails) {
  const std::string token = server_.Login(server_.root_user()).access_token();
  const auto request = Proto<v1::CreateRoleRequest>("role { name: 'backdoor' permissions: '*' }");
  const std::string next = KidIn(v1::SIGNING_KEY_STATE_NEXT);
  std::future<Result<v1::CreateRoleResponse>> call;
  const RequestContext context{absl::Now() + absl::Seconds(20)};
  const auto remove = [&](Transaction& transaction) -> absl::Status {
    const auto change = change_log::Advance(transaction);
    call = std::async(std::launch::async, [&] { return server_.Call(&Admin::CreateRole, request, Bearer(token)); });
    while (server_.Ask("SELECT count(*)::text FROM pg_locks WHERE NOT granted") == "0" && context.Check().ok()) {
    }
    EXPECT_TRUE(signing_keys::Delete(transaction, KidOf(token)).ok());
    EXPECT_TRUE(signing_keys::Activate(transaction, next).ok());
    return change_log::Record(transaction, *change, change_log::Kind::kSigningKey, KidOf(token));
  };
  EXPECT_TRUE(server_.database().database().Write(context, remove).ok());
  EXPECT_THAT(call.get(), FailsWith(ErrorReason::kCallerInvalid));
}

}  // namespace
}  // namespace identity
