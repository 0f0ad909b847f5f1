#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

// Who may do this here, and where may they do it.
class LookupTest : public RpcTest {
 protected:
  static Result<v1::ListSubjectsResponse> Subjects(const Metadata& metadata, const std::string& permission,
                                                   const std::string& resource, const std::string& page_token = "",
                                                   int page_size = 0) {
    v1::ListSubjectsRequest request;
    request.set_permission(permission);
    request.set_resource(resource);
    request.set_page_token(page_token);
    request.set_page_size(page_size);
    return server().Call(&Admin::ListSubjects, request, metadata);
  }
  static Result<v1::ListResourcesResponse> Resources(const Metadata& metadata, const std::string& principal,
                                                     const std::string& permission, const std::string& page_token = "",
                                                     int page_size = 0) {
    v1::ListResourcesRequest request;
    request.set_principal_id(principal);
    request.set_permission(permission);
    request.set_page_token(page_token);
    request.set_page_size(page_size);
    return server().Call(&Admin::ListResources, request, metadata);
  }
  static std::vector<std::string> IdsOf(const v1::ListSubjectsResponse& response) {
    std::vector<std::string> ids;
    for (const v1::PermissionHolder& holder : response.subjects()) ids.push_back(holder.principal().id());
    return ids;
  }
  // All pages, each of `size`.
  static std::vector<std::string> AllSubjects(const std::string& permission, const std::string& resource, int size) {
    std::vector<std::string> ids;
    std::string token;
    do {
      const auto page = Must(Subjects(server().root(), permission, resource, token, size));
      EXPECT_LE(page.subjects_size(), size);
      const std::vector<std::string> more = IdsOf(page);
      ids.insert(ids.end(), more.begin(), more.end());
      token = page.next_page_token();
    } while (!token.empty());
    return ids;
  }
  static std::vector<std::string> PathsOf(const v1::ListResourcesResponse& response) {
    std::vector<std::string> paths;
    for (const v1::GrantedResource& resource : response.resources()) paths.push_back(resource.resource());
    return paths;
  }
  // A permission that only the test's own roles give, besides `*`.
  static std::string NewPermission() {
    static int count = 0;
    return absl::StrCat("lookup", ++count, ":read");
  }
};

TEST_F(LookupTest, FindsHoldersByRolesAndParentResources) {
  const std::string permission = NewPermission();
  const std::string role = server().MakeRole({permission});
  const std::string heir = server().MakeRole({}, {role});
  const std::string everywhere = server().MakeUser().id;
  const std::string above = server().MakeServiceAccount();
  const std::string here = server().MakeUser().id;
  const std::string beside = server().MakeUser().id;
  const std::string below = server().MakeUser().id;
  server().Bind(everywhere, heir);
  server().Bind(above, role, "orgs");
  server().Bind(here, heir, "orgs/acme");
  server().Bind(here, role, "orgs");
  server().Bind(beside, role, "orgs/acme2");
  server().Bind(below, role, "orgs/acme/projects");
  const auto found = Must(Subjects(server().root(), permission, "orgs/acme"));
  EXPECT_THAT(IdsOf(found), ElementsAre(server().root_id(), everywhere, above, here)) << "each once, by their ids";
  EXPECT_EQ(found.subjects(2).principal().type(), v1::PRINCIPAL_TYPE_SERVICE_ACCOUNT);
  EXPECT_FALSE(found.subjects(2).principal().username().empty());
  EXPECT_FALSE(found.consistency_token().empty());
  EXPECT_THAT(IdsOf(Must(Subjects(server().root(), permission, ""))), ElementsAre(server().root_id(), everywhere));
}

TEST_F(LookupTest, LeavesOutWhoMayNot) {
  const std::string permission = NewPermission();
  const std::string role = server().MakeRole({permission});
  const std::string disabled = server().MakeUser().id;
  const std::string expired = server().MakeUser().id;
  const std::string deleted = server().MakeUser().id;
  for (const std::string& id : {disabled, deleted}) server().Bind(id, role);
  server().ExpireBinding(server().Bind(expired, role));
  server().Disable(disabled);
  Must(server().Call(&Admin::DeleteUser, Proto<v1::DeleteUserRequest>("user_id: '$0'", deleted), server().root()));
  EXPECT_THAT(IdsOf(Must(Subjects(server().root(), permission, ""))), ElementsAre(server().root_id()));
  EXPECT_THAT(PathsOf(Must(Resources(server().root(), disabled, permission))), IsEmpty());
  EXPECT_THAT(PathsOf(Must(Resources(server().root(), expired, permission))), IsEmpty());
  EXPECT_THAT(Resources(server().root(), deleted, permission), FailsWith(ErrorReason::kNotFound));
}

TEST_F(LookupTest, AnonymousIsAHolderToo) {
  const std::string permission = NewPermission();
  server().Bind("anonymous", server().MakeRole({permission}), "blog");
  const auto found = Must(Subjects(server().root(), permission, "blog"));
  ASSERT_EQ(found.subjects_size(), 2);
  EXPECT_EQ(found.subjects(0).principal().type(), v1::PRINCIPAL_TYPE_ANONYMOUS);
  EXPECT_THAT(PathsOf(Must(Resources(server().root(), "anonymous", permission))), ElementsAre("blog"));
}

TEST_F(LookupTest, KnowsTheBuiltInRoleOfEveryUser) {
  const std::string user = server().MakeUser().id;
  const std::string own = absl::StrCat("users/", user);
  EXPECT_THAT(IdsOf(Must(Subjects(server().root(), "read:own_profile", own))), Contains(user));
  EXPECT_THAT(IdsOf(Must(Subjects(server().root(), "read:own_profile", own + "/photos"))), Contains(user));
  EXPECT_THAT(IdsOf(Must(Subjects(server().root(), "read:own_profile", "users"))), Not(Contains(user)));
  EXPECT_THAT(IdsOf(Must(Subjects(server().root(), NewPermission(), own))), Not(Contains(user)));
  EXPECT_THAT(PathsOf(Must(Resources(server().root(), user, "read:own_profile"))), ElementsAre(own));
}

TEST_F(LookupTest, SaysWhereAPrincipalHoldsAPermission) {
  const std::string permission = NewPermission();
  const std::string role = server().MakeRole({permission});
  const std::string user = server().MakeUser().id;
  for (const char* path : {"orgs/b", "orgs/a/projects", "orgs/a"}) server().Bind(user, role, path);
  server().Bind(user, server().MakeRole({"other:read"}), "orgs/c");
  EXPECT_THAT(PathsOf(Must(Resources(server().root(), user, permission))),
              ElementsAre("orgs/a", "orgs/a/projects", "orgs/b"));
  server().Bind(user, role);
  EXPECT_THAT(PathsOf(Must(Resources(server().root(), user, permission))),
              ElementsAre("", "orgs/a", "orgs/a/projects", "orgs/b"));
}

TEST_F(LookupTest, SaysWhereASecondFactorIsNeeded) {
  const std::string permission = NewPermission();
  const std::string role = server().MakeRole({});
  Must(server().Call(&Admin::UpdateRole,
                     Proto<v1::UpdateRoleRequest>("role { name: '$0' permissions: '$1' mfa_max_age { seconds: 300 } }",
                                                  role, permission),
                     server().root()));
  const std::string user = server().MakeUser().id;
  server().Bind(user, role, "orgs/acme");
  const auto holders = Must(Subjects(server().root(), permission, "orgs/acme"));
  ASSERT_EQ(holders.subjects_size(), 2);
  EXPECT_FALSE(holders.subjects(0).second_factor_required());
  EXPECT_TRUE(holders.subjects(1).second_factor_required());
  EXPECT_TRUE(Must(Resources(server().root(), user, permission)).resources(0).second_factor_required());
}

TEST_F(LookupTest, PagesAreTheWholeListAtOneRevision) {
  const std::string permission = NewPermission();
  const std::string role = server().MakeRole({permission});
  std::vector<std::string> expected = {server().root_id()};
  for (int i = 0; i < 7; ++i) {
    expected.push_back(server().MakeUser().id);
    server().Bind(expected.back(), role, i % 2 == 0 ? "orgs" : "");
    // Two bindings, and still one item.
    server().Bind(expected.back(), role, "orgs/acme");
  }
  for (int size : {1, 2, 3, 8, 100}) EXPECT_EQ(AllSubjects(permission, "orgs/acme", size), expected) << size;

  const auto first = Must(Subjects(server().root(), permission, "orgs/acme", "", 3));
  const auto second = Must(Subjects(server().root(), permission, "orgs/acme", first.next_page_token(), 3));
  EXPECT_EQ(first.consistency_token(), second.consistency_token());
  EXPECT_THAT(Subjects(server().root(), permission, "orgs", first.next_page_token(), 3), RefusesField("page_token"));

  server().Bind(server().MakeUser().id, role);
  EXPECT_THAT(Subjects(server().root(), permission, "orgs/acme", first.next_page_token(), 3),
              FailsWith(ErrorReason::kConflict))
      << "otherwise the pages would be no list that was ever true";
}

TEST_F(LookupTest, LoginsAndLogoutsDoNotDisturbAWalk) {
  const std::string permission = NewPermission();
  const std::string role = server().MakeRole({permission});
  const TestUser user = server().MakeUser();
  server().Bind(user.id, role);
  const auto first = Must(Subjects(server().root(), permission, "", "", 1));
  const auto tokens = server().Login(user);
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("refresh_token: '$0'", tokens.refresh_token())));
  EXPECT_THAT(IdsOf(Must(Subjects(server().root(), permission, "", first.next_page_token(), 1))), ElementsAre(user.id));
}

TEST_F(LookupTest, ResourcesComeInPagesToo) {
  const std::string permission = NewPermission();
  const std::string role = server().MakeRole({permission});
  const std::string user = server().MakeUser().id;
  for (const char* path : {"", "orgs/a", "orgs/b"}) server().Bind(user, role, path);
  std::vector<std::string> paths;
  std::string token;
  do {
    const auto page = Must(Resources(server().root(), user, permission, token, 1));
    for (const std::string& path : PathsOf(page)) paths.push_back(path);
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_THAT(paths, ElementsAre("", "orgs/a", "orgs/b"));
  token = Must(Resources(server().root(), user, permission, "", 1)).next_page_token();
  server().Bind(user, role, "orgs/c");
  EXPECT_THAT(Resources(server().root(), user, permission, token, 1), FailsWith(ErrorReason::kConflict));
}

TEST_F(LookupTest, NeedsTheRightToReadBindings) {
  const Metadata everywhere = server().MakeCaller({"identity:bindings:read"});
  EXPECT_THAT(Subjects(everywhere, "posts:read", "orgs/acme"), Succeeds());
  EXPECT_THAT(Resources(everywhere, server().root_id(), "posts:read"), Succeeds());
  // The administrators of one organisation do not learn who administers the whole.
  const Metadata there = server().MakeCaller({"identity:bindings:read"}, "orgs/acme");
  EXPECT_THAT(Subjects(there, "posts:read", "orgs/acme"), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Resources(there, server().root_id(), "posts:read"), FailsWith(ErrorReason::kPermissionDenied));
}

TEST_F(LookupTest, RefusesMalformedQuestions) {
  EXPECT_THAT(Subjects(server().root(), "", "orgs"), RefusesField("permission"));
  EXPECT_THAT(Subjects(server().root(), "posts:*", "orgs"), RefusesField("permission"));
  EXPECT_THAT(Subjects(server().root(), "posts:read", "orgs/../x"), RefusesField("resource"));
  EXPECT_THAT(Subjects(server().root(), "posts:read", "orgs", "x"), RefusesField("page_token"));
  EXPECT_THAT(Resources(server().root(), "x", "posts:read"), RefusesField("principal_id"));
  EXPECT_THAT(Resources(server().root(), kUnknownId, "posts:read"), FailsWith(ErrorReason::kNotFound));
}

// The lists agree with CheckPermission on random policies.
TEST_F(LookupTest, AgreesWithChecks) {
  std::mt19937 random(20261127);  // the same policies in each run
  const auto pick = [&](const auto& from) { return from[random() % from.size()]; };
  const std::string permission = NewPermission();
  const std::vector<std::string> paths = {"", "a", "a/b", "a/b/c", "a/d", "e", "ab"};
  const std::vector<std::string> roles = {server().MakeRole({permission}), server().MakeRole({"nothing:here"}),
                                          server().MakeRole({permission.substr(0, permission.find(':')) + ":*"})};
  std::vector<std::string> users;
  for (int i = 0; i < 12; ++i) {
    users.push_back(server().MakeUser().id);
    for (int j = 0; j < 2; ++j) {
      v1::CreateBindingRequest request;
      request.mutable_binding()->set_principal_id(users.back());
      request.mutable_binding()->set_role(pick(roles));
      request.mutable_binding()->set_resource(pick(paths));
      server().Call(&Admin::CreateBinding, request, server().root());  // the same one twice fails
    }
    if (i % 5 == 4) server().Disable(users.back());
  }
  int allowed = 0;
  for (const std::string& path : paths) {
    const std::vector<std::string> holders = AllSubjects(permission, path, 3);
    for (const std::string& user : users) {
      const auto check = server().Check(Proto<v1::CheckPermissionRequest>(
          "principal_id: '$0' permission: '$1' resource: '$2' consistency { fully_consistent: true }", user, permission,
          path));
      const bool may = check.decision() == v1::DECISION_ALLOWED;
      allowed += may ? 1 : 0;
      EXPECT_EQ(std::count(holders.begin(), holders.end(), user), may ? 1 : 0) << path;
      const std::vector<std::string> places = PathsOf(Must(Resources(server().root(), user, permission)));
      const bool covered = std::any_of(places.begin(), places.end(), [&](const std::string& place) {
        return place.empty() || place == path || absl::StartsWith(path, place + "/");
      });
      EXPECT_EQ(covered, may) << path;
    }
  }
  EXPECT_GT(allowed, 10);
}

}  // namespace
}  // namespace identity
