#include <gmock/gmock.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "identity/errors.h"
#include "tests/support/deployment.h"

namespace identity {
namespace {

class AdministrationTest : public testing::Test {
 protected:
  void CreateRole(const std::string& name) {
    v1::CreateRoleRequest request;
    request.mutable_role()->set_name(name);
    Must(deployment_.client(0).Call(&AdminRpc::CreateRole, request, deployment_.AsAdmin()));
  }
  int Inherits(const std::string& name) {
    v1::GetRoleRequest request;
    request.set_name(name);
    return Must(deployment_.client(0).Call(&AdminRpc::GetRole, request, deployment_.AsAdmin())).role().inherits_size();
  }

  Deployment deployment_;
};

TEST_F(AdministrationTest, TwoConcurrentAdminsNeverMakeACycle) {
  const std::string tokens[] = {deployment_.LogIn(deployment_.NewSuperAdmin("grace")).access_token(),
                                deployment_.LogIn(deployment_.NewSuperAdmin("mary")).access_token()};
  for (int round = 0; round < Rounds(50); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const std::string names[] = {absl::StrCat("left_", round), absl::StrCat("right_", round)};
    for (const std::string& name : names) CreateRole(name);
    const auto results = InParallel(2, [&](int i) {
      v1::UpdateRoleRequest request;
      request.mutable_role()->set_name(names[i]);
      request.mutable_role()->add_inherits(names[1 - i]);
      return deployment_.client(i).Call(&AdminRpc::UpdateRole, request, {tokens[i], absl::nullopt}).status();
    });
    ASSERT_NE(results[0].ok(), results[1].ok()) << results[0] << results[1];
    const absl::Status& refused = results[results[0].ok() ? 1 : 0];
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ErrorReasonOf(refused), "ROLE_CYCLE");
    EXPECT_EQ(Inherits(names[0]) + Inherits(names[1]), 1);
  }
}

class SuperAdminsTest : public AdministrationTest {
 protected:
  // The bindings of `super_admin`, by principal.
  std::map<std::string, std::string> SuperAdmins() {
    v1::ListBindingsRequest request;
    request.set_role("super_admin");
    std::map<std::string, std::string> bindings;
    const v1::ListBindingsResponse listed =
        Must(deployment_.client(0).Call(&AdminRpc::ListBindings, request, deployment_.AsAdmin()));
    for (const v1::Binding& binding : listed.bindings()) {
      bindings[binding.principal_id()] = binding.id();
    }
    return bindings;
  }
  void BindAgain(const Person& person) {
    v1::CreateBindingRequest request;
    request.mutable_binding()->set_principal_id(person.id);
    request.mutable_binding()->set_role("super_admin");
    Must(deployment_.client(0).Call(&AdminRpc::CreateBinding, request, deployment_.AsAdmin()));
  }
};

TEST_F(SuperAdminsTest, WhenTwoRemoveEachOtherOneStays) {
  const Person people[] = {deployment_.NewSuperAdmin("grace"), deployment_.NewSuperAdmin("mary")};
  const std::string tokens[] = {deployment_.LogIn(people[0]).access_token(),
                                deployment_.LogIn(people[1]).access_token()};
  for (int round = 0; round < Rounds(50); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const std::map<std::string, std::string> before = SuperAdmins();
    ASSERT_EQ(before.size(), 3u);
    const auto results = InParallel(2, [&](int i) {
      v1::DeleteBindingRequest request;
      request.set_binding_id(before.at(people[1 - i].id));
      return deployment_.client(i).Call(&AdminRpc::DeleteBinding, request, {tokens[i], absl::nullopt}).status();
    });
    ASSERT_NE(results[0].ok(), results[1].ok()) << results[0] << results[1];
    const int removed = results[0].ok() ? 1 : 0;
    EXPECT_EQ(results[removed].code(), absl::StatusCode::kPermissionDenied) << results[removed];
    const std::map<std::string, std::string> after = SuperAdmins();
    EXPECT_EQ(after.size(), 2u);
    EXPECT_EQ(after.count(people[removed].id), 0u);
    BindAgain(people[removed]);
  }
}

}  // namespace
}  // namespace identity
