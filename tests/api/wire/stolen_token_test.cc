#include <map>
#include <set>

#include "identity/v1/options.pb.h"
#include "tests/support/methods.h"
#include "tests/support/people.h"

namespace identity {
namespace {

using ::testing::IsEmpty;

// A thief has a user's access token and nothing else, for as long as the session lives. The thief tries every RPC.
// Once the session has ended, nothing that the thief made is alive.
class StolenTokenTest : public MailTest {
 protected:
  // What a thief would ask for. $0: the user's id, $1: the id of the user's API key, $2: the stolen token, $3: the id
  // of the session.
  static const std::map<std::string, std::string>& Attempts() {
    static const std::map<std::string, std::string> attempts = {
        {"Authenticate", "mfa { totp_code: '123456' } remember_device: true"},
        {"Refresh", "refresh_token: '$2'"},
        {"Revoke", "api_key_id: '0190b5a0-1111-7000-8000-00000000abcd'"},
        {"CheckPermission", "self: true permission: 'posts:read'"},
        {"BatchCheckPermissions", "checks { self: true permission: 'posts:read' }"},
        {"IssueApiKey", "display_name: 'mine'"},
        {"Register", "username: 'thief' email: 'thief@evil.example' password: 'incorrect zebra battery staple'"},
        {"GetAccount", ""},
        {"UpdateAccount", "account { email: 'thief@evil.example' }"},
        {"DeactivateAccount", ""},
        {"ChangePassword", "new_password: 'incorrect zebra battery staple'"},
        {"ListSessions", ""},
        {"ListApiKeys", ""},
        {"RotateApiKey", "api_key_id: '$1'"},
        {"EnrollTotp", ""},
        {"ConfirmTotp", "totp_code: '123456'"},
        {"DisableTotp", ""},
        {"RegenerateRecoveryCodes", ""},
        {"VerifyEmail", "token: '$2'"},
        {"ResendVerification", ""},
        {"RequestPasswordReset", "login: 'thief@evil.example'"},
        {"ResetPassword", "token: '$2' new_password: 'incorrect zebra battery staple'"},
        {"ListExternalIdentities", ""},
        {"UnlinkIdentity", "issuer: 'https://issuer.example' subject: 'victim'"},
        {"CreateUser", "username: 'puppet' email: 'puppet@evil.example'"},
        {"UpdateUser", "user { id: '$0' email: 'thief@evil.example' email_verified: true }"},
        {"ResetCredentials", "user_id: '$0'"},
        {"TrustSecondFactor", "user_id: '$0'"},
        {"DeleteUser", "user_id: '$0'"},
        {"UnlockUser", "user_id: '$0'"},
        {"GetUser", "user_id: '$0'"},
        {"DisablePrincipal", "principal_id: '$0'"},
        {"EnablePrincipal", "principal_id: '$0'"},
        {"CreateServiceAccount", "name: 'puppet'"},
        {"DeleteServiceAccount", "service_account_id: '$0'"},
        {"UpdateServiceAccount", "service_account { id: '$0' description: 'mine' }"},
        {"RevokeExternal", "issuer: 'https://evil.example' subject: 'owner'"},
        {"CreateRole", "role { name: 'puppet' permissions: '*' }"},
        {"UpdateRole", "role { name: 'self' permissions: '*' }"},
        {"DeleteRole", "name: 'self'"},
        {"GetRole", "name: 'self'"},
        {"CreateBinding", "binding { principal_id: '$0' role: 'super_admin' }"},
        {"DeleteBinding", "binding_id: '0190b5a0-1111-7000-8000-00000000abcd'"},
        {"ListEffectivePermissions", "principal_id: '$0'"},
        {"ListSubjects", "permission: 'posts:read'"},
        {"ListResources", "principal_id: '$0' permission: 'posts:read'"},
        {"ListPrincipalSessions", "principal_id: '$0'"},
        {"ListPrincipalApiKeys", "principal_id: '$0'"},
        {"ListUsers", ""},
        {"ListServiceAccounts", ""},
        {"ListRoles", ""},
        {"ListBindings", ""},
        {"GetStatistics", ""},
        {"ListAuditEvents", ""},
        {"ListSigningKeys", ""},
        {"RotateSigningKey", ""},
        {"RemoveSigningKey", "kid: 'x'"},
        {"CreateIdentityProvider", "provider { name: 'evil' issuer: 'https://evil.example' audiences: 'a' }"},
        {"GetIdentityProvider", "name: 'evil'"},
        {"ListIdentityProviders", ""},
        {"UpdateIdentityProvider", "provider { name: 'evil' disabled: true }"},
        {"DeleteIdentityProvider", "name: 'evil'"},
    };
    return attempts;
  }
  // All that lasts of an account, as one text.
  static std::string LastingState(const std::string& id) {
    return server().Ask(absl::Substitute(
        "SELECT concat_ws('|', (SELECT row(disabled_time, delete_time, epoch) FROM principals WHERE id = '$0'),"
        " (SELECT row(email, email_verify_time, pending_email) FROM users WHERE id = '$0'),"
        " (SELECT row(hash, one_time, change_time) FROM passwords WHERE principal_id = '$0'),"
        " (SELECT string_agg(id::text || coalesce(revoke_time::text, ''), ',') FROM api_keys WHERE owner_id = '$0'),"
        " (SELECT string_agg(role, ',') FROM bindings WHERE principal_id = '$0'),"
        " (SELECT count(*) FROM totp_factors WHERE principal_id = '$0'),"
        " (SELECT count(*) FROM recovery_codes WHERE principal_id = '$0'),"
        " (SELECT count(*) FROM mailed_tokens WHERE principal_id = '$0'),"
        " (SELECT count(*) FROM trusted_devices WHERE principal_id = '$0'),"
        " (SELECT string_agg(issuer || subject || coalesce(unlink_time::text, ''), ',') FROM external_identities"
        "   WHERE principal_id = '$0'),"
        " (SELECT count(*) FROM identity_providers),"
        " (SELECT string_agg(name || '.' || n, ',' ORDER BY name) FROM (SELECT r.name, count(i.*) AS n FROM roles r"
        "   LEFT JOIN role_inherits i ON i.role = r.name GROUP BY r.name) AS t))",
        id));
  }
};

TEST_F(StolenTokenTest, NothingThatItMadeOutlivesTheSession) {
  const TestUser user = RegisterUser(server(), "victim", "victim@example.com");
  Must(Verify(server(), user, MailedToken(server(), MailKind::kVerifyEmail, user.email)));
  server().Grant(user.id, {"posts:*"});
  const auto key = server().IssueKey(user.id, {});
  server().database().Execute(
      "INSERT INTO external_identities (issuer, subject, principal_id, label)"
      " VALUES ('https://issuer.example', 'victim', '" +
      user.id + "', '')");
  const v1::TokenSet session = server().Login(user);
  const Metadata thief = Bearer(session.access_token());
  const std::string before = LastingState(user.id);

  std::set<std::string> secrets;
  for (const auto* method : AllMethods()) {
    const auto attempt = Attempts().find(std::string(method->name()));
    ASSERT_TRUE(attempt != Attempts().end()) << method->name() << " is new: add what a thief would ask for";
    const auto request = NewRequest(*method);
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::Substitute(attempt->second, user.id, key.api_key().id(), session.access_token(), session.session_id()),
        request.get()))
        << method->name();
    const auto answered = server().CallRaw(FullName(*method), request->SerializeAsString(), thief);
    if (!answered.status.ok()) continue;
    const auto response = NewResponse(*method);
    ASSERT_TRUE(response->ParseFromString(answered.value));
    ForEachText(*response, [&](const google::protobuf::FieldDescriptor& field, const std::string& text) {
      if (field.options().GetExtension(v1::sensitive) && !text.empty()) secrets.insert(text);
    });
  }
  EXPECT_THAT(secrets, IsEmpty()) << "no call gave a new secret";
  EXPECT_EQ(LastingState(user.id), before);

  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("session_id: '$0'", session.session_id()),
                     Bearer(server().Login(user).access_token())));
  EXPECT_EQ(server().ReasonFor(session.access_token(), "posts:read"), v1::REASON_CREDENTIAL_REVOKED);
  EXPECT_THAT(TryRefresh(server(), session.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
  EXPECT_EQ(server().Ask("SELECT count(*)::text FROM sessions s JOIN principals p ON p.id = s.principal_id WHERE "
                         "s.principal_id = '" +
                         user.id + "' AND s.revoke_time IS NULL AND s.epoch = p.epoch"),
            "2")
      << "the owner's: one for the verification, one for the revocation";
  EXPECT_EQ(server()
                .Check(Proto<v1::CheckPermissionRequest>("api_key: '$0' permission: 'posts:read'", key.secret()))
                .reason(),
            v1::REASON_GRANTED)
      << "the owner's key";
}

}  // namespace
}  // namespace identity
