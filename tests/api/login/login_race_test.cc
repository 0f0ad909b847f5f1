#include <chrono>
#include <functional>
#include <future>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "db/stores/external/external_identities.h"
#include "db/stores/external/identity_providers.h"
#include "db/stores/external/workloads.h"
#include "server/base/request_context.h"
#include "tests/api/login/provider_fixture.h"

namespace identity {
namespace {

constexpr char kLinksAccounts[] = "link_policy: LINK_POLICY_LINK";

// Changes of administrators and owners at the same moment as logins at a provider.
class LoginRaceTest : public ProviderTest {
 protected:
  using Step = std::function<void(Transaction&)>;
  using Call = std::function<grpc::Status()>;

  // Makes the call after `first` in the same transaction, which ends only when the call waits for it.
  static grpc::Status CallDuring(const Step& first, const Call& call) {
    const RequestContext context{absl::Now() + absl::Seconds(20)};
    std::future<grpc::Status> called;
    const auto under_way = [&](Transaction& transaction) -> absl::Status {
      first(transaction);
      called = std::async(std::launch::async, call);
      TestServer::WaitForALock(transaction, context);
      EXPECT_EQ(called.wait_for(std::chrono::seconds(0)), std::future_status::timeout) << "it does not wait";
      return absl::OkStatus();
    };
    EXPECT_TRUE(server().database().database().Write(context, under_way).ok());
    return called.get();
  }
  static grpc::Status Refuse(const OpenIdProvider& provider) {
    return server()
        .Call(&Admin::RevokeExternal,
              Proto<v1::RevokeExternalRequest>("issuer: '$0' subject: 'ada'", provider.issuer()), server().root())
        .status;
  }
  static Step LoginOf(const OpenIdProvider& provider) {
    return [&provider](Transaction& transaction) {
      EXPECT_TRUE(external_identities::Lock(transaction, {provider.issuer(), "ada"}).ok());
    };
  }
};

TEST_F(LoginRaceTest, AChangeOfTheProviderWaitsForLoginsThatRun) {
  const OpenIdProvider provider = Enter(kLinksAccounts);
  const auto login = [&](Transaction& transaction) {
    const auto row = identity_providers::Find(transaction, provider.name());
    ASSERT_TRUE(row.ok() && *row);
    EXPECT_TRUE(*identity_providers::KeepUnchanged(transaction, **row));
  };
  EXPECT_THAT(CallDuring(login,
                         [&] {
                           return server()
                               .Call(&Admin::UpdateIdentityProvider,
                                     Proto<v1::UpdateIdentityProviderRequest>("provider { name: '$0' disabled: true }",
                                                                              provider.name()),
                                     server().root())
                               .status;
                         }),
              Succeeds());
}

TEST_F(LoginRaceTest, ARefusalWaitsForALoginThatRuns) {
  const OpenIdProvider provider = Enter(kLinksAccounts);
  EXPECT_THAT(CallDuring(LoginOf(provider), [&] { return Refuse(provider); }), Succeeds())
      << "also of an identity that is not linked yet";
}

TEST_F(LoginRaceTest, AnUnlinkingWaitsForALoginThatRuns) {
  const OpenIdProvider provider = Enter(kLinksAccounts);
  const TestUser user = MakeVerified();
  TokensBy(provider, provider.Claims("ada", user.email));
  v1::UnlinkIdentityRequest unlink;
  unlink.set_issuer(provider.issuer());
  unlink.set_subject("ada");
  *unlink.mutable_proof() = ProofOf(user);
  const Metadata session = SessionOf(server(), user);
  EXPECT_THAT(
      CallDuring(LoginOf(provider), [&] { return server().Call(&Account::UnlinkIdentity, unlink, session).status; }),
      Succeeds());
}

TEST_F(LoginRaceTest, ALoginWaitsForARefusalAndSeesIt) {
  const OpenIdProvider provider = Enter(kLinksAccounts);
  const TestUser user = MakeVerified();
  TokensBy(provider, provider.Claims("ada", user.email));
  const auto refusal = [&](Transaction& transaction) {
    EXPECT_TRUE(external_identities::Lock(transaction, {provider.issuer(), "ada"}).ok());
    EXPECT_TRUE(*workloads::Revoke(transaction, {provider.issuer(), "ada"}));
  };
  EXPECT_THAT(CallDuring(refusal, [&] { return LogIn(provider, provider.Claims("ada")).status; }),
              FailsWith(ErrorReason::kInvalidCredentials));
}

}  // namespace
}  // namespace identity
