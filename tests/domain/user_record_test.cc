#include "server/domain/user_record.h"

#include <gmock/gmock.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kBcrypt[] = "$2b$05$abcdefghijklmnopqrstu..7bWYDP.nCKP1mT/ZtGwoi8Eom3hMci";
constexpr char kArgon2[] =
    "$argon2id$v=19$m=256,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$BaW4fpaHKjCZWAGDYdvtrxLvSh/SRTUPoEiB6ytkbCs";

absl::StatusOr<UserRecord> Parse(absl::string_view line) {
  std::string username;
  return ParseUserRecord(line, &username);
}

// A line with a valid name and address, followed by `members`.
std::string Line(absl::string_view members) {
  return absl::StrCat(R"({"username": "Ada", "email": "Ada@Example.com")", members.empty() ? "" : ", ", members, "}");
}

// A Keycloak password with `secret` and `data` as its two texts.
std::string Credential(absl::string_view secret, absl::string_view data) {
  return Line(absl::StrCat(R"("credentials": [{"type": "otp"}, {"type": "password", "secretData": ")",
                           absl::CEscape(secret), R"(", "credentialData": ")", absl::CEscape(data), R"("}])"));
}

TEST(UserRecordTest, UsernameAndAddressAreSufficient) {
  const auto user = Parse(Line(""));
  ASSERT_THAT(user, IsOk());
  EXPECT_EQ(user->username, "ada");
  EXPECT_EQ(user->email, "Ada@Example.com");
  EXPECT_EQ(user->email_folded, "ada@example.com");
  EXPECT_FALSE(user->email_verified);
  EXPECT_FALSE(user->disabled);
  EXPECT_EQ(user->full_name, "");
  EXPECT_FALSE(user->password_hash.has_value());
  EXPECT_THAT(user->roles, IsEmpty());
}

TEST(UserRecordTest, ReadsAllMembersAndIgnoresOthers) {
  const auto user = Parse(Line(absl::StrCat(
      R"("email_verified": true, "full_name": "Ada Lovelace", "disabled": true, "password_hash": ")", kBcrypt,
      R"(", "id": 7, "attributes": {"x": ["y"]}, "roles": ["editor", {"role": "viewer", "resource": "orgs/acme",)",
      R"( "expire_time": "2030-01-31T12:00:00.5+01:00"}])")));
  ASSERT_THAT(user, IsOk());
  EXPECT_TRUE(user->email_verified);
  EXPECT_TRUE(user->disabled);
  EXPECT_EQ(user->full_name, "Ada Lovelace");
  EXPECT_EQ(user->password_hash->text(), kBcrypt);
  ASSERT_THAT(user->roles, SizeIs(2));
  EXPECT_EQ(user->roles[0].name, "editor");
  EXPECT_TRUE(user->roles[0].resource.is_everywhere());
  EXPECT_EQ(user->roles[0].expire_time, absl::InfiniteFuture());
  EXPECT_EQ(user->roles[1].name, "viewer");
  EXPECT_EQ(user->roles[1].resource.text(), "orgs/acme");
  EXPECT_EQ(user->roles[1].expire_time,
            absl::FromCivil(absl::CivilSecond(2030, 1, 31, 11), absl::UTCTimeZone()) + absl::Milliseconds(500));
}

TEST(UserRecordTest, NullCountsAsMissing) {
  const auto user =
      Parse(Line(R"("password": null, "password_hash": null, "roles": null, "full_name": null, "credentials": null)"));
  ASSERT_THAT(user, IsOk());
  EXPECT_FALSE(user->password_hash.has_value());
}

TEST(UserRecordTest, ReadsTheNamesOfKeycloak) {
  const auto user =
      Parse(Line(R"("emailVerified": true, "firstName": "Ada", "lastName": "Lovelace", "enabled": false, )"
                 R"("realmRoles": ["default-roles-acme", "offline_access", "uma_authorization", "editor"])"));
  ASSERT_THAT(user, IsOk());
  EXPECT_TRUE(user->email_verified);
  EXPECT_TRUE(user->disabled);
  EXPECT_EQ(user->full_name, "Ada Lovelace");
  ASSERT_THAT(user->roles, SizeIs(1));
  EXPECT_EQ(user->roles[0].name, "editor");
  EXPECT_TRUE(user->roles[0].of_realm);
  EXPECT_EQ(Parse(Line(R"("lastName": "Lovelace")"))->full_name, "Lovelace");
}

TEST(UserRecordTest, KeycloaksPbkdf2IsReadFromTextsAndFromObjects) {
  const std::string salt = "0123456789abcdef";
  const std::string hash(64, 'h');
  const std::string secret = absl::StrCat(R"({"value": ")", absl::Base64Escape(hash), R"(", "salt": ")",
                                          absl::Base64Escape(salt), R"(", "additionalParameters": {}})");
  const std::string data = R"({"hashIterations": 27500, "algorithm": "pbkdf2-sha256", "additionalParameters": {}})";
  const std::string expected = PasswordHash::FromPbkdf2Sha256(27500, salt, hash)->text();
  const auto of_texts = Parse(Credential(secret, data));
  ASSERT_THAT(of_texts, IsOk());
  EXPECT_EQ(of_texts->password_hash->text(), expected);
  const auto of_objects = Parse(Line(absl::StrCat(R"("credentials": [{"type": "password", "secretData": )", secret,
                                                  R"(, "credentialData": )", data, "}]")));
  ASSERT_THAT(of_objects, IsOk());
  EXPECT_EQ(of_objects->password_hash->text(), expected);
}

TEST(UserRecordTest, KeycloaksPbkdf2OfSha512IsRead) {
  const std::string salt = "0123456789abcdef";
  const std::string hash(64, 'h');
  const auto user = Parse(Credential(
      absl::StrCat(R"({"value": ")", absl::Base64Escape(hash), R"(", "salt": ")", absl::Base64Escape(salt), "\"}"),
      R"({"hashIterations": 210000, "algorithm": "pbkdf2-sha512", "additionalParameters": {}})"));
  ASSERT_THAT(user, IsOk());
  EXPECT_EQ(user->password_hash->text(), PasswordHash::FromPbkdf2Sha512(210000, salt, hash)->text());
}

TEST(UserRecordTest, KeycloaksArgon2idGivesTheSameHash) {
  std::string hash;
  ASSERT_TRUE(absl::Base64Unescape("BaW4fpaHKjCZWAGDYdvtrxLvSh/SRTUPoEiB6ytkbCs=", &hash));
  const auto user = Parse(
      Credential(absl::StrCat(R"({"value": ")", absl::Base64Escape(hash), R"(", "salt": "MDEyMzQ1Njc4OWFiY2RlZg=="})"),
                 R"({"hashIterations": 2, "algorithm": "argon2", "additionalParameters": {"hashLength": ["32"], )"
                 R"("memory": ["256"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"]}})"));
  ASSERT_THAT(user, IsOk());
  EXPECT_EQ(user->password_hash->text(), kArgon2);
  EXPECT_TRUE(user->password_hash->Verify(Secret(absl::string_view("correct horse"))));
}

struct Refused {
  std::string line;
  const char* reason;
};

TEST(UserRecordTest, ErrorNamesTheField) {
  const std::string salt_and_hash =
      R"({"value": "aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g=", "salt": "c2FsdHNhbHQ="})";
  std::string many = R"("roles": [)";
  for (int i = 0; i <= 100; ++i) absl::StrAppend(&many, i == 0 ? "" : ",", "\"r", i, "\"");
  const Refused cases[] = {
      {"", "line: "},
      {"{", "line: "},
      {"[]", "line: "},
      {Line(R"("full_name": "x")") + "x", "line: "},
      {Line("\"full_name\": \"\xff\""), "line: "},
      {std::string(10000, '['), "line: "},
      {R"({"email": "a@example.com"})", "username: is missing"},
      {R"({"username": 7, "email": "a@example.com"})", "username: must be a text"},
      {R"({"username": "a b", "email": "a@example.com"})", "username: must be 3 to 50"},
      {R"({"username": "ada"})", "email: is missing"},
      {R"({"username": "ada", "email": "ada"})", "email: must be an address"},
      {Line(R"("full_name": "a\u0000b")"), "full_name: "},
      {Line(R"("email_verified": "yes")"), "email_verified: must be true or false"},
      {Line(R"("disabled": 1)"), "disabled: must be true or false"},
      {Line(R"("password": "secret one")"), "password: is in plain text"},
      {Line(R"("credentials": [{"type": "password", "value": "secret one"}])"), "credentials: is in plain text"},
      {Line(R"("credentials": {})"), "credentials: must be an array"},
      {Line(R"("credentials": [{"type": "password"}])"), "credentials: "},
      {Credential(salt_and_hash, R"({"hashIterations": 27500, "algorithm": "pbkdf2"})"), "credentials: "},
      {Credential(salt_and_hash, R"({"hashIterations": 27500.5, "algorithm": "pbkdf2-sha256"})"), "password_hash: "},
      {Credential(salt_and_hash, R"({"hashIterations": 1000001, "algorithm": "pbkdf2-sha256"})"),
       "password_hash: costs"},
      {Credential("{\"salt\"", R"({"hashIterations": 27500, "algorithm": "pbkdf2-sha256"})"), "password_hash: "},
      {Credential(salt_and_hash, R"({"hashIterations": 2, "algorithm": "argon2"})"), "credentials: "},
      {Line(R"("password_hash": "secret one")"), "password_hash: must be"},
      {Line(R"("password_hash": "$2b$15$abcdefghijklmnopqrstu..7bWYDP.nCKP1mT/ZtGwoi8Eom3hMci")"),
       "password_hash: costs"},
      {Line(R"("roles": "editor")"), "roles: must be an array"},
      {Line(R"("roles": [7])"), "roles[0]: must be"},
      {Line(R"("roles": ["editor", "Not a role"])"), "roles[1].role: must be"},
      {Line(R"("roles": [{"role": "editor", "resource": "a//b"}])"), "roles[0].resource: "},
      {Line(R"("roles": [{"role": "editor", "expire_time": "tomorrow"}])"), "roles[0].expire_time: "},
      {Line(R"("roles": [{"role": "editor", "expire_time": "200000-01-01T00:00:00Z"}])"), "roles[0].expire_time: "},
      {Line(R"("roles": [{"role": "editor", "expire_time": "infinite-past"}])"), "roles[0].expire_time: "},
      {Line(R"("roles": ["editor", {"role": "editor"}])"), "roles: editor occurs twice"},
      {Line(R"("roles": ["editor"], "realmRoles": ["editor"])"), "roles: editor occurs twice"},
      {Line(many + "]"), "roles: are more than 100"},
  };
  for (const Refused& refused : cases) {
    const auto user = Parse(refused.line);
    EXPECT_THAT(user, HasReason(ErrorReason::kInvalidField)) << refused.line.substr(0, 200);
    EXPECT_THAT(std::string(user.status().message()), HasSubstr(refused.reason)) << refused.line.substr(0, 200);
    EXPECT_THAT(std::string(user.status().message()), Not(HasSubstr("secret"))) << refused.line.substr(0, 200);
  }
}

// A line of an import may have 1 MiB.
TEST(UserRecordTest, DeepNestingDoesNotExhaustTheStack) {
  const std::string deep = std::string(500'000, '[') + std::string(500'000, ']');
  EXPECT_THAT(Parse(Credential(absl::StrCat(R"({"value": )", deep, "}"), "{}")), HasReason(ErrorReason::kInvalidField));
  EXPECT_THAT(Parse(Line(absl::StrCat(R"("credentials": [{"type": "password", "secretData": {"salt": )", deep, "}}]"))),
              HasReason(ErrorReason::kInvalidField));
}

TEST(UserRecordTest, TwoPasswordsAreRefused) {
  const auto user = Parse(Line(absl::StrCat(R"("password_hash": ")", kBcrypt,
                                            R"(", "credentials": [{"type": "password", "secretData": "{}"}])")));
  EXPECT_THAT(user, HasReason(ErrorReason::kInvalidField));
}

TEST(UserRecordTest, TheUsernameOfARefusedLineIsReturnedIfValid) {
  std::string username = "of the line before";
  EXPECT_FALSE(ParseUserRecord(Line(R"("password": "secret one")"), &username).ok());
  EXPECT_EQ(username, "ada");
  EXPECT_FALSE(ParseUserRecord(R"({"username": "no name", "email": "a@example.com"})", &username).ok());
  EXPECT_EQ(username, "");
}

}  // namespace
}  // namespace identity
