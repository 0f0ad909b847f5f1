#ifndef IDENTITY_TESTS_API_LOGIN_PROVIDER_FIXTURE_H_
#define IDENTITY_TESTS_API_LOGIN_PROVIDER_FIXTURE_H_

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "tests/support/openid_provider.h"
#include "tests/support/people.h"

namespace identity {

// A suite with one server that sends mail, and with any number of OpenID providers. Each test has providers of its own.
class ProviderTest : public ::testing::Test {
 protected:
  using Claims = nlohmann::json;

  static void SetUpTestSuite() {
    documents_ = std::make_unique<DocumentServer>();
    server_ = NewServer();
  }
  static void TearDownTestSuite() {
    server_.reset();
    documents_.reset();
  }
  static TestServer& server() { return *server_; }
  static const DocumentServer& documents() { return *documents_; }
  // Another server that can ask the same providers.
  static std::unique_ptr<TestServer> NewServer(const std::function<void(Config&)>& adjust = [](Config&) {}) {
    return std::make_unique<TestServer>([adjust](Config& config) {
      WithMail(config);
      WithProvidersHere(config, documents_->ca_file());
      adjust(config);
    });
  }

  // A provider that no administrator has entered, and that publishes nothing yet.
  static OpenIdProvider NewProvider() {
    static int providers = 0;
    return OpenIdProvider(*documents_, absl::StrCat("provider-", ++providers));
  }
  // Enters the provider with `fields`, those of v1::IdentityProvider in text form.
  static void Enter(TestServer& server, const OpenIdProvider& provider, const std::string& fields) {
    v1::CreateIdentityProviderRequest request;
    v1::IdentityProvider& row = *request.mutable_provider();
    row = Proto<v1::IdentityProvider>("name_claim: 'name' email_claim: 'email' email_verified_claim: 'email_verified'");
    row.MergeFrom(Proto<v1::IdentityProvider>(fields));
    row.set_name(provider.name());
    row.set_issuer(provider.issuer());
    row.add_audiences(OpenIdProvider::kClientId);
    Must(server.Call(&Admin::CreateIdentityProvider, request, server.root()));
  }
  // A new one that works.
  static OpenIdProvider Enter(const std::string& fields) {
    const OpenIdProvider provider = NewProvider();
    provider.Publish();
    Enter(server(), provider, fields);
    return provider;
  }
  // `text`: of the request, in which $0 is the provider's name.
  static void Update(const OpenIdProvider& provider, const char* text) {
    Must(server().Call(&Admin::UpdateIdentityProvider, Proto<v1::UpdateIdentityProviderRequest>(text, provider.name()),
                       server().root()));
  }

  static v1::AuthenticateRequest RequestBy(const OpenIdProvider& provider, const Claims& claims) {
    v1::AuthenticateRequest request;
    request.mutable_id_token()->set_issuer(provider.issuer());
    request.mutable_id_token()->set_token(provider.Sign(claims));
    return request;
  }
  static Result<v1::AuthenticateResponse> Authenticate(const v1::AuthenticateRequest& request) {
    return server().Call(&Identity::Authenticate, request);
  }
  static Result<v1::AuthenticateResponse> LogIn(const OpenIdProvider& provider, const Claims& claims) {
    return Authenticate(RequestBy(provider, claims));
  }
  // The same for a login that must succeed, and for which no second factor is due.
  static v1::TokenSet TokensBy(const OpenIdProvider& provider, const Claims& claims) {
    const v1::AuthenticateResponse answer = Must(LogIn(provider, claims));
    EXPECT_TRUE(answer.has_tokens());
    return answer.tokens();
  }

  // A user whose address counts as verified.
  static TestUser MakeVerified() {
    const TestUser user = server().MakeUser();
    Must(server().Call(
        &Admin::UpdateUser,
        Proto<v1::UpdateUserRequest>("user { id: '$0' email: '$1' email_verified: true }", user.id, user.email),
        server().root()));
    return user;
  }
  // An address that no account has.
  static std::string NewAddress() {
    static int addresses = 0;
    return absl::StrCat("person-", ++addresses, "@example.org");
  }

  // The id of the account to which the identity is linked. "" when it is linked to none.
  static std::string OwnerOf(const OpenIdProvider& provider, const std::string& subject) {
    return server().Ask(
        absl::Substitute("SELECT coalesce((SELECT principal_id::text FROM external_identities"
                         " WHERE issuer = '$0' AND subject = '$1' AND unlink_time IS NULL), '')",
                         provider.issuer(), subject));
  }
  // The `details` of the latest failed login.
  static std::string LastCause(TestServer& server) {
    return server.Ask(
        "SELECT details FROM audit_events WHERE event = 'login' AND outcome = 'failure' ORDER BY id DESC LIMIT 1");
  }
  static std::string LastCause() { return LastCause(server()); }
  // What the mails to `address` say about the provider's identities.
  static std::vector<std::string> MailedChanges(const std::string& address, const OpenIdProvider& provider) {
    std::vector<std::string> changes;
    for (const MailMessage& mail : MailsTo(server(), address)) {
      const auto change = mail.parameters.find("change");
      if (mail.kind != MailKind::kAccountChanged || change == mail.parameters.end()) continue;
      if (absl::StrContains(change->second, provider.issuer())) changes.push_back(change->second);
    }
    return changes;
  }

 private:
  static inline std::unique_ptr<DocumentServer> documents_;
  static inline std::unique_ptr<TestServer> server_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_API_LOGIN_PROVIDER_FIXTURE_H_
