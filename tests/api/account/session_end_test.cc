#include <functional>
#include <future>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "db/stores/principals.h"
#include "server/base/request_context.h"
#include "tests/support/people.h"

namespace identity {
namespace {

// Calls that end all sessions of an account while another write of that account is under way.
class SessionEndTest : public RpcTest {
 protected:
  using Ender = std::function<grpc::Status(const TestUser&, const Metadata& session)>;

  // How many mailed tokens are left when `end` runs during a transaction that makes one.
  static std::string TokensLeftBy(const Ender& end) {
    const TestUser user = server().MakeUser();
    const Metadata session = Bearer(server().Login(user).access_token());
    const RequestContext context{absl::Now() + absl::Seconds(20)};
    std::future<grpc::Status> ended;
    const auto under_way = [&](Transaction& transaction) -> absl::Status {
      EXPECT_TRUE(principals::LockState(transaction, *PrincipalId::Parse(user.id)).ok());
      static constexpr Statement kInsert = {
          "insert_token_under_way",
          "INSERT INTO mailed_tokens (id, hash, purpose, principal_id, email, expire_time) "
          "VALUES (uuid_v7(), '', 'reset_password', $1, $2, now() + interval '1 hour')"};
      EXPECT_TRUE(transaction.Execute(kInsert, Params().Add(user.id).Add(user.email)).ok());
      ended = std::async(std::launch::async, [&] { return end(user, session); });
      TestServer::WaitForALock(transaction, context);
      return absl::OkStatus();
    };
    EXPECT_TRUE(server().database().database().Write(context, under_way).ok());
    EXPECT_THAT(ended.get(), Succeeds());
    return server().Ask(
        absl::Substitute("SELECT count(*)::text FROM mailed_tokens WHERE principal_id = '$0'", user.id));
  }
};

TEST_F(SessionEndTest, APasswordChangeWaitsForOtherWritesOfTheAccount) {
  EXPECT_EQ(TokensLeftBy([](const TestUser& user, const Metadata& session) {
              v1::ChangePasswordRequest change;
              change.mutable_proof()->set_current_password(user.password);
              change.set_new_password("incorrect zebra battery staple");
              return server().Call(&Account::ChangePassword, change, session).status;
            }),
            "0");
}

TEST_F(SessionEndTest, ARevocationWaitsForOtherWritesOfTheAccount) {
  EXPECT_EQ(TokensLeftBy([](const TestUser& user, const Metadata&) {
              return server()
                  .Call(&Identity::Revoke, Proto<v1::RevokeRequest>("principal_id: '$0'", user.id), server().root())
                  .status;
            }),
            "0");
}

TEST_F(SessionEndTest, DisablingWaitsForOtherWritesOfTheAccount) {
  EXPECT_EQ(TokensLeftBy([](const TestUser& user, const Metadata&) {
              return server()
                  .Call(&Admin::DisablePrincipal, Proto<v1::DisablePrincipalRequest>("principal_id: '$0'", user.id),
                        server().root())
                  .status;
            }),
            "0");
}

TEST_F(SessionEndTest, ADeletionWaitsForOtherWritesOfTheAccount) {
  EXPECT_EQ(TokensLeftBy([](const TestUser& user, const Metadata&) {
              return server()
                  .Call(&Admin::DeleteUser, Proto<v1::DeleteUserRequest>("user_id: '$0'", user.id), server().root())
                  .status;
            }),
            "0");
}

}  // namespace
}  // namespace identity
