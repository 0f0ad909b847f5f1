#include <algorithm>
#include <array>
#include <ostream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/people.h"

namespace identity {
namespace {

constexpr char kNew[] = "incorrect zebra battery staple";

// What may have become of an account, or of what it shows, before that is shown.
enum State { kNothing, kLocked, kDisabled, kUnverified, kMfaDue, kExpired, kStates };
constexpr std::array<const char*, kStates> kStateNames = {"Nothing",    "Locked", "Disabled",
                                                          "Unverified", "MfaDue", "Expired"};

enum class Path {
  kPasswordByUsername,
  kPasswordByEmail,
  kCode,
  kRecoveryCode,
  kStepUp,
  kRefresh,
  kApiKey,
  kPasswordReset,
  kEmailVerification
};

// What comes of a path in each state: TOKENS, CHALLENGE (the second factor is asked for), DONE (and nobody is logged
// in), the reason of a refusal, or nothing when the state cannot be.
struct Row {
  const char* name;
  Path path;
  std::array<const char*, kStates> outcomes;
};

// A lock is on guesses of the password: who has shown it before, or shows what cannot be guessed, is not in its way.
// A second factor is due at logins with a password alone: all else was given out to who had it, and shows no more
// proof than before. An address must be verified to log in; what was given out before goes on.
constexpr char kNo[] = "INVALID_CREDENTIALS";
constexpr char kNoMail[] = "MAILED_TOKEN_INVALID";
constexpr char kNoRefresh[] = "REFRESH_TOKEN_INVALID";
constexpr Row kRows[] = {
    // nothing, locked, disabled, unverified, MFA due, expired
    {"PasswordByUsername", Path::kPasswordByUsername, {"TOKENS", kNo, kNo, "EMAIL_NOT_VERIFIED", "CHALLENGE", ""}},
    {"PasswordByEmail", Path::kPasswordByEmail, {"TOKENS", kNo, kNo, "EMAIL_NOT_VERIFIED", "CHALLENGE", ""}},
    {"Code", Path::kCode, {"TOKENS", "TOKENS", kNo, kNo, "TOKENS", kNo}},
    {"RecoveryCode", Path::kRecoveryCode, {"TOKENS", "TOKENS", kNo, kNo, "TOKENS", kNo}},
    {"StepUp", Path::kStepUp, {"TOKENS", "TOKENS", "CALLER_INVALID", "TOKENS", "TOKENS", kNo}},
    {"Refresh", Path::kRefresh, {"TOKENS", "TOKENS", kNoRefresh, "TOKENS", "TOKENS", kNoRefresh}},
    {"ApiKey", Path::kApiKey, {"TOKENS", "TOKENS", kNo, "TOKENS", "TOKENS", kNo}},
    {"PasswordReset", Path::kPasswordReset, {"DONE", "DONE", kNoMail, "DONE", "DONE", kNoMail}},
    {"EmailVerification", Path::kEmailVerification, {"DONE", "DONE", kNoMail, "DONE", "DONE", kNoMail}},
};

bool ShowsACode(Path path) { return path == Path::kCode || path == Path::kRecoveryCode || path == Path::kStepUp; }

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class LoginPathTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<TestServer>([](Config& config) {
      WithMail(config);
      config.require_verified_email = true;
    });
  }
  static void TearDownTestSuite() { server_.reset(); }
  static TestServer& server() { return *server_; }

  // Somebody who is about to go a path, with what it takes.
  struct Traveller {
    TestUser user;
    absl::optional<Factor> factor;
    v1::TokenSet session;
    std::string credential;  // a challenge, an API key or a mailed token
    std::string key_id;
  };

  static Traveller Prepare(Path path) {
    Traveller traveller;
    traveller.user = server().MakeUser();
    // As a change of the account does it, which is not what is tried here.
    Execute(traveller, "UPDATE users SET email_verify_time = now() WHERE id = '$0'");
    traveller.session = server().Login(traveller.user);
    if (ShowsACode(path)) traveller.factor = GiveFactor(server(), traveller.user);
    if (path == Path::kCode || path == Path::kRecoveryCode) {
      traveller.credential = Challenge(server(), traveller.user);
    } else if (path == Path::kApiKey) {
      const auto key = server().IssueKey(traveller.user.id, {});
      traveller.credential = key.secret();
      traveller.key_id = key.api_key().id();
    } else if (path == Path::kPasswordReset) {
      v1::RequestPasswordResetRequest request;
      request.set_login(traveller.user.username);
      Must(server().Call(&Account::RequestPasswordReset, request));
      traveller.credential = MailedToken(server(), MailKind::kResetPassword, traveller.user.email);
    } else if (path == Path::kEmailVerification) {
      v1::UpdateAccountRequest request;
      request.mutable_account()->set_email("new-" + traveller.user.email);
      request.set_current_password(traveller.user.password);
      Must(server().Call(&Account::UpdateAccount, request, Bearer(traveller.session.access_token())));
      traveller.credential = MailedToken(server(), MailKind::kVerifyEmail, "new-" + traveller.user.email);
    }
    return traveller;
  }

  static void BringAbout(State state, Traveller& traveller) {
    if (state == kLocked) {
      for (int i = 0; i < 5; ++i) server().TryLogin(traveller.user.username, "wrong");
    } else if (state == kDisabled) {
      server().Disable(traveller.user.id);
    } else if (state == kUnverified) {
      Execute(traveller, "UPDATE users SET email_verify_time = NULL WHERE id = '$0'");
    } else if (state == kMfaDue && !traveller.factor) {
      traveller.factor = GiveFactor(server(), traveller.user);
    } else if (state == kExpired) {
      Execute(traveller, "UPDATE mfa_challenges SET expire_time = now() WHERE principal_id = '$0'");
      Execute(traveller, "UPDATE mailed_tokens SET expire_time = now() WHERE principal_id = '$0'");
      Execute(traveller, "UPDATE sessions SET expire_time = now() WHERE principal_id = '$0'");
      if (!traveller.key_id.empty()) server().ExpireKey(traveller.key_id);
    }
  }

  // What came of it; the tokens if there are any.
  static std::string Go(Path path, const Traveller& traveller, v1::TokenSet* tokens) {
    switch (path) {
      case Path::kPasswordByUsername:
        return Read(TryPassword(server(), traveller.user.username, traveller.user.password), tokens);
      case Path::kPasswordByEmail:
        return Read(TryPassword(server(), traveller.user.email, traveller.user.password), tokens);
      case Path::kCode:
        return Read(TryCode(server(), traveller.credential, traveller.factor->app.Code(server())), tokens);
      case Path::kRecoveryCode:
        return Read(TryRecoveryCode(server(), traveller.credential, traveller.factor->recovery_codes[0]), tokens);
      case Path::kStepUp:
        return Read(
            TryCode(server(), "", traveller.factor->app.Code(server()), Bearer(traveller.session.access_token())),
            tokens);
      case Path::kRefresh:
        return Read(TryRefresh(server(), traveller.session.refresh_token()), tokens);
      case Path::kApiKey:
        return Read(server().Call(&Identity::Authenticate,
                                  Proto<v1::AuthenticateRequest>("api_key { key: '$0' }", traveller.credential)),
                    tokens);
      case Path::kPasswordReset: {
        v1::ResetPasswordRequest request;
        request.set_token(traveller.credential);
        request.set_new_password(kNew);
        return Read(server().Call(&Account::ResetPassword, request));
      }
      case Path::kEmailVerification:
        return Read(Verify(server(), traveller.credential));
    }
    return "";
  }

 private:
  static void Execute(const Traveller& traveller, const char* sql) {
    server().database().Execute(absl::Substitute(sql, traveller.user.id));
  }
  static std::string ReasonOf(const grpc::Status& status) {
    const ErrorDetails details = DetailsOf(status);
    return details.info ? details.info->reason() : Describe(status);
  }
  static std::string Read(const Result<v1::AuthenticateResponse>& result, v1::TokenSet* tokens) {
    if (!result.status.ok()) return ReasonOf(result.status);
    if (result->has_mfa_challenge()) return "CHALLENGE";
    *tokens = result->tokens();
    return "TOKENS";
  }
  static std::string Read(const Result<v1::RefreshResponse>& result, v1::TokenSet* tokens) {
    if (!result.status.ok()) return ReasonOf(result.status);
    *tokens = result->tokens();
    return "TOKENS";
  }
  template <typename Response>
  static std::string Read(const Result<Response>& result) {
    return result.status.ok() ? "DONE" : ReasonOf(result.status);
  }

  static std::unique_ptr<TestServer> server_;
};

std::unique_ptr<TestServer> LoginPathTest::server_;

class LoginMatrixTest : public LoginPathTest, public ::testing::WithParamInterface<Row> {};

TEST_P(LoginMatrixTest, HasTheOutcomeOfTheTable) {
  const Row& row = GetParam();
  for (int state = kNothing; state < kStates; ++state) {
    const std::string expected = row.outcomes[static_cast<size_t>(state)];
    if (expected.empty()) continue;
    SCOPED_TRACE(kStateNames[static_cast<size_t>(state)]);
    Traveller traveller = Prepare(row.path);
    BringAbout(static_cast<State>(state), traveller);
    v1::TokenSet tokens;
    EXPECT_EQ(Go(row.path, traveller, &tokens), expected);
    if (tokens.access_token().empty()) continue;
    const auto amr = ClaimsOf(tokens.access_token()).at("amr").get<std::vector<std::string>>();
    EXPECT_EQ(std::count(amr.begin(), amr.end(), "mfa"), ShowsACode(row.path) ? 1 : 0)
        << "a proof is in the token when there was one, and only then";
  }
}

// What a path refuses it has not done either.
TEST_F(LoginPathTest, ARefusalLeavesNoWayIn) {
  for (const Path path : {Path::kPasswordReset, Path::kEmailVerification}) {
    for (const State state : {kDisabled, kExpired}) {
      Traveller traveller = Prepare(path);
      BringAbout(state, traveller);
      v1::TokenSet tokens;
      Go(path, traveller, &tokens);
      if (state == kDisabled) server().Enable(traveller.user.id);
      EXPECT_THAT(server().TryLogin(traveller.user.username, kNew), FailsWith(ErrorReason::kInvalidCredentials));
      EXPECT_THAT(server().TryLogin("new-" + traveller.user.email, traveller.user.password),
                  FailsWith(ErrorReason::kInvalidCredentials));
      EXPECT_THAT(server().TryLogin(traveller.user.email, traveller.user.password), Succeeds());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Paths, LoginMatrixTest, ::testing::ValuesIn(kRows),
                         [](const ::testing::TestParamInfo<Row>& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace identity
