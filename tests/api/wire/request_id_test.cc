#include "absl/strings/match.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

// The request id by which people find a call in the server's log.
class RequestIdTest : public RpcTest {
 protected:
  static Metadata WithId(const std::string& id) {
    Metadata metadata = server().root();
    metadata.emplace_back("x-request-id", id);
    return metadata;
  }
  // Succeeds, or fails if `name` is no name of a role.
  static Result<v1::GetRoleResponse> GetRole(const std::string& name, const Metadata& metadata = server().root()) {
    return server().Call(&Admin::GetRole, Proto<v1::GetRoleRequest>("name: '$0'", name), metadata);
  }
  // The id in the trailing metadata; "" without one.
  template <typename T>
  static std::string IdOf(const Result<T>& result) {
    const auto found = result.trailing.find("x-request-id");
    return found == result.trailing.end() ? "" : found->second;
  }
  static std::string IdInErrorInfo(const grpc::Status& status) {
    const ErrorDetails details = DetailsOf(status);
    return details.info ? details.info->metadata().at("request_id") : "";
  }
};

TEST_F(RequestIdTest, ASoundIdComesBack) {
  for (const std::string& id : {std::string("a"), std::string("0190b5a0-2222-7000-8000-000000000001"),
                                std::string("Root=1-67891233:abc_def/x+y@z.w"), std::string(64, 'x')}) {
    const auto good = GetRole("admin", WithId(id));
    EXPECT_THAT(good, Succeeds());
    EXPECT_EQ(IdOf(good), id);
    const auto bad = GetRole("no-such-role", WithId(id));
    EXPECT_THAT(bad, FailsWith(ErrorReason::kNotFound));
    EXPECT_EQ(IdOf(bad), id);
    EXPECT_EQ(IdInErrorInfo(bad.status), id);
  }
}

TEST_F(RequestIdTest, AnErrorHasAnIdOfItsOwn) {
  const auto first = GetRole("no-such-role");
  const auto second = GetRole("no-such-role");
  EXPECT_EQ(IdOf(first).size(), 24u);
  EXPECT_EQ(IdInErrorInfo(first.status), IdOf(first));
  EXPECT_NE(IdOf(first), IdOf(second));
}

TEST_F(RequestIdTest, ErrorsOfUnparsedRequestsAndUnknownMethodsHaveOne) {
  for (const char* method : {"identity.v1.AdminService/GetRole", "identity.v1.AdminService/Guess"}) {
    const auto refused = server().CallRaw(method, std::string(70 * 1024, 'A'), WithId("mine"));
    EXPECT_EQ(IdInErrorInfo(refused.status), "mine") << method;
  }
}

TEST_F(RequestIdTest, ASuccessWithoutAnIdOfTheClientHasNone) { EXPECT_EQ(IdOf(GetRole("admin")), ""); }

TEST_F(RequestIdTest, UnsoundIdsAreReplaced) {
  for (const std::string& id : {std::string(), std::string(65, 'x'), std::string(8 * 1024, 'x'), std::string("a b"),
                                std::string("\",\"level\":\"error"), std::string("a\\nb"), std::string("<script>"),
                                std::string("a;b"), server().root()[0].second}) {
    for (const char* role : {"admin", "no-such-role"}) {
      const std::string replaced = IdOf(GetRole(role, WithId(id)));
      EXPECT_EQ(replaced.size(), 24u) << id.substr(0, 80);
      EXPECT_NE(replaced, id.substr(0, 24));
    }
  }
}

}  // namespace
}  // namespace identity
