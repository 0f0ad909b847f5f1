#include <utility>

#include "db/postgres.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

// A server whose writers find the revision locked by a stalled transaction.
class DeadlineTest : public RpcTest {
 protected:
  DeadlineTest() {
    Connection::Options options;
    options.url = server().database().owner_url();
    auto opened = Connection::Open(options);
    EXPECT_TRUE(opened.ok());
    holder_ = *std::move(opened);
    EXPECT_TRUE(holder_->Run("BEGIN; UPDATE revision SET value = value").ok());
  }
  void LetGo() { EXPECT_TRUE(holder_->Run("ROLLBACK").ok()); }

  static grpc::Status CreateRole(absl::Duration timeout) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    for (const auto& [name, value] : server().root()) context.AddMetadata(name, value);
    v1::CreateRoleResponse response;
    return server().admin().CreateRole(&context, Proto<v1::CreateRoleRequest>("role { name: 'late' }"), &response);
  }

 private:
  std::unique_ptr<Connection> holder_;
};

TEST_F(DeadlineTest, ACallThatExceedsItsDeadlineChangesNothing) {
  EXPECT_EQ(CreateRole(absl::Milliseconds(300)).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  LetGo();
  const grpc::Status again = CreateRole(absl::Seconds(20));
  EXPECT_TRUE(again.ok()) << again.error_message();
}

}  // namespace
}  // namespace identity
