#include "absl/time/clock.h"
#include "server/domain/external/external_token.h"
#include "tests/api/login/provider_fixture.h"

namespace identity {
namespace {

constexpr char kCreates[] = "link_policy: LINK_POLICY_CREATE";
// The example of OpenID Connect Core, appendix A.3.
constexpr char kProvidersAccessToken[] = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
constexpr char kItsHash[] = "77QmUPtjPfzWtF2AnpK9RQ";

// Which ID tokens log anybody in, and what the others cost.
class ProviderTokenTest : public ProviderTest {
 protected:
  // A request that logs nobody in, and the cause in the audit.
  struct BadLogin {
    std::string cause;
    v1::AuthenticateRequest request;
  };
  static v1::AuthenticateRequest RequestWith(const OpenIdProvider& provider, const std::string& token) {
    v1::AuthenticateRequest request;
    request.mutable_id_token()->set_issuer(provider.issuer());
    request.mutable_id_token()->set_token(token);
    return request;
  }
  // By a good token, but for one claim.
  static v1::AuthenticateRequest RequestBut(const OpenIdProvider& provider, const char* claim, const Claims& value) {
    Claims claims = provider.Claims("ada");
    claims[claim] = value;
    return RequestBy(provider, claims);
  }
  static v1::AuthenticateRequest WithNonces(const OpenIdProvider& provider, const std::string& in_token,
                                            const std::string& in_request) {
    v1::AuthenticateRequest request =
        in_token.empty() ? RequestBy(provider, provider.Claims("ada")) : RequestBut(provider, "nonce", in_token);
    request.mutable_id_token()->set_nonce(in_request);
    return request;
  }
  static v1::AuthenticateRequest WithAccessToken(v1::AuthenticateRequest request, const std::string& access_token) {
    request.mutable_id_token()->set_access_token(access_token);
    return request;
  }
  // Of the provider, for which only ES256 is accepted and to which "ada" is linked.
  static std::vector<BadLogin> BadLogins(const OpenIdProvider& provider) {
    const Claims good = provider.Claims("ada");
    const int64_t now = absl::ToUnixSeconds(absl::Now());
    const TokenForge impostor(JwsAlgorithm::kEs256);
    const TokenForge unknown(JwsAlgorithm::kEs256, "k2");
    const TokenForge other_algorithm(JwsAlgorithm::kEdDsa);
    Claims unsigned_header = provider.forge().Header();
    unsigned_header["alg"] = "none";
    Claims access_header = provider.forge().Header();
    access_header["typ"] = "at+jwt";
    Claims header_with_key = provider.forge().Header();
    header_with_key["jwk"] = impostor.Jwk();
    v1::AuthenticateRequest other_issuer = RequestBy(provider, good);
    other_issuer.mutable_id_token()->set_issuer(provider.issuer() + "/");
    return {
        {"ID token: issuer", RequestBut(provider, "iss", "https://evil.example")},
        {"ID token: issuer", other_issuer},
        {"ID token: malformed", RequestWith(provider, "eyJ.eyJ.sig")},
        {"ID token: malformed", RequestWith(provider, std::string(ExternalToken::kMaxBytes + 1, 'x'))},
        {"ID token: malformed", RequestWith(provider, provider.forge().Sign(unsigned_header, good.dump()))},
        {"ID token: malformed", RequestWith(provider, provider.forge().Sign(access_header, good.dump()))},
        {"ID token: malformed", RequestWith(provider, impostor.Sign(header_with_key, good.dump()))},
        {"ID token: algorithm", RequestWith(provider, other_algorithm.Sign(good))},
        {"ID token: unknown key", RequestWith(provider, unknown.Sign(good))},
        {"ID token: signature", RequestWith(provider, impostor.Sign(good))},
        {"ID token: subject", RequestBut(provider, "sub", "")},
        {"ID token: audience", RequestBut(provider, "aud", "another-client")},
        {"ID token: audience", RequestBut(provider, "azp", "another-client")},
        {"ID token: expired", RequestBut(provider, "exp", now - 60)},
        {"ID token: not_yet_valid", RequestBut(provider, "iat", now + 600)},
        {"ID token: purpose", RequestBut(provider, "typ", "Bearer")},
        {"ID token: nonce", WithNonces(provider, "a-nonce", "another-nonce")},
        {"ID token: nonce", WithNonces(provider, "a-nonce", "")},
        {"ID token: nonce", WithNonces(provider, "", "a-nonce")},
        {"ID token: access_token", WithAccessToken(RequestBy(provider, good), kProvidersAccessToken)},
        {"ID token: access_token", WithAccessToken(RequestBut(provider, "at_hash", kItsHash), "another")},
    };
  }
  // Of people whom the service refuses, by tokens without a fault.
  static std::vector<BadLogin> RefusedLogins() {
    const OpenIdProvider closed = Enter("");
    const OpenIdProvider disabled = Enter(kCreates);
    Update(disabled, "provider { name: '$0' disabled: true }");
    const OpenIdProvider stranger = NewProvider();
    stranger.Publish();
    return {{"by " + closed.name() + ": not linked", RequestBy(closed, closed.Claims("ada", NewAddress()))},
            {"ID token: disabled provider", RequestBy(disabled, disabled.Claims("ada", NewAddress()))},
            {"ID token: unknown provider", RequestBy(stranger, stranger.Claims("ada", NewAddress()))}};
  }
};

TEST_F(ProviderTokenTest, EveryTokenThatLogsNobodyInGetsTheSameAnswerAndTheAuditHasTheCause) {
  const OpenIdProvider provider = Enter("link_policy: LINK_POLICY_CREATE algorithms: 'ES256'");
  ASSERT_FALSE(TokensBy(provider, provider.Claims("ada", NewAddress())).access_token().empty()) << "a good one does";
  std::vector<BadLogin> bad_logins = BadLogins(provider);
  for (BadLogin& refused : RefusedLogins()) bad_logins.push_back(std::move(refused));
  const grpc::Status wrong_password = server().TryLogin("nobody-at-all", "wrong password");
  for (const BadLogin& bad : bad_logins) {
    const auto result = Authenticate(bad.request);
    EXPECT_THAT(result, FailsWith(ErrorReason::kInvalidCredentials)) << bad.cause;
    EXPECT_EQ(result.status.error_message(), wrong_password.error_message()) << bad.cause;
    EXPECT_EQ(DetailsWithoutId(result.status), DetailsWithoutId(wrong_password)) << bad.cause;
    EXPECT_EQ(LastCause(), bad.cause);
  }
}

TEST_F(ProviderTokenTest, GoodNoncesAndAccessTokensLogIn) {
  const OpenIdProvider provider = Enter(kCreates);
  const std::string id = TokensBy(provider, provider.Claims("ada", NewAddress())).principal_id();
  const v1::AuthenticateRequest with_hash = RequestBut(provider, "at_hash", kItsHash);
  for (const v1::AuthenticateRequest& request :
       {WithNonces(provider, "a-nonce", "a-nonce"), WithAccessToken(with_hash, kProvidersAccessToken), with_hash}) {
    EXPECT_EQ(Must(Authenticate(request)).tokens().principal_id(), id);
  }
}

TEST_F(ProviderTokenTest, AnIncompleteCredentialIsRefused) {
  const OpenIdProvider provider = Enter(kCreates);
  const v1::AuthenticateRequest good = RequestBy(provider, provider.Claims("ada", NewAddress()));
  v1::AuthenticateRequest request = good;
  request.mutable_id_token()->clear_issuer();
  EXPECT_THAT(Authenticate(request), RefusesField("id_token.issuer"));
  request = good;
  request.mutable_id_token()->clear_token();
  EXPECT_THAT(Authenticate(request), RefusesField("id_token.token"));
  request = good;
  request.mutable_id_token()->set_nonce(std::string(1025, 'n'));
  EXPECT_THAT(Authenticate(request), RefusesField("id_token.nonce"));
}

TEST_F(ProviderTokenTest, AnAccessTokenOfThisServiceIsNoIdToken) {
  const v1::TokenSet tokens = server().Login(server().MakeUser());
  v1::AuthenticateRequest request;
  request.mutable_id_token()->set_issuer("https://identity.localhost");
  request.mutable_id_token()->set_token(tokens.access_token());
  EXPECT_THAT(Authenticate(request), FailsWith(ErrorReason::kInvalidCredentials));
}

// Otherwise anybody could let the server ask any other server.
TEST_F(ProviderTokenTest, NothingIsAskedOfAProviderThatNobodyHasEnteredOrThatIsDisabled) {
  const OpenIdProvider stranger = NewProvider();
  const OpenIdProvider disabled = NewProvider();
  stranger.Publish();
  disabled.Publish();
  Enter(server(), disabled, "disabled: true");
  for (const OpenIdProvider& provider : {stranger, disabled}) {
    EXPECT_THAT(LogIn(provider, provider.Claims("ada")), FailsWith(ErrorReason::kInvalidCredentials));
    EXPECT_EQ(documents().Requests("/" + provider.name() + "/.well-known/openid-configuration"), 0u);
    EXPECT_EQ(documents().Requests("/" + provider.name() + "/keys"), 0u);
  }
}

TEST_F(ProviderTokenTest, AProviderThatIsEnabledAgainLogsItsPeopleIn) {
  const OpenIdProvider provider = Enter(kCreates);
  const std::string id = TokensBy(provider, provider.Claims("ada", NewAddress())).principal_id();
  Update(provider, "provider { name: '$0' disabled: true }");
  EXPECT_THAT(LogIn(provider, provider.Claims("ada")), FailsWith(ErrorReason::kInvalidCredentials));
  Update(provider, "provider { name: '$0' } update_mask { paths: 'disabled' }");
  EXPECT_EQ(TokensBy(provider, provider.Claims("ada")).principal_id(), id);
}

TEST_F(ProviderTokenTest, ADeletedProviderLogsNobodyInUntilItsIssuerIsEnteredAgain) {
  const OpenIdProvider provider = Enter(kCreates);
  const v1::TokenSet tokens = TokensBy(provider, provider.Claims("ada", NewAddress()));
  Must(server().Call(&Admin::DeleteIdentityProvider,
                     Proto<v1::DeleteIdentityProviderRequest>("name: '$0'", provider.name()), server().root()));
  EXPECT_THAT(LogIn(provider, provider.Claims("ada")), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(LastCause(), "ID token: unknown provider");
  EXPECT_THAT(TryRefresh(server(), tokens.refresh_token()), Succeeds()) << "its sessions stay";
  Enter(server(), provider, "");
  EXPECT_EQ(TokensBy(provider, provider.Claims("ada")).principal_id(), tokens.principal_id());
}

TEST_F(ProviderTokenTest, ANewKeyOfTheProviderIsFetched) {
  const OpenIdProvider provider = Enter(kCreates);
  const std::string id = TokensBy(provider, provider.Claims("ada", NewAddress())).principal_id();
  const TokenForge next(JwsAlgorithm::kEs256, "k2");
  provider.Publish({provider.forge(), next});
  const v1::AuthenticateRequest request = RequestWith(provider, next.Sign(provider.Claims("ada")));
  EXPECT_THAT(Authenticate(request), FailsWith(ErrorReason::kInvalidCredentials)) << "it has just asked for the keys";
  server().AdvanceUptime(absl::Minutes(1));
  EXPECT_EQ(Must(Authenticate(request)).tokens().principal_id(), id);
  EXPECT_EQ(TokensBy(provider, provider.Claims("ada")).principal_id(), id) << "the other key still counts";
}

TEST_F(ProviderTokenTest, TheRowMayNameTheAddressOfTheKeys) {
  const OpenIdProvider provider = NewProvider();
  provider.Publish();
  const std::string keys = "/" + provider.name() + "/keys";
  Enter(server(), provider, absl::StrCat(kCreates, " jwks_uri: '", documents().Url(keys), "'"));
  EXPECT_THAT(LogIn(provider, provider.Claims("ada", NewAddress())), Succeeds());
  EXPECT_EQ(documents().Requests(keys), 1u);
  EXPECT_EQ(documents().Requests("/" + provider.name() + "/.well-known/openid-configuration"), 0u);
}

TEST_F(ProviderTokenTest, RefusedTokensAreLimitedAndGoodOnesAreNotCounted) {
  const auto limited = NewServer([](Config& config) { config.throttle.login_failures_per_minute = 5; });
  const OpenIdProvider provider = NewProvider();
  provider.Publish();
  Enter(*limited, provider, kCreates);
  const auto log_in = [&](const v1::AuthenticateRequest& request) {
    return limited->Call(&Identity::Authenticate, request);
  };
  const v1::AuthenticateRequest good = RequestBy(provider, provider.Claims("ada", NewAddress()));
  const v1::AuthenticateRequest bad = RequestBut(provider, "aud", "another-client");
  for (int i = 0; i < 8; ++i) EXPECT_THAT(log_in(good), Succeeds()) << i;
  for (int i = 0; i < 5; ++i) EXPECT_THAT(log_in(bad), FailsWith(ErrorReason::kInvalidCredentials)) << i;
  EXPECT_THAT(log_in(good), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(limited->TryLogin("root", kTestPassword), FailsWith(ErrorReason::kRateLimited))
      << "all logins of an address have one limit";
  limited->AdvanceUptime(absl::Minutes(1));
  EXPECT_THAT(log_in(good), Succeeds());
}

// Refused people count like wrong tokens: otherwise a provider's users could try out who has an account here.
TEST_F(ProviderTokenTest, RefusedPeopleAreLimitedToo) {
  const auto limited = NewServer([](Config& config) { config.throttle.login_failures_per_minute = 5; });
  const OpenIdProvider provider = NewProvider();
  provider.Publish();
  Enter(*limited, provider, "link_policy: LINK_POLICY_LINK");
  const v1::AuthenticateRequest request = RequestBy(provider, provider.Claims("ada", NewAddress()));
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(limited->Call(&Identity::Authenticate, request), FailsWith(ErrorReason::kInvalidCredentials)) << i;
  }
  EXPECT_THAT(limited->Call(&Identity::Authenticate, request), FailsWith(ErrorReason::kRateLimited));
}

TEST_F(ProviderTokenTest, AProviderThatDoesNotAnswerCountsNothing) {
  const auto limited = NewServer([](Config& config) { config.throttle.login_failures_per_minute = 5; });
  const OpenIdProvider silent = NewProvider();
  const OpenIdProvider working = NewProvider();
  working.Publish();
  for (const OpenIdProvider& provider : {silent, working}) Enter(*limited, provider, kCreates);
  for (int i = 0; i < 7; ++i) {
    const auto result = limited->Call(&Identity::Authenticate, RequestBy(silent, silent.Claims("ada", NewAddress())));
    EXPECT_THAT(result, FailsWith(ErrorReason::kProviderUnavailable)) << i;
    EXPECT_TRUE(DetailsOf(result.status).retry) << i;
  }
  EXPECT_EQ(limited->Ask("SELECT count(*)::text FROM audit_events WHERE event = 'login' AND outcome = 'failure'"), "0");
  const auto log_in = [&](const OpenIdProvider& provider) {
    return limited->Call(&Identity::Authenticate, RequestBy(provider, provider.Claims("ada", NewAddress())));
  };
  EXPECT_THAT(log_in(working), Succeeds());
  silent.Publish();
  limited->AdvanceUptime(absl::Seconds(10));
  EXPECT_THAT(log_in(silent), Succeeds()) << "it answers again";
}

TEST_F(ProviderTokenTest, NewAccountsAreLimitedLikeRegistrations) {
  const auto limited = NewServer([](Config& config) { config.throttle.registrations_per_hour = 2; });
  const OpenIdProvider provider = NewProvider();
  provider.Publish();
  Enter(*limited, provider, kCreates);
  const auto log_in = [&](const std::string& subject, const std::string& address) {
    return limited->Call(&Identity::Authenticate, RequestBy(provider, provider.Claims(subject, address)));
  };
  EXPECT_THAT(log_in("a", "a@limited.example"), Succeeds());
  EXPECT_THAT(log_in("b", "b@limited.example"), Succeeds());
  EXPECT_THAT(log_in("c", "c@limited.example"), FailsWith(ErrorReason::kRateLimited));
  EXPECT_EQ(limited->Ask("SELECT count(*)::text FROM users WHERE email = 'c@limited.example'"), "0");
  EXPECT_THAT(log_in("a", "a@limited.example"), Succeeds()) << "an account that exists is none";
  limited->AdvanceUptime(absl::Hours(1));
  EXPECT_THAT(log_in("c", "c@limited.example"), Succeeds());
}

}  // namespace
}  // namespace identity
