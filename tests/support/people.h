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

// What people have and do for themselves: mail boxes, authenticator apps, logins in two steps.
namespace identity {

// Mails are written and never sent, since nobody listens there: they wait in the outbox for who looks.
void WithMail(Config& config);

// Those to `address`, in any case, the oldest first.
std::vector<MailMessage> MailsTo(TestServer& server, const std::string& address);
std::vector<MailKind> KindsOf(const std::vector<MailMessage>& mails);
// The token of the newest mail of `kind` to `address`; a test failure when there is none.
std::string MailedToken(TestServer& server, MailKind kind, const std::string& address);

// An authenticator app with one account, by liboath.
class App {
 public:
  explicit App(const std::string& otpauth_uri);
  // Of the moment of the database's clock, moved by `steps` of 30 seconds.
  std::string Code(TestServer& server, int64_t steps = 0) const;
  // Of the same moment and not the right one.
  std::string WrongCode(TestServer& server) const;

 private:
  std::string secret_;
};

// A second factor as its owner has it.
struct Factor {
  App app;
  std::vector<std::string> recovery_codes;
};
// Enrols and confirms.
Factor GiveFactor(TestServer& server, const TestUser& user);
// As if 30 seconds had gone by: the code of this moment may be used once more.
void ForgetStep(TestServer& server, const TestUser& user);

// The parts of a login.
Result<v1::AuthenticateResponse> TryPassword(TestServer& server, const std::string& login, const std::string& password);
// Of an account with a second factor; a test failure when none is asked for.
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
// The same for who must succeed.
TestUser RegisterUser(TestServer& server, const std::string& username, const std::string& email);
Result<v1::VerifyEmailResponse> Verify(TestServer& server, const std::string& token);
v1::Account AccountOf(TestServer& server, const Metadata& caller);

// The claims of an access token, unverified.
nlohmann::json ClaimsOf(const std::string& access_token);

// How many of `count` calls at the same time succeeded.
int CountSuccesses(int count, const std::function<grpc::Status()>& call);

// A suite whose tests share one server that sends mail.
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
