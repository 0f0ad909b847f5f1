#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "identity/v1/admin_service.grpc.pb.h"
#include "tests/support/deployment.h"

namespace identity {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The commands for when no administrator can log in.
class OperatorTest : public testing::Test {
 protected:
  Outcome Run(const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {Identityd()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    command.insert(command.end(), {"--database-url", deployment_.database().server_url()});
    return RunProgram(command);
  }
  // Number of audit events of `event` about the person without an actor.
  int64_t Audited(const std::string& event, const Person& person, const std::string& details) {
    return deployment_.Count(absl::StrCat("SELECT count(*) AS n FROM audit_events WHERE event = '", event,
                                          "' AND subject_id = '", person.id, "' AND actor_id IS NULL AND details = '",
                                          details, "'"));
  }
  bool LogsIn(const Person& person) { return deployment_.TryPassword(person.username, person.password, 0).ok(); }

  Deployment deployment_{{1, {}}};
  const Person ada_ = deployment_.NewUser("ada");
};

TEST_F(OperatorTest, UnlockingLetsALockedUserLogIn) {
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(deployment_.TryPassword(ada_.username, "wrong", 0).ok());
  ASSERT_FALSE(LogsIn(ada_));
  const Outcome outcome = Run({"unlock-user", "--login", "ADA"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(outcome.output, "ADA: unlocked\n");
  EXPECT_TRUE(LogsIn(ada_));
  EXPECT_EQ(Audited("user.unlocked", ada_, "by an operator"), 1);
}

TEST_F(OperatorTest, AResetPasswordIsAOneTimeSecret) {
  deployment_.LogIn(ada_);
  const Outcome outcome = Run({"reset-password", "--login", "ada"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  ASSERT_THAT(outcome.output, StartsWith("one-time secret: "));
  EXPECT_FALSE(LogsIn(ada_));
  const std::string secret = outcome.output.substr(17, 24);
  EXPECT_TRUE(deployment_.TryPassword(ada_.username, secret, 0).ok());
  EXPECT_EQ(Audited("credentials.reset", ada_, "by an operator"), 1);
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM passwords WHERE one_time"), 1);
}

// When nobody can log in as the super admin any more.
TEST_F(OperatorTest, BootstrapMakesAnotherSuperAdminOnlyByForce) {
  const std::vector<std::string> command = {"bootstrap", "--username", "rescue", "--email", "rescue@example.com"};
  const Outcome refused = Run(command);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.errors, HasSubstr("--force"));
  std::vector<std::string> forced = command;
  forced.emplace_back("--force");
  const Outcome outcome = Run(forced);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM audit_events WHERE event = 'bootstrap' AND details <> ''"), 1);
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM bindings WHERE role = 'super_admin'"), 2);
}

TEST_F(OperatorTest, ResettingDeletesTheSecondFactorAndItsCodes) {
  deployment_.database().Execute(
      absl::StrCat("INSERT INTO totp_factors (principal_id, sealed_secret, master_key_id, confirm_time) VALUES ('",
                   ada_.id, "', '', '', now()); INSERT INTO recovery_codes VALUES ('", ada_.id, "', 'x')"));
  const Outcome outcome = Run({"reset-mfa", "--login", ada_.email});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(outcome.output, ada_.email + ": the second factor is deleted\n");
  EXPECT_EQ(
      deployment_.Count("SELECT (SELECT count(*) FROM totp_factors) + (SELECT count(*) FROM recovery_codes) AS n"), 0);
  EXPECT_TRUE(LogsIn(ada_));
  EXPECT_EQ(Run({"reset-mfa", "--login", "ada"}).output, "ada: has no second factor\n");
  EXPECT_EQ(Audited("mfa.reset", ada_, "by an operator"), 1) << "the second run changed nothing";
}

TEST_F(OperatorTest, DisablingEndsTheSessionsAndEnablingLetsTheUserLogInAgain) {
  const v1::TokenSet tokens = deployment_.LogIn(ada_);
  ASSERT_EQ(Check(deployment_, 0, ForToken(tokens.access_token()), ada_.id).decision(), v1::DECISION_ALLOWED);
  const Outcome disabled = Run({"disable-user", "--login", "ada", "--reason", "stolen laptop"});
  EXPECT_EQ(disabled.exit_code, 0) << disabled.errors;
  EXPECT_EQ(disabled.output, "ada: disabled\n");
  WaitUntil([&] {
    return Check(deployment_, 0, ForToken(tokens.access_token()), ada_.id).reason() == v1::REASON_PRINCIPAL_DISABLED;
  });
  EXPECT_FALSE(LogsIn(ada_));
  EXPECT_EQ(Run({"disable-user", "--login", "ada"}).output, "ada: was already disabled\n");
  EXPECT_EQ(Audited("principal.disabled", ada_, "by an operator: stolen laptop"), 1);
  EXPECT_EQ(Run({"enable-user", "--login", "ada"}).output, "ada: enabled\n");
  EXPECT_EQ(Run({"enable-user", "--login", "ada"}).output, "ada: was not disabled\n");
  EXPECT_EQ(Audited("principal.enabled", ada_, "by an operator"), 1);
  EXPECT_TRUE(LogsIn(ada_));
  WaitUntil([&] {
    return Check(deployment_, 0, ForToken(tokens.access_token()), ada_.id).reason() == v1::REASON_CREDENTIAL_REVOKED;
  });
}

TEST_F(OperatorTest, AnUnknownLoginIsAnErrorAndNothingIsWritten) {
  const auto events = [this] { return deployment_.Count("SELECT count(*) AS n FROM audit_events"); };
  const int64_t before = events();
  for (const char* command : {"unlock-user", "reset-password", "reset-mfa", "disable-user", "enable-user"}) {
    for (const char* login : {"nobody", "nobody@example.com", "no body"}) {
      const Outcome outcome = Run({command, "--login", login});
      EXPECT_EQ(outcome.exit_code, 1) << command;
      EXPECT_THAT(outcome.errors, HasSubstr("no user has that username or e-mail address")) << command;
    }
    EXPECT_THAT(Run({command}).errors, HasSubstr("--login")) << command;
  }
  EXPECT_EQ(events(), before);
}

// The signing keys of a deployment with two replicas.
class RotationTest : public testing::Test {
 protected:
  explicit RotationTest(const Deployment::Options& options = Deployment::Options()) : deployment_(options) {}

  std::string Rotate() {
    // The next key has been published for long enough.
    deployment_.database().Execute("UPDATE all_signing_keys SET create_time = create_time - interval '6 minutes'");
    grpc::ClientContext context;
    context.AddMetadata("authorization", absl::StrCat("Bearer ", *deployment_.AsAdmin().credential));
    v1::RotateSigningKeyResponse response;
    const grpc::Status status = v1::AdminService::NewStub(grpc::CreateChannel(deployment_.replica(0).address(),
                                                                              grpc::InsecureChannelCredentials()))
                                    ->RotateSigningKey(&context, v1::RotateSigningKeyRequest(), &response);
    if (!status.ok()) throw std::runtime_error(status.error_message());
    token_ = response.consistency_token();
    return response.signing_key().kid();
  }
  // Removes a key at replica 0.
  v1::RemoveSigningKeyResponse Remove(const std::string& kid) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", absl::StrCat("Bearer ", key_));
    v1::RemoveSigningKeyRequest request;
    request.set_kid(kid);
    v1::RemoveSigningKeyResponse response;
    const grpc::Status status = v1::AdminService::NewStub(grpc::CreateChannel(deployment_.replica(0).address(),
                                                                              grpc::InsecureChannelCredentials()))
                                    ->RemoveSigningKey(&context, request, &response);
    if (!status.ok()) throw std::runtime_error(status.error_message());
    token_ = response.consistency_token();
    return response;
  }
  std::string Jwks() {
    return RunProgram({Identityd(), "keys", "jwks", "--database-url", deployment_.database().server_url()}).output;
  }
  std::string KidOf(const std::string& token) {
    std::string header;
    absl::WebSafeBase64Unescape(std::vector<std::string>(absl::StrSplit(token, '.'))[0], &header);
    return nlohmann::json::parse(header)["kid"];
  }
  // Makes a check that waits for the latest change of the keys. Its caller has an API key, which no signing key signs.
  v1::Reason ReasonAt(int replica, const std::string& token, const Person& person) {
    v1::CheckPermissionRequest request = ForToken(token);
    request.set_permission("read:own_profile");
    request.set_resource("users/" + person.id);
    if (!token_.empty()) request.mutable_consistency()->set_at_least_as_fresh(token_);
    return Must(deployment_.client(replica).Call(&IdentityRpc::CheckPermission, request, {key_, absl::nullopt}))
        .reason();
  }

  Deployment deployment_;
  std::string token_;
  const std::string key_ =
      deployment_.NewApiKey(deployment_.LogIn(deployment_.admin()), deployment_.admin().password).secret();
};

TEST_F(RotationTest, TokensOfTheOldKeyStayValidAndTheNewKeySignsOnEveryReplica) {
  const Person ada = deployment_.NewUser("ada");
  const std::string old_tokens[] = {deployment_.LogIn(ada, 0).access_token(), deployment_.LogIn(ada, 1).access_token()};
  const std::string jwks_before = Jwks();
  const std::string kid = Rotate();
  EXPECT_THAT(jwks_before, HasSubstr(kid)) << "published before it signed";
  EXPECT_NE(KidOf(old_tokens[0]), kid);
  for (int replica : {0, 1}) {
    // The other replica has seen none of these tokens before.
    EXPECT_EQ(ReasonAt(replica, old_tokens[1 - replica], ada), v1::REASON_GRANTED) << replica;
    const std::string fresh = deployment_.LogIn(ada, replica).access_token();
    EXPECT_EQ(KidOf(fresh), kid) << replica;
    EXPECT_EQ(ReasonAt(1 - replica, fresh, ada), v1::REASON_GRANTED) << replica;
  }
  EXPECT_THAT(Jwks(), HasSubstr(KidOf(old_tokens[0])));
  EXPECT_EQ(nlohmann::json::parse(Jwks())["keys"].size(), 3u) << "next, active and retiring";
}

TEST_F(RotationTest, ARemovedKeyEndsAtOnceOnEveryReplica) {
  const Person ada = deployment_.NewUser("ada");
  const v1::TokenSet tokens = deployment_.LogIn(ada, 1);
  for (int replica : {0, 1}) {
    ASSERT_EQ(ReasonAt(replica, tokens.access_token(), ada), v1::REASON_GRANTED) << "now it is cached";
  }
  const std::string stolen = KidOf(tokens.access_token());
  const std::string active = Remove(stolen).signing_key().kid();
  EXPECT_THAT(Jwks(), testing::AllOf(testing::Not(HasSubstr(stolen)), HasSubstr(active)));
  EXPECT_EQ(nlohmann::json::parse(Jwks())["keys"].size(), 2u) << "active and next";
  v1::RefreshRequest refresh;
  refresh.set_refresh_token(tokens.refresh_token());
  const v1::TokenSet fresh = Must(deployment_.client(0).Call(&IdentityRpc::Refresh, refresh)).tokens();
  deployment_.KeepSecrets(fresh);
  EXPECT_EQ(KidOf(fresh.access_token()), active);
  for (int replica : {0, 1}) {
    EXPECT_EQ(ReasonAt(replica, tokens.access_token(), ada), v1::REASON_CREDENTIAL_INVALID) << replica;
    EXPECT_EQ(ReasonAt(replica, fresh.access_token(), ada), v1::REASON_GRANTED) << replica;
    EXPECT_EQ(KidOf(deployment_.LogIn(ada, replica).access_token()), active) << replica;
  }
}

TEST_F(RotationTest, AnOperatorRemovesAKey) {
  const Person ada = deployment_.NewUser("ada");
  const std::string token = deployment_.LogIn(ada, 0).access_token();
  const std::string stolen = KidOf(token);
  const auto remove = [&](const std::string& kid) {
    return RunProgram({Identityd(), "keys", "remove", "--database-url", deployment_.database().server_url(),
                       "--master-key-file", deployment_.master_key_file(), "--", kid});
  };
  ASSERT_EQ(ReasonAt(1, token, ada), v1::REASON_GRANTED);
  const Outcome removed = remove(stolen);
  EXPECT_EQ(removed.exit_code, 0) << removed.errors;
  const std::string prefix = stolen + ": removed\nthe active signing key: ";
  ASSERT_THAT(removed.output, testing::StartsWith(prefix));
  const std::string active = removed.output.substr(prefix.size(), stolen.size());
  WaitUntil([&] { return ReasonAt(1, token, ada) == v1::REASON_CREDENTIAL_INVALID; });
  EXPECT_EQ(KidOf(deployment_.LogIn(ada, 1).access_token()), active);
  EXPECT_EQ(
      deployment_.Count("SELECT count(*) AS n FROM audit_events WHERE event = 'signing_key.removed' AND target = '" +
                        stolen + "' AND actor_id IS NULL AND details = 'by an operator'"),
      1);
  const Outcome again = remove(stolen);
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.errors, HasSubstr("no such signing key"));
}

// Replica 1 learns of changes late.
class LateReplicaTest : public RotationTest {
 protected:
  LateReplicaTest() : RotationTest({2, {}, {"--no-change-notifications", "--feed-interval", "10s"}}) {}
};

TEST_F(LateReplicaTest, ItRevokesATokenOfAKeyThatItDoesNotKnow) {
  const Person ada = deployment_.NewUser("ada");
  Rotate();
  const std::string new_kid = Rotate();  // made by the first rotation
  const std::string token = deployment_.LogIn(ada, 0).access_token();
  ASSERT_EQ(KidOf(token), new_kid);
  v1::RevokeRequest request;
  request.set_access_token(token);
  token_ = Must(deployment_.client(1).Call(&IdentityRpc::Revoke, request)).consistency_token();
  for (int replica : {0, 1}) EXPECT_EQ(ReasonAt(replica, token, ada), v1::REASON_CREDENTIAL_REVOKED);
}

}  // namespace
}  // namespace identity
