#include "tests/e2e/canary_story.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <liboath/oath.h>

#include <ctime>
#include <stdexcept>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/strings/substitute.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "google/protobuf/text_format.h"
#include "identity/v1/account_service.pb.h"
#include "identity/v1/admin_service.pb.h"
#include "identity/v1/identity_service.pb.h"
#include "identity/v1/options.pb.h"

namespace identity {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

constexpr size_t kMailedTokenBytes = 77;
constexpr char kRequestId[] = "0190b5a0-1111-4000-8000-00000000abcd";
constexpr char kFirstPassword[] = "Quokka umbrella 71 tundra";
constexpr char kSecondPassword[] = "Marzipan gable 38 osprey";
constexpr char kThirdPassword[] = "Zeppelin thistle 54 lagoon";
constexpr char kWrongPassword[] = "Gherkin lantern 92 fjord";
constexpr char kSmtpPassword[] = "Walrus pergola 65 nimbus";
constexpr char kNonce[] = "Wn4-Lq7sVbX0tRz2KcYd";
constexpr char kWrongNonce[] = "Hg8_Pj3mTfE5uNa9QxSo";
// The example of OpenID Connect Core, appendix A.3.
constexpr char kProvidersAccessToken[] = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
constexpr char kItsHash[] = "77QmUPtjPfzWtF2AnpK9RQ";

// Fields that the service shows by design.
bool IsShown(const FieldDescriptor& field) {
  static const std::set<std::string> fields = {"Account.email",
                                               "Account.full_name",
                                               "AuthenticateRequest.audience",
                                               "AuthenticateRequest.scopes",
                                               "Binding.resource",
                                               "ClientInfo.device_name",
                                               "ClientInfo.user_agent",
                                               "CreateServiceAccountRequest.description",
                                               "CreateServiceAccountRequest.name",
                                               "CreateUserRequest.email",
                                               "CreateUserRequest.full_name",
                                               "CreateUserRequest.username",
                                               "DisablePrincipalRequest.reason",
                                               "IdentityProvider.audiences",
                                               "IdentityProvider.email_claim",
                                               "IdentityProvider.email_verified_claim",
                                               "IdentityProvider.name",
                                               "IdentityProvider.name_claim",
                                               "IdentityProvider.trusted_acr",
                                               "IdentityProvider.trusted_amr",
                                               "IdentityProvider.workload_audiences",
                                               "IssueApiKeyRequest.display_name",
                                               "IssueApiKeyRequest.scopes",
                                               "RegisterRequest.email",
                                               "RegisterRequest.full_name",
                                               "RevokeExternalRequest.issuer",
                                               "RevokeExternalRequest.subject",
                                               "RegisterRequest.username",
                                               "Role.description",
                                               "Role.name",
                                               "Role.permissions",
                                               "User.email",
                                               "User.full_name"};
  return fields.count(std::string(absl::StripPrefix(field.full_name(), "identity.v1."))) > 0;
}

const MethodDescriptor& MethodOf(absl::string_view name) {
  for (const MethodDescriptor* method : AllMethods()) {
    if (method->name() == name) return *method;
  }
  throw std::runtime_error(absl::StrCat("no method ", name));
}

std::map<std::string, std::string> Bearer(const std::string& token) {
  if (token.empty()) return {};
  return {{"authorization", "Bearer " + token}};
}

std::string StatementLogFile() {
  const std::string url = TestCluster::Get().Url("nobody", "none");
  return absl::StrCat(url.substr(0, url.find(' ')).substr(sizeof("host=") - 1), "/log");
}

}  // namespace

StatementLog::StatementLog() : begin_(ReadWhole(StatementLogFile()).size()) {
  TestCluster::Get().Execute("ALTER ROLE identity_server SET log_statement = 'all'");
  TestCluster::Get().Execute("ALTER ROLE identity_server SET log_parameter_max_length = 0");
}

StatementLog::~StatementLog() { TestCluster::Get().Execute("ALTER ROLE identity_server RESET ALL"); }

std::string StatementLog::Text() const { return ReadWhole(StatementLogFile()).substr(begin_); }

Story::Story()
    : smtp_({"--login", absl::StrCat("mailer:", kSmtpPassword), "--drop", "1000000"}),
      deployment_({.replicas = kReplicas, .flags = Flags(), .admin_ports = true}) {
  for (int i = 0; i < kReplicas; ++i) {
    stubs_.push_back(std::make_unique<grpc::GenericStub>(
        grpc::CreateChannel(deployment_.replica(i).address(), grpc::InsecureChannelCredentials())));
  }
  const std::string master_key(absl::StripSuffix(ReadWhole(deployment_.master_key_file()), "\n"));
  Keep("the master key", master_key);
  std::string bytes;
  if (absl::Base64Unescape(master_key, &bytes)) canaries_.Keep("the master key's bytes", bytes);
  Keep("the password of the mail server", kSmtpPassword);
  Keep("a wrong password", kWrongPassword);
}

void Story::Tell() {
  MakeAccount();
  UseKeys();
  UseSecondFactor();
  ChangePasswords();
  UseProviders();
  Administer();
  EditRoles();
  Check();
  EndAll();
  PutSecretsInWrongPlaces();
  PresentSecretsAsCallers();
  LeaveSomethingOpen();
}

std::vector<std::string> Story::Flags() {
  return {"--smtp-url",
          smtp_.Url(),
          "--smtp-username",
          "mailer",
          "--smtp-password-file",
          scratch_.Write("smtp.password", absl::StrCat(kSmtpPassword, "\n")),
          "--mail-from",
          "identity@example.com",
          "--verify-email-url",
          "https://example.com/verify?token=",
          "--reset-password-url",
          "https://example.com/reset?token=",
          "--smtp-allow-plaintext",
          "--provider-ca-file",
          documents_.ca_file(),
          "--provider-networks",
          "127.0.0.0/8"};
}

void Story::Keep(const std::string& name, const std::string& secret) {
  if (secret.empty()) return;
  canaries_.Keep(name, secret);
  samples_[name] = secret;
}

void Story::KeepSensitive(const Message& message) {
  ForEachText(message, [this](const FieldDescriptor& field, const std::string& text) {
    if (field.options().GetExtension(v1::sensitive)) Keep(std::string(field.full_name()), text);
  });
}

std::string Story::Call(size_t replica, const std::string& where, const MethodDescriptor& method,
                        const Message& request, const Metadata& metadata, grpc::Status* status) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
  for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
  const grpc::Slice slice(request.SerializeAsString());
  const grpc::ByteBuffer sent(&slice, 1);
  grpc::ByteBuffer received;
  absl::Notification done;
  stubs_[replica]->UnaryCall(&context, "/" + FullName(method), grpc::StubOptions(), &sent, &received,
                             [&](grpc::Status outcome) {
                               *status = std::move(outcome);
                               done.Notify();
                             });
  done.WaitForNotification();
  errors_.emplace(where, status->error_message());
  errors_.emplace(where, status->error_details());
  for (const auto& [name, value] : context.GetServerTrailingMetadata()) {
    errors_.emplace(where, std::string(value.data(), value.size()));
  }
  grpc::Slice whole;
  if (!status->ok() || !received.DumpToSingleSlice(&whole).ok()) return "";
  return std::string(reinterpret_cast<const char*>(whole.begin()), whole.size());
}

template <typename Response, typename... Arguments>
Response Story::Good(const std::string& name, const std::string& token, absl::string_view text,
                     const Arguments&... arguments) {
  const MethodDescriptor& method = MethodOf(name);
  auto request = NewRequest(method);
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(absl::Substitute(text, arguments...), request.get()));
  KeepSensitive(*request);
  grpc::Status status;
  Response response;
  EXPECT_TRUE(response.ParseFromString(Call(0, name, method, *request, Bearer(token), &status)));
  EXPECT_TRUE(status.ok()) << name << ": " << status.error_code() << " " << status.error_message();
  KeepSensitive(response);
  if (status.ok()) good_[name] = std::move(request);
  return response;
}

std::string Story::MailedToken() {
  std::string token;
  WaitUntil([&] {
    const std::vector<ReceivedMail> mails = smtp_.Mails();
    for (; token.empty() && mails_read_ < mails.size(); ++mails_read_) {
      const std::string body = mails[mails_read_].Body();
      const size_t at = body.find("idm_");
      if (at != std::string::npos) token = body.substr(at, kMailedTokenBytes);
      if (!mailed_.insert(token).second) token.clear();  // the mail was sent a second time
    }
    return !token.empty();
  });
  Keep("a mailed token", token);
  return token;
}

std::string Story::Code(int steps) {
  char code[8] = "";
  EXPECT_EQ(oath_totp_generate(seed_.data(), seed_.size(), std::time(nullptr) + 30 * steps, 30, 0, 6, code), OATH_OK);
  return code;
}

std::string Story::LogIn(const std::string& login, const std::string& password) {
  return Good<v1::AuthenticateResponse>("Authenticate", "", "password { login: '$0' password: '$1' }", login, password)
      .tokens()
      .access_token();
}

void Story::MakeAccount() {
  Good<v1::RegisterResponse>("Register", "", "username: 'ada' email: 'ada@example.com' password: '$0'", kFirstPassword);
  const std::string mailed = MailedToken();
  Good<v1::VerifyEmailResponse>("VerifyEmail", LogIn("ada", kFirstPassword), "token: '$0'", mailed);
  ada_ = LogIn("ada@example.com", kFirstPassword);
  ada_id_ = Good<v1::GetAccountResponse>("GetAccount", ada_, "").account().id();
  Good<v1::UpdateAccountResponse>(
      "UpdateAccount", ada_, "account { email: 'ada@example.org' } proof { current_password: '$0' }", kFirstPassword);
  MailedToken();
  Good<v1::ResendVerificationResponse>("ResendVerification", ada_, "");
  MailedToken();
  Good<v1::ListSessionsResponse>("ListSessions", ada_, "");
}

void Story::UseKeys() {
  const auto issued = Good<v1::IssueApiKeyResponse>(
      "IssueApiKey", ada_, "display_name: 'one' proof { current_password: '$0' }", kFirstPassword);
  Good<v1::AuthenticateResponse>("Authenticate", "", "api_key { key: '$0' }", issued.secret());
  Good<v1::RotateApiKeyResponse>("RotateApiKey", ada_, "api_key_id: '$0' proof { current_password: '$1' }",
                                 issued.api_key().id(), kFirstPassword);
  Good<v1::ListApiKeysResponse>("ListApiKeys", ada_, "");
}

void Story::Enroll(const std::string& token, const std::string& password) {
  const auto enrolled = Good<v1::EnrollTotpResponse>("EnrollTotp", token, "proof { current_password: '$0' }", password);
  const std::string secret = Base32SecretOf(enrolled.otpauth_uri());
  Keep("a TOTP seed", secret);
  seed_ = FromBase32(secret);
  Good<v1::ConfirmTotpResponse>("ConfirmTotp", token, "totp_code: '$0'", Code(0));
}

void Story::UseSecondFactor() {
  Enroll(ada_, kFirstPassword);
  const auto codes = Good<v1::RegenerateRecoveryCodesResponse>(
      "RegenerateRecoveryCodes", ada_, "proof { current_password: '$0' totp_code: '$1' }", kFirstPassword, Code(1));
  ada_ = AnswerChallenge("recovery_code", codes.recovery_codes(0));
  ada_ = Good<v1::AuthenticateResponse>("Authenticate", ada_, "mfa { recovery_code: '$0' }", codes.recovery_codes(1))
             .tokens()
             .access_token();
  Good<v1::DisableTotpResponse>("DisableTotp", ada_, "proof { current_password: '$0' recovery_code: '$1' }",
                                kFirstPassword, codes.recovery_codes(2));
}

std::string Story::AnswerChallenge(const std::string& kind, const std::string& code) {
  const auto challenge =
      Good<v1::AuthenticateResponse>("Authenticate", "", "password { login: 'ada' password: '$0' }", kFirstPassword);
  return Good<v1::AuthenticateResponse>("Authenticate", "", "mfa { challenge_token: '$0' $1: '$2' }",
                                        challenge.mfa_challenge().challenge_token(), kind, code)
      .tokens()
      .access_token();
}

void Story::ChangePasswords() {
  Good<v1::ChangePasswordResponse>("ChangePassword", ada_, "proof { current_password: '$0' } new_password: '$1'",
                                   kFirstPassword, kSecondPassword);
  Good<v1::RequestPasswordResetResponse>("RequestPasswordReset", "", "login: 'ada'");
  Good<v1::ResetPasswordResponse>("ResetPassword", "", "token: '$0' new_password: '$1'", MailedToken(), kThirdPassword);
  const auto tokens =
      Good<v1::AuthenticateResponse>("Authenticate", "", "password { login: 'ada' password: '$0' }", kThirdPassword);
  ada_ = Good<v1::RefreshResponse>("Refresh", "", "refresh_token: '$0'", tokens.tokens().refresh_token())
             .tokens()
             .access_token();
}

void Story::EnterProviders() {
  Good<v1::CreateIdentityProviderResponse>(
      "CreateIdentityProvider", Admin(),
      "provider { name: 'other' issuer: 'https://other.example' audiences: 'shop' }");
  Good<v1::DeleteIdentityProviderResponse>("DeleteIdentityProvider", Admin(), "name: 'other'");
  provider_.Publish();
  Good<v1::CreateIdentityProviderResponse>(
      "CreateIdentityProvider", Admin(),
      "provider { name: '$0' issuer: '$1' audiences: '$2' email_claim: 'email' email_verified_claim: 'email_verified' "
      "link_policy: LINK_POLICY_CREATE }",
      provider_.name(), provider_.issuer(), OpenIdProvider::kClientId);
  Good<v1::GetIdentityProviderResponse>("GetIdentityProvider", Admin(), "name: '$0'", provider_.name());
  Good<v1::ListIdentityProvidersResponse>("ListIdentityProviders", Admin(), "");
  Good<v1::UpdateIdentityProviderResponse>("UpdateIdentityProvider", Admin(),
                                           "provider { name: '$0' name_claim: 'name' }", provider_.name());
}

void Story::LogInByIdToken(const std::string& subject, const std::string& email) {
  nlohmann::json claims = provider_.Claims(subject, email);
  claims["nonce"] = kNonce;
  claims["at_hash"] = kItsHash;
  Good<v1::AuthenticateResponse>("Authenticate", "",
                                 "id_token { issuer: '$0' token: '$1' nonce: '$2' access_token: '$3' }",
                                 provider_.issuer(), provider_.Sign(claims), kNonce, kProvidersAccessToken);
}

// Anybody who has an ID token and its nonce can log in with them until the token expires.
void Story::UseProviders() {
  EnterProviders();
  LogInByIdToken("ada-there", "ada@example.com");
  Good<v1::ListExternalIdentitiesResponse>("ListExternalIdentities", ada_, "");
  Good<v1::UnlinkIdentityResponse>("UnlinkIdentity", ada_,
                                   "issuer: '$0' subject: 'ada-there' proof { current_password: '$1' }",
                                   provider_.issuer(), kThirdPassword);
  LogInByIdToken("grace-there", "grace@example.com");
  Keep("a wrong nonce", kWrongNonce);
  login_by_id_token_.reset(good_["Authenticate"]->New());
  login_by_id_token_->CopyFrom(*good_["Authenticate"]);
}

void Story::Administer() {
  const auto bob = Good<v1::CreateUserResponse>("CreateUser", Admin(), "username: 'bob' email: 'bob@example.com'");
  LogIn("bob", bob.one_time_secret());
  const std::string id = bob.user().id();
  const Person carol = deployment_.NewUser("carol");
  const std::string hash =
      deployment_.database().Execute("SELECT hash FROM passwords WHERE principal_id = '" + carol.id + "'")[0].Text(
          "hash");
  Good<v1::CreateUserResponse>("CreateUser", Admin(), "username: 'dora' email: 'dora@example.com' password_hash: '$0'",
                               hash);
  Good<v1::GetUserResponse>("GetUser", Admin(), "user_id: '$0'", id);
  Good<v1::ListUsersResponse>("ListUsers", Admin(), "query: 'bo'");
  Good<v1::UpdateUserResponse>("UpdateUser", Admin(), "user { id: '$0' full_name: 'Bob' }", id);
  Good<v1::UnlockUserResponse>("UnlockUser", Admin(), "user_id: '$0'", id);
  Good<v1::DisablePrincipalResponse>("DisablePrincipal", Admin(), "principal_id: '$0'", id);
  Good<v1::EnablePrincipalResponse>("EnablePrincipal", Admin(), "principal_id: '$0'", id);
  const auto robot = Good<v1::CreateServiceAccountResponse>("CreateServiceAccount", Admin(),
                                                            "name: 'robot' request_id: '$0'", kRequestId);
  Good<v1::ListServiceAccountsResponse>("ListServiceAccounts", Admin(), "");
  Good<v1::UpdateServiceAccountResponse>("UpdateServiceAccount", Admin(),
                                         "service_account { id: '$0' description: 'crawls' }",
                                         robot.service_account().id());
  Good<v1::RevokeExternalResponse>("RevokeExternal", Admin(), "issuer: 'https://issuer.example' subject: 'robot'");
  Good<v1::DeleteServiceAccountResponse>("DeleteServiceAccount", Admin(), "service_account_id: '$0'",
                                         robot.service_account().id());
  LogIn("bob", Good<v1::ResetCredentialsResponse>("ResetCredentials", Admin(), "user_id: '$0'", id).one_time_secret());
  deployment_.database().Execute(
      "INSERT INTO totp_factors (principal_id, sealed_secret, master_key_id, confirm_time)"
      " VALUES ('" +
      id + "', '', '', now())");
  Good<v1::TrustSecondFactorResponse>("TrustSecondFactor", Admin(), "user_id: '$0'", id);
  Good<v1::DeleteUserResponse>("DeleteUser", Admin(), "user_id: '$0'", id);
  Good<v1::ListPrincipalSessionsResponse>("ListPrincipalSessions", Admin(), "principal_id: '$0'", ada_id_);
  Good<v1::ListPrincipalApiKeysResponse>("ListPrincipalApiKeys", Admin(), "principal_id: '$0'", ada_id_);
  Good<v1::GetStatisticsResponse>("GetStatistics", Admin(), "");
  deployment_.database().Execute("UPDATE all_signing_keys SET create_time = create_time - interval '6 minutes'");
  Good<v1::RotateSigningKeyResponse>("RotateSigningKey", Admin(), "");
  const auto keys = Good<v1::ListSigningKeysResponse>("ListSigningKeys", Admin(), "");
  for (const v1::SigningKey& key : keys.signing_keys()) {
    // Tokens of the other keys are in use.
    if (key.state() != v1::SIGNING_KEY_STATE_NEXT) continue;
    Good<v1::RemoveSigningKeyResponse>("RemoveSigningKey", Admin(), "kid: '$0'", key.kid());
  }
}

void Story::EditRoles() {
  Good<v1::CreateRoleResponse>("CreateRole", Admin(), "role { name: 'writer' permissions: 'posts:write' }");
  Good<v1::UpdateRoleResponse>("UpdateRole", Admin(), "role { name: 'writer' permissions: 'posts:*' }");
  Good<v1::GetRoleResponse>("GetRole", Admin(), "name: 'writer'");
  Good<v1::ListRolesResponse>("ListRoles", Admin(), "");
  const auto made = Good<v1::CreateBindingResponse>(
      "CreateBinding", Admin(), "binding { principal_id: '$0' role: 'writer' resource: 'orgs/acme' }", ada_id_);
  Good<v1::ListBindingsResponse>("ListBindings", Admin(), "");
  Good<v1::ListEffectivePermissionsResponse>("ListEffectivePermissions", Admin(), "principal_id: '$0'", ada_id_);
  Good<v1::ListSubjectsResponse>("ListSubjects", Admin(), "permission: 'posts:write' resource: 'orgs/acme'");
  Good<v1::ListResourcesResponse>("ListResources", Admin(), "principal_id: '$0' permission: 'posts:write'", ada_id_);
  Good<v1::DeleteBindingResponse>("DeleteBinding", Admin(), "binding_id: '$0'", made.binding().id());
  Good<v1::DeleteRoleResponse>("DeleteRole", Admin(), "name: 'writer'");
}

void Story::Check() {
  constexpr char kCheck[] = "access_token: '$0' permission: 'posts:read' resource: 'orgs/acme'";
  const std::string key =
      Good<v1::IssueApiKeyResponse>("IssueApiKey", ada_, "display_name: 'two' proof { current_password: '$0' }",
                                    kThirdPassword)
          .secret();
  Good<v1::CheckPermissionResponse>("CheckPermission", Admin(), kCheck, ada_);
  Good<v1::BatchCheckPermissionsResponse>(
      "BatchCheckPermissions", Admin(),
      "checks { api_key: '$0' permission: 'posts:read' } checks { access_token: '$1' permission: 'posts:read' }", key,
      ada_);
}

void Story::EndAll() {
  const auto tokens =
      Good<v1::AuthenticateResponse>("Authenticate", "", "password { login: 'ada' password: '$0' }", kThirdPassword);
  const std::string key =
      Good<v1::IssueApiKeyResponse>("IssueApiKey", ada_, "display_name: 'three' proof { current_password: '$0' }",
                                    kThirdPassword)
          .secret();
  Good<v1::RevokeResponse>("Revoke", "", "api_key: '$0'", key);
  Good<v1::RevokeResponse>("Revoke", "", "access_token: '$0'", tokens.tokens().access_token());
  Good<v1::RevokeResponse>("Revoke", "", "refresh_token: '$0'", tokens.tokens().refresh_token());
  Good<v1::DeactivateAccountResponse>("DeactivateAccount", ada_, "proof { current_password: '$0' }", kThirdPassword);
  Good<v1::ListAuditEventsResponse>("ListAuditEvents", Admin(), "");
}

void Story::LeaveSomethingOpen() {
  const Person emil = deployment_.NewUser("emil");
  Enroll(LogIn(emil.username, emil.password), emil.password);
  LogIn(emil.username, emil.password);
  Good<v1::RequestPasswordResetResponse>("RequestPasswordReset", "", "login: 'emil'");
  MailedToken();
}

void Story::PutSecretsInWrongPlaces() {
  for (const MethodDescriptor* method : AllMethods()) {
    const auto base = good_.find(std::string(method->name()));
    if (base == good_.end()) continue;
    const Person caller = deployment_.NewSuperAdmin(absl::StrCat("caller-", ++callers_));
    const Metadata metadata = Bearer(deployment_.LogIn(caller).access_token());
    for (const FieldPath& path : TextPaths(*method->input_type())) {
      if (IsShown(*path.back())) continue;
      for (const auto& [name, secret] : samples_) PutInto(*method, *base->second, path, name, secret, caller, metadata);
    }
  }
  PutSecretsBesideAnIdToken();
}

// An otherwise right ID token gets further than a field of its credential alone.
void Story::PutSecretsBesideAnIdToken() {
  const MethodDescriptor& method = MethodOf("Authenticate");
  for (const FieldPath& path : TextPaths(*method.input_type())) {
    if (path.front()->name() != "id_token") continue;
    for (const auto& [name, secret] : samples_) {
      PutInto(method, *login_by_id_token_, path, name, secret, deployment_.admin(), {});
    }
  }
}

void Story::PutInto(const MethodDescriptor& method, const Message& base, const FieldPath& path, const std::string& name,
                    const std::string& secret, const Person& caller, const Metadata& metadata) {
  const std::unique_ptr<Message> request(base.New());
  request->CopyFrom(base);
  if (const FieldDescriptor* proof = method.input_type()->FindFieldByName("proof")) {
    SetText(*request, {proof, proof->message_type()->FindFieldByName("current_password")}, caller.password);
    deployment_.database().Execute("UPDATE passwords SET failures = 0, locked_until = '-infinity'");
  }
  SetText(*request, path, secret);
  const size_t replica = wrong_calls_++ % stubs_.size();
  grpc::Status status;
  Call(replica, absl::StrCat(FullName(method), " with ", name, " as its ", ToString(path)), method, *request, metadata,
       &status);
}

void Story::PresentSecretsAsCallers() {
  const MethodDescriptor& method = MethodOf("GetAccount");
  const v1::GetAccountRequest request;
  for (const auto& [name, secret] : samples_) {
    for (const Metadata& metadata : {Metadata{{"authorization", "Bearer " + secret}},
                                     Metadata{{"authorization", "Basic " + secret}}, Metadata{{"x-api-key", secret}}}) {
      grpc::Status status;
      Call(1, absl::StrCat("a caller with ", name), method, request, metadata, &status);
    }
  }
}

}  // namespace identity
