#include "tests/support/people.h"

#include <liboath/oath.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "server/app/change/mail_outbox.h"
#include "server/base/encoding/base64url.h"

namespace identity {
namespace {

constexpr size_t kDigits = 6;

// The master keys of the tests' server.
const MasterKeys& Keys() {
  static const MasterKeys* const keys = new MasterKeys(*MasterKeys::Parse(Secret(std::string(64, '7'))));
  return *keys;
}

Result<v1::AuthenticateResponse> Authenticate(TestServer& server, const v1::AuthenticateRequest& request,
                                              const Metadata& metadata) {
  return server.Call(&Identity::Authenticate, request, metadata);
}

}  // namespace

std::unique_ptr<TestServer> MailTest::server_;

void WithMail(Config& config) {
  config.mail.smtp.url = "smtp://127.0.0.1:1";
  config.mail.smtp.allow_plaintext = true;
  config.mail.from = "identity@example.com";
}

std::vector<MailMessage> MailsTo(TestServer& server, const std::string& address) {
  const MailOutbox outbox(Keys(), true);
  const Rows rows = server.database().Execute("SELECT kind, sealed, master_key_id FROM outbox ORDER BY id");
  std::vector<MailMessage> mails;
  for (size_t i = 0; i < rows.size(); ++i) {
    outbox::Mail row;
    row.kind = rows[i].Text("kind");
    row.sealed = rows[i].Bytes("sealed");
    row.master_key_id = rows[i].Text("master_key_id");
    if (row.kind == outbox::kNobody) continue;
    auto mail = outbox.Open(row);
    EXPECT_TRUE(mail.ok()) << mail.status();
    if (mail.ok() && absl::EqualsIgnoreCase(mail->to, address)) mails.push_back(*std::move(mail));
  }
  return mails;
}

std::vector<MailKind> KindsOf(const std::vector<MailMessage>& mails) {
  std::vector<MailKind> kinds;
  for (const MailMessage& mail : mails) kinds.push_back(mail.kind);
  return kinds;
}

std::string MailedToken(TestServer& server, MailKind kind, const std::string& address) {
  const std::vector<MailMessage> mails = MailsTo(server, address);
  for (auto mail = mails.rbegin(); mail != mails.rend(); ++mail) {
    if (mail->kind == kind) return mail->parameters.at("token");
  }
  ADD_FAILURE() << "no " << MailKindName(kind) << " to " << address;
  return "";
}

App::App(const std::string& otpauth_uri) {
  const std::vector<std::string> parts = absl::StrSplit(otpauth_uri, absl::ByAnyChar("?&"));
  for (const std::string& part : parts) {
    if (!absl::StartsWith(part, "secret=")) continue;
    char* bytes = nullptr;
    size_t size = 0;
    const std::string base32 = part.substr(7);
    EXPECT_EQ(oath_base32_decode(base32.data(), base32.size(), &bytes, &size), OATH_OK);
    secret_.assign(bytes, size);
    std::free(bytes);
  }
  EXPECT_EQ(secret_.size(), 20u);
}

std::string App::Code(TestServer& server, int64_t steps) const {
  const int64_t now = std::stoll(server.Ask("SELECT floor(extract(epoch FROM clock_timestamp()))::bigint::text"));
  char code[kDigits + 1];
  EXPECT_EQ(
      oath_totp_generate(secret_.data(), secret_.size(), static_cast<time_t>(now + 30 * steps), 30, 0, kDigits, code),
      OATH_OK);
  return std::string(code, kDigits);
}

std::string App::WrongCode(TestServer& server) const {
  // Differs from the codes of the few minutes around.
  for (int number = 0;; ++number) {
    const std::string code = absl::StrFormat("%06d", number);
    bool right = false;
    for (int64_t steps = -4; steps <= 4; ++steps) right = right || Code(server, steps) == code;
    if (!right) return code;
  }
}

v1::Proof ProofOf(const TestUser& user, const std::string& recovery_code) {
  v1::Proof proof;
  proof.set_current_password(user.password);
  if (!recovery_code.empty()) proof.set_recovery_code(recovery_code);
  return proof;
}

Factor GiveFactor(TestServer& server, const TestUser& user) {
  const Metadata session = SessionOf(server, user);
  v1::EnrollTotpRequest enroll;
  enroll.mutable_proof()->set_current_password(user.password);
  Factor factor{App(Must(server.Call(&Account::EnrollTotp, enroll, session)).otpauth_uri()), {}};
  v1::ConfirmTotpRequest confirm;
  confirm.set_totp_code(factor.app.Code(server));
  const auto confirmed = Must(server.Call(&Account::ConfirmTotp, confirm, session));
  factor.recovery_codes.assign(confirmed.recovery_codes().begin(), confirmed.recovery_codes().end());
  EXPECT_EQ(factor.recovery_codes.size(), 10u);
  factor.recovery_codes.resize(10);  // so that later code fails but does not crash
  ForgetStep(server, user);
  return factor;
}

void ForgetStep(TestServer& server, const TestUser& user) {
  server.database().Execute("UPDATE totp_factors SET last_step = 0 WHERE principal_id = '" + user.id + "'");
}

Result<v1::AuthenticateResponse> TryPassword(TestServer& server, const std::string& login,
                                             const std::string& password) {
  v1::AuthenticateRequest request;
  request.mutable_password()->set_login(login);
  request.mutable_password()->set_password(password);
  return Authenticate(server, request, {});
}

std::string Challenge(TestServer& server, const TestUser& user) {
  const auto answer = Must(TryPassword(server, user.username, user.password));
  EXPECT_TRUE(answer.has_mfa_challenge());
  return answer.mfa_challenge().challenge_token();
}

Result<v1::AuthenticateResponse> TryCode(TestServer& server, const std::string& challenge, const std::string& code,
                                         const Metadata& metadata) {
  v1::AuthenticateRequest request;
  request.mutable_mfa()->set_challenge_token(challenge);
  request.mutable_mfa()->set_totp_code(code);
  return Authenticate(server, request, metadata);
}

Result<v1::AuthenticateResponse> TryRecoveryCode(TestServer& server, const std::string& challenge,
                                                 const std::string& code, const Metadata& metadata) {
  v1::AuthenticateRequest request;
  request.mutable_mfa()->set_challenge_token(challenge);
  request.mutable_mfa()->set_recovery_code(code);
  return Authenticate(server, request, metadata);
}

Result<v1::RefreshResponse> TryRefresh(TestServer& server, const std::string& refresh_token) {
  v1::RefreshRequest request;
  request.set_refresh_token(refresh_token);
  return server.Call(&Identity::Refresh, request);
}

Metadata SessionOf(TestServer& server, const TestUser& user, const std::vector<std::string>& scopes) {
  return Bearer(server.Login(user, scopes).access_token());
}

Result<v1::RegisterResponse> Register(TestServer& server, const std::string& username, const std::string& email,
                                      const std::string& password, const std::string& full_name) {
  v1::RegisterRequest request;
  request.set_username(username);
  request.set_email(email);
  request.set_password(password);
  request.set_full_name(full_name);
  return server.Call(&Account::Register, request);
}

TestUser RegisterUser(TestServer& server, const std::string& username, const std::string& email) {
  TestUser user = {"", username, email, "correct horse battery staple"};
  user.id = Must(Register(server, username, email, user.password)).account().id();
  return user;
}

Result<v1::VerifyEmailResponse> Verify(TestServer& server, const Metadata& session, const std::string& token) {
  v1::VerifyEmailRequest request;
  request.set_token(token);
  return server.Call(&Account::VerifyEmail, request, session);
}

Result<v1::VerifyEmailResponse> Verify(TestServer& server, const TestUser& user, const std::string& token) {
  return Verify(server, SessionOf(server, user), token);
}

v1::Account AccountOf(TestServer& server, const Metadata& caller) {
  return Must(server.Call(&Account::GetAccount, v1::GetAccountRequest(), caller)).account();
}

nlohmann::json ClaimsOf(const std::string& access_token) {
  const std::vector<std::string> parts = absl::StrSplit(access_token, '.');
  std::string decoded;
  EXPECT_TRUE(parts.size() == 3 && Base64UrlDecode(parts.at(1), &decoded));
  return nlohmann::json::parse(decoded);
}

int CountSuccesses(int count, const std::function<grpc::Status()>& call) {
  std::atomic<int> successes = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&] {
      // A call that finds no place in the hash pool was not evaluated, and is repeated.
      grpc::Status status = call();
      while (FailsBy(status, ErrorReason::kOverloaded)) status = call();
      if (status.ok()) ++successes;
    });
  }
  for (std::thread& thread : threads) thread.join();
  return successes;
}

}  // namespace identity
