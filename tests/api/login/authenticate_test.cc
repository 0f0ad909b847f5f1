#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/encoding/base64url.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::ElementsAre;

class AuthenticateTest : public RpcTest {
 protected:
  static Result<v1::AuthenticateResponse> Authenticate(const v1::AuthenticateRequest& request,
                                                       const Metadata& metadata = {}) {
    return server().Call(&Identity::Authenticate, request, metadata);
  }
  static v1::AuthenticateRequest PasswordLogin(const TestUser& user) {
    v1::AuthenticateRequest request;
    request.mutable_password()->set_login(user.username);
    request.mutable_password()->set_password(user.password);
    return request;
  }
};

// The header or the payload of a JWT.
nlohmann::json Part(const std::string& token, size_t index) {
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  std::string decoded;
  EXPECT_TRUE(parts.size() == 3 && Base64UrlDecode(parts.at(index), &decoded));
  return nlohmann::json::parse(decoded);
}

TEST_F(AuthenticateTest, UsernameAndEmailLogInInAnyCase) {
  const TestUser user = server().MakeUser();
  for (const std::string& login : {user.username, absl::AsciiStrToUpper(user.username), user.email,
                                   absl::AsciiStrToUpper(user.email), "  " + user.username + "\t"}) {
    EXPECT_THAT(server().TryLogin(login, user.password), Succeeds()) << login;
  }
}

TEST_F(AuthenticateTest, LookAlikesOfALoginAreRefused) {
  const TestUser user = server().MakeUser();
  // A Cyrillic letter, a zero-width space, and a full-width letter.
  for (const std::string& login : {"us\xd0\xb5r" + user.username.substr(4), user.username + "\xe2\x80\x8b",
                                   "\xef\xbd\x95" + user.username.substr(1), user.username + "%", std::string()}) {
    EXPECT_THAT(server().TryLogin(login, user.password), FailsWith(ErrorReason::kInvalidCredentials)) << login;
  }
}

TEST_F(AuthenticateTest, TheTokenSetDescribesTheGrant) {
  const TestUser user = server().MakeUser();
  const v1::TokenSet tokens = server().Login(user);
  EXPECT_EQ(tokens.token_type(), "Bearer");
  EXPECT_EQ(tokens.expires_in().seconds(), 900);
  EXPECT_TRUE(absl::StartsWith(tokens.refresh_token(), "idr_"));
  EXPECT_NEAR(static_cast<double>(tokens.refresh_expires_in().seconds()), 7 * 86400, 60);
  EXPECT_THAT(tokens.scopes(), ElementsAre("*"));
  EXPECT_EQ(tokens.principal_id(), user.id);
  EXPECT_FALSE(tokens.session_id().empty());
  EXPECT_FALSE(tokens.password_change_required());
}

TEST_F(AuthenticateTest, AccessTokenHasTheClaimsOfTheContract) {
  const TestUser user = server().MakeUser();
  const std::string role = server().MakeRole({"posts:read"});
  server().Bind(user.id, role);
  const v1::TokenSet tokens = server().Login(user, {"posts:read"}, "blog");
  const nlohmann::json header = Part(tokens.access_token(), 0);
  EXPECT_EQ(header.size(), 3u) << header;
  EXPECT_EQ(header.at("alg"), "EdDSA");
  EXPECT_EQ(header.at("typ"), "at+jwt");
  const nlohmann::json claims = Part(tokens.access_token(), 1);
  EXPECT_EQ(claims.at("iss"), "https://identity.localhost");
  EXPECT_EQ(claims.at("sub"), user.id);
  EXPECT_EQ(claims.at("aud"), "blog");
  EXPECT_EQ(claims.at("sid"), tokens.session_id());
  EXPECT_EQ(claims.at("client_id"), "identity");
  EXPECT_EQ(claims.at("scope"), "posts:read");
  EXPECT_EQ(claims.at("roles"), nlohmann::json::array({role}));
  EXPECT_EQ(claims.at("amr"), nlohmann::json::array({"pwd"}));
  EXPECT_EQ(claims.at("epoch"), 0);
  EXPECT_EQ(claims.at("exp").get<int64_t>() - claims.at("iat").get<int64_t>(), 900);
  EXPECT_EQ(claims.at("nbf"), claims.at("iat"));
  EXPECT_TRUE(claims.contains("jti") && claims.contains("auth_time"));
  EXPECT_EQ(claims.dump().find(user.username), std::string::npos);
}

TEST_F(AuthenticateTest, ClientIdIsTheCallingPrincipal) {
  const TestUser user = server().MakeUser();
  const auto response = Must(Authenticate(PasswordLogin(user), server().root()));
  EXPECT_EQ(Part(response.tokens().access_token(), 1).at("client_id"), server().root_id());
}

TEST_F(AuthenticateTest, EveryFailureLooksTheSame) {
  const TestUser good = server().MakeUser();
  const TestUser locked = server().MakeUser();
  const TestUser disabled = server().MakeUser();
  const TestUser without_password = server().MakeUser();
  for (int i = 0; i < 5; ++i) server().TryLogin(locked.username, "wrong password");
  server().Disable(disabled.id);
  server().database().Execute("DELETE FROM passwords WHERE principal_id = '" + without_password.id + "'");
  const grpc::Status wrong = server().TryLogin(good.username, "wrong password");
  EXPECT_THAT(wrong, FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_FALSE(DetailsOf(wrong).retry);
  for (const std::string& login : {std::string("nobody-at-all"), std::string("not a name!"), locked.username,
                                   disabled.username, without_password.username}) {
    const grpc::Status status = server().TryLogin(login, good.password);
    EXPECT_EQ(status.error_code(), wrong.error_code()) << login;
    EXPECT_EQ(status.error_message(), wrong.error_message()) << login;
    EXPECT_EQ(DetailsWithoutId(status), DetailsWithoutId(wrong)) << login;
  }
}

TEST_F(AuthenticateTest, AServiceAccountHasNoPasswordLogin) {
  server().MakeServiceAccount();
  const std::string name = server().Ask("SELECT username FROM principals WHERE type = 'service_account' LIMIT 1");
  EXPECT_THAT(server().TryLogin(name, ""), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(server().TryLogin("anonymous", ""), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(AuthenticateTest, OneTimeSecretGrantsOnlyTheOwnAccount) {
  v1::CreateUserRequest create;
  create.set_username("newcomer");
  create.set_email("newcomer@example.com");
  const auto created = Must(server().Call(&Admin::CreateUser, create, server().root()));
  server().Grant(created.user().id(), {"posts:*"});
  const TestUser user = {created.user().id(), "newcomer", "", created.one_time_secret()};
  const v1::TokenSet tokens = server().Login(user, {"posts:read", "*"});
  EXPECT_TRUE(tokens.password_change_required());
  EXPECT_THAT(tokens.scopes(), ElementsAre("identity:self:*"));
  EXPECT_EQ(server().ReasonFor(tokens.access_token(), "posts:read"), v1::REASON_SCOPE_INSUFFICIENT);
  v1::RefreshRequest refresh;
  refresh.set_refresh_token(tokens.refresh_token());
  const auto refreshed = Must(server().Call(&Identity::Refresh, refresh));
  EXPECT_TRUE(refreshed.tokens().password_change_required());
  EXPECT_THAT(refreshed.tokens().scopes(), ElementsAre("identity:self:*"));
}

// The administrator who made the secret knows it, so it must not create a key that outlives it.
TEST_F(AuthenticateTest, OneTimeSecretCannotIssueAnApiKey) {
  v1::CreateUserRequest create;
  create.set_username("key-maker");
  create.set_email("key-maker@example.com");
  const auto created = Must(server().Call(&Admin::CreateUser, create, server().root()));
  const v1::TokenSet tokens = server().Login({created.user().id(), "key-maker", "", created.one_time_secret()});
  v1::IssueApiKeyRequest issue;
  issue.mutable_proof()->set_current_password(created.one_time_secret());
  EXPECT_THAT(server().Call(&Identity::IssueApiKey, issue, Bearer(tokens.access_token())),
              FailsWith(ErrorReason::kPermissionDenied));
}

TEST_F(AuthenticateTest, ScopesAreKeptWhenTheUserHoldsAnyPartOfThem) {
  const TestUser user = server().MakeUser();
  server().Grant(user.id, {"posts:read", "wiki:*"}, "orgs/acme");
  v1::AuthenticateRequest request = PasswordLogin(user);
  for (const char* scope : {"posts:*", "wiki:page:edit", "comments:read", "read:own_profile"}) {
    request.add_scopes(scope);
  }
  EXPECT_THAT(Must(Authenticate(request)).tokens().scopes(),
              ElementsAre("posts:*", "read:own_profile", "wiki:page:edit"));
}

TEST_F(AuthenticateTest, ALoginWithoutGrantableScopesCountsNoGuess) {
  const TestUser user = server().MakeUser();
  v1::AuthenticateRequest request = PasswordLogin(user);
  request.add_scopes("posts:read");
  for (int i = 0; i < 6; ++i) EXPECT_THAT(Authenticate(request), FailsWith(ErrorReason::kInvalidScope));
  EXPECT_THAT(server().TryLogin(user.username, user.password), Succeeds());
}

TEST_F(AuthenticateTest, WrongPasswordRevealsNothingAboutScopes) {
  v1::AuthenticateRequest request = PasswordLogin(server().MakeUser());
  request.mutable_password()->set_password("wrong password");
  request.add_scopes("posts:read");
  EXPECT_THAT(Authenticate(request), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(AuthenticateTest, MalformedScopesAndAudiencesAreRefused) {
  const TestUser user = server().MakeUser();
  v1::AuthenticateRequest request = PasswordLogin(user);
  request.add_scopes("posts:read");
  request.add_scopes("Posts:read");
  EXPECT_THAT(Authenticate(request), RefusesField("scopes[1]"));
  request.clear_scopes();
  for (int i = 0; i < 101; ++i) request.add_scopes(absl::StrCat("posts:p", i));
  EXPECT_THAT(Authenticate(request), RefusesField("scopes"));
  request.clear_scopes();
  for (const std::string& audience : {std::string(257, 'a'), std::string("a b"), std::string("caf\xc3\xa9"),
                                      std::string("a\nb"), std::string("a\0b", 3)}) {
    request.set_audience(audience);
    EXPECT_THAT(Authenticate(request), RefusesField("audience")) << audience;
  }
  request.set_audience(std::string(256, 'a'));
  EXPECT_THAT(Authenticate(request), Succeeds());
}

TEST_F(AuthenticateTest, OverlongPasswordIsRefusedAndEmptyOneIsWrong) {
  v1::AuthenticateRequest request = PasswordLogin(server().MakeUser());
  request.mutable_password()->set_password(std::string(1025, 'p'));
  EXPECT_THAT(Authenticate(request), RefusesField("password.password"));
  for (const std::string& password : {std::string(1024, 'p'), std::string(), std::string("correct\0horse", 13)}) {
    request.mutable_password()->set_password(password);
    EXPECT_THAT(Authenticate(request), FailsWith(ErrorReason::kInvalidCredentials));
  }
}

TEST_F(AuthenticateTest, ACredentialIsRequired) {
  EXPECT_THAT(Authenticate(v1::AuthenticateRequest()), RefusesField("credential"));
}

TEST_F(AuthenticateTest, ImportedBcryptHashLogsInAndBecomesArgon2id) {
  v1::CreateUserRequest create;
  create.set_username("imported");
  create.set_email("imported@example.com");
  // Made by Python's passlib from "correct horse".
  create.set_password_hash("$2b$04$6Fl3M.ug9FQQJFOWnpr9xOz2TevOuSmr3WpIqG0cAFSx.BM50I1Uu");
  const std::string id = Must(server().Call(&Admin::CreateUser, create, server().root())).user().id();
  const std::string ask = "SELECT hash FROM passwords WHERE principal_id = '" + id + "'";
  EXPECT_THAT(server().TryLogin("imported", "correct horsf"), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_TRUE(absl::StartsWith(server().Ask(ask), "$2b$"));
  EXPECT_THAT(server().TryLogin("imported", "correct horse"), Succeeds());
  EXPECT_TRUE(absl::StartsWith(server().Ask(ask), "$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_THAT(server().TryLogin("imported", "correct horse"), Succeeds());
}

// The old system read 72 bytes. So the user may type another end at each login, and must never be locked out.
TEST_F(AuthenticateTest, AnImportedPasswordOfMoreThan72BytesKeepsWorkingWithAnyEnd) {
  const std::string begin = "a long passphrase of more than seventy-two bytes, as some people like them: ";
  ASSERT_GE(begin.size(), 72u);
  v1::CreateUserRequest create;
  create.set_username("verbose");
  create.set_email("verbose@example.com");
  // Made by Python's bcrypt.
  create.set_password_hash("$2b$04$abcdefghijklmnopqrstuuDuEYvew7MS30r4ip/.7IVXZd4AQ9uy.");
  Must(server().Call(&Admin::CreateUser, create, server().root()));
  for (const std::string& password :
       {begin + "one", begin + "one", begin + "two", begin.substr(0, 72), begin + "one"}) {
    EXPECT_THAT(server().TryLogin("verbose", password), Succeeds()) << password;
  }
  EXPECT_THAT(server().TryLogin("verbose", begin.substr(0, 71)), FailsWith(ErrorReason::kInvalidCredentials));
}

// The work of a wrong password, in the unit of PasswordHash::work.
TEST_F(AuthenticateTest, AWrongPasswordOfACheapHashCostsAsMuchAsThatOfAnUnknownName) {
  v1::CreateUserRequest create;
  create.set_username("cheap");
  create.set_email("cheap@example.com");
  create.set_password_hash("$2b$04$6Fl3M.ug9FQQJFOWnpr9xOz2TevOuSmr3WpIqG0cAFSx.BM50I1Uu");
  const std::string id = Must(server().Call(&Admin::CreateUser, create, server().root())).user().id();
  const auto work_of = [](const std::string& login) {
    const uint64_t before = server().metrics().hash_work.value();
    EXPECT_THAT(server().TryLogin(login, "wrong password"), FailsWith(ErrorReason::kInvalidCredentials));
    return server().metrics().hash_work.value() - before;
  };
  const uint64_t own = WorkOf({uint64_t{19} << 20, 2});
  EXPECT_GE(work_of("nobody-at-all"), own);
  // Its own hash is a twentieth of that. The steps that follow cost at least as much processor time for each unit.
  EXPECT_GE(work_of("cheap"), own / 5);
  server().Disable(id);
  EXPECT_GE(work_of("cheap"), own) << "the stand-in";
}

TEST_F(AuthenticateTest, OnlyCallersWhoMayVouchSetTheClientAddress) {
  const TestUser user = server().MakeUser();
  v1::AuthenticateRequest request = PasswordLogin(user);
  request.mutable_client_info()->set_ip_address("203.0.113.9");
  request.mutable_client_info()->set_device_name("Ada's laptop");
  const auto address_with = [&](const Metadata& metadata) {
    const std::string session = Must(Authenticate(request, metadata)).tokens().session_id();
    return server().Ask("SELECT ip_address || ' ' || device_name FROM sessions WHERE id = '" + session + "'");
  };
  EXPECT_EQ(address_with({}), "127.0.0.1 Ada's laptop");
  EXPECT_EQ(address_with(server().MakeCaller({"posts:*"})), "127.0.0.1 Ada's laptop");
  EXPECT_EQ(address_with(server().MakeCaller({"identity:client_info:vouch"}, "orgs/acme")), "127.0.0.1 Ada's laptop");
  const Metadata frontend = server().MakeCaller({"identity:client_info:vouch"});
  EXPECT_EQ(address_with(frontend), "203.0.113.9 Ada's laptop");
  request.mutable_client_info()->set_ip_address("203.0.113.9, 10.0.0.1");
  EXPECT_EQ(address_with(frontend), "127.0.0.1 Ada's laptop") << "a malformed address is ignored";
}

}  // namespace
}  // namespace identity
