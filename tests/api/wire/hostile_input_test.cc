#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/calls/access.h"
#include "tests/support/harness.h"
#include "tests/support/methods.h"
#include "tests/support/people.h"
#include "tests/support/quiet_protobuf.h"

namespace identity {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr char kId[] = "0190b5a0-1111-7000-8000-00000000abcd";

// Texts that exploit careless escaping somewhere.
std::vector<std::string> HostileTexts() {
  return {"'; DROP TABLE principals; --",
          "' OR '1'='1",
          "$1 %s %n \\' \\\\ \\x00",
          "{\"a\":{\"$gt\":\"\"}} {a,b} NULL",
          std::string("before\0after", 12),
          "line\r\nx-injected: 1",
          "\x1b[31m\x7f",
          "../../../etc/passwd",
          "admin\xe2\x80\xae\xe2\x80\x8b",  // right-to-left override, zero-width space
          "\xd0\xb0"
          "dmin \xef\xbd\x81 \xe2\x84\xaa \xc4\xb0",  // Cyrillic, full-width, Kelvin sign, dotted I
          "\xf0\x9f\x92\xa9",
          "\xef\xbf\xbe\xef\xbb\xbf",  // noncharacter and byte order mark
          " ",
          std::string(60 * 1024, 'A')};
}

class HostileInputTest : public MailTest {
 protected:
  // A request that the method accepts, so that a hostile text in it gets as far as possible.
  static std::unique_ptr<Message> GoodRequest(const MethodDescriptor& method) {
    static const std::map<std::string, std::string> requests = {
        {"Authenticate", "password { login: 'root' password: 'x' }"},
        {"Refresh", "refresh_token: 'idr_x'"},
        {"Revoke", "session_id: '$1'"},
        {"CheckPermission", "principal_id: '$0' permission: 'posts:read' resource: 'orgs/acme'"},
        {"BatchCheckPermissions", "checks { principal_id: '$0' permission: 'posts:read' resource: 'orgs/acme' }"},
        {"IssueApiKey", "owner_id: '$0' scopes: 'posts:read'"},
        {"Register",
         "username: 'registered-$2' email: 'registered-$2@example.com' password: 'correct horse battery $2'"},
        {"GetAccount", ""},
        {"UpdateAccount", "account { full_name: 'Hostile' }"},
        {"DeactivateAccount", "proof { current_password: 'not right' }"},
        {"ChangePassword", "proof { current_password: 'not right' } new_password: 'incorrect zebra battery staple'"},
        {"ListSessions", ""},
        {"ListApiKeys", ""},
        {"RotateApiKey", "api_key_id: '$1'"},
        {"EnrollTotp", ""},
        {"ConfirmTotp", "totp_code: '123456'"},
        {"DisableTotp", ""},
        {"RegenerateRecoveryCodes", ""},
        {"VerifyEmail", "token: 'idm_x'"},
        {"ResendVerification", ""},
        {"RequestPasswordReset", "login: 'root'"},
        {"ResetPassword", "token: 'idm_x' new_password: 'incorrect zebra battery staple'"},
        {"ListExternalIdentities", ""},
        {"UnlinkIdentity", "issuer: 'https://hostile.example' subject: 'x' proof { current_password: 'not right' }"},
        {"CreateUser", "username: 'hostile-$2' email: 'hostile-$2@example.com'"},
        {"GetUser", "user_id: '$0'"},
        {"ListUsers", ""},
        {"UpdateUser", "user { id: '$0' full_name: 'Hostile' }"},
        {"UnlockUser", "user_id: '$0'"},
        {"ResetCredentials", "user_id: '$1'"},
        {"TrustSecondFactor", "user_id: '$0'"},
        {"DeleteUser", "user_id: '$1'"},
        {"DisablePrincipal", "principal_id: '$0'"},
        {"EnablePrincipal", "principal_id: '$0'"},
        {"CreateServiceAccount", "name: 'hostile-$2'"},
        {"ListServiceAccounts", ""},
        {"DeleteServiceAccount", "service_account_id: '$1'"},
        {"UpdateServiceAccount",
         absl::StrCat("service_account { id: '", server().MakeServiceAccount(), "' description: 'hostile' }")},
        {"RevokeExternal", "issuer: 'https://hostile.example' subject: 'hostile-$2'"},
        {"CreateRole", "role { name: 'hostile-$2' }"},
        {"UpdateRole", "role { name: '$3' }"},
        {"DeleteRole", "name: 'hostile'"},
        {"GetRole", "name: 'admin'"},
        {"ListRoles", ""},
        {"CreateBinding", "binding { principal_id: '$0' role: '$3' resource: 'hostile/$2' }"},
        {"DeleteBinding", "binding_id: '$1'"},
        {"ListBindings", ""},
        {"ListEffectivePermissions", "principal_id: '$0'"},
        {"ListSubjects", "permission: 'posts:read'"},
        {"ListResources", "principal_id: '$0' permission: 'posts:read'"},
        {"ListPrincipalSessions", "principal_id: '$0'"},
        {"ListPrincipalApiKeys", "principal_id: '$0'"},
        {"GetStatistics", ""},
        {"ListAuditEvents", ""},
        {"ListSigningKeys", ""},
        {"RotateSigningKey", ""},
        {"RemoveSigningKey", "kid: 'hostile'"},
        {"CreateIdentityProvider",
         "provider { name: 'hostile-$2' issuer: 'https://hostile.example/$2' audiences: 'a' }"},
        {"GetIdentityProvider", "name: '$4'"},
        {"ListIdentityProviders", ""},
        {"UpdateIdentityProvider", "provider { name: '$4' name_claim: 'hostile' }"},
        {"DeleteIdentityProvider", "name: 'hostile'"},
    };
    static const std::string user = server().MakeUser().id;
    static const std::string role = server().MakeRole({"posts:*"});
    static const std::string binding = server().Bind(user, role);
    static const std::string provider = [] {
      const auto created =
          Must(server().Call(&Admin::CreateIdentityProvider,
                             Proto<v1::CreateIdentityProviderRequest>(
                                 "provider { name: 'under-attack' issuer: 'https://attacked.example' audiences: 'a' }"),
                             server().root()));
      return created.provider().name();
    }();
    auto request = NewRequest(method);
    const auto text = requests.find(std::string(method.name()));
    EXPECT_TRUE(text != requests.end()) << method.name() << " is new: add a request for it";
    if (text == requests.end()) return request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::Substitute(text->second, user, kId, ++count_, role, provider), request.get()));
    return request;
  }

  // A caller that may call the method. A method that needs a session gets that of a user with a second factor, which a
  // wrong password does not lock.
  static Metadata CallerFor(const MethodDescriptor& method) {
    static const Metadata session = [] {
      const TestUser user = server().MakeUser();
      const Factor factor = GiveFactor(server(), user);
      const auto login = Must(TryRecoveryCode(server(), Challenge(server(), user), factor.recovery_codes[0]));
      return Bearer(login.tokens().access_token());
    }();
    const bool own = RequirementOf(FullName(method), CallTarget()).kind == Requirement::Kind::kOwnPermission;
    return own ? session : server().root();
  }

  // Calls each method once for each of its texts.
  template <typename Visit>
  static void ForEachField(Visit visit) {
    for (const auto* method : AllMethods()) {
      for (const FieldPath& path : TextPaths(*method->input_type())) visit(*method, path);
    }
  }

  // The outcome is no server error and reveals no internals.
  static void ExpectSound(const grpc::Status& status, const std::string& where) {
    EXPECT_NE(status.error_code(), grpc::StatusCode::INTERNAL) << where;
    EXPECT_NE(status.error_code(), grpc::StatusCode::UNKNOWN) << where;
    EXPECT_NE(status.error_code(), grpc::StatusCode::UNAVAILABLE) << where;
    EXPECT_NE(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED) << where;
    EXPECT_TRUE(status.ok() || (DetailsOf(status).sound && DetailsOf(status).info)) << where << Describe(status);
    for (const char* inside : {"SQL", "syntax", "pqxx", "psql", "relation", "constraint"}) {
      EXPECT_FALSE(absl::StrContains(status.error_message(), inside)) << where << status.error_message();
    }
  }

  // The server returns exactly the text that it accepted, unless it is part of a credential.
  static void ExpectUnchanged(const MethodDescriptor& method, const std::string& response_bytes,
                              const FieldDescriptor& sent_in, const std::string& sent, const std::string& where) {
    const auto response = NewResponse(method);
    ASSERT_TRUE(response->ParseFromString(response_bytes)) << where;
    const bool creates = absl::StartsWith(method.name(), "Create") || method.name() == "IssueApiKey";
    const bool secret = sent_in.options().GetExtension(v1::sensitive) ||
                        sent_in.containing_type() == v1::IdTokenCredential::descriptor();
    if (!creates || secret || sent_in.name() == "request_id" || sent_in.name() == "id") return;
    bool found = false;
    ForEachText(*response, [&](const FieldDescriptor& field, const std::string& text) {
      if (field.name() == sent_in.name()) found = found || text == sent;
    });
    EXPECT_TRUE(found) << where << " was accepted and changed";
  }

  static void Attack(const MethodDescriptor& method, const FieldPath& path, const std::string& text) {
    const std::string where = absl::StrCat(FullName(method), " ", ToString(path), " = ", text.substr(0, 40), " ");
    const auto request = GoodRequest(method);
    SetText(*request, path, text);
    const auto result = server().CallRaw(FullName(method), request->SerializeAsString(), CallerFor(method));
    ExpectSound(result.status, where);
    if (result.status.ok()) ExpectUnchanged(method, result.value, *path.back(), text, where);
  }

 private:
  static int count_;
};

int HostileInputTest::count_ = 0;

TEST_F(HostileInputTest, TheRequestsUnderAttackAreValid) {
  for (const auto* method : AllMethods()) {
    const auto result =
        server().CallRaw(FullName(*method), GoodRequest(*method)->SerializeAsString(), CallerFor(*method));
    EXPECT_NE(result.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT)
        << FullName(*method) << ": " << Describe(result.status);
  }
}

TEST_F(HostileInputTest, NoTextBreaksAnyMethod) {
  const std::vector<std::string> texts = HostileTexts();
  ForEachField([&](const MethodDescriptor& method, const FieldPath& path) {
    for (const std::string& text : texts) Attack(method, path, text);
  });
  EXPECT_EQ(server().Ask("SELECT count(*)::text FROM principals WHERE username = 'root'"), "1");
  const TestUser user = server().MakeUser();
  EXPECT_THAT(server().TryLogin(user.username, user.password), Succeeds());
}

TEST_F(HostileInputTest, AMebibyteIsRefusedByAllButBatches) {
  const std::string large(1024 * 1024, 'A');
  ForEachField([&](const MethodDescriptor& method, const FieldPath& path) {
    const auto request = GoodRequest(method);
    SetText(*request, path, large);
    EXPECT_THAT(server().CallRaw(FullName(method), request->SerializeAsString(), CallerFor(method)),
                FailsWith(ErrorReason::kRequestTooLarge))
        << FullName(method) << " " << ToString(path);
  });
}

TEST_F(HostileInputTest, TextThatIsNotUtf8IsNeverAccepted) {
  const QuietProtobuf quiet;
  constexpr char kPlaceholder[] = "PLACEHOLDER";
  ForEachField([&](const MethodDescriptor& method, const FieldPath& path) {
    const auto request = GoodRequest(method);
    SetText(*request, path, kPlaceholder);
    const std::string bytes = request->SerializeAsString();
    for (const char* bad : {"\xff\xfe ok ok ok", "\xc0\xaf ok ok ok", "\xed\xa0\x80ok ok ok", "ok ok ok o\xe2"}) {
      std::string broken = bytes;
      broken.replace(broken.find(kPlaceholder), sizeof(kPlaceholder) - 1, bad, sizeof(kPlaceholder) - 1);
      EXPECT_THAT(server().CallRaw(FullName(method), broken, CallerFor(method)), RefusesField("request"))
          << FullName(method) << " " << ToString(path);
    }
  });
}

TEST_F(HostileInputTest, BytesThatAreNoMessageAreNeverAccepted) {
  const QuietProtobuf quiet;
  for (const auto* method : AllMethods()) {
    for (const std::string& bytes : {std::string("\xff\xff\xff\xff\xff\xff"), std::string("\x0a\x7f"),
                                     std::string("\x0a\xff\xff\xff\xff\x0f"), std::string(100, '\x0b')}) {
      EXPECT_THAT(server().CallRaw(FullName(*method), bytes, server().root()), RefusesField("request"))
          << FullName(*method);
    }
  }
}

TEST_F(HostileInputTest, SeveralMebibytesAreRefusedInTheFormOfTheContract) {
  for (const auto* method : AllMethods()) {
    const std::string large((4 << 20) - 1024, 'A');
    EXPECT_THAT(server().CallRaw(FullName(*method), large), FailsWith(ErrorReason::kRequestTooLarge))
        << FullName(*method);
  }
}

TEST_F(HostileInputTest, CompressedRequestsAreNotExpanded) {
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  for (const auto& [name, value] : server().root()) context.AddMetadata(name, value);
  v1::GetRoleRequest request;
  request.set_name(std::string(60 * 1024, 'A'));
  v1::GetRoleResponse response;
  EXPECT_THAT(server().admin().GetRole(&context, request, &response), RefusesField("request"));
}

TEST_F(HostileInputTest, UnknownMethodsAreUnimplemented) {
  for (const char* method : {"identity.v1.IdentityService/DropTables", "identity.v1.Admin/GetUser",
                             "identity.v1.AdminService/getuser", "identity.v1.AdminService/GetUser/"}) {
    EXPECT_THAT(server().CallRaw(method, "", server().root()), FailsWith(ErrorReason::kNotImplemented)) << method;
  }
}

TEST_F(HostileInputTest, MetadataBeyondItsLimitIsRefusedAndTheServerKeepsServing) {
  const auto list = [](const Metadata& metadata) {
    return server().CallRaw("identity.v1.AdminService/ListRoles", "", metadata).status;
  };
  EXPECT_EQ(list({{"authorization", "Bearer " + std::string(20 * 1024, 'x')}}).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  server().Reconnect();  // gRPC may close the connection that this came on
  EXPECT_THAT(list(server().root()), Succeeds());
}

}  // namespace
}  // namespace identity
