#include <atomic>
#include <functional>
#include <map>
#include <string>

#include "tests/support/people.h"

namespace identity {
namespace {

using ::testing::SizeIs;

constexpr char kFreshPassword[] = "incorrect zebra battery staple";

// A bearer token alone opens nothing that outlives it: all calls here make something lasting, or take a protection
// away.
using SensitiveCall = std::function<grpc::Status(TestServer&, const Metadata&, const v1::Proof&)>;

template <typename Method, typename Request>
SensitiveCall With(Method method, Request request) {
  return [=](TestServer& server, const Metadata& caller, const v1::Proof& proof) {
    Request with_proof = request;
    *with_proof.mutable_proof() = proof;
    return server.Call(method, with_proof, caller).status;
  };
}

const std::map<std::string, SensitiveCall>& SensitiveCalls() {
  static const auto* const calls = new std::map<std::string, SensitiveCall>{
      {"IssueApiKey", With(&Identity::IssueApiKey, v1::IssueApiKeyRequest())},
      {"ChangePassword",
       With(&Account::ChangePassword, Proto<v1::ChangePasswordRequest>("new_password: '$0'", kFreshPassword))},
      {"UpdateAccount",
       [](TestServer& server, const Metadata& caller, const v1::Proof& proof) {
         static std::atomic<int> moved = 0;
         const auto request = Proto<v1::UpdateAccountRequest>("account { email: 'moved-$0@example.com' }", ++moved);
         return With(&Account::UpdateAccount, request)(server, caller, proof);
       }},
      {"EnrollTotp", With(&Account::EnrollTotp, v1::EnrollTotpRequest())},
      {"DisableTotp", With(&Account::DisableTotp, v1::DisableTotpRequest())},
      {"RegenerateRecoveryCodes", With(&Account::RegenerateRecoveryCodes, v1::RegenerateRecoveryCodesRequest())},
      {"DeactivateAccount", With(&Account::DeactivateAccount, v1::DeactivateAccountRequest())}};
  return *calls;
}

class ProofTest : public RpcTest, public testing::WithParamInterface<std::string> {
 protected:
  static grpc::Status Try(const Metadata& caller, const v1::Proof& proof) {
    return SensitiveCalls().at(GetParam())(server(), caller, proof);
  }
};

TEST_P(ProofTest, NeedsThePassword) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  EXPECT_THAT(Try(session, v1::Proof()), FailsWith(ErrorReason::kProofRequired));
  EXPECT_THAT(Try(session, Proto<v1::Proof>("current_password: 'wrong'")), FailsWith(ErrorReason::kInvalidCredentials));
  const grpc::Status right = Try(session, ProofOf(user));
  const bool needs_factor = GetParam() == "DisableTotp" || GetParam() == "RegenerateRecoveryCodes";
  if (needs_factor) {
    EXPECT_THAT(right, FailsWith(ErrorReason::kMfaNotEnrolled));
  } else {
    EXPECT_THAT(right, Succeeds());
  }
}

// Even right after a login or a step-up with the factor.
TEST_P(ProofTest, NeedsTheSecondFactorOfAnAccountThatHasOne) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const auto login = Must(TryCode(server(), Challenge(server(), user), factor.app.Code(server()))).tokens();
  const Metadata session = Bearer(login.access_token());
  EXPECT_THAT(Try(session, v1::Proof()), FailsWith(ErrorReason::kProofRequired));
  EXPECT_THAT(Try(session, ProofOf(user)), FailsWith(ErrorReason::kProofRequired));
  v1::Proof wrong_code = ProofOf(user);
  wrong_code.set_totp_code(factor.app.WrongCode(server()));
  EXPECT_THAT(Try(session, wrong_code), FailsWith(ErrorReason::kInvalidCredentials));
  v1::Proof wrong_password = ProofOf(user, factor.recovery_codes[0]);
  wrong_password.set_current_password("wrong");
  EXPECT_THAT(Try(session, wrong_password), FailsWith(ErrorReason::kInvalidCredentials));
  const grpc::Status right = Try(session, ProofOf(user, factor.recovery_codes[0]));
  if (GetParam() == "EnrollTotp") {
    EXPECT_THAT(right, FailsWith(ErrorReason::kAlreadyExists));
  } else {
    EXPECT_THAT(right, Succeeds());
  }
}

INSTANTIATE_TEST_SUITE_P(Each, ProofTest, testing::ValuesIn([] {
                           std::vector<std::string> names;
                           for (const auto& [name, call] : SensitiveCalls()) names.push_back(name);
                           return names;
                         }()),
                         [](const auto& each) { return each.param; });

class ProofRulesTest : public RpcTest {
 protected:
  static grpc::Status Issue(const Metadata& caller, const v1::Proof& proof) {
    return SensitiveCalls().at("IssueApiKey")(server(), caller, proof);
  }
};

TEST_F(ProofRulesTest, ACodeIsSpentByTheProof) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const auto login = Must(TryCode(server(), Challenge(server(), user), factor.app.Code(server()))).tokens();
  const v1::Proof proof = ProofOf(user, factor.recovery_codes[0]);
  EXPECT_THAT(Issue(Bearer(login.access_token()), proof), Succeeds());
  EXPECT_THAT(Issue(Bearer(login.access_token()), proof), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(ProofRulesTest, AMissingCodeCountsNoGuess) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const auto login = Must(TryCode(server(), Challenge(server(), user), factor.app.Code(server()))).tokens();
  for (int i = 0; i < 10; ++i) Issue(Bearer(login.access_token()), ProofOf(user));
  EXPECT_THAT(Issue(Bearer(login.access_token()), ProofOf(user, factor.recovery_codes[0])), Succeeds());
}

TEST_F(ProofRulesTest, AnApiKeyOfOneselfNeedsTheScopeBeforeTheProof) {
  const TestUser user = server().MakeUser();
  server().Grant(user.id, {"posts:read"});
  const Metadata narrow = SessionOf(server(), user, {"posts:read"});
  EXPECT_THAT(Issue(narrow, ProofOf(user)), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Issue(narrow, Proto<v1::Proof>("current_password: 'wrong'")), FailsWith(ErrorReason::kPermissionDenied))
      << "guesses nothing";
}

TEST_F(ProofRulesTest, OwnKeysAreRotatedWithAProof) {
  const TestUser user = server().MakeUser();
  const std::string key = server().IssueKey(user.id, {}).api_key().id();
  const SensitiveCall rotate = With(&Account::RotateApiKey, Proto<v1::RotateApiKeyRequest>("api_key_id: '$0'", key));
  const Metadata session = SessionOf(server(), user);
  EXPECT_THAT(rotate(server(), session, v1::Proof()), FailsWith(ErrorReason::kProofRequired));
  EXPECT_THAT(rotate(server(), session, ProofOf(user)), Succeeds());
}

// A client that lost the reply repeats the request, with another code of its app.
TEST_F(ProofRulesTest, ARepeatedRequestMayHaveAnotherProof) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const auto login = Must(TryCode(server(), Challenge(server(), user), factor.app.Code(server()))).tokens();
  std::string id;
  for (const std::string& code : {factor.recovery_codes[0], factor.recovery_codes[1]}) {
    auto request = Proto<v1::IssueApiKeyRequest>("request_id: '0190b5a0-3333-7000-8000-000000000001'");
    *request.mutable_proof() = ProofOf(user, code);
    const auto issued = Must(server().Call(&Identity::IssueApiKey, request, Bearer(login.access_token())));
    if (id.empty()) id = issued.api_key().id();
    EXPECT_EQ(issued.api_key().id(), id);
  }
}

class OwnKeysTest : public MailTest {
 protected:
  static bool Works(const std::string& key) {
    return server().Call(&Account::GetAccount, v1::GetAccountRequest(), ApiKeyHeader(key)).status.ok();
  }
};

TEST_F(OwnKeysTest, AResetOfThePasswordEndsThem) {
  const TestUser user = server().MakeUser();
  const std::string key = server().IssueKey(user.id, {}).secret();
  ASSERT_TRUE(Works(key));
  Must(server().Call(&Account::RequestPasswordReset,
                     Proto<v1::RequestPasswordResetRequest>("login: '$0'", user.username)));
  Must(server().Call(
      &Account::ResetPassword,
      Proto<v1::ResetPasswordRequest>("token: '$0' new_password: '$1'",
                                      MailedToken(server(), MailKind::kResetPassword, user.email), kFreshPassword)));
  EXPECT_FALSE(Works(key));
}

TEST_F(OwnKeysTest, AChangeOfThePasswordEndsThemOnRequest) {
  for (const bool revoke : {false, true}) {
    const TestUser user = server().MakeUser();
    const std::string key = server().IssueKey(user.id, {}).secret();
    v1::ChangePasswordRequest request;
    *request.mutable_proof() = ProofOf(user);
    request.set_new_password(kFreshPassword);
    request.set_revoke_api_keys(revoke);
    Must(server().Call(&Account::ChangePassword, request, SessionOf(server(), user)));
    EXPECT_EQ(Works(key), !revoke);
  }
}

TEST(KeyLifetimeTest, IsLimitedByTheServer) {
  TestServer server([](Config& config) { config.api_key_lifetime = absl::Hours(1); });
  const std::string owner = server.MakeServiceAccount();
  const auto issue = [&](absl::Duration lifetime) {
    v1::IssueApiKeyRequest request;
    request.set_owner_id(owner);
    request.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(absl::Now() + lifetime));
    return server.Call(&Identity::IssueApiKey, request, server.root());
  };
  EXPECT_THAT(issue(absl::Hours(2)), RefusesField("expire_time"));
  EXPECT_THAT(issue(absl::Minutes(30)), Succeeds());
  const v1::ApiKey key = server.IssueKey(owner, {}).api_key();
  EXPECT_EQ(key.expire_time().seconds() - key.create_time().seconds(), 3600);
}

// The owner learns of each sensitive change, whoever made it.
TEST_F(OwnKeysTest, SensitiveChangesAreMailedToTheOwner) {
  for (const auto& [name, call] : SensitiveCalls()) {
    const TestUser user = server().MakeUser();
    std::string code;
    Metadata session = SessionOf(server(), user);
    if (name != "EnrollTotp") {
      const Factor factor = GiveFactor(server(), user);
      code = factor.recovery_codes[0];
      const auto login = Must(TryRecoveryCode(server(), Challenge(server(), user), factor.recovery_codes[1]));
      session = Bearer(login.tokens().access_token());
    }
    const size_t before = MailsTo(server(), user.email).size();
    ASSERT_THAT(call(server(), session, ProofOf(user, code)), Succeeds()) << name;
    EXPECT_THAT(MailsTo(server(), user.email), SizeIs(before + 1)) << name;
  }
}

}  // namespace
}  // namespace identity
