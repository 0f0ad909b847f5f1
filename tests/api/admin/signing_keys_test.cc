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
  Result<v1::RotateSigningKeyResponse> RotateNow(const Metadata& metadata,
                                                 v1::SigningAlgorithm algorithm = v1::SIGNING_ALGORITHM_UNSPECIFIED) {
    v1::RotateSigningKeyRequest request;
    request.set_algorithm(algorithm);
    return server_.Call(&Admin::RotateSigningKey, request, metadata);
  }
  // The same, six minutes after the latest key was made.
  Result<v1::RotateSigningKeyResponse> Rotate(const Metadata& metadata,
                                              v1::SigningAlgorithm algorithm = v1::SIGNING_ALGORITHM_UNSPECIFIED) {
    Publish("6 minutes");
    return RotateNow(metadata, algorithm);
  }
  // Moves the publication of all keys into the past.
  void Publish(const std::string& interval) {
    server_.database().Execute("UPDATE all_signing_keys SET create_time = create_time - interval '" + interval + "'");
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
    server_.database().Execute("UPDATE all_signing_keys SET retire_time = retire_time - interval '" + interval +
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
    TestServer::WaitForALock(transaction, context);
    EXPECT_TRUE(signing_keys::Delete(transaction, KidOf(token)).ok());
    EXPECT_TRUE(signing_keys::Activate(transaction, next).ok());
    const int64_t revision = change->token.revision;
    return change_log::Record(transaction, {{revision, change_log::Kind::kSigningKey, KidOf(token)}}, revision);
  };
  EXPECT_TRUE(server_.database().database().Write(context, remove).ok());
  EXPECT_THAT(call.get(), FailsWith(ErrorReason::kCallerInvalid));
}

TEST_F(SigningKeyTest, ANextKeySignsOnlyAfterEveryVerifierCanKnowIt) {
  const std::string active = KidIn(v1::SIGNING_KEY_STATE_ACTIVE);
  const auto early = RotateNow(server_.root());
  EXPECT_THAT(early, FailsWith(ErrorReason::kSigningKeyTooNew));
  const auto retry = DetailsOf(early.status).retry;
  ASSERT_TRUE(retry);
  EXPECT_GT(retry->retry_delay().seconds(), 300);
  EXPECT_LE(retry->retry_delay().seconds(), 360);
  Publish("358 seconds");
  EXPECT_THAT(RotateNow(server_.root()), FailsWith(ErrorReason::kSigningKeyTooNew));
  EXPECT_EQ(KidIn(v1::SIGNING_KEY_STATE_ACTIVE), active);
  EXPECT_EQ(List().size(), 2u);
  Publish("2 seconds");
  EXPECT_THAT(RotateNow(server_.root()), Succeeds());
  EXPECT_THAT(RotateNow(server_.root()), FailsWith(ErrorReason::kSigningKeyTooNew)) << "a second one in a row";
}

TEST_F(SigningKeyTest, ARemovalNeedNotWait) {
  const std::string active = KidIn(v1::SIGNING_KEY_STATE_ACTIVE);
  const std::string next = KidIn(v1::SIGNING_KEY_STATE_NEXT);
  EXPECT_EQ(Must(Remove(active, server_.root())).signing_key().kid(), next);
  EXPECT_THAT(Must(Remove(next, server_.root())).signing_key().kid(), Not(::testing::AnyOf(active, next)));
}

TEST_F(SigningKeyTest, AnAlgorithmWithoutKeysAndAnUnknownOneAreRefused) {
  EXPECT_THAT(Rotate(server_.root(), v1::SIGNING_ALGORITHM_ES256), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Rotate(server_.root(), static_cast<v1::SigningAlgorithm>(99)), RefusesField("algorithm"));
}

// A server that signs tokens for two audiences with other algorithms.
class AlgorithmTest : public ::testing::Test {
 protected:
  static void Adjust(Config& config) {
    config.signing.by_audience = {{"orders", SigningAlgorithm::kEs256}, {"billing", SigningAlgorithm::kRs256}};
  }
  std::string Token(const std::string& audience) {
    return server_.Login(server_.root_user(), {}, audience).access_token();
  }
  static std::string AlgorithmOf(const std::string& token) {
    std::string header;
    absl::WebSafeBase64Unescape(std::vector<std::string>(absl::StrSplit(token, '.'))[0], &header);
    return nlohmann::json::parse(header)["alg"];
  }
  v1::Reason ReasonOf(const std::string& token, const std::string& audience) {
    v1::CheckPermissionRequest request = Proto<v1::CheckPermissionRequest>(
        "access_token: '$0' permission: 'identity:self:read' resource: 'users/$1' audience: '$2'", token,
        server_.root_id(), audience);
    request.mutable_consistency()->set_fully_consistent(true);
    return server_.Check(request).reason();
  }
  // The number of keys of `algorithm`, and its active key, "" if it has none.
  std::pair<int, std::string> KeysOf(v1::SigningAlgorithm algorithm) {
    const auto listed = Must(server_.Call(&Admin::ListSigningKeys, v1::ListSigningKeysRequest(), server_.root()));
    std::pair<int, std::string> keys = {0, ""};
    for (const v1::SigningKey& key : listed.signing_keys()) {
      if (key.algorithm() != algorithm) continue;
      ++keys.first;
      if (key.state() == v1::SIGNING_KEY_STATE_ACTIVE) keys.second = key.kid();
    }
    return keys;
  }
  void PublishAll() {
    server_.database().Execute("UPDATE all_signing_keys SET create_time = create_time - interval '6 minutes'");
  }

  TestServer server_{Adjust};
};

TEST_F(AlgorithmTest, EachAudienceHasItsAlgorithmFromTheFirstStartOn) {
  const std::pair<std::string, std::string> audiences[] = {
      {"identity", "EdDSA"}, {"shop", "EdDSA"}, {"orders", "ES256"}, {"billing", "RS256"}};
  for (const auto& [audience, algorithm] : audiences) {
    const std::string token = Token(audience);
    EXPECT_EQ(AlgorithmOf(token), algorithm);
    EXPECT_EQ(ReasonOf(token, audience), v1::REASON_GRANTED);
    EXPECT_EQ(ReasonOf(token, "other"), v1::REASON_CREDENTIAL_INVALID);
  }
  for (const auto algorithm : {v1::SIGNING_ALGORITHM_EDDSA, v1::SIGNING_ALGORITHM_ES256, v1::SIGNING_ALGORITHM_RS256}) {
    EXPECT_EQ(KeysOf(algorithm).first, 2);
  }
}

TEST_F(AlgorithmTest, ARotationChangesTheKeysOfItsAlgorithmOnly) {
  const std::string old_token = Token("orders");
  const std::string eddsa = KeysOf(v1::SIGNING_ALGORITHM_EDDSA).second;
  const std::string rs256 = KeysOf(v1::SIGNING_ALGORITHM_RS256).second;
  PublishAll();
  v1::RotateSigningKeyRequest request;
  request.set_algorithm(v1::SIGNING_ALGORITHM_ES256);
  const auto rotated = Must(server_.Call(&Admin::RotateSigningKey, request, server_.root())).signing_key();
  EXPECT_EQ(rotated.algorithm(), v1::SIGNING_ALGORITHM_ES256);
  EXPECT_EQ(nlohmann::json::parse(rotated.public_jwk())["alg"], "ES256");
  EXPECT_EQ(KeysOf(v1::SIGNING_ALGORITHM_ES256), std::make_pair(3, rotated.kid()));
  EXPECT_EQ(KeysOf(v1::SIGNING_ALGORITHM_EDDSA).second, eddsa);
  EXPECT_EQ(KeysOf(v1::SIGNING_ALGORITHM_RS256).second, rs256);
  EXPECT_EQ(ReasonOf(old_token, "orders"), v1::REASON_GRANTED);
  EXPECT_EQ(ReasonOf(Token("orders"), "orders"), v1::REASON_GRANTED);
  EXPECT_THAT(server_.Call(&Admin::RotateSigningKey, request, server_.root()),
              FailsWith(ErrorReason::kSigningKeyTooNew));
}

TEST_F(AlgorithmTest, RemovingAKeyReplacesItByOneOfItsAlgorithm) {
  for (const auto& [audience, algorithm] : {std::make_pair("orders", v1::SIGNING_ALGORITHM_ES256),
                                            std::make_pair("billing", v1::SIGNING_ALGORITHM_RS256)}) {
    const std::string token = Token(audience);
    v1::RemoveSigningKeyRequest request;
    request.set_kid(KeysOf(algorithm).second);
    const auto active = Must(server_.Call(&Admin::RemoveSigningKey, request, server_.root())).signing_key();
    EXPECT_EQ(active.algorithm(), algorithm);
    EXPECT_EQ(KeysOf(algorithm), std::make_pair(2, active.kid()));
    EXPECT_EQ(ReasonOf(token, audience), v1::REASON_CREDENTIAL_INVALID);
    EXPECT_EQ(ReasonOf(Token(audience), audience), v1::REASON_GRANTED);
  }
}

TEST_F(AlgorithmTest, ATokenOfAnyAlgorithmCanBeRevoked) {
  for (const char* audience : {"orders", "billing"}) {
    const std::string token = Token(audience);
    v1::RevokeRequest request;
    request.set_access_token(token);
    Must(server_.Call(&Identity::Revoke, request));
    EXPECT_EQ(ReasonOf(token, audience), v1::REASON_CREDENTIAL_REVOKED);
  }
}

// A running deployment gets the option `signing-algorithm`.
TEST(NewAlgorithmTest, EdDsaSignsUntilTheFirstKeyHasBeenPublished) {
  bool changed = false;
  TestServer server([&](Config& config) {
    if (changed) config.signing.usual = SigningAlgorithm::kEs256;
  });
  changed = true;
  server.Restart();
  const auto algorithm = [&] {
    const std::string token = server.Login(server.root_user()).access_token();
    EXPECT_EQ(server.ReasonFor(token, "identity:self:read"), v1::REASON_GRANTED);
    std::string header;
    absl::WebSafeBase64Unescape(std::vector<std::string>(absl::StrSplit(token, '.'))[0], &header);
    return nlohmann::json::parse(header)["alg"].get<std::string>();
  };
  const auto activate = [&] {
    const MasterKeys keys = *MasterKeys::Parse(Secret(std::string(64, '7')));
    EXPECT_TRUE(
        ActivatePublishedSigningKeys({absl::Now() + absl::Seconds(20)}, server.database().database(), keys).ok());
    v1::CheckPermissionRequest request = Proto<v1::CheckPermissionRequest>("anonymous: true permission: 'a:b'");
    request.mutable_consistency()->set_fully_consistent(true);
    server.Check(request);  // the server has loaded the keys
  };
  const auto state = [&] {
    return server.Ask("SELECT string_agg(state, ' ' ORDER BY state) FROM all_signing_keys WHERE algorithm = 'ES256'");
  };
  EXPECT_EQ(state(), "next");
  EXPECT_EQ(algorithm(), "EdDSA");
  activate();
  EXPECT_EQ(state(), "next") << "too early";
  const std::string kid = server.Ask("SELECT kid FROM all_signing_keys WHERE algorithm = 'ES256'");
  v1::RemoveSigningKeyRequest removal;
  removal.set_kid(kid);
  EXPECT_EQ(Must(server.Call(&Admin::RemoveSigningKey, removal, server.root())).signing_key().algorithm(),
            v1::SIGNING_ALGORITHM_EDDSA);
  EXPECT_EQ(state(), "next") << "its successor waits, too";
  server.database().Execute("UPDATE all_signing_keys SET create_time = create_time - interval '6 minutes'");
  activate();
  EXPECT_EQ(state(), "active next");
  EXPECT_EQ(algorithm(), "ES256");
  activate();
  EXPECT_EQ(state(), "active next") << "no second time";
  EXPECT_EQ(server.Ask("SELECT count(*)::text FROM audit_events WHERE event = 'signing_key.rotated'"), "1");
}

}  // namespace
}  // namespace identity
