#include <algorithm>

#include "tests/support/harness.h"

namespace identity {
namespace {

class ServiceAccountTest : public RpcTest {};

TEST_F(ServiceAccountTest, IsCreatedOnce) {
  const auto create = [](const char* text) {
    return server().Call(&Admin::CreateServiceAccount, Proto<v1::CreateServiceAccountRequest>(text), server().root());
  };
  const char* text = "name: 'Crawler' description: 'reads' request_id: '0190b5a0-1111-7000-8000-000000000002'";
  const auto first = Must(create(text));
  EXPECT_EQ(first.service_account().name(), "crawler");
  EXPECT_EQ(first.service_account().description(), "reads");
  EXPECT_EQ(Must(create(text)).service_account().id(), first.service_account().id());
  EXPECT_THAT(create("name: 'CRAWLER'"), FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_THAT(create("name: 'a'"), RefusesField("name"));
  EXPECT_THAT(server().Call(&Admin::CreateServiceAccount, Proto<v1::CreateServiceAccountRequest>("name: 'other'"),
                            server().MakeCaller({"identity:users:write"})),
              FailsWith(ErrorReason::kPermissionDenied));
}

// Answers and logs name principals of both kinds.
TEST_F(ServiceAccountTest, NamesAreUniqueOverUsersToo) {
  const auto create = [](const std::string& name) {
    return server().Call(&Admin::CreateServiceAccount, Proto<v1::CreateServiceAccountRequest>("name: '$0'", name),
                         server().root());
  };
  const auto create_user = [](const std::string& name) {
    return server().Call(&Admin::CreateUser,
                         Proto<v1::CreateUserRequest>("username: '$0' email: '$0@example.com'", name), server().root());
  };
  const auto register_user = [](const std::string& name) {
    return server().Call(&Account::Register,
                         Proto<v1::RegisterRequest>(
                             "username: '$0' email: '$0@example.org' password: 'correct horse battery staple'", name));
  };
  EXPECT_THAT(create("root"), FailsWith(ErrorReason::kAlreadyExists));
  Must(create("billing"));
  EXPECT_THAT(create_user("billing"), FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_THAT(register_user("Billing"), FailsWith(ErrorReason::kAlreadyExists));
  for (const char* reserved : {"anonymous", "Self", "identity"}) {
    EXPECT_THAT(create(reserved), RefusesField("name"));
    EXPECT_THAT(create_user(reserved), RefusesField("username"));
    EXPECT_THAT(register_user(reserved), RefusesField("username"));
  }
}

TEST_F(ServiceAccountTest, ListsAreInOrderOfCreation) {
  const std::vector<std::string> made = {server().MakeServiceAccount(), server().MakeServiceAccount(),
                                         server().MakeServiceAccount()};
  server().Disable(made[2]);
  std::vector<std::string> listed;
  std::string token;
  v1::ServiceAccount last;
  do {
    const auto page = Must(server().Call(&Admin::ListServiceAccounts,
                                         Proto<v1::ListServiceAccountsRequest>("page_size: 1 page_token: '$0'", token),
                                         server().root()));
    EXPECT_LE(page.service_accounts_size(), 1);
    for (const v1::ServiceAccount& account : page.service_accounts()) listed.push_back((last = account).id());
    token = page.next_page_token();
  } while (!token.empty());
  ASSERT_GE(listed.size(), made.size());
  EXPECT_TRUE(std::equal(made.rbegin(), made.rend(), listed.rbegin()));
  EXPECT_TRUE(last.disabled());
  EXPECT_TRUE(last.has_create_time());
}

}  // namespace
}  // namespace identity
