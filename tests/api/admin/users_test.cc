#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::IsEmpty;

constexpr char kRequestId[] = "0190b5a0-1111-7000-8000-000000000001";

class UserTest : public RpcTest {
 protected:
  template <typename... Arguments>
  static Result<v1::CreateUserResponse> Create(const Metadata& metadata, const char* text,
                                               const Arguments&... arguments) {
    return server().Call(&Admin::CreateUser, Proto<v1::CreateUserRequest>(text, arguments...), metadata);
  }
  static Result<v1::GetUserResponse> Get(const Metadata& metadata, const std::string& id) {
    return server().Call(&Admin::GetUser, Proto<v1::GetUserRequest>("user_id: '$0'", id), metadata);
  }
  template <typename... Arguments>
  static Result<v1::ListUsersResponse> List(const char* text, const Arguments&... arguments) {
    return server().Call(&Admin::ListUsers, Proto<v1::ListUsersRequest>(text, arguments...), server().root());
  }
};

TEST_F(UserTest, IsCreatedWithAFoldedNameAndAnAddressAsTyped) {
  const auto created = Must(Create(server().root(), "username: 'Ada_L' email: 'Ada@Example.com' full_name: 'Ada L.'"));
  EXPECT_EQ(created.user().username(), "ada_l");
  EXPECT_EQ(created.user().email(), "Ada@Example.com");
  EXPECT_EQ(created.user().full_name(), "Ada L.");
  EXPECT_FALSE(created.user().email_verified() || created.user().disabled());
  EXPECT_TRUE(created.user().has_create_time());
  EXPECT_FALSE(created.user().has_last_login_time());
  EXPECT_FALSE(created.consistency_token().empty());
  EXPECT_THAT(server().TryLogin("ada@example.COM", created.one_time_secret()), Succeeds());
  EXPECT_TRUE(Must(Get(server().root(), created.user().id())).user().has_last_login_time());
}

TEST_F(UserTest, NamesAndAddressesAreUniqueIgnoringCase) {
  const TestUser user = server().MakeUser();
  EXPECT_THAT(Create(server().root(), "username: '$0' email: 'new@example.com'", absl::AsciiStrToUpper(user.username)),
              FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_THAT(Create(server().root(), "username: 'new-name' email: '$0'", absl::AsciiStrToUpper(user.email)),
              FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_THAT(Create(server().root(), "username: 'new-name' email: 'new@example.com'"), Succeeds())
      << "the failed calls left nothing behind";
}

TEST_F(UserTest, FieldsAreChecked) {
  const Metadata& root = server().root();
  for (const std::string& name : {std::string(), std::string("ab"), std::string(51, 'a'), std::string("a b c"),
                                  std::string("ada@b"), std::string("ad\xc3\xa4")}) {
    EXPECT_THAT(Create(root, "username: '$0' email: 'x@example.com'", name), RefusesField("username")) << name;
  }
  for (const std::string& email : {std::string(), std::string("x"), std::string("x@y"), std::string("a@b@example.com"),
                                   std::string("x@example.com "), std::string("x@ex\xc3\xa4mple.com")}) {
    EXPECT_THAT(Create(root, "username: 'somebody' email: '$0'", email), RefusesField("email")) << email;
  }
  EXPECT_THAT(Create(root, "username: 'somebody' email: 'x@example.com' full_name: '$0'", std::string(257, 'x')),
              RefusesField("full_name"));
  for (const char* hash : {"hunter2-in-plain-text", "$argon2id$and-nothing-more",
                           "$2b$31$6Fl3M.ug9FQQJFOWnpr9xOz2TevOuSmr3WpIqG0cAFSx.BM50I1Uu",
                           "$2b$15$6Fl3M.ug9FQQJFOWnpr9xOz2TevOuSmr3WpIqG0cAFSx.BM50I1Uu",
                           "$argon2id$v=19$m=99999999,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g"}) {
    v1::CreateUserRequest request;
    request.set_username("somebody");
    request.set_email("x@example.com");
    request.set_password_hash(hash);
    const auto result = server().Call(&Admin::CreateUser, request, root);
    EXPECT_THAT(result, RefusesField("password_hash"));
    EXPECT_EQ(result.status.error_message().find(hash), std::string::npos) << "a hash is not repeated";
  }
}

TEST_F(UserTest, CreatingRequiresThePermissionEverywhere) {
  const char* text = "username: 'refused' email: 'refused@example.com'";
  EXPECT_THAT(Create(server().MakeCaller({"identity:users:write"}, "users"), text),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Create(server().MakeCaller({"identity:users:read"}), text), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Create(server().MakeCaller({"identity:users:write"}), text), Succeeds());
}

TEST_F(UserTest, ARepeatedRequestReturnsTheSameUserWithoutTheSecret) {
  const char* text = "username: '$1' email: 'again@example.com' request_id: '$0'";
  const auto first = Must(Create(server().root(), text, kRequestId, "again"));
  EXPECT_FALSE(first.one_time_secret().empty());
  const auto second = Must(Create(server().root(), text, kRequestId, "again"));
  EXPECT_EQ(second.user().id(), first.user().id());
  EXPECT_THAT(second.one_time_secret(), IsEmpty());
  EXPECT_THAT(Create(server().root(), text, kRequestId, "again2"), FailsWith(ErrorReason::kRequestIdReused));
  EXPECT_THAT(server().Call(&Admin::CreateServiceAccount,
                            Proto<v1::CreateServiceAccountRequest>("name: 'again' request_id: '$0'", kRequestId),
                            server().root()),
              FailsWith(ErrorReason::kRequestIdReused))
      << "the request id belongs to another RPC";
  EXPECT_THAT(server().TryLogin("again", first.one_time_secret()), Succeeds());
}

TEST_F(UserTest, IdsHaveNoCase) {
  const TestUser user = server().MakeUser();
  const std::string upper = absl::AsciiStrToUpper(user.id);
  ASSERT_NE(upper, user.id);
  EXPECT_EQ(Must(Get(server().root(), upper)).user().id(), user.id);
  const Metadata reader = server().MakeCaller({"identity:users:read"}, "users/" + upper);
  EXPECT_EQ(Must(Get(reader, user.id)).user().id(), user.id);
  EXPECT_EQ(Must(Get(reader, upper)).user().id(), user.id);
  EXPECT_EQ(server()
                .Check(Proto<v1::CheckPermissionRequest>(
                    "principal_id: '$0' permission: 'identity:self:read' resource: 'users/$0'", upper))
                .decision(),
            v1::DECISION_ALLOWED);
}

TEST_F(UserTest, ARepeatedRequestMayWriteItsIdsInAnotherCase) {
  constexpr char kId[] = "0190b5a0-0000-7abc-8def-00000000000f";
  const std::string owner = server().MakeServiceAccount();
  const char* text = "owner_id: '$0' scopes: 'posts:read' request_id: '$1'";
  server().Grant(owner, {"posts:*"});
  const auto issue = [&](const std::string& owner_id, const std::string& request_id) {
    return server().Call(&Identity::IssueApiKey, Proto<v1::IssueApiKeyRequest>(text, owner_id, request_id),
                         server().root());
  };
  const auto first = Must(issue(owner, kId));
  const auto second = Must(issue(absl::AsciiStrToUpper(owner), absl::AsciiStrToUpper(kId)));
  EXPECT_EQ(second.api_key().id(), first.api_key().id());
}

TEST_F(UserTest, ReadingRequiresThePermissionOnTheUser) {
  const TestUser user = server().MakeUser();
  const TestUser other = server().MakeUser();
  EXPECT_EQ(Must(Get(server().root(), user.id)).user().username(), user.username);
  EXPECT_EQ(Must(Get(server().MakeCaller({"identity:users:read"}, "users/" + user.id), user.id)).user().id(), user.id);
  EXPECT_THAT(Get(server().MakeCaller({"identity:users:read"}, "users/" + user.id), other.id),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Get(Bearer(server().Login(user).access_token()), user.id), FailsWith(ErrorReason::kPermissionDenied));
}

TEST_F(UserTest, OnlyCallersWithThePermissionLearnWhetherAUserExists) {
  const TestUser user = server().MakeUser();
  const Metadata stranger = server().MakeCaller({"posts:*"});
  EXPECT_THAT(Get(stranger, user.id), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Get(stranger, kUnknownId), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Get(stranger, "x"), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Get(server().root(), kUnknownId), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Get(server().root(), server().MakeServiceAccount()), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Get(server().root(), "x"), RefusesField("user_id"));
}

TEST_F(UserTest, ListsPageInOrderAndFilterByPrefix) {
  for (const char* name : {"list-a", "list-b", "list_c", "list-d"}) {
    Must(Create(server().root(), "username: '$0' email: 'Mail-$0@example.com'", name));
  }
  std::vector<std::string> names;
  std::string token;
  do {
    const auto page = Must(List("page_size: 2 query: 'LIST' page_token: '$0'", token));
    EXPECT_LE(page.users_size(), 2);
    for (const v1::User& user : page.users()) names.push_back(user.username());
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(names, (std::vector<std::string>{"list-a", "list-b", "list_c", "list-d"}));
  EXPECT_EQ(Must(List("query: 'mail-LIST-'")).users_size(), 3);
  EXPECT_EQ(Must(List("query: 'list_'")).users_size(), 1) << "an underscore is no wildcard";
  EXPECT_EQ(Must(List("query: '%'")).users_size(), 0);
  EXPECT_EQ(Must(List("query: 'ist-'")).users_size(), 0);
}

TEST_F(UserTest, PageSizesAreCappedAndNeverAnError) {
  server().MakeUser();
  for (const char* size : {"0", "-1", "-2147483648", "1000", "2147483647"}) {
    EXPECT_GE(Must(List("page_size: $0", size)).users_size(), 2) << size;
  }
}

TEST_F(UserTest, APageTokenIsValidForOneListOnly) {
  server().MakeUser();
  server().MakeUser();
  const std::string token = Must(List("page_size: 1 query: 'user'")).next_page_token();
  ASSERT_FALSE(token.empty());
  EXPECT_THAT(List("page_size: 1 query: 'user' page_token: '$0'", token), Succeeds());
  EXPECT_THAT(List("page_size: 1 page_token: '$0'", token), RefusesField("page_token"));
  EXPECT_THAT(List("page_size: 1 query: 'use' page_token: '$0'", token), RefusesField("page_token"));
  EXPECT_THAT(server().Call(&Admin::ListRoles, Proto<v1::ListRolesRequest>("page_token: '$0'", token), server().root()),
              RefusesField("page_token"));
  std::string flipped = token;
  flipped.back() = flipped.back() == 'A' ? 'Q' : 'A';
  for (const std::string& forged : {flipped, token.substr(1), token + "A", std::string(kUnknownId), std::string("!")}) {
    EXPECT_THAT(List("query: 'user' page_token: '$0'", forged), RefusesField("page_token")) << forged;
  }
}

}  // namespace
}  // namespace identity
