#include <latch>
#include <set>
#include <thread>

#include "absl/strings/ascii.h"
#include "server/domain/ids.h"
#include "tests/api/login/provider_fixture.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kLink[] = "link_policy: LINK_POLICY_LINK";
constexpr char kCreate[] = "link_policy: LINK_POLICY_CREATE";

// Which account a person with an ID token logs in to.
class ProviderLoginTest : public ProviderTest {
 protected:
  static std::string Accounts() {
    return server().Ask("SELECT count(*)::text FROM principals WHERE type = 'user' AND delete_time IS NULL");
  }
  // The account as its owner sees it.
  static v1::Account OwnAccount(const v1::TokenSet& tokens) {
    return AccountOf(server(), Bearer(tokens.access_token()));
  }
  static std::string Details(const std::string& event, const std::string& subject_id) {
    return server().Ask(
        absl::Substitute("SELECT coalesce(string_agg(concat_ws(' ', nullif(target, ''), details), ';'"
                         " ORDER BY id), '') FROM audit_events WHERE event = '$0' AND"
                         " subject_id = '$1' AND outcome = 'success'",
                         event, subject_id));
  }
  // The principals that parallel logins of one person got.
  static std::set<std::string> LogInAtOnce(const OpenIdProvider& provider, const Claims& claims) {
    constexpr int kLogins = 6;
    const v1::AuthenticateRequest request = RequestBy(provider, claims);
    std::vector<Result<v1::AuthenticateResponse>> results(kLogins);
    std::latch start(kLogins);
    std::vector<std::thread> threads;
    for (Result<v1::AuthenticateResponse>& result : results) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        result = Authenticate(request);
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::set<std::string> principals;
    for (const auto& result : results) {
      EXPECT_THAT(result, Succeeds());
      principals.insert(result->tokens().principal_id());
    }
    return principals;
  }
};

TEST_F(ProviderLoginTest, WithoutALinkPolicyAnUnlinkedIdentityIsRefused) {
  for (const char* fields : {"", "link_policy: LINK_POLICY_NONE"}) {
    const OpenIdProvider provider = Enter(fields);
    const TestUser user = MakeVerified();
    const std::string before = Accounts();
    EXPECT_THAT(LogIn(provider, provider.Claims("ada", user.email)), FailsWith(ErrorReason::kInvalidCredentials));
    EXPECT_EQ(LastCause(), absl::StrCat("by ", provider.name(), ": not linked"));
    EXPECT_EQ(OwnerOf(provider, "ada"), "");
    EXPECT_EQ(Accounts(), before);
  }
}

TEST_F(ProviderLoginTest, AnAddressThatBothSidesHaveVerifiedLinksTheAccount) {
  for (const char* fields : {kLink, kCreate}) {
    const OpenIdProvider provider = Enter(fields);
    const TestUser user = MakeVerified();
    const std::string before = Accounts();
    const Claims claims = provider.Claims("ada", absl::AsciiStrToUpper(user.email));
    const v1::TokenSet tokens = TokensBy(provider, claims);
    EXPECT_EQ(tokens.principal_id(), user.id);
    EXPECT_THAT(tokens.scopes(), ElementsAre("*"));
    EXPECT_FALSE(tokens.mfa_enrollment_required());
    EXPECT_EQ(ClaimsOf(tokens.access_token()).at("amr"), Claims::array({"fed"}));
    EXPECT_EQ(OwnAccount(tokens).username(), user.username);
    EXPECT_EQ(OwnerOf(provider, "ada"), user.id);
    EXPECT_EQ(Accounts(), before);
    EXPECT_EQ(Details("identity.linked", user.id), absl::StrCat("ada ", provider.issuer()));
    EXPECT_THAT(Details("login", user.id), HasSubstr(absl::StrCat("by ", provider.name())));
    EXPECT_THAT(MailedChanges(user.email, provider), ElementsAre(HasSubstr(absl::AsciiStrToUpper(user.email))));

    EXPECT_EQ(TokensBy(provider, claims).principal_id(), user.id);
    EXPECT_THAT(MailedChanges(user.email, provider), SizeIs(1)) << "only the first login links";
    EXPECT_THAT(server().TryLogin(user.username, user.password), Succeeds()) << "the password still works";
  }
}

TEST_F(ProviderLoginTest, UnderLinkNobodyGetsANewAccount) {
  const OpenIdProvider provider = Enter(kLink);
  const std::string before = Accounts();
  EXPECT_THAT(LogIn(provider, provider.Claims("ada", NewAddress())), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(LastCause(), absl::StrCat("by ", provider.name(), ": not linked"));
  EXPECT_EQ(Accounts(), before);
}

TEST_F(ProviderLoginTest, UnderCreateAPersonWithoutAnAccountGetsOne) {
  const OpenIdProvider provider = Enter(kCreate);
  Claims claims = provider.Claims("ada", "Ada.Lovelace@Created.example");
  claims["name"] = "Ada Lovelace";
  const v1::TokenSet tokens = TokensBy(provider, claims);
  const v1::Account account = OwnAccount(tokens);
  EXPECT_EQ(account.id(), tokens.principal_id());
  EXPECT_THAT(account.username(), MatchesRegex("ada-lovelace-u[0-9a-f]{12}"));
  EXPECT_EQ(account.email(), "Ada.Lovelace@Created.example");
  EXPECT_TRUE(account.email_verified());
  EXPECT_EQ(account.full_name(), "Ada Lovelace");
  EXPECT_FALSE(account.mfa_enabled());
  EXPECT_THAT(account.roles(), IsEmpty());
  EXPECT_TRUE(account.has_last_login_time());
  EXPECT_EQ(Details("user.registered", account.id()), absl::StrCat(account.id(), " by a login at ", provider.issuer()));
  EXPECT_EQ(Details("identity.linked", account.id()), absl::StrCat("ada ", provider.issuer()));
  EXPECT_EQ(OwnerOf(provider, "ada"), account.id());

  EXPECT_EQ(TokensBy(provider, claims).principal_id(), account.id()) << "the second login finds it";
  for (const char* password : {"", kTestPassword}) {
    EXPECT_THAT(server().TryLogin(account.username(), password), FailsWith(ErrorReason::kInvalidCredentials))
        << "it has no password";
  }
}

// Otherwise strangers could register the name that a person will get, and be taken for that person.
TEST_F(ProviderLoginTest, TheNameOfANewAccountHasARandomEnd) {
  const OpenIdProvider provider = Enter(kCreate);
  const std::string one = OwnAccount(TokensBy(provider, provider.Claims("a", "grace@one.example"))).username();
  const std::string other = OwnAccount(TokensBy(provider, provider.Claims("b", "grace@other.example"))).username();
  EXPECT_NE(one, other);
  for (const std::string& name : {one, other}) EXPECT_THAT(name, MatchesRegex("grace-u[0-9a-f]{12}"));
}

// Administrators look principals up by an id or a name.
TEST_F(ProviderLoginTest, TheNameOfANewAccountNeverHasTheFormOfAnId) {
  const OpenIdProvider provider = Enter(kCreate);
  const v1::TokenSet tokens = TokensBy(provider, provider.Claims("ada", "0190b5a0-1111-7000-8000@uuid.example"));
  EXPECT_FALSE(PrincipalId::Parse(OwnAccount(tokens).username())) << OwnAccount(tokens).username();
}

// A stranger who gets an account at the provider with somebody's address must not get that person's account here.
TEST_F(ProviderLoginTest, AnAddressThatTheProviderHasNotVerifiedIsOnlyClaimed) {
  const TestUser owner = MakeVerified();
  const OpenIdProvider linking = Enter(kLink);
  EXPECT_THAT(LogIn(linking, linking.Claims("eve", owner.email, false)), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(OwnerOf(linking, "eve"), "");

  const OpenIdProvider creating = Enter(kCreate);
  const v1::TokenSet tokens = TokensBy(creating, creating.Claims("eve", owner.email, false));
  EXPECT_NE(tokens.principal_id(), owner.id);
  EXPECT_FALSE(OwnAccount(tokens).email_verified());
  EXPECT_EQ(OwnerOf(creating, "eve"), tokens.principal_id());
  EXPECT_EQ(server().Ask("SELECT (email_verify_time IS NOT NULL)::text FROM users WHERE id = '" + owner.id + "'"),
            "true");
  EXPECT_THAT(server().TryLogin(owner.email, owner.password), Succeeds()) << "it still belongs to its owner";
  EXPECT_THAT(MailedChanges(owner.email, creating), IsEmpty());
}

// Somebody may have made the account with the address of another person, to wait for that person.
TEST_F(ProviderLoginTest, AnAccountThatHasNotVerifiedItsAddressIsNotLinked) {
  const TestUser squatter = server().MakeUser();
  const OpenIdProvider linking = Enter(kLink);
  EXPECT_THAT(LogIn(linking, linking.Claims("ada", squatter.email)), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(OwnerOf(linking, "ada"), "");
  EXPECT_THAT(server().TryLogin(squatter.email, squatter.password), Succeeds());

  const OpenIdProvider creating = Enter(kCreate);
  const v1::TokenSet tokens = TokensBy(creating, creating.Claims("ada", squatter.email));
  EXPECT_NE(tokens.principal_id(), squatter.id);
  EXPECT_TRUE(OwnAccount(tokens).email_verified());
  EXPECT_THAT(server().TryLogin(squatter.email, squatter.password), FailsWith(ErrorReason::kInvalidCredentials))
      << "the address belongs to the person who has verified it";
  EXPECT_THAT(server().TryLogin(squatter.username, squatter.password), Succeeds());
}

TEST_F(ProviderLoginTest, AnAccountThatOnlyClaimsTheAddressIsNotLinked) {
  const OpenIdProvider provider = Enter(kCreate);
  const TestUser claimant = RegisterUser(server(), "claimant", "claimed@example.org");
  const v1::TokenSet tokens = TokensBy(provider, provider.Claims("ada", claimant.email));
  EXPECT_NE(tokens.principal_id(), claimant.id);
  EXPECT_TRUE(OwnAccount(tokens).email_verified());
}

TEST_F(ProviderLoginTest, TheIdentityCountsAndNotTheAddress) {
  const OpenIdProvider provider = Enter(kLink);
  const TestUser user = MakeVerified();
  const TestUser other = MakeVerified();
  TokensBy(provider, provider.Claims("ada", user.email));
  EXPECT_EQ(TokensBy(provider, provider.Claims("ada", NewAddress())).principal_id(), user.id);
  EXPECT_EQ(TokensBy(provider, provider.Claims("ada", other.email)).principal_id(), user.id)
      << "the provider has given her the address of another account";
  EXPECT_EQ(TokensBy(provider, provider.Claims("ada")).principal_id(), user.id) << "or none";
  EXPECT_EQ(AccountOf(server(), SessionOf(server(), user)).email(), user.email) << "our address stays";
}

TEST_F(ProviderLoginTest, OneSubjectOfTwoProvidersIsTwoPeople) {
  const OpenIdProvider one = Enter(kCreate);
  const OpenIdProvider other = Enter(kCreate);
  const std::string ada = TokensBy(one, one.Claims("ada", NewAddress())).principal_id();
  EXPECT_NE(TokensBy(other, other.Claims("ada", NewAddress())).principal_id(), ada);
  EXPECT_EQ(TokensBy(one, one.Claims("ada")).principal_id(), ada);
}

TEST_F(ProviderLoginTest, ALinkOutlivesThePolicy) {
  const OpenIdProvider provider = Enter(kLink);
  const TestUser user = MakeVerified();
  const TestUser late = MakeVerified();
  TokensBy(provider, provider.Claims("ada", user.email));
  Update(provider, "provider { name: '$0' link_policy: LINK_POLICY_NONE }");
  EXPECT_EQ(TokensBy(provider, provider.Claims("ada")).principal_id(), user.id);
  EXPECT_THAT(LogIn(provider, provider.Claims("late", late.email)), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(ProviderLoginTest, WithoutAUsableAddressNobodyIsFoundOrCreated) {
  const OpenIdProvider provider = Enter(kCreate);
  const std::string before = Accounts();
  for (const Claims& email : {Claims(), Claims(""), Claims("ada"), Claims("ada@localhost"), Claims(7),
                              Claims("ad\u00e4@example.com"), Claims::array({"ada@example.com"})}) {
    Claims claims = provider.Claims("ada");
    claims["email"] = email;
    claims["email_verified"] = true;
    EXPECT_THAT(LogIn(provider, claims), FailsWith(ErrorReason::kInvalidCredentials)) << email;
    EXPECT_THAT(LastCause(), HasSubstr("not linked")) << email;
  }
  EXPECT_EQ(Accounts(), before);
}

TEST_F(ProviderLoginTest, ADisabledAccountIsNeitherLoggedInNorLinkedNorReplaced) {
  const OpenIdProvider provider = Enter(kCreate);
  const TestUser linked = MakeVerified();
  const TestUser unlinked = MakeVerified();
  TokensBy(provider, provider.Claims("linked", linked.email));
  const std::string before = Accounts();
  for (const TestUser& user : {linked, unlinked}) {
    server().Disable(user.id);
    const std::string subject = user.id == linked.id ? "linked" : "unlinked";
    EXPECT_THAT(LogIn(provider, provider.Claims(subject, user.email)), FailsWith(ErrorReason::kInvalidCredentials));
    EXPECT_EQ(LastCause(), absl::StrCat("by ", provider.name(), ": disabled"));
  }
  EXPECT_EQ(OwnerOf(provider, "unlinked"), "");
  EXPECT_EQ(Accounts(), before);
  server().Enable(linked.id);
  EXPECT_EQ(TokensBy(provider, provider.Claims("linked")).principal_id(), linked.id);
}

TEST_F(ProviderLoginTest, ItTrustsNoDevice) {
  const OpenIdProvider provider = Enter(kCreate);
  v1::AuthenticateRequest request = RequestBy(provider, provider.Claims("ada", NewAddress()));
  request.set_remember_device(true);
  EXPECT_EQ(Must(Authenticate(request)).device_token(), "") << "it would replace one for logins by password";
}

TEST_F(ProviderLoginTest, ALockedAccountIsNeitherLoggedInNorLinked) {
  const OpenIdProvider provider = Enter(kLink);
  const TestUser linked = MakeVerified();
  const TestUser unlinked = MakeVerified();
  TokensBy(provider, provider.Claims("linked", linked.email));
  for (const TestUser& user : {linked, unlinked}) {
    for (int i = 0; i < 5; ++i) server().TryLogin(user.username, "wrong password");
    const std::string subject = user.id == linked.id ? "linked" : "unlinked";
    EXPECT_THAT(LogIn(provider, provider.Claims(subject, user.email)), FailsWith(ErrorReason::kInvalidCredentials));
    EXPECT_EQ(LastCause(), absl::StrCat("by ", provider.name(), ": locked"));
  }
  EXPECT_EQ(OwnerOf(provider, "unlinked"), "");
  Must(server().Call(&Admin::UnlockUser, Proto<v1::UnlockUserRequest>("user_id: '$0'", linked.id), server().root()));
  EXPECT_EQ(TokensBy(provider, provider.Claims("linked")).principal_id(), linked.id);
}

TEST_F(ProviderLoginTest, ScopesAndAudienceAreThoseOfTheRequest) {
  const OpenIdProvider provider = Enter(kLink);
  const TestUser user = MakeVerified();
  server().Grant(user.id, {"posts:read"});
  v1::AuthenticateRequest request = RequestBy(provider, provider.Claims("ada", user.email));
  request.set_audience("blog");
  request.add_scopes("wiki:write");
  EXPECT_THAT(Authenticate(request), FailsWith(ErrorReason::kInvalidScope));
  EXPECT_EQ(OwnerOf(provider, "ada"), user.id) << "the token was good, whatever the request asks for";
  request.add_scopes("posts:read");
  const v1::TokenSet tokens = Must(Authenticate(request)).tokens();
  EXPECT_THAT(tokens.scopes(), ElementsAre("posts:read"));
  EXPECT_EQ(ClaimsOf(tokens.access_token()).at("aud"), "blog");
  const v1::TokenSet refreshed = Must(TryRefresh(server(), tokens.refresh_token())).tokens();
  EXPECT_THAT(refreshed.scopes(), ElementsAre("posts:read"));
  EXPECT_EQ(ClaimsOf(refreshed.access_token()).at("amr"), Claims::array({"fed"}));
}

// A role may need a recent login. A session that the provider began long ago must not look like a new one.
TEST_F(ProviderLoginTest, TheTimeOfTheLoginIsThatOfTheProvider) {
  const OpenIdProvider provider = Enter(kLink);
  const TestUser user = MakeVerified();
  Claims claims = provider.Claims("ada", user.email);
  const int64_t now = claims.at("iat").get<int64_t>();
  const auto auth_time = [&] {
    return ClaimsOf(TokensBy(provider, claims).access_token()).at("auth_time").get<int64_t>();
  };
  claims["iat"] = now - 60;
  EXPECT_EQ(auth_time(), now - 60);
  claims["auth_time"] = now - 7200;
  EXPECT_EQ(auth_time(), now - 7200);
  claims["auth_time"] = now + 7200;
  EXPECT_LT(auth_time(), now + 3600) << "a provider cannot make a login last longer";
}

TEST_F(ProviderLoginTest, AServerMayRequireAVerifiedAddress) {
  const auto strict = NewServer([](Config& config) { config.require_verified_email = true; });
  const OpenIdProvider provider = NewProvider();
  provider.Publish();
  Enter(*strict, provider, kCreate);
  v1::AuthenticateRequest request = RequestBy(provider, provider.Claims("ada", "ada@strict.example", false));
  EXPECT_THAT(strict->Call(&Identity::Authenticate, request), FailsWith(ErrorReason::kEmailNotVerified));
  EXPECT_THAT(LastCause(*strict), HasSubstr("e-mail not verified"));
  request.add_scopes("identity:self:write");
  const v1::TokenSet tokens = Must(strict->Call(&Identity::Authenticate, request)).tokens();
  EXPECT_THAT(
      strict->Call(&Account::ResendVerification, v1::ResendVerificationRequest(), Bearer(tokens.access_token())),
      Succeeds())
      << "so the person can verify the address";
  request.clear_scopes();
  EXPECT_THAT(strict->Call(&Identity::Authenticate, request), FailsWith(ErrorReason::kEmailNotVerified));
  const std::string mailed = MailedToken(*strict, MailKind::kVerifyEmail, "ada@strict.example");
  EXPECT_THAT(Verify(*strict, Bearer(tokens.access_token()), mailed), Succeeds());
  EXPECT_THAT(strict->Call(&Identity::Authenticate, request), Succeeds());
  EXPECT_THAT(strict->Call(&Identity::Authenticate, RequestBy(provider, provider.Claims("b", "b@strict.example"))),
              Succeeds())
      << "the provider has verified this one";
}

TEST_F(ProviderLoginTest, ParallelFirstLoginsOfOnePersonMakeOneAccount) {
  const OpenIdProvider provider = Enter(kCreate);
  TokensBy(provider, provider.Claims("first", NewAddress()));  // now the keys are known
  const std::string before = Accounts();
  const std::set<std::string> principals = LogInAtOnce(provider, provider.Claims("ada", NewAddress()));
  EXPECT_THAT(principals, ElementsAre(OwnerOf(provider, "ada")));
  EXPECT_EQ(std::stoi(Accounts()), std::stoi(before) + 1);
}

TEST_F(ProviderLoginTest, ParallelFirstLoginsOfOnePersonLinkOnce) {
  const OpenIdProvider provider = Enter(kLink);
  const TestUser first = MakeVerified();
  const TestUser user = MakeVerified();
  TokensBy(provider, provider.Claims("first", first.email));
  EXPECT_THAT(LogInAtOnce(provider, provider.Claims("ada", user.email)), ElementsAre(user.id));
  EXPECT_EQ(Details("identity.linked", user.id), absl::StrCat("ada ", provider.issuer()));
  EXPECT_THAT(MailedChanges(user.email, provider), SizeIs(1));
}

}  // namespace
}  // namespace identity
