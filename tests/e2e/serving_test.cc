#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <string>

#include "tests/support/deployment.h"

namespace identity {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kIdentityService[] = "identity.v1.IdentityService";
constexpr char kAdminService[] = "identity.v1.AdminService";

TEST(HealthTest, EachServiceIsServing) {
  Deployment deployment({1, {}});
  const Probe probe{deployment.replica(0).address()};
  for (const char* service : {"", kIdentityService, kAdminService}) EXPECT_EQ(HealthOf(probe, service), "SERVING");
  EXPECT_EQ(HealthOf(probe, "identity.v1.Unheard"), "NOT_FOUND");
}

TEST(ReflectionTest, ListsTheServices) {
  Deployment deployment({1, {}});
  const auto services = ReflectedServices({deployment.replica(0).address()});
  ASSERT_TRUE(services.ok()) << services.status();
  EXPECT_THAT(*services, HasSubstr(kIdentityService));
  EXPECT_THAT(*services, HasSubstr(kAdminService));
}

TEST(ReflectionTest, CanBeSwitchedOff) {
  Deployment deployment({1, {"--no-reflection"}});
  const Probe probe{deployment.replica(0).address()};
  EXPECT_EQ(ReflectedServices(probe).status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(HealthOf(probe, kIdentityService), "SERVING");
}

TEST(LogsTest, HoldNoSecretOfSuccessfulOrFailedCalls) {
  Deployment deployment({1, {}});
  const Person ada = deployment.NewUser("ada");
  const std::string wrong = "a password that is not right";
  deployment.KeepSecret(wrong);
  const v1::TokenSet tokens = deployment.LogIn(ada);
  const std::string key = deployment.NewApiKey(tokens, ada.password).secret();
  EXPECT_FALSE(deployment.TryPassword(ada.username, wrong, 0).ok());
  v1::RefreshRequest refresh;
  refresh.set_refresh_token(tokens.refresh_token());
  deployment.KeepSecrets(Must(deployment.client(0).Call(&IdentityRpc::Refresh, refresh)).tokens());
  Check(deployment, 0, ForToken(tokens.access_token()), ada.id);
  Check(deployment, 0, ForKey(key), ada.id);
  // The database is away during these calls.
  TestCluster::Get().Stop();
  EXPECT_FALSE(deployment.TryPassword(ada.username, ada.password, 0).ok());
  EXPECT_FALSE(deployment.client(0).Call(&IdentityRpc::Refresh, refresh).ok());
  EXPECT_FALSE(deployment.client(0).Call(&IdentityRpc::CheckPermission, ForKey(key), deployment.AsAdmin()).ok());
  TestCluster::Get().Start();
  // The deployment searches the logs for secrets when it ends.
  EXPECT_THAT(deployment.Logs(), HasSubstr("\"serving\""));
}

constexpr char kLossIsPossible[] = "a failover may lose acknowledged changes";

TEST(ReplicationTest, TheStartWarnsWhenAFailoverMayLoseChanges) {
  const TestStandby standby;
  Deployment::Options options;
  options.replicas = 1;
  options.standby = &standby;
  EXPECT_THAT(Deployment(options).Logs(), HasSubstr(kLossIsPossible));
}

TEST(ReplicationTest, WithOneHostThereIsNothingToWarnOf) {
  EXPECT_THAT(Deployment({1, {}}).Logs(), Not(HasSubstr(kLossIsPossible)));
}

}  // namespace
}  // namespace identity
