#include <gmock/gmock.h>
#include <signal.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/deployment.h"
#include "tests/support/scrape.h"

// What Kubernetes sees of a replica that starts, and of one that ends.
namespace identity {
namespace {

using testing::HasSubstr;

class StartingTest : public testing::Test {
 protected:
  // A server whose database has no schema yet.
  void Serve(const std::string& wait) {
    server_ = std::make_unique<Process>(
        std::vector<std::string>{Identityd(), "serve", "--database-url", database_.server_url(), "--master-key-file",
                                 scratch_.Write("master.key", absl::StrCat(std::string(43, 'A'), "=\n")),
                                 "--listen-address", address_, "--admin-address",
                                 absl::StrCat("127.0.0.1:", admin_port_), "--wait-for-database", wait},
        std::vector<std::string>(), Process::Files{"/dev/null", "/dev/null", log_file_});
  }
  HttpAnswer Get(const std::string& path) const { return Fetch(admin_port_, path); }
  void AwaitReadyz(const std::string& body) const {
    WaitUntil([&] { return Get("/readyz").body == body; });
  }

  const ScratchDirectory scratch_;
  TestDatabase database_{TestDatabase::Schema::kEmpty};
  const std::string log_file_ = scratch_.File("log");
  const std::string address_ = absl::StrCat("127.0.0.1:", FreePort());
  const int admin_port_ = FreePort();
  std::unique_ptr<Process> server_;
};

TEST_F(StartingTest, WaitsForTheDatabaseAndThenForItsMigrations) {
  TestCluster::Get().Stop();
  Serve("10m");
  AwaitReadyz("starting\ndatabase\n");
  EXPECT_EQ(Get("/livez").status, 200);
  EXPECT_EQ(Get("/readyz").status, 503);
  EXPECT_EQ(Get("/metrics").status, 503);
  TestCluster::Get().Start();
  AwaitReadyz("starting\nschema\n");
  EXPECT_THAT(ReadWhole(log_file_), HasSubstr("identityd migrate"));
  const Outcome migration = RunProgram({Identityd(), "migrate", "--database-url", database_.owner_url()});
  ASSERT_EQ(migration.exit_code, 0) << migration.errors;
  AwaitReadyz("ready\n");
  EXPECT_EQ(Get("/readyz").status, 200);
  EXPECT_EQ(Get("/metrics").status, 200);
  EXPECT_EQ(HealthOf({address_}, ""), "SERVING");
}

TEST_F(StartingTest, ASignalEndsTheWait) {
  Serve("10m");
  AwaitReadyz("starting\nschema\n");
  server_->Signal(SIGTERM);
  EXPECT_EQ(server_->Wait(), 1);
}

TEST_F(StartingTest, TheErrorEndsTheStartWithoutTheOption) {
  Serve("0s");
  EXPECT_EQ(server_->Wait(), 1);
  EXPECT_THAT(ReadWhole(log_file_), HasSubstr("identityd migrate"));
}

class EndingTest : public testing::Test {
 protected:
  explicit EndingTest(const std::string& delay = "10m")
      : deployment_({.replicas = 1, .flags = {}, .admin_ports = true, .drain_delay = delay}) {}

  void Signal(int signal) { deployment_.replica(0).process().Signal(signal); }
  HttpAnswer Readyz() const { return Fetch(deployment_.admin_port(0), "/readyz"); }

  Deployment deployment_;
};

TEST_F(EndingTest, DuringTheDelayItIsNotReadyAndServes) {
  EXPECT_EQ(Readyz().status, 200);
  Signal(SIGTERM);
  WaitUntil([this] { return Readyz().status == 503; });
  EXPECT_EQ(Readyz().body, "draining\n");
  EXPECT_EQ(Fetch(deployment_.admin_port(0), "/livez").status, 200);
  EXPECT_EQ(HealthOf({deployment_.replica(0).address()}, ""), "NOT_SERVING");
  EXPECT_EQ(HealthOf({deployment_.replica(0).address()}, "identity.v1.IdentityService"), "SERVING");
  const std::unique_ptr<Client> late = Connect(deployment_.replica(0).address());
  EXPECT_TRUE(late->Call(&AdminRpc::ListRoles, {}, deployment_.AsAdmin()).ok());
  Signal(SIGTERM);
  EXPECT_EQ(deployment_.replica(0).process().Wait(), 0) << "a second signal ends the delay";
}

TEST_F(EndingTest, SigintSkipsTheDelay) {
  Signal(SIGINT);
  EXPECT_EQ(deployment_.replica(0).process().Wait(), 0);
}

}  // namespace
}  // namespace identity
