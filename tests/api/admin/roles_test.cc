#include "absl/strings/str_cat.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RoleTest : public RpcTest {
 protected:
  template <typename... Arguments>
  static Result<v1::CreateRoleResponse> Create(const Metadata& metadata, const char* text,
                                               const Arguments&... arguments) {
    return server().Call(&Admin::CreateRole, Proto<v1::CreateRoleRequest>(text, arguments...), metadata);
  }
  template <typename... Arguments>
  static Result<v1::UpdateRoleResponse> Update(const Metadata& metadata, const char* text,
                                               const Arguments&... arguments) {
    return server().Call(&Admin::UpdateRole, Proto<v1::UpdateRoleRequest>(text, arguments...), metadata);
  }
  static grpc::Status Delete(const Metadata& metadata, const std::string& name) {
    return server().Call(&Admin::DeleteRole, Proto<v1::DeleteRoleRequest>("name: '$0'", name), metadata).status;
  }
  static Result<v1::GetRoleResponse> Get(const std::string& name) {
    return server().Call(&Admin::GetRole, Proto<v1::GetRoleRequest>("name: '$0'", name), server().root());
  }
};

TEST_F(RoleTest, IsCreatedAndRead) {
  const auto created =
      Must(Create(server().root(),
                  "role { name: 'editor' description: 'Edits' permissions: ['posts:*', 'wiki:read'] built_in: true }"));
  EXPECT_FALSE(created.consistency_token().empty());
  const v1::Role role = Must(Get("editor")).role();
  EXPECT_EQ(role.SerializeAsString(), created.role().SerializeAsString());
  EXPECT_EQ(role.description(), "Edits");
  EXPECT_THAT(role.permissions(), ElementsAre("posts:*", "wiki:read"));
  EXPECT_FALSE(role.built_in());
  EXPECT_TRUE(role.has_create_time() && role.has_update_time());
  EXPECT_THAT(Create(server().root(), "role { name: 'editor' }"), FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_THAT(Get("no-such-role"), FailsWith(ErrorReason::kNotFound));
}

TEST_F(RoleTest, FieldsAreChecked) {
  const Metadata& root = server().root();
  for (const std::string& name : {std::string(), std::string("Editor"), std::string("1st"), std::string(65, 'a'),
                                  std::string("a b"), std::string("r\xc3\xb6le")}) {
    EXPECT_THAT(Create(root, "role { name: '$0' }", name), RefusesField("role.name")) << name;
  }
  for (const std::string& pattern : {std::string(), std::string("*:read"), std::string("posts*"), std::string("a:*:b"),
                                     std::string("Posts"), std::string("a:b:c:d:e:f:g:h:*")}) {
    EXPECT_THAT(Create(root, "role { name: 'bad' permissions: ['a', '$0'] }", pattern),
                RefusesField("role.permissions[1]"))
        << pattern;
  }
  EXPECT_THAT(Create(root, "role { name: 'bad' description: '$0' }", std::string(257, 'x')),
              RefusesField("role.description"));
  v1::CreateRoleRequest many;
  many.mutable_role()->set_name("bad");
  for (int i = 0; i < 1001; ++i) many.mutable_role()->add_permissions(absl::StrCat("p", i));
  EXPECT_THAT(server().Call(&Admin::CreateRole, many, root), RefusesField("role.permissions"));
  many.mutable_role()->clear_permissions();
  for (int i = 0; i < 101; ++i) many.mutable_role()->add_inherits(absl::StrCat("r", i));
  EXPECT_THAT(server().Call(&Admin::CreateRole, many, root), RefusesField("role.inherits"));
  EXPECT_THAT(Get("bad"), FailsWith(ErrorReason::kNotFound));
}

TEST_F(RoleTest, ARepeatedRequestReturnsTheSameRole) {
  const char* text = "role { name: 'repeated' permissions: '$1' } request_id: '0190b5a0-1111-7000-8000-00000000000$0'";
  const auto first = Must(Create(server().root(), text, 1, "posts:read"));
  EXPECT_EQ(Must(Create(server().root(), text, 1, "posts:read")).role().SerializeAsString(),
            first.role().SerializeAsString());
  EXPECT_THAT(Create(server().root(), text, 1, "posts:*"), FailsWith(ErrorReason::kRequestIdReused));
  EXPECT_THAT(Create(server().root(), text, 2, "posts:read"), FailsWith(ErrorReason::kAlreadyExists));
}

TEST_F(RoleTest, CyclesAreRefused) {
  const std::string a = server().MakeRole({"posts:read"});
  const std::string b = server().MakeRole({}, {a});
  const std::string c = server().MakeRole({}, {b});
  EXPECT_THAT(Create(server().root(), "role { name: 'ouroboros' inherits: 'ouroboros' }"),
              FailsWith(ErrorReason::kRoleCycle));
  const char* text = "role { name: '$0' inherits: '$1' }";
  EXPECT_THAT(Update(server().root(), text, a, a), FailsWith(ErrorReason::kRoleCycle));
  EXPECT_THAT(Update(server().root(), text, a, c), FailsWith(ErrorReason::kRoleCycle));
  EXPECT_THAT(Must(Get(a)).role().inherits(), IsEmpty());
  EXPECT_THAT(Update(server().root(), text, c, a), Succeeds());
}

// Errors travel in metadata, and clients accept little of it.
TEST_F(RoleTest, TheErrorForALongCycleIsShort) {
  constexpr int kRoles = 150;
  const auto name = [](int i) { return absl::StrCat(std::string(60, 'r'), 100 + i); };
  Must(Create(server().root(), "role { name: '$0' }", name(0)));
  for (int i = 1; i < kRoles; ++i) {
    Must(Create(server().root(), "role { name: '$0' inherits: '$1' }", name(i), name(i - 1)));
  }
  EXPECT_THAT(Update(server().root(), "role { name: '$0' inherits: '$1' }", name(0), name(kRoles - 1)),
              FailsWith(ErrorReason::kRoleCycle));
}

TEST_F(RoleTest, InheritsOnlyExistingRoles) {
  EXPECT_THAT(Create(server().root(), "role { name: 'orphan' inherits: 'no-such-role' }"),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Update(server().root(), "role { name: '$0' inherits: 'no-such-role' }", server().MakeRole({"a"})),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Update(server().root(), "role { name: 'no-such-role' description: 'x' }"),
              FailsWith(ErrorReason::kNotFound));
}

TEST_F(RoleTest, ABoundOrInheritedRoleCannotBeDeleted) {
  const std::string bound = server().MakeRole({"posts:read"});
  const std::string binding = server().Bind(server().MakeUser().id, bound, "orgs/acme");
  const std::string base = server().MakeRole({"posts:read"});
  const std::string heir = server().MakeRole({}, {base});
  EXPECT_THAT(Delete(server().root(), bound), FailsWith(ErrorReason::kRoleInUse));
  EXPECT_THAT(Delete(server().root(), base), FailsWith(ErrorReason::kRoleInUse));
  EXPECT_THAT(Delete(server().root(), heir), Succeeds());
  EXPECT_THAT(Delete(server().root(), base), Succeeds());
  EXPECT_THAT(Delete(server().root(), base), FailsWith(ErrorReason::kNotFound));
  Must(server().Call(&Admin::DeleteBinding, Proto<v1::DeleteBindingRequest>("binding_id: '$0'", binding),
                     server().root()));
  EXPECT_THAT(Delete(server().root(), bound), Succeeds());
}

TEST_F(RoleTest, BuiltInRolesCannotBeChanged) {
  for (const char* name : {"super_admin", "admin", "checker", "frontend", "self"}) {
    EXPECT_TRUE(Must(Get(name)).role().built_in());
    EXPECT_THAT(Update(server().root(), "role { name: '$0' permissions: '*' }", name),
                FailsWith(ErrorReason::kBuiltIn));
    EXPECT_THAT(Delete(server().root(), name), FailsWith(ErrorReason::kBuiltIn));
    EXPECT_THAT(Create(server().root(), "role { name: '$0' }", name), FailsWith(ErrorReason::kAlreadyExists));
  }
}

TEST_F(RoleTest, TheMaskNamesTheFieldsToReplace) {
  const std::string base = server().MakeRole({"wiki:read"});
  const std::string name = server().MakeRole({"posts:read"}, {base});
  const auto apply = [&](const char* rest) {
    return Must(Update(server().root(), absl::StrCat("role { name: '$0' ", rest).c_str(), name)).role();
  };
  v1::Role role = apply("description: 'D' permissions: 'a:b' } update_mask { paths: 'description' }");
  EXPECT_EQ(role.description(), "D");
  EXPECT_THAT(role.permissions(), ElementsAre("posts:read")) << "not in the mask";
  role = apply("permissions: 'a:b' }");
  EXPECT_EQ(role.description(), "D") << "without a mask, empty fields stay as they are";
  EXPECT_THAT(role.permissions(), ElementsAre("a:b"));
  EXPECT_THAT(role.inherits(), ElementsAre(base));
  role = apply("} update_mask { paths: ['permissions', 'inherits', 'description'] }");
  EXPECT_THAT(role.description(), IsEmpty());
  EXPECT_THAT(role.permissions(), IsEmpty());
  EXPECT_THAT(role.inherits(), IsEmpty());
}

TEST_F(RoleTest, TheMaskAcceptsNoOtherFields) {
  const std::string name = server().MakeRole({"posts:read"});
  for (const char* path : {"name", "built_in", "*", "create_time", "role.permissions", "permissions.0", "",
                           "Permissions", "description,permissions"}) {
    EXPECT_THAT(Update(server().root(),
                       "role { name: '$0' built_in: true permissions: '*' } update_mask { paths: '$1' }", name, path),
                RefusesField("update_mask"))
        << path;
  }
  const v1::Role role = Must(Get(name)).role();
  EXPECT_FALSE(role.built_in());
  EXPECT_THAT(role.permissions(), ElementsAre("posts:read"));
}

TEST_F(RoleTest, WritingRequiresThePermissionEverywhere) {
  const std::string role = server().MakeRole({"posts:read"});
  for (const Metadata& caller : {server().MakeCaller({"identity:roles:read", "posts:*"}),
                                 server().MakeCaller({"identity:roles:write"}, "orgs/acme")}) {
    EXPECT_THAT(Create(caller, "role { name: 'refused' }"), FailsWith(ErrorReason::kPermissionDenied));
    EXPECT_THAT(Update(caller, "role { name: '$0' description: 'x' }", role),
                FailsWith(ErrorReason::kPermissionDenied));
    EXPECT_THAT(Update(caller, "role { name: 'no-such-role' }"), FailsWith(ErrorReason::kPermissionDenied));
    EXPECT_THAT(Delete(caller, role), FailsWith(ErrorReason::kPermissionDenied));
    EXPECT_THAT(Delete(caller, "self"), FailsWith(ErrorReason::kPermissionDenied));
  }
}

TEST_F(RoleTest, NobodyDefinesServicePermissionsBeyondTheirOwn) {
  const Metadata admin = server().MakeCaller({"identity:roles:*", "identity:users:read"});
  for (const char* role : {"permissions: '*'", "permissions: 'identity:*'", "permissions: 'identity:bindings:write'",
                           "permissions: ['posts:read', 'identity:users:*']", "inherits: 'super_admin'",
                           "inherits: ['self', 'checker']"}) {
    EXPECT_THAT(Create(admin, absl::StrCat("role { name: 'refused' ", role, " }").c_str()),
                FailsWith(ErrorReason::kGrantExceedsCaller))
        << role;
  }
  EXPECT_THAT(Create(admin, "role { name: 'allowed' permissions: ['posts:*', 'identity:users:read'] }"), Succeeds());
  EXPECT_THAT(Update(admin, "role { name: 'allowed' permissions: 'identity:check' }"),
              FailsWith(ErrorReason::kGrantExceedsCaller));
  EXPECT_THAT(Update(admin, "role { name: 'allowed' inherits: 'admin' }"), FailsWith(ErrorReason::kGrantExceedsCaller));
}

// Otherwise an administrator of roles could remove permissions from administrators who hold more.
TEST_F(RoleTest, NobodyChangesARoleWithServicePermissionsBeyondTheirOwn) {
  const std::string strong = server().MakeRole({"identity:users:write"});
  const std::string heir = server().MakeRole({}, {strong});
  const Metadata admin = server().MakeCaller({"identity:roles:write"});
  for (const std::string& name : {strong, heir}) {
    EXPECT_THAT(Update(admin, "role { name: '$0' } update_mask { paths: ['permissions', 'inherits'] }", name),
                FailsWith(ErrorReason::kGrantExceedsCaller));
    EXPECT_THAT(Delete(admin, name), FailsWith(ErrorReason::kGrantExceedsCaller));
  }
}

TEST_F(RoleTest, ARoleOfAnonymousNeverGetsServicePermissions) {
  const std::string base = server().MakeRole({"posts:read"});
  server().Bind("anonymous", server().MakeRole({}, {base}), "orgs/public");
  for (const char* change : {"permissions: 'identity:check'", "permissions: '*'", "inherits: 'checker'"}) {
    EXPECT_THAT(Update(server().root(), absl::StrCat("role { name: '$0' ", change, " }").c_str(), base),
                FailsWith(ErrorReason::kBuiltIn))
        << change;
  }
  EXPECT_THAT(Update(server().root(), "role { name: '$0' permissions: 'posts:*' }", base), Succeeds());
}

TEST_F(RoleTest, AnExpiredBindingDoesNotPreventDeletion) {
  const std::string role = server().MakeRole({"posts:read"});
  server().ExpireBinding(server().Bind(server().MakeUser().id, role));
  EXPECT_THAT(Delete(server().root(), role), Succeeds());
}

TEST_F(RoleTest, ScopesLimitTheDefinablePermissions) {
  const TestUser user = server().MakeUser();
  server().Bind(user.id, "super_admin");
  const Metadata narrow = Bearer(server().Login(user, {"identity:roles:write", "posts:*"}).access_token());
  EXPECT_THAT(Create(narrow, "role { name: 'escape' permissions: '*' }"), FailsWith(ErrorReason::kGrantExceedsCaller));
  EXPECT_THAT(Create(narrow, "role { name: 'escape' permissions: 'identity:users:write' }"),
              FailsWith(ErrorReason::kGrantExceedsCaller));
}

TEST_F(RoleTest, NobodyChangesARoleOfTheirOwn) {
  const std::string base = server().MakeRole({"posts:read"});
  const std::string own = server().MakeRole({"identity:roles:write"}, {base});
  const TestUser user = server().MakeUser();
  const std::string elsewhere = server().MakeRole({"wiki:read"});
  server().Bind(user.id, own);
  server().Bind(user.id, elsewhere, "orgs/acme");
  const Metadata caller = Bearer(server().Login(user).access_token());
  for (const std::string& name : {own, base, elsewhere}) {
    EXPECT_THAT(Update(caller, "role { name: '$0' permissions: 'posts:*' }", name), FailsWith(ErrorReason::kOwnRoles));
    EXPECT_THAT(Delete(caller, name), FailsWith(ErrorReason::kOwnRoles));
  }
  EXPECT_THAT(Update(server().root(), "role { name: '$0' permissions: 'posts:*' }", base), Succeeds());
}

TEST_F(RoleTest, AChangeIsInForceAtTheNextCheck) {
  const std::string base = server().MakeRole({"posts:read"});
  const TestUser user = server().MakeUser();
  server().Bind(user.id, server().MakeRole({}, {base}));
  const auto check = Proto<v1::CheckPermissionRequest>("principal_id: '$0' permission: 'posts:write'", user.id);
  EXPECT_EQ(server().Check(check).reason(), v1::REASON_NO_BINDING);
  Must(Update(server().root(), "role { name: '$0' permissions: 'posts:*' }", base));
  EXPECT_EQ(server().Check(check).reason(), v1::REASON_GRANTED);
  Must(Update(server().root(), "role { name: '$0' } update_mask { paths: 'permissions' }", base));
  EXPECT_EQ(server().Check(check).reason(), v1::REASON_NO_BINDING);
}

TEST_F(RoleTest, ListsPageByName) {
  std::vector<std::string> names;
  std::string token;
  do {
    const auto page = Must(server().Call(
        &Admin::ListRoles, Proto<v1::ListRolesRequest>("page_size: 3 page_token: '$0'", token), server().root()));
    EXPECT_LE(page.roles_size(), 3);
    for (const v1::Role& role : page.roles()) names.push_back(role.name());
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::to_string(names.size()), server().Ask("SELECT count(*)::text FROM roles"));
}

}  // namespace
}  // namespace identity
