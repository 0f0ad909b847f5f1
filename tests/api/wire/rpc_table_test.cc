#include <gmock/gmock.h>

#include <stdexcept>

#include "identity/v1/admin_service.pb.h"
#include "server/rpc/rpc_service.h"

namespace identity {
namespace {

constexpr char kService[] = "identity.v1.AdminService";

TEST(RpcTableTest, NamesAnRpcByItsMessages) {
  RpcTable table(kService);
  EXPECT_EQ(table.NameOf(*v1::GetRoleRequest::descriptor(), *v1::GetRoleResponse::descriptor()),
            "identity.v1.AdminService/GetRole");
}

TEST(RpcTableTest, RefusesAServiceThatTheContractLacks) {
  EXPECT_THROW(RpcTable("identity.v1.OtherService"), std::logic_error);
}

TEST(RpcTableTest, RefusesAHandlerWithMessagesOfTwoRpcs) {
  RpcTable table(kService);
  EXPECT_THROW(table.NameOf(*v1::GetRoleRequest::descriptor(), *v1::GetUserResponse::descriptor()), std::logic_error);
}

TEST(RpcTableTest, RefusesToServeWithoutAHandlerForEachRpc) {
  EXPECT_THROW(RpcTable(kService).ExpectComplete(), std::logic_error);
}

}  // namespace
}  // namespace identity
