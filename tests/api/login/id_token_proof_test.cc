#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/api/login/provider_fixture.h"

namespace identity {
namespace {

constexpr char kFirstPassword[] = "incorrect zebra battery staple";

// An account without a password, whose owner proves by a fresh ID token.
class IdTokenProofTest : public ProviderTest {
 protected:
  void SetUp() override {
    tokens_ = TokensBy(provider_, login_);
    session_ = Bearer(tokens_.access_token());
  }
  // Claims of a login at the provider a moment ago.
  Claims Fresh(const std::string& subject, absl::Duration age = absl::Seconds(1)) const {
    Claims claims = provider_.Claims(subject, email_);
    claims["auth_time"] = absl::ToUnixSeconds(absl::Now() - age);
    return claims;
  }
  v1::Proof ProofBy(const Claims& claims) const { return ProofBy(provider_, claims); }
  static v1::Proof ProofBy(const OpenIdProvider& provider, const Claims& claims) {
    v1::Proof proof;
    *proof.mutable_id_token() = RequestBy(provider, claims).id_token();
    return proof;
  }
  // A change that needs a proof.
  Result<v1::IssueApiKeyResponse> IssueKey(const v1::Proof& proof) const {
    v1::IssueApiKeyRequest request;
    *request.mutable_proof() = proof;
    return server().Call(&Identity::IssueApiKey, request, session_);
  }
  Result<v1::ChangePasswordResponse> ChangePassword(const v1::Proof& proof) const {
    v1::ChangePasswordRequest request;
    *request.mutable_proof() = proof;
    request.set_new_password(kFirstPassword);
    return server().Call(&Account::ChangePassword, request, session_);
  }
  Result<v1::UnlinkIdentityResponse> Unlink(const OpenIdProvider& provider, const std::string& subject,
                                            const v1::Proof& proof) const {
    v1::UnlinkIdentityRequest request;
    request.set_issuer(provider.issuer());
    request.set_subject(subject);
    *request.mutable_proof() = proof;
    return server().Call(&Account::UnlinkIdentity, request, session_);
  }
  // The cause of the latest wrong proof of this account.
  std::string Cause() const {
    return server().Ask(
        absl::Substitute("SELECT coalesce((SELECT details FROM audit_events WHERE event = 'reauthentication'"
                         " AND outcome = 'failure' AND subject_id = '$0' ORDER BY id DESC LIMIT 1), '')",
                         tokens_.principal_id()));
  }

  const OpenIdProvider provider_ = Enter("link_policy: LINK_POLICY_CREATE");
  const std::string email_ = NewAddress();
  const Claims login_ = Fresh("ada", absl::Minutes(4));
  v1::TokenSet tokens_;
  Metadata session_;
};

TEST_F(IdTokenProofTest, AFreshTokenIsAProof) {
  EXPECT_THAT(IssueKey(v1::Proof()), FailsWith(ErrorReason::kProofRequired));
  EXPECT_THAT(IssueKey(ProofBy(Fresh("ada"))), Succeeds());
  EXPECT_THAT(IssueKey(ProofBy(Fresh("ada", absl::Minutes(3)))), Succeeds());
  EXPECT_EQ(server().Ask(absl::Substitute("SELECT string_agg(DISTINCT target || ' ' || details, ';') FROM audit_events"
                                          " WHERE event = 'reauthentication' AND outcome = 'success'"
                                          " AND subject_id = '$0'",
                                          tokens_.principal_id())),
            absl::StrCat("ada by ", provider_.name()))
      << "an investigator must know which identity has proven a change";
}

// A thief of this token can begin a session with it, and no more.
TEST_F(IdTokenProofTest, TheTokenOfTheLoginIsNone) {
  EXPECT_THAT(IssueKey(ProofBy(login_)), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(Cause(), absl::StrCat("by ", provider_.name(), ": not since the login"));
  const Claims stolen = Fresh("ada");
  session_ = Bearer(TokensBy(provider_, stolen).access_token());
  EXPECT_THAT(IssueKey(ProofBy(stolen)), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(IssueKey(ProofBy(Fresh("ada", absl::Minutes(2)))), FailsWith(ErrorReason::kInvalidCredentials))
      << "an older one";
}

TEST_F(IdTokenProofTest, AnApiKeyProvesNothing) {
  const auto issued = Must(IssueKey(ProofBy(Fresh("ada"))));
  session_ = ApiKeyHeader(issued.secret());
  EXPECT_THAT(IssueKey(ProofBy(Fresh("ada"))), FailsWith(ErrorReason::kSessionRequired));
  v1::RotateApiKeyRequest rotate;
  rotate.set_api_key_id(issued.api_key().id());
  *rotate.mutable_proof() = ProofBy(Fresh("ada"));
  EXPECT_THAT(server().Call(&Account::RotateApiKey, rotate, session_), FailsWith(ErrorReason::kSessionRequired));
}

TEST_F(IdTokenProofTest, ALoginOfLongAgoIsNone) {
  Claims without = Fresh("ada");
  without.erase("auth_time");
  for (const Claims& claims : {Fresh("ada", absl::Minutes(5) + absl::Seconds(2)), Fresh("ada", absl::Hours(8)),
                               Fresh("ada", -absl::Minutes(2)), without}) {
    EXPECT_THAT(IssueKey(ProofBy(claims)), FailsWith(ErrorReason::kInvalidCredentials)) << claims;
    EXPECT_EQ(Cause(), "ID token: auth_time") << claims;
  }
}

TEST_F(IdTokenProofTest, OnlyAnIdentityOfTheAccountProves) {
  EXPECT_THAT(IssueKey(ProofBy(Fresh("eve"))), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(Cause(), absl::StrCat("by ", provider_.name(), ": not linked"));
  const OpenIdProvider other = Enter("link_policy: LINK_POLICY_CREATE");
  Claims theirs = other.Claims("ada", NewAddress());
  theirs["auth_time"] = theirs["iat"];
  TokensBy(other, theirs);
  EXPECT_THAT(IssueKey(ProofBy(other, theirs)), FailsWith(ErrorReason::kInvalidCredentials))
      << "the same subject at another issuer";
  EXPECT_EQ(Cause(), absl::StrCat("by ", other.name(), ": not linked"));
  Claims for_another_client = Fresh("ada");
  for_another_client["aud"] = "another-client";
  EXPECT_THAT(IssueKey(ProofBy(for_another_client)), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(Cause(), "ID token: audience");
}

// Somebody who can link an identity to the account must not become its owner at once. The owner gets a mail.
TEST_F(IdTokenProofTest, AnIdentityThatWasLinkedLaterProvesAfterADay) {
  const OpenIdProvider other = Enter("link_policy: LINK_POLICY_LINK");
  const auto by_other = [&] {
    Claims claims = other.Claims("grace", email_);
    claims["auth_time"] = claims["iat"];
    return ProofBy(other, claims);
  };
  server().Ask("UPDATE principals SET create_time = create_time - interval '1 hour' WHERE id = '" +
               tokens_.principal_id() + "' RETURNING id::text");
  server().Ask("UPDATE external_identities SET link_time = link_time - interval '1 hour' WHERE issuer = '" +
               provider_.issuer() + "' RETURNING issuer");
  ASSERT_EQ(TokensBy(other, other.Claims("grace", email_)).principal_id(), tokens_.principal_id());
  EXPECT_THAT(IssueKey(by_other()), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(Cause(), absl::StrCat("by ", other.name(), ": linked recently"));
  EXPECT_THAT(IssueKey(ProofBy(Fresh("ada"))), Succeeds()) << "the account was made with it";
  server().Ask("UPDATE external_identities SET link_time = link_time - interval '24 hours' WHERE issuer = '" +
               other.issuer() + "' RETURNING issuer");
  EXPECT_THAT(IssueKey(by_other()), Succeeds());
}

// The key may be new. The owner must not be locked out of their second factor meanwhile.
TEST_F(IdTokenProofTest, AnUnknownKeyIsNoWrongProof) {
  v1::Proof proof;
  proof.mutable_id_token()->set_issuer(provider_.issuer());
  const TokenForge unknown(JwsAlgorithm::kRs256, "unknown");
  proof.mutable_id_token()->set_token(unknown.Sign(Fresh("ada")));
  EXPECT_THAT(IssueKey(proof), FailsWith(ErrorReason::kProviderUnavailable));
  EXPECT_EQ(Cause(), "");
}

TEST_F(IdTokenProofTest, ARefusedIdentityProvesNothing) {
  Must(server().Call(&Admin::RevokeExternal,
                     Proto<v1::RevokeExternalRequest>("issuer: '$0' subject: 'ada'", provider_.issuer()),
                     server().root()));
  EXPECT_THAT(IssueKey(ProofBy(Fresh("ada"))), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(Cause(), absl::StrCat("by ", provider_.name(), ": revoked identity"));
  Update(provider_, "provider { name: '$0' disabled: true }");
  EXPECT_THAT(IssueKey(ProofBy(Fresh("ada"))), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(Cause(), "ID token: disabled provider");
}

// Otherwise whoever can use the provider could take the account over without its password.
TEST_F(IdTokenProofTest, AnAccountWithAPasswordNeedsThePassword) {
  // The first password. The answer has a token for the session, because the old one counts no more.
  session_ = Bearer(Must(ChangePassword(ProofBy(Fresh("ada")))).tokens().access_token());
  const std::string username = AccountOf(server(), session_).username();
  EXPECT_THAT(server().TryLogin(username, kFirstPassword), Succeeds());
  EXPECT_THAT(IssueKey(ProofBy(Fresh("ada"))), FailsWith(ErrorReason::kProofRequired));
  v1::Proof both = ProofBy(Fresh("ada"));
  both.set_current_password(kFirstPassword);
  EXPECT_THAT(IssueKey(both), RefusesField("proof.id_token"));
  both.clear_id_token();
  EXPECT_THAT(IssueKey(both), Succeeds());
}

TEST_F(IdTokenProofTest, ASecondFactorIsNeededToo) {
  v1::EnrollTotpRequest enroll;
  *enroll.mutable_proof() = ProofBy(Fresh("ada"));
  const auto enrolled = Must(server().Call(&Account::EnrollTotp, enroll, session_));
  const App app(enrolled.otpauth_uri());
  const auto confirmed = Must(server().Call(
      &Account::ConfirmTotp, Proto<v1::ConfirmTotpRequest>("totp_code: '$0'", app.Code(server())), session_));
  EXPECT_THAT(IssueKey(ProofBy(Fresh("ada"))), FailsWith(ErrorReason::kProofRequired));
  EXPECT_THAT(IssueKey(ProofBy(Fresh("eve"))), FailsWith(ErrorReason::kProofRequired))
      << "without the code, nobody learns whether a token is right";
  v1::Proof proof = ProofBy(Fresh("ada"));
  proof.set_recovery_code("wrong");
  EXPECT_THAT(IssueKey(proof), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(Cause(), absl::StrCat("by ", provider_.name(), ": wrong code"));
  proof.set_recovery_code(confirmed.recovery_codes(0));
  EXPECT_THAT(IssueKey(proof), Succeeds());
  EXPECT_THAT(IssueKey(proof), FailsWith(ErrorReason::kInvalidCredentials)) << "the code is spent";
}

TEST_F(IdTokenProofTest, MissingFieldsAreNamed) {
  v1::Proof proof = ProofBy(Fresh("ada"));
  proof.mutable_id_token()->clear_issuer();
  EXPECT_THAT(IssueKey(proof), RefusesField("proof.id_token.issuer"));
  proof = ProofBy(Fresh("ada"));
  proof.mutable_id_token()->clear_token();
  EXPECT_THAT(IssueKey(proof), RefusesField("proof.id_token.token"));
}

// ---- The last way in

TEST_F(IdTokenProofTest, OneOfTwoIdentitiesCanBeUnlinked) {
  const OpenIdProvider other = Enter("link_policy: LINK_POLICY_LINK");
  ASSERT_EQ(TokensBy(other, other.Claims("grace", email_)).principal_id(), tokens_.principal_id());
  const auto unlinked = Must(Unlink(other, "grace", ProofBy(Fresh("ada"))));
  EXPECT_FALSE(unlinked.consistency_token().empty());
  EXPECT_EQ(OwnerOf(other, "grace"), "");
  EXPECT_THAT(Unlink(provider_, "ada", ProofBy(Fresh("ada"))), FailsWith(ErrorReason::kLastCredential));
  EXPECT_EQ(TokensBy(provider_, Fresh("ada")).principal_id(), tokens_.principal_id());
}

TEST_F(IdTokenProofTest, AnIdentityThatCannotLogInIsNoWayIn) {
  const OpenIdProvider other = Enter("link_policy: LINK_POLICY_LINK");
  ASSERT_EQ(TokensBy(other, other.Claims("grace", email_)).principal_id(), tokens_.principal_id());
  Update(other, "provider { name: '$0' disabled: true }");
  EXPECT_THAT(Unlink(provider_, "ada", ProofBy(Fresh("ada"))), FailsWith(ErrorReason::kLastCredential));
  Must(server().Call(&Admin::UpdateIdentityProvider,
                     Proto<v1::UpdateIdentityProviderRequest>(
                         "provider { name: '$0' } update_mask { paths: 'disabled' }", other.name()),
                     server().root()));
  Must(server().Call(&Admin::RevokeExternal,
                     Proto<v1::RevokeExternalRequest>("issuer: '$0' subject: 'grace'", other.issuer()),
                     server().root()));
  EXPECT_THAT(Unlink(provider_, "ada", ProofBy(Fresh("ada"))), FailsWith(ErrorReason::kLastCredential));
  Must(server().Call(&Admin::RevokeExternal,
                     Proto<v1::RevokeExternalRequest>("issuer: '$0' subject: 'grace' undo: true", other.issuer()),
                     server().root()));
  Must(server().Call(&Admin::UpdateIdentityProvider,
                     Proto<v1::UpdateIdentityProviderRequest>(
                         "provider { name: '$0' workload_audiences: 'a' link_policy: LINK_POLICY_NONE } update_mask {"
                         " paths: 'audiences' paths: 'workload_audiences' paths: 'link_policy' }",
                         other.name()),
                     server().root()));
  EXPECT_THAT(Unlink(provider_, "ada", ProofBy(Fresh("ada"))), FailsWith(ErrorReason::kLastCredential));
}

}  // namespace
}  // namespace identity
