#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/encoding/base64url.h"
#include "server/base/random.h"
#include "server/domain/signing_key.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

class RevokeTest : public RpcTest {
 protected:
  void SetUp() override {
    user_ = server().MakeUser();
    server().Grant(user_.id, {"posts:*"});
  }
  template <typename... Arguments>
  static Result<v1::RevokeResponse> Revoke(const Metadata& metadata, const char* text, const Arguments&... arguments) {
    return server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>(text, arguments...), metadata);
  }
  template <typename... Arguments>
  static v1::Reason ReasonFor(const char* subject, const Arguments&... arguments) {
    auto check = Proto<v1::CheckPermissionRequest>(subject, arguments...);
    check.set_permission("posts:read");
    return server().Check(check).reason();
  }
  static bool Alive(const v1::TokenSet& tokens) {
    return ReasonFor("access_token: '$0'", tokens.access_token()) == v1::REASON_GRANTED;
  }
  static bool Alive(const v1::IssueApiKeyResponse& key) {
    return ReasonFor("api_key: '$0'", key.secret()) == v1::REASON_GRANTED;
  }
  static Result<v1::RefreshResponse> Refresh(const v1::TokenSet& tokens) {
    return server().Call(&Identity::Refresh, Proto<v1::RefreshRequest>("refresh_token: '$0'", tokens.refresh_token()));
  }
  static Metadata As(const v1::TokenSet& tokens) { return Bearer(tokens.access_token()); }

  TestUser user_;
};

TEST_F(RevokeTest, RevokingAnAccessTokenKeepsItsSession) {
  const v1::TokenSet tokens = server().Login(user_);
  const auto revoked = Must(Revoke({}, "access_token: '$0'", tokens.access_token()));
  EXPECT_EQ(ReasonFor("access_token: '$0' consistency { at_least_as_fresh: '$1' }", tokens.access_token(),
                      revoked.consistency_token()),
            v1::REASON_CREDENTIAL_REVOKED);
  EXPECT_THAT(server().Call(&Identity::IssueApiKey, v1::IssueApiKeyRequest(), As(tokens)),
              FailsWith(ErrorReason::kCallerInvalid));
  EXPECT_TRUE(Alive(Must(Refresh(tokens)).tokens()));
}

TEST_F(RevokeTest, RevokingARefreshTokenEndsItsSession) {
  const v1::TokenSet tokens = server().Login(user_);
  const v1::TokenSet other = server().Login(user_);
  Must(Revoke({}, "refresh_token: '$0'", tokens.refresh_token()));
  EXPECT_EQ(ReasonFor("access_token: '$0'", tokens.access_token()), v1::REASON_CREDENTIAL_REVOKED);
  EXPECT_THAT(Refresh(tokens), FailsWith(ErrorReason::kRefreshTokenInvalid));
  EXPECT_TRUE(Alive(other));
}

TEST_F(RevokeTest, RevokingASpentRefreshTokenEndsItsSession) {
  const v1::TokenSet first = server().Login(user_);
  const v1::TokenSet second = Must(Refresh(first)).tokens();
  Must(Revoke({}, "refresh_token: '$0'", first.refresh_token()));
  EXPECT_FALSE(Alive(second));
}

TEST_F(RevokeTest, AnApiKeyIsRevokedByItsSecret) {
  const auto key = server().IssueKey(user_.id, {"posts:*"});
  EXPECT_TRUE(Alive(key));
  Must(Revoke({}, "api_key: '$0'", key.secret()));
  EXPECT_EQ(ReasonFor("api_key: '$0'", key.secret()), v1::REASON_CREDENTIAL_REVOKED);
}

TEST_F(RevokeTest, UnknownMalformedAndDeadTargetsSucceedWithAConsistencyToken) {
  const v1::TokenSet dead = server().Login(user_);
  const auto dead_key = server().IssueKey(user_.id, {"posts:*"});
  const auto first = Must(Revoke({}, "refresh_token: '$0'", dead.refresh_token()));
  Must(Revoke({}, "api_key: '$0'", dead_key.secret()));
  const std::string revision = server().Ask("SELECT value::text FROM revision");
  for (const char* target : {"access_token: ''", "access_token: 'a.b.c'", "refresh_token: 'idr_x'", "api_key: ''",
                             "refresh_token: ''", "api_key: 'idk_x'"}) {
    EXPECT_FALSE(Must(Revoke({}, target)).consistency_token().empty()) << target;
  }
  Must(Revoke({}, "refresh_token: '$0'", dead.refresh_token()));
  Must(Revoke({}, "api_key: '$0'", dead_key.secret()));
  Must(Revoke({}, "access_token: '$0'", dead.access_token()));
  Must(Revoke({}, "access_token: '$0'", dead.refresh_token()));
  Must(Revoke({}, "api_key: '$0'", dead.access_token()));
  EXPECT_EQ(server().Ask("SELECT value::text FROM revision"), revision) << "nothing changed";
  EXPECT_NE(Must(Revoke({}, "access_token: ''")).consistency_token(), first.consistency_token());
}

// Another replica has rotated the signing keys, and this one does not know it yet.
TEST_F(RevokeTest, ATokenOfAKeyThatThisServerHasNotLoadedIsRevoked) {
  const SigningKey key = *SigningKey::FromSeed(Secret(RandomBytes(kSigningSeedBytes)));
  const std::string& kid = key.verification_key().kid();
  server().database().Execute(absl::StrCat(
      "INSERT INTO signing_keys (kid, state, public_key, sealed_seed, master_key_id, retire_time) VALUES ('", kid,
      "', 'retiring', '\\x", absl::BytesToHexString(key.verification_key().bytes()), "', '', '', now())"));
  const std::string known = server().Login(user_).access_token();
  const std::string signed_part =
      absl::StrCat(Base64UrlEncode(R"({"alg":"EdDSA","kid":")" + kid + R"(","typ":"at+jwt"})"), ".",
                   std::vector<std::string>(absl::StrSplit(known, '.'))[1]);
  const std::string token = absl::StrCat(signed_part, ".", Base64UrlEncode(key.Sign(signed_part)));
  EXPECT_EQ(ReasonFor("access_token: '$0'", token), v1::REASON_CREDENTIAL_INVALID)
      << "the server knows the key already";
  Must(Revoke({}, "access_token: '$0'", token));
  server().database().Execute("UPDATE all_signing_keys SET create_time = create_time - interval '6 minutes'");
  Must(server().Call(&Admin::RotateSigningKey, v1::RotateSigningKeyRequest(), server().root()));  // loads the keys
  EXPECT_EQ(ReasonFor("access_token: '$0'", token), v1::REASON_CREDENTIAL_REVOKED);
}

TEST_F(RevokeTest, AnExpiredAccessTokenNeedsNoRevocation) {
  const v1::TokenSet tokens = server().Login(user_);
  server().Advance(absl::Minutes(20));
  Must(Revoke({}, "access_token: '$0'", tokens.access_token()));
  EXPECT_EQ(ReasonFor("access_token: '$0'", tokens.access_token()), v1::REASON_CREDENTIAL_EXPIRED);
  EXPECT_THAT(Refresh(tokens), Succeeds());
}

TEST_F(RevokeTest, ATokenOfADisabledUserCanBeRevoked) {
  const v1::TokenSet tokens = server().Login(user_);
  server().Disable(user_.id);
  EXPECT_THAT(Revoke({}, "access_token: '$0'", tokens.access_token()), Succeeds());
}

TEST_F(RevokeTest, MalformedIdsAndAMissingTargetAreRefused) {
  EXPECT_THAT(Revoke({}, ""), RefusesField("target"));
  for (const char* field : {"session_id", "api_key_id", "principal_id"}) {
    EXPECT_THAT(Revoke(server().root(), "$0: 'x'", field), RefusesField(std::string(field)));
  }
}

TEST_F(RevokeTest, RevokingByIdNeedsACredential) {
  const v1::TokenSet tokens = server().Login(user_);
  EXPECT_THAT(Revoke({}, "session_id: '$0'", tokens.session_id()), FailsWith(ErrorReason::kCallerUnknown));
  EXPECT_THAT(Revoke({}, "session_id: '0190b5a0-0000-7000-8000-000000000000'"), FailsWith(ErrorReason::kCallerUnknown));
  EXPECT_TRUE(Alive(tokens));
}

TEST_F(RevokeTest, OwnersRevokeTheirOwnSessionsAndKeys) {
  const v1::TokenSet tokens = server().Login(user_);
  const v1::TokenSet other = server().Login(user_);
  const auto key = server().IssueKey(user_.id, {"posts:*"});
  Must(Revoke(As(tokens), "session_id: '$0'", other.session_id()));
  EXPECT_FALSE(Alive(other));
  Must(Revoke(As(tokens), "api_key_id: '$0'", key.api_key().id()));
  EXPECT_FALSE(Alive(key));
  EXPECT_TRUE(Alive(tokens));
  Must(Revoke(As(tokens), "session_id: '$0'", tokens.session_id()));
  EXPECT_FALSE(Alive(tokens));
}

TEST_F(RevokeTest, RevokingAPrincipalEndsItsSessionsAndKeys) {
  const v1::TokenSet tokens = server().Login(user_);
  const v1::TokenSet other = server().Login(user_);
  const auto key = server().IssueKey(user_.id, {"posts:*"});
  Must(Revoke(As(tokens), "principal_id: '$0'", user_.id));
  for (const v1::TokenSet* dead : {&tokens, &other}) {
    EXPECT_EQ(ReasonFor("access_token: '$0'", dead->access_token()), v1::REASON_CREDENTIAL_REVOKED);
    EXPECT_THAT(Refresh(*dead), FailsWith(ErrorReason::kRefreshTokenInvalid));
  }
  EXPECT_EQ(ReasonFor("api_key: '$0'", key.secret()), v1::REASON_CREDENTIAL_REVOKED);
  EXPECT_TRUE(Alive(server().Login(user_))) << "the account itself remains usable";
}

// For callers without the permission, an existing id looks like an unknown id.
TEST_F(RevokeTest, OtherCallersLearnNothingAndRevokeNothing) {
  const v1::TokenSet tokens = server().Login(user_);
  const auto key = server().IssueKey(user_.id, {"posts:*"});
  const Metadata other = server().MakeCaller({"posts:*", "identity:users:write"});
  const char* unknown = "0190b5a0-0000-7000-8000-000000000000";
  const auto same_as_unknown = [&](const char* target, const std::string& id) {
    const grpc::Status there = Revoke(other, target, id).status;
    const grpc::Status nowhere = Revoke(other, target, unknown).status;
    EXPECT_THAT(there, FailsWith(ErrorReason::kPermissionDenied)) << target;
    EXPECT_EQ(there.error_message(), nowhere.error_message());
    EXPECT_EQ(DetailsWithoutId(there), DetailsWithoutId(nowhere));
  };
  same_as_unknown("session_id: '$0'", tokens.session_id());
  same_as_unknown("api_key_id: '$0'", key.api_key().id());
  same_as_unknown("principal_id: '$0'", user_.id);
  EXPECT_TRUE(Alive(tokens));
  EXPECT_TRUE(Alive(key));
}

TEST_F(RevokeTest, AnUnknownIdSucceedsForCallersWithThePermissionEverywhere) {
  const Metadata caller = server().MakeCaller({"identity:sessions:write", "identity:api_keys:write"});
  for (const char* target : {"session_id: '$0'", "api_key_id: '$0'", "principal_id: '$0'"}) {
    EXPECT_THAT(Revoke(caller, target, "0190b5a0-0000-7000-8000-000000000000"), Succeeds()) << target;
  }
}

TEST_F(RevokeTest, EachPermissionRevokesItsOwnKindWhereItIsHeld) {
  const v1::TokenSet tokens = server().Login(user_);
  const auto key = server().IssueKey(user_.id, {"posts:*"});
  const Metadata sessions = server().MakeCaller({"identity:sessions:write"}, "users/" + user_.id);
  const Metadata keys = server().MakeCaller({"identity:api_keys:write"}, "users/" + user_.id);
  const Metadata elsewhere = server().MakeCaller({"identity:sessions:write"}, "users/" + server().MakeUser().id);
  EXPECT_THAT(Revoke(elsewhere, "session_id: '$0'", tokens.session_id()), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Revoke(keys, "session_id: '$0'", tokens.session_id()), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Revoke(sessions, "api_key_id: '$0'", key.api_key().id()), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Revoke(sessions, "principal_id: '$0'", user_.id), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Revoke(keys, "principal_id: '$0'", user_.id), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Revoke(sessions, "session_id: '$0'", tokens.session_id()), Succeeds());
  EXPECT_THAT(Revoke(keys, "api_key_id: '$0'", key.api_key().id()), Succeeds());
  EXPECT_FALSE(Alive(tokens));
  EXPECT_FALSE(Alive(key));
}

TEST_F(RevokeTest, OnlyASuperAdminRevokesASuperAdminsCredentials) {
  const v1::TokenSet root = server().Login(server().root_user());
  const Metadata admin = server().MakeCaller({"identity:*"});
  for (const auto& [target, id] : std::vector<std::pair<const char*, std::string>>{
           {"session_id: '$0'", root.session_id()}, {"principal_id: '$0'", server().root_id()}}) {
    EXPECT_THAT(Revoke(admin, target, id), FailsWith(ErrorReason::kSuperAdminRequired)) << target;
  }
  EXPECT_THAT(server().Call(&Account::GetAccount, v1::GetAccountRequest(), As(root)), Succeeds());
  const Metadata other_root = server().MakeCaller({"*"});
  EXPECT_THAT(Revoke(other_root, "session_id: '$0'", root.session_id()), Succeeds());
}

TEST_F(RevokeTest, ASessionOfNarrowScopeRevokesOnlyItself) {
  const v1::TokenSet narrow = server().Login(user_, {"posts:read"});
  const v1::TokenSet other = server().Login(user_);
  EXPECT_THAT(Revoke(As(narrow), "session_id: '$0'", other.session_id()), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Revoke(As(narrow), "principal_id: '$0'", user_.id), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Revoke(As(narrow), "session_id: '$0'", narrow.session_id()), Succeeds());
  EXPECT_TRUE(Alive(other));
  EXPECT_FALSE(Alive(narrow));
}

TEST_F(RevokeTest, AKeyRevokesNoMoreThanItsScopesAllow) {
  const v1::TokenSet tokens = server().Login(user_);
  const auto narrow = server().IssueKey(user_.id, {"posts:*"});
  const auto other = server().IssueKey(user_.id, {"posts:*"});
  const auto wide = server().IssueKey(user_.id, {"*"});
  const Metadata by_narrow = ApiKeyHeader(narrow.secret());
  EXPECT_THAT(Revoke(by_narrow, "session_id: '$0'", tokens.session_id()), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Revoke(by_narrow, "api_key_id: '$0'", other.api_key().id()), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Revoke(by_narrow, "principal_id: '$0'", user_.id), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Revoke(by_narrow, "api_key_id: '$0'", narrow.api_key().id()), Succeeds());
  EXPECT_FALSE(Alive(narrow));
  EXPECT_TRUE(Alive(tokens));
  EXPECT_TRUE(Alive(other));
  EXPECT_THAT(Revoke(ApiKeyHeader(wide.secret()), "session_id: '$0'", tokens.session_id()), Succeeds());
  EXPECT_FALSE(Alive(tokens));
}

}  // namespace
}  // namespace identity
