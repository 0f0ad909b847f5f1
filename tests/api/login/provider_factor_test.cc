#include <thread>

#include "absl/time/clock.h"
#include "db/stores/external/external_identities.h"
#include "server/base/status_macros.h"
#include "tests/api/login/provider_fixture.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kTrustsMfa[] = "link_policy: LINK_POLICY_LINK trusted_amr: 'mfa' trusted_acr: 'gold'";
constexpr char kTrustsNothing[] = "link_policy: LINK_POLICY_LINK";

// Second factors at a login by an ID token: those of the account, and those that the provider has asked for.
class ProviderFactorTest : public ProviderTest {
 protected:
  // A verified user with a second factor.
  struct Person {
    TestUser user;
    Factor factor;
  };
  static Person MakePerson() {
    const TestUser user = MakeVerified();
    return {user, GiveFactor(server(), user)};
  }
  // The token of the challenge for the second factor, which must be due.
  static std::string ChallengeBy(const OpenIdProvider& provider, const Claims& claims) {
    const v1::AuthenticateResponse answer = Must(LogIn(provider, claims));
    EXPECT_TRUE(answer.has_mfa_challenge());
    return answer.mfa_challenge().challenge_token();
  }
  static Claims WithMethods(Claims claims, const std::vector<std::string>& amr) {
    claims["amr"] = amr;
    return claims;
  }
  static Claims MethodsOf(const v1::TokenSet& tokens) { return ClaimsOf(tokens.access_token()).at("amr"); }
  // Grants `permission` by a role that counts for an hour after a second factor.
  static void GrantForAnHour(const TestUser& user, const std::string& permission) {
    v1::CreateRoleRequest request;
    request.mutable_role()->set_name("hourly-" + user.username);
    request.mutable_role()->add_permissions(permission);
    request.mutable_role()->mutable_mfa_max_age()->set_seconds(3600);
    server().Bind(user.id, Must(server().Call(&Admin::CreateRole, request, server().root())).role().name());
  }
  // Waits until `count` sessions of the database wait for locks.
  static absl::Status AwaitWaiting(Transaction& transaction, const RequestContext& context, int64_t count) {
    static constexpr Statement kWaiting = {"test_count_waiting",
                                           "SELECT count(*) AS n FROM pg_locks WHERE NOT granted"};
    while (true) {
      ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kWaiting));
      if (rows[0].Int("n") >= count) return absl::OkStatus();
      RETURN_IF_ERROR(context.Check());
    }
  }
};

TEST_F(ProviderFactorTest, NothingIsLinkedBeforeTheSecondFactor) {
  const OpenIdProvider provider = Enter(kTrustsNothing);
  const Person person = MakePerson();
  const std::string challenge = ChallengeBy(provider, provider.Claims("ada", person.user.email));
  EXPECT_EQ(OwnerOf(provider, "ada"), "");
  EXPECT_THAT(MailedChanges(person.user.email, provider), IsEmpty());
  EXPECT_EQ(server().Ask("SELECT details FROM audit_events WHERE event = 'login.challenged' AND subject_id = '" +
                         person.user.id + "'"),
            "by " + provider.name());

  EXPECT_THAT(TryCode(server(), challenge, person.factor.app.WrongCode(server())),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(TryRecoveryCode(server(), challenge, "0000-0000-0000-0000-0000-0000"),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(OwnerOf(provider, "ada"), "");
  EXPECT_THAT(MailedChanges(person.user.email, provider), IsEmpty());

  const auto tokens = Must(TryCode(server(), challenge, person.factor.app.Code(server()))).tokens();
  EXPECT_EQ(tokens.principal_id(), person.user.id);
  EXPECT_EQ(MethodsOf(tokens), Claims::array({"fed", "otp", "mfa"}));
  EXPECT_EQ(OwnerOf(provider, "ada"), person.user.id);
  EXPECT_THAT(MailedChanges(person.user.email, provider), SizeIs(1));
}

TEST_F(ProviderFactorTest, ALinkedIdentityNeedsTheSecondFactorAtEachLogin) {
  const OpenIdProvider provider = Enter(kTrustsNothing);
  const Person person = MakePerson();
  const Claims claims = provider.Claims("ada", person.user.email);
  for (const int code : {0, 1}) {
    const auto answered =
        TryRecoveryCode(server(), ChallengeBy(provider, claims), person.factor.recovery_codes.at(code));
    EXPECT_EQ(Must(answered).tokens().principal_id(), person.user.id);
  }
  EXPECT_THAT(MailedChanges(person.user.email, provider), SizeIs(1)) << "it was linked once";
}

TEST_F(ProviderFactorTest, AFactorIsDueEvenIfItCameAfterTheLink) {
  const OpenIdProvider provider = Enter(kTrustsNothing);
  const TestUser user = MakeVerified();
  TokensBy(provider, provider.Claims("ada", user.email));
  GiveFactor(server(), user);
  EXPECT_TRUE(Must(LogIn(provider, provider.Claims("ada"))).has_mfa_challenge());
}

TEST_F(ProviderFactorTest, AChallengeThatHasExpiredLinksNothing) {
  const OpenIdProvider provider = Enter(kTrustsNothing);
  const Person person = MakePerson();
  const std::string challenge = ChallengeBy(provider, provider.Claims("ada", person.user.email));
  server().database().Execute("UPDATE mfa_challenges SET expire_time = now() WHERE principal_id = '" + person.user.id +
                              "'");
  EXPECT_THAT(TryRecoveryCode(server(), challenge, person.factor.recovery_codes[0]),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(OwnerOf(provider, "ada"), "");
}

TEST_F(ProviderFactorTest, AChallengeOfAPersonWhoWasRefusedMeanwhileLogsNobodyIn) {
  const OpenIdProvider provider = Enter(kTrustsNothing);
  const Person person = MakePerson();
  const Claims claims = provider.Claims("ada", person.user.email);
  const auto revoke = [&](bool undo) {
    v1::RevokeExternalRequest request;
    request.set_issuer(provider.issuer());
    request.set_subject("ada");
    request.set_undo(undo);
    Must(server().Call(&Admin::RevokeExternal, request, server().root()));
  };
  const std::string unlinked = ChallengeBy(provider, claims);
  revoke(false);
  EXPECT_THAT(TryRecoveryCode(server(), unlinked, person.factor.recovery_codes.at(0)),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(OwnerOf(provider, "ada"), "");
  revoke(true);
  Must(TryRecoveryCode(server(), ChallengeBy(provider, claims), person.factor.recovery_codes.at(1)));
  const std::string linked = ChallengeBy(provider, claims);
  revoke(false);
  EXPECT_THAT(TryRecoveryCode(server(), linked, person.factor.recovery_codes.at(2)),
              FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(ProviderFactorTest, TheSecondStepHasTheScopesAndTheAudienceOfTheFirst) {
  const OpenIdProvider provider = Enter(kTrustsNothing);
  const Person person = MakePerson();
  server().Grant(person.user.id, {"posts:*"});
  v1::AuthenticateRequest request = RequestBy(provider, provider.Claims("ada", person.user.email));
  request.add_scopes("posts:read");
  request.set_audience("blog");
  const std::string challenge = Must(Authenticate(request)).mfa_challenge().challenge_token();
  const auto tokens = Must(TryRecoveryCode(server(), challenge, person.factor.recovery_codes[0])).tokens();
  EXPECT_THAT(tokens.scopes(), ElementsAre("posts:read"));
  EXPECT_EQ(ClaimsOf(tokens.access_token()).at("aud"), "blog");
}

TEST_F(ProviderFactorTest, AFactorThatTheProviderIsTrustedWithCountsAsOurs) {
  const OpenIdProvider provider = Enter(kTrustsMfa);
  const Person person = MakePerson();
  GrantForAnHour(person.user, "payroll:write");
  const Claims claims = provider.Claims("ada", person.user.email);
  const v1::TokenSet by_amr = TokensBy(provider, WithMethods(claims, {"pwd", "mfa"}));
  EXPECT_EQ(by_amr.principal_id(), person.user.id);
  EXPECT_EQ(MethodsOf(by_amr), Claims::array({"fed", "mfa", "pwd"}));
  EXPECT_EQ(OwnerOf(provider, "ada"), person.user.id);
  EXPECT_EQ(server().ReasonFor(by_amr.access_token(), "payroll:write"), v1::REASON_GRANTED);
  EXPECT_EQ(
      server().Ask("SELECT details FROM audit_events WHERE event = 'login' AND target = '" + by_amr.session_id() + "'"),
      "by " + provider.name() + ", which has shown amr pwd mfa");

  Claims by_class = claims;
  by_class["acr"] = "gold";
  const v1::TokenSet by_acr = TokensBy(provider, by_class);
  EXPECT_EQ(MethodsOf(by_acr), Claims::array({"fed", "mfa"}));
  EXPECT_EQ(server().ReasonFor(by_acr.access_token(), "payroll:write"), v1::REASON_GRANTED);
  EXPECT_TRUE(Must(LogIn(provider, WithMethods(claims, {"pwd"}))).has_mfa_challenge()) << "without it, ours is due";
}

TEST_F(ProviderFactorTest, ATrustedFactorIsAsOldAsTheProviderSays) {
  const OpenIdProvider provider = Enter(kTrustsMfa);
  const TestUser user = MakeVerified();
  GrantForAnHour(user, "payroll:write");
  Claims claims = WithMethods(provider.Claims("ada", user.email), {"mfa"});
  claims["auth_time"] = absl::ToUnixSeconds(absl::Now()) - 3000;
  EXPECT_EQ(server().ReasonFor(TokensBy(provider, claims).access_token(), "payroll:write"), v1::REASON_GRANTED);
  claims["auth_time"] = absl::ToUnixSeconds(absl::Now()) - 3700;
  EXPECT_EQ(server().ReasonFor(TokensBy(provider, claims).access_token(), "payroll:write"),
            v1::REASON_STEP_UP_REQUIRED);
}

TEST_F(ProviderFactorTest, AFactorOfAProviderThatIsNotTrustedCountsForNothing) {
  const OpenIdProvider provider = Enter(kTrustsNothing);
  const Person person = MakePerson();
  Claims claims = WithMethods(provider.Claims("ada", person.user.email), {"pwd", "otp", "mfa"});
  claims["acr"] = "gold";
  EXPECT_TRUE(Must(LogIn(provider, claims)).has_mfa_challenge());

  const TestUser user = MakeVerified();
  const v1::TokenSet tokens = TokensBy(provider, WithMethods(provider.Claims("bob", user.email), {"otp", "mfa"}));
  EXPECT_EQ(MethodsOf(tokens), Claims::array({"fed"}));
  GrantForAnHour(user, "payroll:write");
  EXPECT_EQ(server().ReasonFor(tokens.access_token(), "payroll:write"), v1::REASON_STEP_UP_REQUIRED);
}

TEST_F(ProviderFactorTest, WithoutAFactorAPersonWhoNeedsOneCanOnlyEnrolOne) {
  const OpenIdProvider provider = Enter(kTrustsMfa);
  const TestUser user = MakeVerified();
  GrantForAnHour(user, "payroll:write");
  const Claims claims = provider.Claims("ada", user.email);
  const v1::TokenSet without = TokensBy(provider, claims);
  EXPECT_TRUE(without.mfa_enrollment_required());
  EXPECT_THAT(without.scopes(), ElementsAre("identity:self:*"));
  EXPECT_EQ(server().ReasonFor(without.access_token(), "payroll:write"), v1::REASON_SCOPE_INSUFFICIENT);

  const v1::TokenSet with = TokensBy(provider, WithMethods(claims, {"mfa"}));
  EXPECT_FALSE(with.mfa_enrollment_required());
  EXPECT_EQ(server().ReasonFor(with.access_token(), "payroll:write"), v1::REASON_GRANTED);
}

TEST_F(ProviderFactorTest, ALoginWithATrustedFactorThatIsRefreshedKeepsIt) {
  const OpenIdProvider provider = Enter(kTrustsMfa);
  const TestUser user = MakeVerified();
  const v1::TokenSet tokens = TokensBy(provider, WithMethods(provider.Claims("ada", user.email), {"mfa"}));
  EXPECT_EQ(MethodsOf(Must(TryRefresh(server(), tokens.refresh_token())).tokens()), Claims::array({"fed", "mfa"}));
}

TEST_F(ProviderFactorTest, AnIdentityThatSomebodyElseGotMeanwhileStaysTheirs) {
  const OpenIdProvider provider = Enter(kTrustsNothing);
  const Person person = MakePerson();
  const TestUser other = server().MakeUser();
  const std::string challenge = ChallengeBy(provider, provider.Claims("ada", person.user.email));
  const std::string row = absl::Substitute("issuer = '$0' AND subject = 'ada'", provider.issuer());
  server().database().Execute(absl::Substitute(
      "INSERT INTO external_identities (issuer, subject, principal_id, label) VALUES ('$0', 'ada', '$1', '')",
      provider.issuer(), other.id));
  const std::string sessions = "SELECT count(*)::text FROM sessions WHERE principal_id = '" + person.user.id + "'";
  const std::string before = server().Ask(sessions);
  const auto refused = TryRecoveryCode(server(), challenge, person.factor.recovery_codes[0]);
  EXPECT_THAT(refused, FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(LastCause(), ::testing::HasSubstr("not linked"));
  EXPECT_EQ(DetailsWithoutId(refused.status), DetailsWithoutId(server().TryLogin("nobody-at-all", "wrong password")))
      << "it looks like any other failure";
  EXPECT_EQ(OwnerOf(provider, "ada"), other.id);
  EXPECT_EQ(server().Ask(sessions), before);
  server().database().Execute("DELETE FROM external_identities WHERE " + row);
  EXPECT_THAT(TryRecoveryCode(server(), challenge, person.factor.recovery_codes[1]), Succeeds());
  EXPECT_EQ(OwnerOf(provider, "ada"), person.user.id);
}

// The identity of a deleted account would log nobody in, and get no new account. It would also stop the housekeeping,
// which deletes the principal later.
TEST_F(ProviderFactorTest, AnAccountThatIsDeletedDuringTheSecondStepLeavesNoIdentity) {
  const OpenIdProvider provider = Enter(kTrustsNothing);
  const Person person = MakePerson();
  const std::string challenge = ChallengeBy(provider, provider.Claims("ada", person.user.email));
  const RequestContext context{absl::Now() + absl::Seconds(20)};
  grpc::Status answered;
  grpc::Status deleted;
  std::thread answer;
  std::thread deletion;
  // This transaction has the identity first, so the answer to the challenge waits for it after its code was accepted.
  const absl::Status raced = server().database().database().Write(context, [&](Transaction& blocking) -> absl::Status {
    RETURN_IF_ERROR(
        external_identities::Insert(blocking, {provider.issuer(), "ada"}, *PrincipalId::Parse(server().root_id()), "")
            .status());
    answer =
        std::thread([&] { answered = TryRecoveryCode(server(), challenge, person.factor.recovery_codes[0]).status; });
    RETURN_IF_ERROR(AwaitWaiting(blocking, context, 1));
    deletion = std::thread([&] {
      deleted =
          server()
              .Call(&Admin::DeleteUser, Proto<v1::DeleteUserRequest>("user_id: '$0'", person.user.id), server().root())
              .status;
    });
    RETURN_IF_ERROR(AwaitWaiting(blocking, context, 2));
    blocking.Discard();
    return absl::OkStatus();
  });
  if (answer.joinable()) answer.join();
  if (deletion.joinable()) deletion.join();
  ASSERT_TRUE(raced.ok()) << raced;
  EXPECT_THAT(deleted, Succeeds());
  EXPECT_EQ(OwnerOf(provider, "ada"), "") << Describe(answered);
}

}  // namespace
}  // namespace identity
