#include <google/protobuf/descriptor.h>

#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "identity/v1/errors.pb.h"
#include "identity/v1/options.pb.h"
#include "server/calls/access.h"
#include "server/domain/decision.h"
#include "tests/support/harness.h"
#include "tests/support/methods.h"

namespace identity {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using ::testing::ElementsAre;

constexpr ErrorReason kLastReason = ErrorReason::kLastCredential;

TEST(AccessTableTest, HasOneRowForEachMethodAndDoorAndNoOther) {
  std::multiset<std::string> rows;
  for (const AccessRule& rule : AccessRules()) rows.insert(rule.method);
  std::multiset<std::string> methods = {"access/v1/evaluation",
                                        "access/v1/evaluations",
                                        "access/v1/search/action",
                                        "access/v1/search/resource",
                                        "access/v1/search/subject",
                                        "authz/forward",
                                        "envoy.service.auth.v3.Authorization/Check",
                                        "oauth2/introspect",
                                        "oauth2/revoke",
                                        "oauth2/token"};
  for (const auto* method : AllMethods()) methods.insert(FullName(*method));
  EXPECT_EQ(rows, methods);
}

TEST(AccessTableTest, NamesPermissionsOfTheServiceWhereOneIsNeeded) {
  for (const AccessRule& rule : AccessRules()) {
    const bool needs_one = rule.who != AccessRule::Who::kAnyone && rule.who != AccessRule::Who::kSignedIn;
    EXPECT_EQ(needs_one, absl::StartsWith(rule.permission, "identity:")) << rule.method;
    EXPECT_TRUE(!needs_one || Permission::Parse(rule.permission).ok()) << rule.method;
  }
}

TEST(AccessTableTest, NobodyMayCallAMethodWithoutARow) {
  EXPECT_EQ(RequirementOf("identity.v1.AdminService/DropEverything", {}).kind, Requirement::Kind::kNobody);
}

TEST(ReasonTest, TheContractAndTheServerHaveTheSameNames) {
  const auto* proto = v1::Reason_descriptor();
  std::vector<std::string> promised;
  for (int i = 1; i < proto->value_count(); ++i) {
    promised.push_back(absl::AsciiStrToLower(proto->value(i)->name()).substr(std::string("REASON_").size()));
  }
  EXPECT_EQ(ReasonNames(), promised);
}

TEST(ErrorReasonTest, TheContractAndTheServerHaveTheSameNames) {
  const auto* proto = v1::ErrorReason_descriptor();
  std::set<std::string> promised;
  for (int i = 0; i < proto->value_count(); ++i) {
    if (proto->value(i)->number() != 0) promised.emplace(proto->value(i)->name());
  }
  std::set<std::string> known;
  for (int i = 0; i <= static_cast<int>(kLastReason); ++i) {
    known.insert("ERROR_REASON_" + std::string(ErrorReasonName(static_cast<ErrorReason>(i))));
  }
  EXPECT_EQ(known, promised);
}

// The codes that errors.proto documents for clients.
TEST(ErrorReasonTest, EachHasTheCodeOfTheContract) {
  const std::map<absl::StatusCode, std::vector<std::string>> codes = {
      {absl::StatusCode::kInvalidArgument, {"INVALID_FIELD", "REQUEST_ID_REUSED", "INVALID_SCOPE"}},
      {absl::StatusCode::kUnauthenticated,
       {"INVALID_CREDENTIALS", "CALLER_UNKNOWN", "CALLER_INVALID", "REFRESH_TOKEN_INVALID", "REFRESH_TOKEN_REUSED",
        "MAILED_TOKEN_INVALID"}},
      {absl::StatusCode::kPermissionDenied,
       {"PERMISSION_DENIED", "GRANT_EXCEEDS_CALLER", "OWN_ROLES", "SUPER_ADMIN_REQUIRED", "SESSION_REQUIRED",
        "STEP_UP_REQUIRED", "PROOF_REQUIRED"}},
      {absl::StatusCode::kNotFound, {"NOT_FOUND"}},
      {absl::StatusCode::kAlreadyExists, {"ALREADY_EXISTS"}},
      {absl::StatusCode::kFailedPrecondition,
       {"ROLE_CYCLE", "ROLE_IN_USE", "BUILT_IN", "CONSISTENCY_TOKEN_UNKNOWN", "LIMIT_REACHED", "MFA_NOT_ENROLLED",
        "EMAIL_NOT_VERIFIED", "MAIL_NOT_CONFIGURED", "LAST_SUPER_ADMIN", "MFA_TOO_NEW", "SIGNING_KEY_TOO_NEW",
        "LAST_CREDENTIAL"}},
      {absl::StatusCode::kResourceExhausted, {"OVERLOADED", "REQUEST_TOO_LARGE", "RATE_LIMITED"}},
      {absl::StatusCode::kUnavailable, {"STORAGE_UNAVAILABLE", "PROVIDER_UNAVAILABLE"}},
      {absl::StatusCode::kAborted, {"CONFLICT"}},
      {absl::StatusCode::kUnknown, {"COMMIT_IN_DOUBT"}},
      {absl::StatusCode::kDeadlineExceeded, {"DEADLINE_EXCEEDED"}},
      {absl::StatusCode::kCancelled, {"CANCELLED"}},
      {absl::StatusCode::kUnimplemented, {"NOT_IMPLEMENTED"}},
      {absl::StatusCode::kInternal, {"INTERNAL"}}};
  std::map<absl::StatusCode, std::vector<std::string>> actual;
  for (int i = 0; i <= static_cast<int>(kLastReason); ++i) {
    const auto reason = static_cast<ErrorReason>(i);
    actual[ErrorReasonCode(reason)].push_back(std::string(ErrorReasonName(reason)));
  }
  EXPECT_EQ(actual, codes);
}

bool HoldsASecret(const FieldDescriptor& field) {
  static const std::set<std::string> public_tokens = {"page_token", "next_page_token", "consistency_token"};
  static const std::set<std::string> of_other_names = {"otpauth_uri", "qr_code_png", "recovery_codes"};
  const std::string name(field.name());
  if (of_other_names.contains(name)) return true;
  if (field.type() != FieldDescriptor::TYPE_STRING) return false;
  if (public_tokens.contains(name)) return false;
  for (const char* secret : {"password", "secret", "key", "token", "code", "hash", "nonce"}) {
    if (name == secret || absl::EndsWith(name, std::string("_") + secret)) return true;
  }
  // A text of that name is a key; a message of that name is the key's public part.
  return name == "api_key";
}

void CheckSensitive(const Descriptor& type) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    EXPECT_EQ(field.options().GetExtension(v1::sensitive), HoldsASecret(field)) << field.full_name();
  }
  for (int i = 0; i < type.nested_type_count(); ++i) CheckSensitive(*type.nested_type(i));
}

TEST(SensitiveOptionTest, IsOnEachFieldThatHoldsASecretAndOnNoOther) {
  for (const Descriptor* any : {v1::AuthenticateRequest::descriptor(), v1::CreateUserRequest::descriptor(),
                                v1::RegisterRequest::descriptor(), v1::TokenSet::descriptor()}) {
    for (int i = 0; i < any->file()->message_type_count(); ++i) CheckSensitive(*any->file()->message_type(i));
  }
}

class ErrorTest : public RpcTest {};

TEST_F(ErrorTest, DetailsRepeatTheStatusAndNameTheDomain) {
  const auto result = server().Call(&Identity::Authenticate, v1::AuthenticateRequest());
  const ErrorDetails details = DetailsOf(result.status);
  EXPECT_TRUE(details.sound);
  ASSERT_TRUE(details.info);
  EXPECT_EQ(details.info->domain(), "identity.v1");
  EXPECT_EQ(details.info->reason(), "INVALID_FIELD");
  EXPECT_EQ(details.info->metadata().size(), 1u);
  EXPECT_TRUE(details.info->metadata().contains("request_id"));
  EXPECT_THAT(details.fields, ElementsAre("credential"));
  EXPECT_FALSE(details.retry);
}

TEST_F(ErrorTest, RetryableErrorsHaveADelay) {
  TestCluster::Get().Stop();
  const auto result = server().Call(&Identity::Authenticate,
                                    Proto<v1::AuthenticateRequest>("password { login: 'root' password: 'x' }"));
  TestCluster::Get().Start();
  EXPECT_THAT(result, FailsWith(ErrorReason::kStorageUnavailable));
  const ErrorDetails details = DetailsOf(result.status);
  ASSERT_TRUE(details.retry);
  EXPECT_GT(details.retry->retry_delay().seconds() + details.retry->retry_delay().nanos(), 0);
  EXPECT_EQ(result.status.error_message().find("postgres"), std::string::npos);
  EXPECT_EQ(result.status.error_message().find("server closed"), std::string::npos);
}

}  // namespace
}  // namespace identity
