#include "tests/support/people.h"

namespace identity {
namespace {

using ::testing::IsEmpty;
using ::testing::StartsWith;

// Trusted devices: strangers can lock an account by its name, and must not be able to lock its owner out for ever.
class DeviceTest : public MailTest {
 protected:
  static Result<v1::AuthenticateResponse> LogInOn(const std::string& login, const std::string& password,
                                                  const std::string& device, bool remember = false) {
    v1::AuthenticateRequest request;
    request.mutable_password()->set_login(login);
    request.mutable_password()->set_password(password);
    request.mutable_password()->set_device_token(device);
    request.set_remember_device(remember);
    return server().Call(&Identity::Authenticate, request);
  }
  static std::string Trust(const TestUser& user) {
    return Must(LogInOn(user.username, user.password, "", true)).device_token();
  }
  static void LockByStranger(const TestUser& user) {
    for (int i = 0; i < 6; ++i) server().TryLogin(user.username, "wrong");
    EXPECT_THAT(server().TryLogin(user.username, user.password), FailsWith(ErrorReason::kInvalidCredentials));
  }
};

TEST_F(DeviceTest, TheOwnerLogsInOnATrustedDeviceWhileStrangersLockTheAccount) {
  const TestUser user = server().MakeUser();
  const std::string device = Trust(user);
  EXPECT_THAT(device, StartsWith("idd_"));
  LockByStranger(user);
  EXPECT_THAT(LogInOn(user.username, user.password, device), Succeeds());
  EXPECT_THAT(LogInOn(user.email, user.password, device), Succeeds());
  EXPECT_THAT(server().TryLogin(user.username, user.password), FailsWith(ErrorReason::kInvalidCredentials))
      << "the owner's login gives strangers no new guesses";
}

TEST_F(DeviceTest, GuessesOnADeviceHaveTheirOwnLock) {
  const TestUser user = server().MakeUser();
  const std::string device = Trust(user);
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(LogInOn(user.username, "wrong", device), FailsWith(ErrorReason::kInvalidCredentials));
  }
  EXPECT_EQ(server().Ask("SELECT failures::text FROM passwords WHERE principal_id = '" + user.id + "'"), "0");
  EXPECT_EQ(server().Ask("SELECT failures::text FROM trusted_devices WHERE principal_id = '" + user.id + "'"), "5");
  EXPECT_THAT(LogInOn(user.username, "wrong", device), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(server().Ask("SELECT failures::text FROM passwords WHERE principal_id = '" + user.id + "'"), "1")
      << "a locked device counts like a stranger";
  EXPECT_THAT(LogInOn(user.username, user.password, device), Succeeds()) << "the account itself is not locked";
}

TEST_F(DeviceTest, ParallelGuessesOnADeviceShareFive) {
  const TestUser user = server().MakeUser();
  const std::string device = Trust(user);
  LockByStranger(user);
  CountSuccesses(30, [&] { return LogInOn(user.username, "wrong", device).status; });
  EXPECT_EQ(server().Ask("SELECT failures::text FROM trusted_devices WHERE principal_id = '" + user.id + "'"), "5");
  EXPECT_THAT(LogInOn(user.username, user.password, device), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(DeviceTest, ATokenIsNeitherACredentialNorGoodForAnotherAccount) {
  const TestUser user = server().MakeUser();
  const TestUser other = server().MakeUser();
  const std::string device = Trust(user);
  EXPECT_THAT(LogInOn(user.username, "", device), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(server().Call(&Account::GetAccount, v1::GetAccountRequest(), Bearer(device)),
              FailsWith(ErrorReason::kCallerInvalid));
  LockByStranger(other);
  std::string flipped = device;
  flipped[40] = flipped[40] == 'a' ? 'b' : 'a';
  for (const std::string& token : {device, flipped, std::string("idd_"), other.password}) {
    EXPECT_THAT(LogInOn(other.username, other.password, token), FailsWith(ErrorReason::kInvalidCredentials));
  }
  EXPECT_THAT(LogInOn(user.username, user.password, flipped), Succeeds()) << "an invalid one is ignored";
}

TEST_F(DeviceTest, ATokenIsMadeOnRequestAndKept) {
  const TestUser user = server().MakeUser();
  EXPECT_THAT(Must(LogInOn(user.username, user.password, "")).device_token(), IsEmpty());
  const std::string device = Trust(user);
  EXPECT_THAT(Must(LogInOn(user.username, user.password, device, true)).device_token(), IsEmpty());
  EXPECT_NE(Must(LogInOn(user.username, user.password, "idd_x", true)).device_token(), device);
  for (int i = 0; i < 20; ++i) Trust(user);
  EXPECT_EQ(server().Ask("SELECT count(*)::text FROM trusted_devices WHERE principal_id = '" + user.id + "'"), "10");
  EXPECT_EQ(
      server().Ask("SELECT count(*)::text FROM trusted_devices t WHERE t::text LIKE '%" + device.substr(27, 43) + "%'"),
      "0")
      << "only a hash is stored";
}

TEST_F(DeviceTest, WithASecondFactorOnlyTheWholeLoginTrustsTheDevice) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const auto challenged = Must(LogInOn(user.username, user.password, "", true));
  EXPECT_THAT(challenged.device_token(), IsEmpty());
  v1::AuthenticateRequest answer;
  answer.mutable_mfa()->set_challenge_token(challenged.mfa_challenge().challenge_token());
  answer.mutable_mfa()->set_recovery_code(factor.recovery_codes[0]);
  answer.set_remember_device(true);
  const std::string device = Must(server().Call(&Identity::Authenticate, answer)).device_token();
  LockByStranger(user);
  EXPECT_TRUE(Must(LogInOn(user.username, user.password, device)).has_mfa_challenge());
}

TEST_F(DeviceTest, LoginsWithASecondFactorKeepTheirDevice) {
  const TestUser user = server().MakeUser();
  const std::string device = Trust(user);
  const Factor factor = GiveFactor(server(), user);
  v1::AuthenticateRequest answer;
  answer.mutable_mfa()->set_challenge_token(
      Must(LogInOn(user.username, user.password, device, true)).mfa_challenge().challenge_token());
  answer.mutable_mfa()->set_recovery_code(factor.recovery_codes[0]);
  answer.set_remember_device(true);
  EXPECT_THAT(Must(server().Call(&Identity::Authenticate, answer)).device_token(), IsEmpty());
}

// A thief of a session may end all sessions. It cannot take away what helps the owner against locks.
TEST_F(DeviceTest, StaysWhenTheOwnerEndsAllSessions) {
  const TestUser user = server().MakeUser();
  const std::string device = Trust(user);
  server().database().Execute("UPDATE principals SET epoch = epoch + 1 WHERE id = '" + user.id + "'");
  const std::string second = Trust(user);
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("principal_id: '$0'", user.id),
                     Bearer(server().Login(user).access_token())));
  LockByStranger(user);
  EXPECT_THAT(LogInOn(user.username, user.password, device), FailsWith(ErrorReason::kInvalidCredentials))
      << "it had ended before";
  EXPECT_THAT(LogInOn(user.username, user.password, second), Succeeds());
}

TEST_F(DeviceTest, AnUnlockEndsTheLockOfADevice) {
  const TestUser user = server().MakeUser();
  const std::string device = Trust(user);
  LockByStranger(user);
  for (int i = 0; i < 5; ++i) LogInOn(user.username, "wrong", device);
  EXPECT_THAT(LogInOn(user.username, user.password, device), FailsWith(ErrorReason::kInvalidCredentials));
  Must(server().Call(&Admin::UnlockUser, Proto<v1::UnlockUserRequest>("user_id: '$0'", user.id), server().root()));
  LockByStranger(user);
  EXPECT_THAT(LogInOn(user.username, user.password, device), Succeeds());
}

TEST_F(DeviceTest, EndsWithTheSessionsOfTheAccount) {
  const TestUser user = server().MakeUser();
  const std::string device = Trust(user);
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("principal_id: '$0'", user.id), server().root()));
  LockByStranger(user);
  EXPECT_THAT(LogInOn(user.username, user.password, device), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(DeviceTest, APasswordChangeEndsTheDevices) {
  const TestUser user = server().MakeUser();
  const std::string device = Trust(user);
  v1::ChangePasswordRequest change;
  change.mutable_proof()->set_current_password(user.password);
  change.set_new_password("incorrect zebra battery staple");
  Must(server().Call(&Account::ChangePassword, change, SessionOf(server(), user)));
  LockByStranger({user.id, user.username, user.email, change.new_password()});
  EXPECT_THAT(LogInOn(user.username, change.new_password(), device), FailsWith(ErrorReason::kInvalidCredentials));
}

// A login that was under way when the sessions ended may have left a device.
TEST_F(DeviceTest, ADeviceOfAnEarlierEpochDoesNotCount) {
  const TestUser user = server().MakeUser();
  const std::string device = Trust(user);
  server().database().Execute("UPDATE principals SET epoch = epoch + 1 WHERE id = '" + user.id + "'");
  LockByStranger(user);
  EXPECT_THAT(LogInOn(user.username, user.password, device), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(DeviceTest, EndsWithItsLifetime) {
  const TestUser user = server().MakeUser();
  const std::string device = Trust(user);
  LockByStranger(user);
  server().database().Execute("UPDATE trusted_devices SET expire_time = now() WHERE principal_id = '" + user.id + "'");
  EXPECT_THAT(LogInOn(user.username, user.password, device), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(DeviceTest, AnAdministratorWhoKnowsAOneTimePasswordGetsNone) {
  const TestUser user = server().MakeUser();
  const auto reset = Must(server().Call(&Admin::ResetCredentials,
                                        Proto<v1::ResetCredentialsRequest>("user_id: '$0'", user.id), server().root()));
  EXPECT_THAT(Must(LogInOn(user.username, reset.one_time_secret(), "", true)).device_token(), IsEmpty());
}

TEST_F(DeviceTest, EndsWhenTheAccountIsDisabled) {
  const TestUser user = server().MakeUser();
  const std::string device = Trust(user);
  server().Disable(user.id);
  EXPECT_THAT(LogInOn(user.username, user.password, device), FailsWith(ErrorReason::kInvalidCredentials));
  server().Enable(user.id);
  LockByStranger(user);
  EXPECT_THAT(LogInOn(user.username, user.password, device), FailsWith(ErrorReason::kInvalidCredentials));
}

}  // namespace
}  // namespace identity
