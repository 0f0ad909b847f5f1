#include <algorithm>
#include <array>
#include <ostream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/people.h"

namespace identity {
namespace {

constexpr char kNew[] = "incorrect zebra battery staple";

// The state of an account, or of its credential, when a path is tried.
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

// The outcome of a path in each state: TOKENS, CHALLENGE (a second factor is due), DONE (without a login), or the
// reason of a refusal. Empty for a state that cannot occur on the path.
struct Row {
  const char* name;
  Path path;
  std::array<const char*, kStates> outcomes;
};

// Three rules explain the table:
// - A lock stops guesses of the password. It stops neither users who showed the password before nor credentials that
//   cannot be guessed.
// - A second factor is due only at logins with a password. Other credentials were issued to a user who had logged in,
//   and their tokens claim no more proof than before.
// - An unverified address stops new logins. Credentials that were issued before remain valid.
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
    {"EmailVerification", Path::kEmailVerification, {"DONE", "DONE", "CALLER_INVALID", "DONE", "DONE", kNoMail}},
};

bool TakesACode(Path path) { return path == Path::kCode || path == Path::kRecoveryCode || path == Path::kStepUp; }

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

  // A user in the state under test, and the credentials for the path.
  struct Candidate {
    TestUser user;
    absl::optional<Factor> factor;
    v1::TokenSet session;
    std::string credential;  // a challenge, an API key or a mailed token
    std::string key_id;
  };

  static Candidate Prepare(Path path) {
    Candidate candidate;
    candidate.user = server().MakeUser();
    // Directly in the database: the verification of addresses is not under test here.
    Execute(candidate, "UPDATE users SET email_verify_time = now() WHERE id = '$0'");
    candidate.session = server().Login(candidate.user);
    if (TakesACode(path)) candidate.factor = GiveFactor(server(), candidate.user);
    if (path == Path::kCode || path == Path::kRecoveryCode) {
      candidate.credential = Challenge(server(), candidate.user);
    } else if (path == Path::kApiKey) {
      const auto key = server().IssueKey(candidate.user.id, {});
      candidate.credential = key.secret();
      candidate.key_id = key.api_key().id();
    } else if (path == Path::kPasswordReset) {
      v1::RequestPasswordResetRequest request;
      request.set_login(candidate.user.username);
      Must(server().Call(&Account::RequestPasswordReset, request));
      candidate.credential = MailedToken(server(), MailKind::kResetPassword, candidate.user.email);
    } else if (path == Path::kEmailVerification) {
      v1::UpdateAccountRequest request;
      request.mutable_account()->set_email("new-" + candidate.user.email);
      request.mutable_proof()->set_current_password(candidate.user.password);
      Must(server().Call(&Account::UpdateAccount, request, Bearer(candidate.session.access_token())));
      candidate.credential = MailedToken(server(), MailKind::kVerifyEmail, "new-" + candidate.user.email);
    }
    return candidate;
  }

  static void PutInto(State state, Candidate& candidate) {
    if (state == kLocked) {
      for (int i = 0; i < 5; ++i) server().TryLogin(candidate.user.username, "wrong");
    } else if (state == kDisabled) {
      server().Disable(candidate.user.id);
    } else if (state == kUnverified) {
      Execute(candidate, "UPDATE users SET email_verify_time = NULL WHERE id = '$0'");
    } else if (state == kMfaDue && !candidate.factor) {
      candidate.factor = GiveFactor(server(), candidate.user);
    } else if (state == kExpired) {
      Execute(candidate, "UPDATE mfa_challenges SET expire_time = now() WHERE principal_id = '$0'");
      Execute(candidate, "UPDATE mailed_tokens SET expire_time = now() WHERE principal_id = '$0'");
      Execute(candidate, "UPDATE sessions SET expire_time = now() WHERE principal_id = '$0'");
      if (!candidate.key_id.empty()) server().ExpireKey(candidate.key_id);
    }
  }

  // Returns the outcome; fills `tokens` when the path gives tokens.
  static std::string Try(Path path, const Candidate& candidate, v1::TokenSet* tokens) {
    switch (path) {
      case Path::kPasswordByUsername:
        return Read(TryPassword(server(), candidate.user.username, candidate.user.password), tokens);
      case Path::kPasswordByEmail:
        return Read(TryPassword(server(), candidate.user.email, candidate.user.password), tokens);
      case Path::kCode:
        return Read(TryCode(server(), candidate.credential, candidate.factor->app.Code(server())), tokens);
      case Path::kRecoveryCode:
        return Read(TryRecoveryCode(server(), candidate.credential, candidate.factor->recovery_codes[0]), tokens);
      case Path::kStepUp:
        return Read(
            TryCode(server(), "", candidate.factor->app.Code(server()), Bearer(candidate.session.access_token())),
            tokens);
      case Path::kRefresh:
        return Read(TryRefresh(server(), candidate.session.refresh_token()), tokens);
      case Path::kApiKey:
        return Read(server().Call(&Identity::Authenticate,
                                  Proto<v1::AuthenticateRequest>("api_key { key: '$0' }", candidate.credential)),
                    tokens);
      case Path::kPasswordReset: {
        v1::ResetPasswordRequest request;
        request.set_token(candidate.credential);
        request.set_new_password(kNew);
        return Read(server().Call(&Account::ResetPassword, request));
      }
      case Path::kEmailVerification:
        return Read(Verify(server(), Bearer(candidate.session.access_token()), candidate.credential));
    }
    return "";
  }

 private:
  static void Execute(const Candidate& candidate, const char* sql) {
    server().database().Execute(absl::Substitute(sql, candidate.user.id));
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

TEST_P(LoginMatrixTest, MatchesTheTable) {
  const Row& row = GetParam();
  for (int state = kNothing; state < kStates; ++state) {
    const std::string expected = row.outcomes[static_cast<size_t>(state)];
    if (expected.empty()) continue;
    SCOPED_TRACE(kStateNames[static_cast<size_t>(state)]);
    Candidate candidate = Prepare(row.path);
    PutInto(static_cast<State>(state), candidate);
    v1::TokenSet tokens;
    EXPECT_EQ(Try(row.path, candidate, &tokens), expected);
    if (tokens.access_token().empty()) continue;
    const auto amr = ClaimsOf(tokens.access_token()).at("amr").get<std::vector<std::string>>();
    EXPECT_EQ(std::count(amr.begin(), amr.end(), "mfa"), TakesACode(row.path) ? 1 : 0)
        << "the token claims a second factor exactly when the path required one";
  }
}

// A refused path must not have changed anything.
TEST_F(LoginPathTest, ARefusedPathChangesNothing) {
  for (const Path path : {Path::kPasswordReset, Path::kEmailVerification}) {
    for (const State state : {kDisabled, kExpired}) {
      Candidate candidate = Prepare(path);
      PutInto(state, candidate);
      v1::TokenSet tokens;
      Try(path, candidate, &tokens);
      if (state == kDisabled) server().Enable(candidate.user.id);
      EXPECT_THAT(server().TryLogin(candidate.user.username, kNew), FailsWith(ErrorReason::kInvalidCredentials));
      EXPECT_THAT(server().TryLogin("new-" + candidate.user.email, candidate.user.password),
                  FailsWith(ErrorReason::kInvalidCredentials));
      EXPECT_THAT(server().TryLogin(candidate.user.email, candidate.user.password), Succeeds());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Paths, LoginMatrixTest, ::testing::ValuesIn(kRows),
                         [](const ::testing::TestParamInfo<Row>& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace identity
