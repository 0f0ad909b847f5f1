#include "tests/api/login/provider_fixture.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kLinks[] = "link_policy: LINK_POLICY_LINK";
constexpr char kCreatesAccounts[] = "link_policy: LINK_POLICY_CREATE";
constexpr char kNewPassword[] = "incorrect zebra battery staple";

// What becomes of an identity that is linked to an account.
class LinkedIdentityTest : public ProviderTest {
 protected:
  static std::vector<v1::ExternalIdentity> List(const Metadata& caller) {
    const auto listed =
        Must(server().Call(&Account::ListExternalIdentities, v1::ListExternalIdentitiesRequest(), caller));
    return {listed.identities().begin(), listed.identities().end()};
  }
  static Result<v1::UnlinkIdentityResponse> Unlink(const Metadata& caller, const OpenIdProvider& provider,
                                                   const std::string& subject, const v1::Proof& proof) {
    v1::UnlinkIdentityRequest request;
    request.set_issuer(provider.issuer());
    request.set_subject(subject);
    *request.mutable_proof() = proof;
    return server().Call(&Account::UnlinkIdentity, request, caller);
  }
  // The same for the owner, in a session that began with the password.
  static Result<v1::UnlinkIdentityResponse> Unlink(const TestUser& user, const OpenIdProvider& provider,
                                                   const std::string& subject) {
    return Unlink(SessionOf(server(), user), provider, subject, ProofOf(user));
  }
  // A user to whom "ada" at the provider is linked.
  static TestUser MakeLinked(const OpenIdProvider& provider) {
    const TestUser user = MakeVerified();
    EXPECT_EQ(TokensBy(provider, provider.Claims("ada", user.email)).principal_id(), user.id);
    return user;
  }
  static void ResetPasswordOf(const std::string& login, const std::string& email) {
    Must(server().Call(&Account::RequestPasswordReset, Proto<v1::RequestPasswordResetRequest>("login: '$0'", login)));
    Must(server().Call(&Account::ResetPassword,
                       Proto<v1::ResetPasswordRequest>("token: '$0' new_password: '$1'",
                                                       MailedToken(server(), MailKind::kResetPassword, email),
                                                       std::string(kNewPassword))));
  }
  static void ResetCredentialsOf(const std::string& id) {
    Must(server().Call(&Admin::ResetCredentials, Proto<v1::ResetCredentialsRequest>("user_id: '$0'", id),
                       server().root()));
  }
  static void DeleteUser(const std::string& id) {
    Must(server().Call(&Admin::DeleteUser, Proto<v1::DeleteUserRequest>("user_id: '$0'", id), server().root()));
  }
};

// ---- The list

TEST_F(LinkedIdentityTest, TheOwnerSeesThemTheOldestFirst) {
  const OpenIdProvider one = Enter(kLinks);
  const OpenIdProvider other = Enter(kLinks);
  const TestUser user = MakeVerified();
  const Metadata session = SessionOf(server(), user);
  EXPECT_THAT(List(session), IsEmpty());
  TokensBy(other, other.Claims("grace", user.email));
  TokensBy(one, one.Claims("ada", "U" + user.email.substr(1)));
  const std::vector<v1::ExternalIdentity> identities = List(session);
  ASSERT_THAT(identities, SizeIs(2));
  EXPECT_EQ(identities[0].issuer(), other.issuer());
  EXPECT_EQ(identities[0].subject(), "grace");
  EXPECT_EQ(identities[0].provider(), other.name());
  EXPECT_EQ(identities[0].label(), user.email);
  EXPECT_TRUE(identities[0].has_link_time());
  EXPECT_EQ(identities[1].subject(), "ada");
  EXPECT_EQ(identities[1].label(), "U" + user.email.substr(1)) << "as the provider has given it";
  EXPECT_THAT(List(SessionOf(server(), server().MakeUser())), IsEmpty()) << "another person sees none of them";
}

TEST_F(LinkedIdentityTest, AnIdentityOfADeletedProviderIsListedWithoutIt) {
  const OpenIdProvider provider = Enter(kLinks);
  const TestUser user = MakeLinked(provider);
  Must(server().Call(&Admin::DeleteIdentityProvider,
                     Proto<v1::DeleteIdentityProviderRequest>("name: '$0'", provider.name()), server().root()));
  const std::vector<v1::ExternalIdentity> identities = List(SessionOf(server(), user));
  ASSERT_THAT(identities, SizeIs(1));
  EXPECT_EQ(identities[0].issuer(), provider.issuer());
  EXPECT_EQ(identities[0].provider(), "");
  EXPECT_THAT(Unlink(user, provider, "ada"), Succeeds());
  EXPECT_THAT(List(SessionOf(server(), user)), IsEmpty());
}

TEST_F(LinkedIdentityTest, TheListNeedsACallerAndItsScope) {
  const TestUser user = server().MakeUser();
  const auto list = [](const Metadata& caller) {
    return server().Call(&Account::ListExternalIdentities, v1::ListExternalIdentitiesRequest(), caller);
  };
  EXPECT_THAT(list({}), FailsWith(ErrorReason::kCallerUnknown));
  EXPECT_THAT(list(SessionOf(server(), user, {"identity:self:write"})), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(list(SessionOf(server(), user, {"identity:self:read"})), Succeeds());
}

// ---- Unlinking

TEST_F(LinkedIdentityTest, UnlinkingNeedsAProofInASession) {
  const OpenIdProvider provider = Enter(kLinks);
  const TestUser user = MakeLinked(provider);
  const Metadata session = SessionOf(server(), user);
  v1::Proof wrong;
  wrong.set_current_password("wrong password");
  EXPECT_THAT(Unlink(session, provider, "ada", v1::Proof()), FailsWith(ErrorReason::kProofRequired));
  EXPECT_THAT(Unlink(session, provider, "ada", wrong), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(Unlink(ApiKeyHeader(server().IssueKey(user.id, {}).secret()), provider, "ada", ProofOf(user)),
              FailsWith(ErrorReason::kSessionRequired));
  EXPECT_THAT(Unlink(SessionOf(server(), user, {"identity:self:read"}), provider, "ada", ProofOf(user)),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Unlink({}, provider, "ada", ProofOf(user)), FailsWith(ErrorReason::kCallerUnknown));
  EXPECT_EQ(OwnerOf(provider, "ada"), user.id);

  EXPECT_THAT(Unlink(session, provider, "ada", ProofOf(user)), Succeeds());
  EXPECT_EQ(OwnerOf(provider, "ada"), "");
  EXPECT_THAT(List(session), IsEmpty());
}

TEST_F(LinkedIdentityTest, TheIssuerAndTheSubjectAreRequired) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  const auto unlink = [&](const char* identity) {
    v1::UnlinkIdentityRequest request = Proto<v1::UnlinkIdentityRequest>(identity);
    *request.mutable_proof() = ProofOf(user);
    return server().Call(&Account::UnlinkIdentity, request, session);
  };
  EXPECT_THAT(unlink("subject: 'ada'"), RefusesField("issuer"));
  EXPECT_THAT(unlink("issuer: 'https://a.example'"), RefusesField("subject"));
  EXPECT_THAT(unlink("issuer: 'https://a.example' subject: 'ada'"), FailsWith(ErrorReason::kNotFound));
}

TEST_F(LinkedIdentityTest, WithASecondFactorTheProofNeedsIt) {
  const OpenIdProvider provider = Enter(kLinks);
  const TestUser user = MakeLinked(provider);
  const Metadata session = SessionOf(server(), user);
  const Factor factor = GiveFactor(server(), user);
  EXPECT_THAT(Unlink(session, provider, "ada", ProofOf(user)), FailsWith(ErrorReason::kProofRequired));
  EXPECT_EQ(OwnerOf(provider, "ada"), user.id);
  EXPECT_THAT(Unlink(session, provider, "ada", ProofOf(user, factor.recovery_codes[0])), Succeeds());
  EXPECT_EQ(OwnerOf(provider, "ada"), "");
}

TEST_F(LinkedIdentityTest, UnlinkingIsAuditedAndMailed) {
  const OpenIdProvider provider = Enter(kLinks);
  const TestUser user = MakeLinked(provider);
  Must(Unlink(user, provider, "ada"));
  EXPECT_EQ(server().Ask("SELECT target || ' ' || details || ' ' || actor_id::text FROM audit_events WHERE"
                         " event = 'identity.unlinked' AND subject_id = '" +
                         user.id + "'"),
            absl::StrCat("ada ", provider.issuer(), " ", user.id));
  EXPECT_THAT(MailedChanges(user.email, provider), ElementsAre(HasSubstr("was linked, and can now log in"),
                                                               HasSubstr("was unlinked, and can no longer log in")));
}

// Otherwise an intruder who can use the identity would be back at once.
TEST_F(LinkedIdentityTest, AnUnlinkedIdentityIsNeverLinkedAgain) {
  const OpenIdProvider provider = Enter(kCreatesAccounts);
  const TestUser user = MakeLinked(provider);
  const v1::TokenSet before = TokensBy(provider, provider.Claims("ada"));
  Must(Unlink(user, provider, "ada"));
  for (const Claims& claims : {provider.Claims("ada", user.email), provider.Claims("ada", NewAddress()),
                               provider.Claims("ada", NewAddress(), false), provider.Claims("ada")}) {
    EXPECT_THAT(LogIn(provider, claims), FailsWith(ErrorReason::kInvalidCredentials));
    EXPECT_EQ(LastCause(), absl::StrCat("by ", provider.name(), ": unlinked"));
  }
  EXPECT_EQ(OwnerOf(provider, "ada"), "");
  ResetCredentialsOf(user.id);
  EXPECT_THAT(LogIn(provider, provider.Claims("ada", user.email)), FailsWith(ErrorReason::kInvalidCredentials))
      << "a reset does not bring it back";
  EXPECT_EQ(TokensBy(provider, provider.Claims("eve", user.email)).principal_id(), user.id)
      << "another person of the provider is not concerned";
  EXPECT_THAT(TryRefresh(server(), before.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid))
      << "the reset has ended it";
}

TEST_F(LinkedIdentityTest, SessionsOfAnUnlinkedIdentityStay) {
  const OpenIdProvider provider = Enter(kLinks);
  const TestUser user = MakeLinked(provider);
  const v1::TokenSet tokens = TokensBy(provider, provider.Claims("ada"));
  Must(Unlink(user, provider, "ada"));
  EXPECT_EQ(AccountOf(server(), Bearer(tokens.access_token())).id(), user.id);
  EXPECT_THAT(TryRefresh(server(), tokens.refresh_token()), Succeeds());
}

TEST_F(LinkedIdentityTest, OnlyAnOwnLinkedIdentityCanBeUnlinked) {
  const OpenIdProvider provider = Enter(kLinks);
  const OpenIdProvider other = Enter(kLinks);
  const TestUser user = MakeLinked(provider);
  const TestUser thief = server().MakeUser();
  const auto of_another = Unlink(thief, provider, "ada");
  EXPECT_THAT(of_another, FailsWith(ErrorReason::kNotFound));
  EXPECT_EQ(OwnerOf(provider, "ada"), user.id);
  const auto unknown = Unlink(thief, provider, "nobody");
  EXPECT_THAT(unknown, FailsWith(ErrorReason::kNotFound));
  EXPECT_EQ(of_another.status.error_message(), unknown.status.error_message())
      << "nobody learns who has an account here";
  EXPECT_THAT(Unlink(user, other, "ada"), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Unlink(user, provider, "ada"), Succeeds());
  EXPECT_THAT(Unlink(user, provider, "ada"), FailsWith(ErrorReason::kNotFound)) << "it is unlinked already";
}

TEST_F(LinkedIdentityTest, TheOnlyWayToLogInIsNotTaken) {
  const OpenIdProvider provider = Enter(kCreatesAccounts);
  const std::string email = NewAddress();
  const Claims claims = provider.Claims("ada", email);
  const v1::TokenSet tokens = TokensBy(provider, claims);
  const Metadata session = Bearer(tokens.access_token());
  const std::string username = AccountOf(server(), session).username();
  v1::Proof guess;
  guess.set_current_password(kNewPassword);
  for (const v1::Proof& proof : {v1::Proof(), guess}) {
    EXPECT_THAT(Unlink(session, provider, "ada", proof), FailsWith(ErrorReason::kLastCredential));
  }
  EXPECT_EQ(TokensBy(provider, claims).principal_id(), tokens.principal_id());

  // As the error says: first a password.
  ResetPasswordOf(email, email);
  EXPECT_EQ(TokensBy(provider, claims).principal_id(), tokens.principal_id()) << "the address links it again";
  EXPECT_THAT(Unlink({tokens.principal_id(), username, email, kNewPassword}, provider, "ada"), Succeeds());
  EXPECT_THAT(LogIn(provider, claims), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(server().TryLogin(username, kNewPassword), Succeeds());
}

// ---- Resets and deletion

// An intruder may have linked an identity of their own.
TEST_F(LinkedIdentityTest, AResetPasswordForgetsThem) {
  const OpenIdProvider provider = Enter(kLinks);
  const TestUser user = MakeLinked(provider);
  ResetPasswordOf(user.username, user.email);
  EXPECT_THAT(List(SessionOf(server(), {user.id, user.username, user.email, kNewPassword})), IsEmpty());
  Update(provider, "provider { name: '$0' link_policy: LINK_POLICY_NONE }");
  EXPECT_THAT(LogIn(provider, provider.Claims("ada", user.email)), FailsWith(ErrorReason::kInvalidCredentials));
  Update(provider, "provider { name: '$0' link_policy: LINK_POLICY_LINK }");
  EXPECT_EQ(TokensBy(provider, provider.Claims("ada", user.email)).principal_id(), user.id)
      << "the policy may link them again";
}

TEST_F(LinkedIdentityTest, ResetCredentialsForgetThem) {
  const OpenIdProvider provider = Enter(kLinks);
  const TestUser user = MakeLinked(provider);
  ResetCredentialsOf(user.id);
  EXPECT_EQ(OwnerOf(provider, "ada"), "");
  EXPECT_THAT(LogIn(provider, provider.Claims("ada")), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(LinkedIdentityTest, AChangedPasswordKeepsThem) {
  const OpenIdProvider provider = Enter(kLinks);
  const TestUser user = MakeLinked(provider);
  v1::ChangePasswordRequest change;
  *change.mutable_proof() = ProofOf(user);
  change.set_new_password(kNewPassword);
  Must(server().Call(&Account::ChangePassword, change, SessionOf(server(), user)));
  EXPECT_EQ(TokensBy(provider, provider.Claims("ada")).principal_id(), user.id);
}

TEST_F(LinkedIdentityTest, ADeletedUserLeavesNone) {
  const OpenIdProvider provider = Enter(kCreatesAccounts);
  const Claims claims = provider.Claims("ada", NewAddress());
  const std::string first = TokensBy(provider, claims).principal_id();
  DeleteUser(first);
  const std::string second = TokensBy(provider, claims).principal_id();
  EXPECT_NE(second, first) << "the person may come back, with a new account";
  EXPECT_EQ(OwnerOf(provider, "ada"), second);
}

TEST_F(LinkedIdentityTest, ADeletedUserLeavesNoUnlinkedOneEither) {
  const OpenIdProvider provider = Enter(kCreatesAccounts);
  const TestUser user = MakeLinked(provider);
  Must(Unlink(user, provider, "ada"));
  EXPECT_THAT(LogIn(provider, provider.Claims("ada", user.email)), FailsWith(ErrorReason::kInvalidCredentials));
  DeleteUser(user.id);
  EXPECT_NE(TokensBy(provider, provider.Claims("ada", user.email)).principal_id(), user.id);
}

}  // namespace
}  // namespace identity
