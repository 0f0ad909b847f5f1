#ifndef IDENTITY_TESTS_SUPPORT_PEOPLE_H_
#define IDENTITY_TESTS_SUPPORT_PEOPLE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "server/domain/mail_message.h"
#include "tests/support/harness.h"

// The users' side: mailboxes, authenticator apps, logins in two steps.
namespace identity {

// Lets the server write mails that it cannot send, because the mail server has no listener. Tests read them in the
// outbox.
void WithMail(Config& config);

// The mails to `address`, regardless of case, oldest first.
std::vector<MailMessage> MailsTo(TestServer& server, const std::string& address);
std::vector<MailKind> KindsOf(const std::vector<MailMessage>& mails);
// The token of the newest mail of `kind` to `address`; fails the test when there is none.
std::string MailedToken(TestServer& server, MailKind kind, const std::string& address);

// An authenticator app with one account, by liboath.
class App {
 public:
  explicit App(const std::string& otpauth_uri);
  // The code for the time of the database's clock, moved by `steps` of 30 seconds.
  std::string Code(TestServer& server, int64_t steps = 0) const;
  // A wrong code for the same time.
  std::string WrongCode(TestServer& server) const;

 private:
  std::string secret_;
};

// A second factor on its owner's side.
struct Factor {
  App app;
  std::vector<std::string> recovery_codes;
};
// What the user shows with a sensitive change; without a factor, `recovery_code` is empty.
v1::Proof ProofOf(const TestUser& user, const std::string& recovery_code = "");
// Enrolls and confirms a second factor.
Factor GiveFactor(TestServer& server, const TestUser& user);
// Makes the present code usable once more, as after 30 seconds.
void ForgetStep(TestServer& server, const TestUser& user);

// The steps of a login.
Result<v1::AuthenticateResponse> TryPassword(TestServer& server, const std::string& login, const std::string& password);
// The challenge for an account with a second factor; fails the test when there is none.
std::string Challenge(TestServer& server, const TestUser& user);
Result<v1::AuthenticateResponse> TryCode(TestServer& server, const std::string& challenge, const std::string& code,
                                         const Metadata& metadata = {});
Result<v1::AuthenticateResponse> TryRecoveryCode(TestServer& server, const std::string& challenge,
                                                 const std::string& code, const Metadata& metadata = {});
Result<v1::RefreshResponse> TryRefresh(TestServer& server, const std::string& refresh_token);
Metadata SessionOf(TestServer& server, const TestUser& user, const std::vector<std::string>& scopes = {});

Result<v1::RegisterResponse> Register(TestServer& server, const std::string& username, const std::string& email,
                                      const std::string& password = "correct horse battery staple",
                                      const std::string& full_name = "");
// The same for a login that must succeed.
TestUser RegisterUser(TestServer& server, const std::string& username, const std::string& email);
// In a session of the account, or in a new one.
Result<v1::VerifyEmailResponse> Verify(TestServer& server, const Metadata& session, const std::string& token);
Result<v1::VerifyEmailResponse> Verify(TestServer& server, const TestUser& user, const std::string& token);
v1::Account AccountOf(TestServer& server, const Metadata& caller);

// The claims of an access token, unverified.
nlohmann::json ClaimsOf(const std::string& access_token);

// How many of `count` parallel calls succeeded.
int CountSuccesses(int count, const std::function<grpc::Status()>& call);

// A suite with one server that sends mail.
class MailTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<TestServer>(WithMail); }
  static void TearDownTestSuite() { server_.reset(); }
  static TestServer& server() { return *server_; }

 private:
  static std::unique_ptr<TestServer> server_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_PEOPLE_H_
