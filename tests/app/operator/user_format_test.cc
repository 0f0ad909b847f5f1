#include "server/app/operator/user_format.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The example of Firebase's documentation.
constexpr char kHashConfig[] = R"(hash_config {
  algorithm: SCRYPT,
  base64_signer_key: jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,
  base64_salt_separator: Bw==,
  rounds: 8,
  mem_cost: 14,
}
)";
constexpr char kFirebaseUser[] = R"({
  "localId": "WkNbnCYPLwYNw1vTtu1rBgAFdnB2",
  "email": "Ada@Example.com",
  "emailVerified": true,
  "passwordHash": "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
  "salt": "42xEC+ixf3L2lw==",
  "displayName": "Ada Lovelace",
  "lastSignedInAt": "1577000000000",
  "createdAt": "1577000000000",
  "disabled": true,
  "customAttributes": "{\"admin\":true}",
  "providerUserInfo": []
})";
constexpr char kBcrypt[] = "$2b$10$C9hB01.YxRSTcn/ZOOo4j.TW7xCKKFKBSF.C7E0xiUwumqIDqWUXG";
constexpr char kArgon2[] =
    "$argon2id$v=19$m=65536,t=2,p=1$J6Q/82PCyaNpYKRELJyTZg$m04qUAB8rexWDR4+/0f+SFB+4XMFxt7YAvAq2UycYos";
// The hash of "correct horse", made by Python's hashlib.
constexpr char kPbkdf2[] =
    "$pbkdf2-sha512$i=1000,l=64$8PHy8/T19vf4+fr7/P3+/w$xqu1f3FSdHbs02z9AocIk0UpBf6S9uqlRTfcS56zkPqTxPMhm+kj4D+e8E9DRlH/"
    "uXf/Pe1g59vHIM0MwcvtiA";

absl::StatusOr<UserRecord> ParseFirebase(const std::string& text) {
  std::string username;
  return UserParser::Create(UserFormat::kFirebase, Secret(absl::string_view(kHashConfig)))->Parse(text, &username);
}

absl::StatusOr<UserRecord> ParseAuth0(absl::string_view text) {
  std::string username;
  return UserParser::Create(UserFormat::kAuth0, Secret())->Parse(text, &username);
}

// A user of Auth0 with further members.
std::string Auth0(absl::string_view members) {
  return absl::StrCat(R"({"_id": {"$oid": "5dea9f9c82dd7c0e76e4ec93"}, "email": "ada@example.com", )", members, "}");
}

std::string CustomHash(absl::string_view algorithm, absl::string_view value, absl::string_view rest = "") {
  return Auth0(absl::StrCat(R"("custom_password_hash": {"algorithm": ")", algorithm, R"(", "hash": {"value": ")", value,
                            R"(")", rest, "}}"));
}

bool Verifies(const absl::StatusOr<UserRecord>& user, absl::string_view password) {
  return user.ok() && user->password_hash && user->password_hash->Verify(Secret(password));
}

TEST(FirebaseUserTest, IsReadAsExported) {
  const auto user = ParseFirebase(kFirebaseUser);
  ASSERT_THAT(user, IsOk());
  EXPECT_EQ(user->username, "wknbncyplwynw1vttu1rbgafdnb2");
  EXPECT_EQ(user->email, "Ada@Example.com");
  EXPECT_TRUE(user->email_verified);
  EXPECT_TRUE(user->disabled);
  EXPECT_EQ(user->full_name, "Ada Lovelace");
  EXPECT_TRUE(Verifies(user, "user1password"));
  EXPECT_FALSE(Verifies(user, "user2password"));
  EXPECT_TRUE(user->roles.empty());
}

TEST(FirebaseUserTest, WithoutAHashHasNoPassword) {
  const auto user = ParseFirebase(R"({"localId": "abc", "email": "a@example.com", "providerUserInfo": []})");
  ASSERT_THAT(user, IsOk());
  EXPECT_FALSE(user->password_hash.has_value());
}

TEST(FirebaseUserTest, ErrorsNameTheFieldAndReturnTheUsername) {
  const auto parser = UserParser::Create(UserFormat::kFirebase, Secret(absl::string_view(kHashConfig)));
  const struct {
    const char* text;
    const char* username;
    const char* reason;
  } kCases[] = {
      {"7", "", "line: must be a JSON object"},
      {"{", "", "line: must be a JSON object"},
      {R"({"email": "a@example.com"})", "", "username: is missing"},
      {R"({"localId": "abc"})", "abc", "email: is missing"},
      {R"({"localId": "abc", "email": 7})", "abc", "email: must be a text"},
      {R"({"localId": "abc", "email": "a@example.com", "passwordHash": "c2hvcnQ="})", "abc",
       "passwordHash: does not have the size"},
      {R"({"localId": "abc", "email": "a@example.com", "passwordHash": "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZ)"
       R"(vqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="})",
       "abc", "password_hash: must be"},
  };
  for (const auto& c : kCases) {
    std::string username = "of the line before";
    const auto user = parser->Parse(c.text, &username);
    EXPECT_THAT(user, HasReason(ErrorReason::kInvalidField)) << c.text;
    EXPECT_THAT(std::string(user.status().message()), HasSubstr(c.reason)) << c.text;
    EXPECT_EQ(username, c.username) << c.text;
  }
}

TEST(FirebaseHashConfigTest, TheConsolesTextAndJsonAreRead) {
  for (const char* text :
       {kHashConfig,
        R"({"algorithm": "SCRYPT", "base64_signer_key": "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxU)"
        R"(ECKbm0QsEmYUSDzZvpjeJ9WmXA==", "base64_salt_separator": "Bw==", "rounds": 8, "mem_cost": 14})"}) {
    const auto config = ParseFirebaseHashConfig(Secret(absl::string_view(text)));
    ASSERT_THAT(config, IsOk()) << text;
    EXPECT_EQ(config->signer_key.size(), 64u);
    EXPECT_EQ(config->salt_separator, "\x07");
    EXPECT_EQ(config->rounds, 8u);
    EXPECT_EQ(config->mem_cost, 14u);
  }
}

TEST(FirebaseHashConfigTest, OtherTextsAreRefusedWithoutQuotingThem) {
  const std::string good = kHashConfig;
  const auto without = [&](const std::string& part, const std::string& instead) {
    std::string text = good;
    return text.replace(text.find(part), part.size(), instead);
  };
  for (const std::string& text : {std::string("x"), without("SCRYPT", "STANDARD_SCRYPT"), without("jxspr8", "!"),
                                  without("base64_signer_key", "k"), without("8,", "9,"), without("8,", "x,"),
                                  without("14", "15"), without("rounds", "r")}) {
    const auto config = ParseFirebaseHashConfig(Secret(absl::string_view(text)));
    EXPECT_THAT(config, HasReason(ErrorReason::kInvalidField)) << text;
    EXPECT_THAT(std::string(config.status().message()), Not(HasSubstr("Ki0RYycVU8zykbdLGj")));
  }
}

TEST(UserParserTest, TheHashConfigIsForFirebaseOnly) {
  EXPECT_THAT(UserParser::Create(UserFormat::kFirebase, Secret()), HasReason(ErrorReason::kInvalidField));
  for (const UserFormat format : {UserFormat::kIdentity, UserFormat::kAuth0}) {
    EXPECT_THAT(UserParser::Create(format, Secret(absl::string_view(kHashConfig))),
                HasReason(ErrorReason::kInvalidField));
  }
}

TEST(Auth0UserTest, AnExportedUserIsRead) {
  const auto user = ParseAuth0(absl::StrCat(
      R"({"_id": {"$oid": "5dea9f9c82dd7c0e76e4ec93"}, "email_verified": true, "email": "Ada@Example.com", )",
      R"("passwordHash": ")", kBcrypt, R"(", "password_set_date": {"$date": "2019-12-06T18:36:12.412Z"}, )",
      R"("tenant": "acme", "connection": "Username-Password-Authentication", "_tmp_is_unique": true})"));
  ASSERT_THAT(user, IsOk());
  EXPECT_EQ(user->username, "5dea9f9c82dd7c0e76e4ec93");
  EXPECT_EQ(user->email, "Ada@Example.com");
  EXPECT_TRUE(user->email_verified);
  EXPECT_FALSE(user->disabled);
  EXPECT_EQ(user->password_hash->text(), kBcrypt);
}

TEST(Auth0UserTest, TheAddressMayBeAmongTheIdentifiers) {
  const auto user =
      ParseAuth0(R"({"_id": {"$oid": "5dea9f9c82dd7c0e76e4ec93"}, "identifiers": [{"type": "phone_number"},
    {"type": "email", "value": "ada@example.com", "verified": true}]})");
  ASSERT_THAT(user, IsOk());
  EXPECT_EQ(user->email, "ada@example.com");
  EXPECT_TRUE(user->email_verified);
}

TEST(Auth0UserTest, AUserOfABulkImportIsRead) {
  const auto user = ParseAuth0(absl::StrCat(
      R"({"email": "ada@example.com", "user_id": "auth0|ada-1", "blocked": true, "name": "ada@example.com", )"
      R"("given_name": "Ada", "family_name": "Lovelace", "app_metadata": {"roles": ["admin"]}, "password_hash": ")",
      kBcrypt, "\"}"));
  ASSERT_THAT(user, IsOk());
  EXPECT_EQ(user->username, "ada-1");
  EXPECT_TRUE(user->disabled);
  EXPECT_EQ(user->full_name, "Ada Lovelace");
  EXPECT_EQ(user->password_hash->text(), kBcrypt);
  EXPECT_TRUE(user->roles.empty());
  EXPECT_EQ(ParseAuth0(Auth0(R"("username": "Ada", "name": "Countess")"))->username, "ada");
  EXPECT_EQ(ParseAuth0(Auth0(R"("username": "Ada", "name": "Countess")"))->full_name, "Countess");
}

TEST(Auth0UserTest, CustomHashesOfOurFunctionsAreRead) {
  EXPECT_EQ(ParseAuth0(CustomHash("bcrypt", kBcrypt))->password_hash->text(), kBcrypt);
  EXPECT_EQ(ParseAuth0(CustomHash("argon2", kArgon2, R"(, "encoding": "utf8")"))->password_hash->text(), kArgon2);
  const auto pbkdf2 = ParseAuth0(CustomHash("pbkdf2", kPbkdf2));
  ASSERT_THAT(pbkdf2, IsOk());
  EXPECT_TRUE(Verifies(pbkdf2, "correct horse"));
  EXPECT_FALSE(Verifies(pbkdf2, "correct horsf"));
}

TEST(Auth0UserTest, OtherHashesAreRefused) {
  const std::string pbkdf2 = kPbkdf2;
  const std::string tail = pbkdf2.substr(27);
  for (const std::string& text :
       {CustomHash("md5", "d24e794fce503c3ddb1cd1ba1dd5d9b2"), CustomHash("", kBcrypt), CustomHash("bcrypt", "x"),
        CustomHash("argon2", "$argon2i$v=19$m=65536,t=2,p=1$J6Q/82PCyaNpYKRELJyTZg$m04qUAB8rexWDR4+"),
        CustomHash("pbkdf2", absl::StrCat("$pbkdf2-md4$i=1000,l=64$", tail)),
        CustomHash("pbkdf2", absl::StrCat("$pbkdf2-sha512$i=1000,l=32$", tail)),
        CustomHash("pbkdf2", absl::StrCat("$pbkdf2-sha512$i=2000000,l=64$", tail)),
        CustomHash("pbkdf2", absl::StrCat("$pbkdf2-sha512$x=1$", tail)), CustomHash("pbkdf2", "$pbkdf2-sha512$"),
        CustomHash("bcrypt", kBcrypt, R"(, "encoding": "base64")"),
        CustomHash("bcrypt", kBcrypt, R"(, "salt": {"value": "abc"})"), Auth0(R"("custom_password_hash": {})"),
        Auth0(R"("custom_password_hash": 7)"), Auth0(R"("passwordHash": "secret")"),
        Auth0(absl::StrCat(R"("passwordHash": ")", kBcrypt, R"(", "password_hash": ")", kBcrypt, "\""))}) {
    const auto user = ParseAuth0(text);
    EXPECT_THAT(user, HasReason(ErrorReason::kInvalidField)) << text;
  }
  const auto by_default = ParseAuth0(CustomHash("pbkdf2", absl::StrCat("$pbkdf2-sha512$", tail)));
  ASSERT_THAT(by_default, IsOk());
  EXPECT_THAT(by_default->password_hash->text(), HasSubstr("$pbkdf2-sha512$100000$"));
}

// The library copies nested values by recursion.
TEST(UserFormatTest, DeepNestingDoesNotExhaustTheStack) {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  for (const char* member : {"email", "displayName"}) {
    const auto user =
        ParseFirebase(absl::StrCat(R"({"localId": "WkNbnCYPLwYNw1vTtu1rBgAFdnB2", ")", member, "\": ", deep, "}"));
    EXPECT_EQ(user.status().code(), absl::StatusCode::kInvalidArgument) << member;
  }
  EXPECT_FALSE(ParseAuth0(Auth0(absl::StrCat(R"("name": )", deep))).ok());
  EXPECT_FALSE(
      ParseAuth0(absl::StrCat(R"({"user_id": "auth0|5dea9f9c82dd7c0e76e4ec93", "identifiers": [{"type": "email", )",
                              R"("value": )", deep, "}]}"))
          .ok());
}

}  // namespace
}  // namespace identity
