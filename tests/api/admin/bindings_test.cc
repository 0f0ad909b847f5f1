#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class BindingTest : public RpcTest {
 protected:
  void SetUp() override {
    user_ = server().MakeUser();
    role_ = server().MakeRole({"posts:*"});
  }
  static Result<v1::CreateBindingResponse> Create(const Metadata& metadata, const std::string& principal,
                                                  const std::string& role, const std::string& resource = "") {
    v1::CreateBindingRequest request;
    request.mutable_binding()->set_principal_id(principal);
    request.mutable_binding()->set_role(role);
    request.mutable_binding()->set_resource(resource);
    return server().Call(&Admin::CreateBinding, request, metadata);
  }
  static grpc::Status Delete(const Metadata& metadata, const std::string& id) {
    return server()
        .Call(&Admin::DeleteBinding, Proto<v1::DeleteBindingRequest>("binding_id: '$0'", id), metadata)
        .status;
  }
  template <typename... Arguments>
  static Result<v1::ListBindingsResponse> List(const Metadata& metadata, const char* text,
                                               const Arguments&... arguments) {
    return server().Call(&Admin::ListBindings, Proto<v1::ListBindingsRequest>(text, arguments...), metadata);
  }
  static Result<v1::ListEffectivePermissionsResponse> Effective(const Metadata& metadata, const std::string& principal,
                                                                const std::string& resource) {
    return server().Call(
        &Admin::ListEffectivePermissions,
        Proto<v1::ListEffectivePermissionsRequest>("principal_id: '$0' resource: '$1'", principal, resource), metadata);
  }
  TestUser user_;
  std::string role_;
};

TEST_F(BindingTest, IsCreatedAndDeleted) {
  const auto created = Must(Create(server().root(), user_.id, role_, "orgs/acme"));
  EXPECT_EQ(created.binding().principal_id(), user_.id);
  EXPECT_EQ(created.binding().role(), role_);
  EXPECT_EQ(created.binding().resource(), "orgs/acme");
  EXPECT_TRUE(created.binding().has_create_time());
  EXPECT_FALSE(created.binding().has_expire_time());
  auto check = Proto<v1::CheckPermissionRequest>(
      "principal_id: '$0' permission: 'posts:read' resource: 'orgs/acme' consistency { at_least_as_fresh: '$1' }",
      user_.id, created.consistency_token());
  EXPECT_EQ(server().Check(check).reason(), v1::REASON_GRANTED);
  EXPECT_THAT(Create(server().root(), user_.id, role_, "orgs/acme"), FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_THAT(Delete(server().root(), created.binding().id()), Succeeds());
  EXPECT_EQ(server().Check(check).reason(), v1::REASON_NO_BINDING);
  EXPECT_THAT(Delete(server().root(), created.binding().id()), FailsWith(ErrorReason::kNotFound));
}

TEST_F(BindingTest, AnExpiredBindingIsReplaced) {
  server().ExpireBinding(server().Bind(user_.id, role_));
  EXPECT_THAT(Create(server().root(), user_.id, role_), Succeeds());
}

// A service that joins paths would open another place than the one that was granted.
TEST_F(BindingTest, ResourcesHaveNoDotSegments) {
  const auto check = [&](const char* resource) {
    return server().Call(&Identity::CheckPermission,
                         Proto<v1::CheckPermissionRequest>("principal_id: '$0' permission: 'posts:read' resource: '$1'",
                                                           user_.id, resource),
                         server().root());
  };
  Must(Create(server().root(), user_.id, role_, "orgs/acme"));
  for (const char* resource : {"orgs/acme/../other", "orgs/acme/..", "orgs/acme/./x"}) {
    EXPECT_THAT(check(resource), RefusesField("resource"));
    EXPECT_THAT(Create(server().root(), user_.id, role_, resource), RefusesField("binding.resource"));
  }
  EXPECT_THAT(check("orgs/acme/..."), Succeeds());
}

// Otherwise the administrators of one organisation could keep everybody else from binding a stranger.
TEST_F(BindingTest, TheAdministratorsOfAResourceGiveAStrangerAtMostAHundredBindings) {
  const TestUser administrator = server().MakeUser();
  const std::string writes = server().MakeRole({"identity:bindings:write"});
  server().Bind(administrator.id, writes, "orgs/acme");
  const Metadata tenant = Bearer(server().Login(administrator).access_token());
  const TestUser puppet = server().MakeUser();
  Must(Create(tenant, puppet.id, writes, "orgs/acme/lab"));
  const Metadata second_tenant = Bearer(server().Login(puppet).access_token());
  server().database().Execute("INSERT INTO bindings (principal_id, role, resource, origin) SELECT '" + user_.id +
                              "', '" + role_ + "', 'orgs/acme/p' || n, 'orgs/acme' FROM generate_series(1, 99) AS n");
  Must(Create(tenant, user_.id, role_, "orgs/acme/last"));
  EXPECT_THAT(Create(tenant, user_.id, role_, "orgs/acme"), FailsWith(ErrorReason::kLimitReached));
  EXPECT_THAT(Create(tenant, user_.id, role_, "orgs/acme/more"), FailsWith(ErrorReason::kLimitReached));
  EXPECT_THAT(Create(second_tenant, user_.id, role_, "orgs/acme/lab/more"), FailsWith(ErrorReason::kLimitReached));
  for (const auto& resources :
       std::vector<std::vector<std::string>>{{"orgs/acme", "orgs/acme/lab"}, {"orgs/acme/lab", "orgs/acme"}}) {
    const TestUser both = server().MakeUser();
    for (const std::string& resource : resources) server().Bind(both.id, writes, resource);
    EXPECT_THAT(Create(Bearer(server().Login(both).access_token()), user_.id, role_, "orgs/acme/lab/more"),
                FailsWith(ErrorReason::kLimitReached))
        << "the right on the shortest resource counts";
  }
  for (const char* other : {"orgs/other", "orgs/acme2"}) {
    EXPECT_THAT(Create(server().MakeCaller({"identity:bindings:write"}, other), user_.id, role_, other), Succeeds());
  }
  EXPECT_THAT(Create(server().root(), user_.id, role_, "orgs/acme/more"), Succeeds());
}

TEST_F(BindingTest, FieldsAreChecked) {
  const Metadata& root = server().root();
  EXPECT_THAT(Create(root, "x", role_), RefusesField("binding.principal_id"));
  EXPECT_THAT(Create(root, "", role_), RefusesField("binding.principal_id"));
  EXPECT_THAT(Create(root, user_.id, role_, "/"), RefusesField("binding.resource"));
  EXPECT_THAT(Create(root, user_.id, role_, "orgs/ac me"), RefusesField("binding.resource"));
  EXPECT_THAT(Create(root, kUnknownId, role_), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Create(root, user_.id, "no-such-role"), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Create(root, user_.id, ""), FailsWith(ErrorReason::kNotFound));
  for (const int64_t seconds : {int64_t{0}, absl::ToUnixSeconds(absl::Now()) - 5, int64_t{253402300800}}) {
    auto request = Proto<v1::CreateBindingRequest>(
        "binding { principal_id: '$0' role: '$1' expire_time { seconds: $2 } }", user_.id, role_, seconds);
    EXPECT_THAT(server().Call(&Admin::CreateBinding, request, root), RefusesField("binding.expire_time"));
  }
}

TEST_F(BindingTest, ARepeatedRequestReturnsTheSameBinding) {
  auto request = Proto<v1::CreateBindingRequest>(
      "binding { principal_id: '$0' role: '$1' } request_id: '0190b5a0-1111-7000-8000-000000000001'", user_.id, role_);
  const auto first = Must(server().Call(&Admin::CreateBinding, request, server().root()));
  EXPECT_EQ(Must(server().Call(&Admin::CreateBinding, request, server().root())).binding().id(), first.binding().id());
  request.mutable_binding()->set_resource("orgs/acme");
  EXPECT_THAT(server().Call(&Admin::CreateBinding, request, server().root()), FailsWith(ErrorReason::kRequestIdReused));
}

TEST_F(BindingTest, AScopedAdministratorBindsOnlyWithinTheirPath) {
  const Metadata admin = server().MakeCaller({"identity:bindings:*"}, "orgs/acme");
  EXPECT_THAT(Create(admin, user_.id, role_, "orgs/acme/projects/p1"), Succeeds());
  const std::string elsewhere = server().Bind(user_.id, role_, "orgs/acme2");
  for (const char* resource : {"", "orgs", "orgs/acme2", "orgs/ACME", "/", "orgs/acme/", "orgs/acme/../other/"}) {
    EXPECT_THAT(Create(admin, user_.id, role_, resource), FailsWith(ErrorReason::kPermissionDenied)) << resource;
  }
  EXPECT_THAT(Delete(admin, elsewhere), FailsWith(ErrorReason::kPermissionDenied));
}

TEST_F(BindingTest, NobodyGrantsServicePermissionsBeyondTheirOwn) {
  const Metadata admin = server().MakeCaller({"identity:bindings:write", "identity:users:read"});
  for (const std::string& role : {std::string("super_admin"), std::string("admin"), std::string("checker"),
                                  server().MakeRole({"identity:users:*"}), server().MakeRole({"identity:*"}),
                                  server().MakeRole({}, {server().MakeRole({"posts:read"}, {"frontend"})})}) {
    for (const char* resource : {"", "orgs/acme"}) {
      EXPECT_THAT(Create(admin, user_.id, role, resource), FailsWith(ErrorReason::kGrantExceedsCaller)) << role;
    }
  }
  EXPECT_THAT(Create(admin, user_.id, server().MakeRole({"identity:users:read", "posts:*"})), Succeeds());
  const Metadata scoped = server().MakeCaller({"identity:bindings:write"}, "orgs/acme");
  const std::string binder = server().MakeRole({"identity:bindings:write"});
  EXPECT_THAT(Create(scoped, user_.id, binder, "orgs/acme/x"), Succeeds());
  EXPECT_THAT(Create(scoped, user_.id, binder, "orgs"), FailsWith(ErrorReason::kPermissionDenied));
}

TEST_F(BindingTest, NobodyGrantsServicePermissionsForLongerThanTheyHoldThem) {
  const TestUser admin = server().MakeUser();
  const std::string role = server().MakeRole({"identity:bindings:write"});
  const int64_t end = absl::ToUnixSeconds(absl::Now()) + 3600;
  const char* text = "binding { principal_id: '$0' role: '$1' expire_time { seconds: $2 } }";
  const auto bind = [&](const Metadata& caller, const std::string& principal, int64_t until) {
    return server().Call(&Admin::CreateBinding, Proto<v1::CreateBindingRequest>(text, principal, role, until), caller);
  };
  Must(bind(server().root(), admin.id, end));
  const Metadata caller = Bearer(server().Login(admin).access_token());
  EXPECT_THAT(Create(caller, user_.id, role), FailsWith(ErrorReason::kGrantExceedsCaller));
  EXPECT_THAT(bind(caller, user_.id, end + 1), FailsWith(ErrorReason::kGrantExceedsCaller));
  EXPECT_THAT(bind(caller, user_.id, end), Succeeds());
  EXPECT_THAT(Create(caller, user_.id, role_), Succeeds()) << "other permissions may last longer";
}

TEST_F(BindingTest, ANarrowCredentialGrantsNoMoreThanItsScopes) {
  const TestUser super = server().MakeUser();
  server().Bind(super.id, "super_admin");
  const Metadata narrow = Bearer(server().Login(super, {"identity:bindings:write"}).access_token());
  EXPECT_THAT(Create(narrow, user_.id, "super_admin"), FailsWith(ErrorReason::kGrantExceedsCaller));
  EXPECT_THAT(Create(narrow, user_.id, "checker"), FailsWith(ErrorReason::kGrantExceedsCaller));
  EXPECT_THAT(Create(narrow, server().root_id(), role_), FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_THAT(Create(narrow, user_.id, role_), Succeeds());
}

TEST_F(BindingTest, NobodyChangesTheirOwnBindings) {
  EXPECT_THAT(Create(server().root(), server().root_id(), role_), FailsWith(ErrorReason::kOwnRoles));
  const TestUser admin = server().MakeUser();
  const std::string binding = server().Grant(admin.id, {"identity:*"});
  const Metadata caller = Bearer(server().Login(admin).access_token());
  EXPECT_THAT(Create(caller, admin.id, role_, "orgs/acme"), FailsWith(ErrorReason::kOwnRoles));
  EXPECT_THAT(Delete(caller, binding), FailsWith(ErrorReason::kOwnRoles));
  const std::string key = server().IssueKey(admin.id, {"*"}).secret();
  EXPECT_THAT(Create(ApiKeyHeader(key), admin.id, role_, "orgs/acme"), FailsWith(ErrorReason::kOwnRoles));
}

TEST_F(BindingTest, OnlyASuperAdminChangesBindingsOfASuperAdmin) {
  const TestUser super = server().MakeUser();
  const std::string top = server().Bind(super.id, "super_admin");
  const std::string other = server().Bind(super.id, role_, "orgs/acme");
  const Metadata admin = server().MakeCaller({"identity:*"});
  EXPECT_THAT(Create(admin, super.id, role_), FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_THAT(Delete(admin, top), FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_THAT(Delete(admin, other), FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_THAT(Delete(server().root(), top), Succeeds());
  EXPECT_THAT(Delete(admin, other), Succeeds()) << "no longer a super admin";
}

TEST_F(BindingTest, AnInheritedStarMakesASuperAdmin) {
  const TestUser hidden = server().MakeUser();
  server().Bind(hidden.id, server().MakeRole({}, {server().MakeRole({"*"})}));
  EXPECT_THAT(Create(server().MakeCaller({"identity:*"}), hidden.id, role_),
              FailsWith(ErrorReason::kSuperAdminRequired));
}

TEST_F(BindingTest, AnonymousNeverHoldsServicePermissions) {
  for (const char* role : {"super_admin", "checker", "self"}) {
    EXPECT_THAT(Create(server().root(), "anonymous", role), FailsWith(ErrorReason::kBuiltIn)) << role;
  }
  EXPECT_THAT(Create(server().root(), "anonymous", role_, "orgs/public"), Succeeds());
  EXPECT_THAT(Create(server().root(), "Anonymous", role_), RefusesField("binding.principal_id"));
}

TEST_F(BindingTest, DeletingAnUnknownOrAForeignBindingFailsIdentically) {
  const std::string binding = server().Bind(user_.id, role_, "orgs/other");
  for (const Metadata& caller :
       {server().MakeCaller({"posts:*"}), server().MakeCaller({"identity:bindings:write"}, "orgs/acme")}) {
    const grpc::Status foreign = Delete(caller, binding);
    const grpc::Status unknown = Delete(caller, kUnknownId);
    EXPECT_THAT(foreign, FailsWith(ErrorReason::kPermissionDenied));
    EXPECT_THAT(unknown, FailsWith(ErrorReason::kPermissionDenied));
    EXPECT_EQ(foreign.error_message(), unknown.error_message());
    EXPECT_EQ(DetailsWithoutId(foreign), DetailsWithoutId(unknown));
  }
  EXPECT_THAT(Delete(server().root(), kUnknownId), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Delete(server().root(), "x"), RefusesField("binding_id"));
}

TEST_F(BindingTest, ListsFilterByPrincipalRoleAndPath) {
  const std::string a = server().Bind(user_.id, role_, "orgs/list");
  const std::string b = server().Bind(user_.id, role_, "orgs/list/p1");
  server().Bind(user_.id, role_, "orgs/list2");
  const std::string expired = server().Bind(user_.id, role_, "orgs/list/old");
  server().ExpireBinding(expired);
  const auto ids = [](const v1::ListBindingsResponse& page) {
    std::vector<std::string> found;
    for (const v1::Binding& binding : page.bindings()) found.push_back(binding.id());
    return found;
  };
  EXPECT_THAT(ids(Must(List(server().root(), "resource: 'orgs/list'"))), ElementsAre(a, b));
  EXPECT_EQ(Must(List(server().root(), "principal_id: '$0'", user_.id)).bindings_size(), 3);
  EXPECT_EQ(Must(List(server().root(), "role: '$0'", role_)).bindings_size(), 3);
  EXPECT_THAT(ids(Must(List(server().root(), "role: 'no-such-role'"))), IsEmpty());
  EXPECT_THAT(ids(Must(List(server().root(), "principal_id: '$0'", kUnknownId))), IsEmpty());
  EXPECT_THAT(List(server().root(), "principal_id: 'x'"), RefusesField("principal_id"));
  EXPECT_THAT(List(server().root(), "resource: '/'"), RefusesField("resource"));
}

TEST_F(BindingTest, ListingRequiresThePermissionOnThePath) {
  const Metadata reader = server().MakeCaller({"identity:bindings:read"}, "orgs/acme");
  EXPECT_THAT(List(reader, "resource: 'orgs/acme/x'"), Succeeds());
  for (const char* resource : {"", "orgs", "orgs/acme2", "orgs/acme/", "/orgs/acme"}) {
    EXPECT_THAT(List(reader, "resource: '$0'", resource), FailsWith(ErrorReason::kPermissionDenied)) << resource;
    EXPECT_THAT(Effective(reader, user_.id, resource), FailsWith(ErrorReason::kPermissionDenied)) << resource;
  }
}

TEST_F(BindingTest, APageTokenIsValidForTheSameFilterOnly) {
  server().Bind(user_.id, role_, "orgs/page/1");
  server().Bind(user_.id, role_, "orgs/page/2");
  const auto first = Must(List(server().root(), "page_size: 1 principal_id: '$0'", user_.id));
  ASSERT_FALSE(first.next_page_token().empty());
  const auto second = Must(
      List(server().root(), "page_size: 1 principal_id: '$0' page_token: '$1'", user_.id, first.next_page_token()));
  EXPECT_NE(second.bindings(0).id(), first.bindings(0).id());
  EXPECT_THAT(second.next_page_token(), IsEmpty());
  EXPECT_THAT(List(server().root(), "page_token: '$0'", first.next_page_token()), RefusesField("page_token"));
  EXPECT_THAT(List(server().root(), "role: '$0' page_token: '$1'", role_, first.next_page_token()),
              RefusesField("page_token"));
}

TEST_F(BindingTest, EffectivePermissionsNameTheBindingAndTheRoles) {
  const std::string top = server().MakeRole({"wiki:read"}, {role_});
  const std::string binding = server().Bind(user_.id, top, "orgs/acme");
  server().Bind(user_.id, server().MakeRole({"hidden"}), "orgs/other");
  const auto effective = Must(Effective(server().root(), user_.id, "orgs/acme/p1"));
  EXPECT_FALSE(effective.consistency_token().empty());
  ASSERT_EQ(effective.permissions_size(), 2);
  EXPECT_EQ(effective.permissions(0).pattern(), "posts:*");
  EXPECT_EQ(effective.permissions(0).binding_id(), binding);
  EXPECT_EQ(effective.permissions(0).resource(), "orgs/acme");
  EXPECT_THAT(effective.permissions(0).role_chain(), ElementsAre(top, role_));
  EXPECT_EQ(effective.permissions(1).pattern(), "wiki:read");
  EXPECT_THAT(effective.permissions(1).role_chain(), ElementsAre(top));
  EXPECT_THAT(Must(Effective(server().root(), user_.id, "")).permissions(), IsEmpty());
  const auto self = Must(Effective(server().root(), user_.id, "users/" + user_.id));
  EXPECT_EQ(self.permissions_size(), 3);
  EXPECT_THAT(self.permissions(0).binding_id(), IsEmpty());
  EXPECT_THAT(Effective(server().root(), kUnknownId, ""), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Effective(server().root(), "anonymous", ""), Succeeds());
}

TEST_F(BindingTest, APrincipalHasAtMostAThousandBindings) {
  server().database().Execute(
      absl::Substitute("INSERT INTO bindings (principal_id, role, resource) "
                       "SELECT '$0', '$1', 'r' || n FROM generate_series(1, 999) AS n",
                       user_.id, role_));
  EXPECT_THAT(Create(server().root(), user_.id, role_, "last"), Succeeds());
  EXPECT_THAT(Create(server().root(), user_.id, role_, "beyond"), FailsWith(ErrorReason::kLimitReached));
}

}  // namespace
}  // namespace identity
