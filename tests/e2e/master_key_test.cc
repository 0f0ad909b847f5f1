#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <liboath/oath.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "identity/v1/account_service.grpc.pb.h"
#include "server/base/random.h"
#include "server/base/sealed_box.h"
#include "tests/support/deployment.h"

namespace identity {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A server that sends mail to nowhere, and a user with an authenticator app.
class MasterKeyTest : public testing::Test {
 protected:
  MasterKeyTest() {
    deployment_.KeepSecret(new_key_);
    EnrollApp();
  }

  template <typename Request, typename Response>
  Response CallAccount(grpc::Status (v1::AccountService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                        Response*),
                       const Request& request, const std::string& token) {
    const auto stub = v1::AccountService::NewStub(
        grpc::CreateChannel(deployment_.replica(0).address(), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
    Response response;
    const grpc::Status status = (*stub.*method)(&context, request, &response);
    if (!status.ok()) throw std::runtime_error(status.error_message());
    return response;
  }
  void EnrollApp() {
    const std::string token = deployment_.LogIn(ada_).access_token();
    v1::EnrollTotpRequest enroll;
    enroll.mutable_proof()->set_current_password(ada_.password);
    ReadSeed(CallAccount(&v1::AccountService::Stub::EnrollTotp, enroll, token).otpauth_uri());
    v1::ConfirmTotpRequest confirm;
    confirm.set_totp_code(Code());
    CallAccount(&v1::AccountService::Stub::ConfirmTotp, confirm, token);
  }
  void ReadSeed(const std::string& otpauth_uri) {
    const std::string from = otpauth_uri.substr(otpauth_uri.find("secret=") + 7);
    const std::string base32 = from.substr(0, from.find('&'));
    deployment_.KeepSecret(base32);
    char* bytes = nullptr;
    size_t size = 0;
    ASSERT_EQ(oath_base32_decode(base32.data(), base32.size(), &bytes, &size), OATH_OK);
    seed_.assign(bytes, size);
    std::free(bytes);
  }
  std::string Code() {
    char code[8] = "";
    EXPECT_EQ(oath_totp_generate(seed_.data(), seed_.size(), std::time(nullptr), 30, 0, 6, code), OATH_OK);
    return code;
  }
  // Logs in with password and code.
  absl::StatusOr<v1::AuthenticateResponse> LogIn() {
    // Makes the present code usable once more, as after 30 seconds.
    deployment_.database().Execute("UPDATE totp_factors SET last_step = 0");
    v1::AuthenticateRequest password;
    password.mutable_password()->set_login(ada_.username);
    password.mutable_password()->set_password(ada_.password);
    const auto challenge = Must(deployment_.client(0).Call(&IdentityRpc::Authenticate, password)).mfa_challenge();
    v1::AuthenticateRequest code;
    code.mutable_mfa()->set_challenge_token(challenge.challenge_token());
    code.mutable_mfa()->set_totp_code(Code());
    return deployment_.client(0).Call(&IdentityRpc::Authenticate, code);
  }

  // Replaces the master keys of the server, as an operator does: edits the file and restarts it.
  void RestartWith(const std::vector<std::string>& keys) {
    deployment_.replica(0).Stop();
    std::ofstream(deployment_.master_key_file()) << absl::StrJoin(keys, "\n") << "\n";
    deployment_.replica(0).Restart();
  }
  Outcome Run(std::vector<std::string> command, const std::vector<std::string>& keys, const std::string& url) {
    const std::string file = scratch_.Write("master.key", absl::StrJoin(keys, "\n") + "\n");
    command.insert(command.begin(), Identityd());
    command.insert(command.end(), {"--database-url", url, "--master-key-file", file});
    return RunProgram(command);
  }
  Outcome Rewrap(const std::vector<std::string>& keys) {
    return Run({"keys", "rewrap"}, keys, deployment_.database().owner_url());
  }
  static std::string IdOf(const std::string& key) {
    return MasterKeys::Parse(Secret(absl::string_view(key)))->current_id();
  }

  Deployment deployment_{
      {1, {"--smtp-url", "smtp://127.0.0.1:1", "--smtp-allow-plaintext", "--mail-from", "identity@example.com"}}};
  const ScratchDirectory scratch_;
  const Person ada_ = deployment_.NewUser("ada");
  const std::string old_key_ = ReadWhole(deployment_.master_key_file()).substr(0, 44);
  const std::string new_key_ = absl::Base64Escape(RandomBytes(kSealKeyBytes));
  std::string seed_;
};

TEST_F(MasterKeyTest, AnOldKeyIsRetiredWhileTheServerServes) {
  const std::string token = Must(LogIn()).tokens().access_token();
  const int64_t mails = deployment_.Count("SELECT count(*) AS n FROM outbox");
  ASSERT_GT(mails, 0);
  RestartWith({new_key_, old_key_});
  EXPECT_TRUE(LogIn().ok()) << "the old key still opens";
  const Outcome outcome = Rewrap({new_key_, old_key_});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_THAT(
      outcome.output,
      AllOf(HasSubstr("the master key " + IdOf(new_key_)), HasSubstr("signing keys: 2 of 2\n"),
            HasSubstr("authenticator apps: 1 of 1\n"), HasSubstr(absl::StrCat("mails: ", mails, " of ", mails, "\n")),
            HasSubstr("no value in the database needs another master key"),
            HasSubstr(absl::StrCat("the master key ", IdOf(old_key_), ", number 2 of the file, may be removed"))));
  EXPECT_TRUE(LogIn().ok()) << "the running server opens with the new key";
  const Outcome again = Rewrap({new_key_, old_key_});
  EXPECT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_THAT(again.output, AllOf(HasSubstr("may be removed"), Not(HasSubstr(" of 1"))));
  RestartWith({new_key_});
  EXPECT_TRUE(LogIn().ok());
  EXPECT_EQ(Check(deployment_, 0, ForToken(token), ada_.id).reason(), v1::REASON_GRANTED)
      << "the signing key is the same";
}

TEST_F(MasterKeyTest, AKeyThatIsStillNeededIsNamedAtTheStartOfEveryCommand) {
  const std::string server = deployment_.database().server_url();
  const std::vector<Outcome> outcomes = {Run({"serve", "--listen-address", "127.0.0.1:0"}, {new_key_}, server),
                                         Rewrap({new_key_}), Run({"keys", "remove", "some-kid"}, {new_key_}, server)};
  for (const Outcome& outcome : outcomes) {
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.errors, AllOf(HasSubstr(absl::StrCat(IdOf(old_key_), " (signing keys: 2, mails: ")),
                                      HasSubstr("authenticator apps: 1"), HasSubstr("identityd keys rewrap"),
                                      Not(HasSubstr(old_key_)), Not(HasSubstr(new_key_))));
  }
  EXPECT_TRUE(LogIn().ok()) << "nothing changed";
}

TEST_F(MasterKeyTest, TheServersRoleCannotRewrap) {
  const Outcome outcome = Run({"keys", "rewrap"}, {new_key_, old_key_}, deployment_.database().server_url());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("the schema's owner"));
  EXPECT_EQ(
      deployment_.Count("SELECT count(*) AS n FROM all_signing_keys WHERE master_key_id = '" + IdOf(old_key_) + "'"),
      2);
}

}  // namespace
}  // namespace identity
