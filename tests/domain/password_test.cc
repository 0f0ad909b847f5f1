#include "server/domain/password.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace identity {
namespace {

// Made by other implementations: Argon2's reference library and passlib.
constexpr char kArgon2[] =
    "$argon2id$v=19$m=256,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$BaW4fpaHKjCZWAGDYdvtrxLvSh/SRTUPoEiB6ytkbCs";
constexpr char kArgon2FourLanes[] =
    "$argon2id$v=19$m=64,t=3,p=4$MDEyMzQ1Njc4OWFiY2RlZg$0CZqMZ1QBMaHQj3p+a9jDiwNcLoLHu6N5jg73q6A/M4";
constexpr char kArgon2LongHash[] =
    "$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
    "ElYavE5lgslWJcIIcvuuBW3Pz/1wXpDjo5DsqDC0SEedinUUyivw6NihVuFZW1O396b4Y7BG7sdrS6SkZdImig";
constexpr char kBcrypt[] = "$2b$05$abcdefghijklmnopqrstu..7bWYDP.nCKP1mT/ZtGwoi8Eom3hMci";
constexpr char kBcrypt72[] = "$2b$04$abcdefghijklmnopqrstu.XKJJS6vg2cGDgciaAr01yKV5aVAZh8q";  // 72 times "x"
constexpr char kBcryptUtf8[] = "$2b$04$abcdefghijklmnopqrstu.DwB39dkZ0whhVeLCkDvpbL3XL/qEY9q";
constexpr char kBcryptEmpty[] = "$2b$04$abcdefghijklmnopqrstu.aiRfTPpGm91XijkB5TYc/96lykHIT5m";
constexpr char kPassword[] = "correct horse";

bool Verifies(absl::string_view hash, absl::string_view password) {
  const auto parsed = PasswordHash::Parse(hash);
  return parsed.ok() && parsed->Verify(Secret(password));
}

TEST(Argon2ParametersTest, BoundsAreTheLowestRecommendedAndWhatAMachineStands) {
  constexpr uint64_t kMiB = uint64_t{1} << 20;
  EXPECT_TRUE(CheckArgon2Parameters({}).ok());
  EXPECT_TRUE(CheckArgon2Parameters({19 * kMiB, 2}).ok());
  EXPECT_TRUE(CheckArgon2Parameters({4096 * kMiB, 16}).ok());
  for (const Argon2Parameters& parameters : {Argon2Parameters{19 * kMiB - 1, 2}, Argon2Parameters{64 * kMiB, 1},
                                             Argon2Parameters{4096 * kMiB + 1, 2}, Argon2Parameters{64 * kMiB, 17}}) {
    EXPECT_EQ(CheckArgon2Parameters(parameters).code(), absl::StatusCode::kInvalidArgument)
        << parameters.memory_bytes << " " << parameters.passes;
  }
}

TEST(NewPasswordTest, IsEightTo1024Bytes) {
  EXPECT_TRUE(CheckNewPassword(Secret(std::string(8, ' '))).ok());
  EXPECT_TRUE(CheckNewPassword(Secret(std::string(1024, 'x'))).ok());
  for (const size_t size : {0u, 7u, 1025u}) {
    const absl::Status status = CheckNewPassword(Secret(std::string(size, 'x')));
    ASSERT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(FieldViolationsOf(status)[0].field, "password");
  }
}

TEST(PasswordHashTest, CreatedOneVerifiesThePasswordAlone) {
  const Argon2Parameters parameters{uint64_t{1} << 20, 2};
  const std::string password("pass\0word ", 10);
  const auto hash = PasswordHash::Create(Secret(password), parameters);
  ASSERT_TRUE(hash.ok()) << hash.status();
  EXPECT_TRUE(hash->Verify(Secret(password)));
  EXPECT_FALSE(hash->Verify(Secret(absl::string_view("pass"))));
  EXPECT_FALSE(hash->Verify(Secret(absl::string_view(""))));
  EXPECT_FALSE(hash->Verify(Secret(password + "x")));
  EXPECT_FALSE(hash->NeedsRehash(parameters));
  EXPECT_TRUE(PasswordHash::Parse(hash->text()).ok());
}

TEST(PasswordHashTest, SaltsDiffer) {
  const Argon2Parameters parameters{uint64_t{1} << 20, 1};
  EXPECT_NE(PasswordHash::Create(Secret(absl::string_view(kPassword)), parameters)->text(),
            PasswordHash::Create(Secret(absl::string_view(kPassword)), parameters)->text());
}

TEST(PasswordHashTest, Argon2OfOtherParametersVerifies) {
  for (const char* hash : {kArgon2, kArgon2FourLanes, kArgon2LongHash}) {
    EXPECT_TRUE(Verifies(hash, kPassword)) << hash;
    EXPECT_FALSE(Verifies(hash, "correct horsf")) << hash;
    EXPECT_FALSE(Verifies(hash, "")) << hash;
  }
}

TEST(PasswordHashTest, OtherParametersNeedARehash) {
  const auto hash = PasswordHash::Parse(kArgon2);
  ASSERT_TRUE(hash.ok());
  EXPECT_FALSE(hash->NeedsRehash({256 * 1024, 2}));
  EXPECT_TRUE(hash->NeedsRehash({256 * 1024, 3}));
  EXPECT_TRUE(hash->NeedsRehash({257 * 1024, 2}));
  EXPECT_TRUE(hash->NeedsRehash({255 * 1024, 2}));
  EXPECT_TRUE(PasswordHash::Parse(kArgon2FourLanes)->NeedsRehash({64 * 1024, 3}));
  EXPECT_TRUE(PasswordHash::Parse(kBcrypt)->NeedsRehash({}));
}

TEST(PasswordHashTest, BcryptOfEveryPrefixVerifies) {
  for (const char* prefix : {"$2a", "$2b", "$2y"}) {
    const std::string hash = prefix + std::string(kBcrypt).substr(3);
    EXPECT_TRUE(Verifies(hash, kPassword)) << hash;
    EXPECT_FALSE(Verifies(hash, "correct horsf")) << hash;
    EXPECT_FALSE(Verifies(hash, "")) << hash;
  }
  EXPECT_TRUE(Verifies(kBcryptUtf8, "caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac"));
  EXPECT_TRUE(Verifies(kBcryptEmpty, ""));
}

TEST(PasswordHashTest, BcryptReadsSeventyTwoBytes) {
  EXPECT_FALSE(Verifies(kBcrypt72, std::string(71, 'x')));
  EXPECT_TRUE(Verifies(kBcrypt72, std::string(72, 'x')));
  EXPECT_TRUE(Verifies(kBcrypt72, std::string(72, 'x') + "y"));
  EXPECT_TRUE(Verifies(kBcrypt72, std::string(1024, 'x')));
}

TEST(PasswordHashTest, BcryptRefusesNul) {
  EXPECT_FALSE(Verifies(kBcrypt, absl::string_view("correct horse\0", 14)));
  EXPECT_FALSE(Verifies(kBcrypt, absl::string_view("correct horse\0x", 15)));
  EXPECT_FALSE(Verifies(kBcryptEmpty, absl::string_view("\0", 1)));
  EXPECT_FALSE(Verifies(kBcrypt72, std::string(72, 'x') + std::string(1, '\0')));
}

TEST(PasswordHashTest, ParseTakesCostsWithinTheBounds) {
  const std::string tail = "$MDEyMzQ1Njc4OWFiY2RlZg$BaW4fpaHKjCZWAGDYdvtrxLvSh/SRTUPoEiB6ytkbCs";
  for (const char* cost : {"m=8,t=1,p=1", "m=4194304,t=16,p=1", "m=2040,t=1,p=255"}) {
    EXPECT_TRUE(PasswordHash::Parse(absl::StrCat("$argon2id$v=19$", cost, tail)).ok()) << cost;
  }
  for (const char* cost :
       {"m=7,t=1,p=1", "m=4194305,t=1,p=1", "m=256,t=17,p=1", "m=256,t=0,p=1", "m=256,t=1,p=0", "m=4096,t=1,p=256",
        "m=31,t=1,p=4", "m=0256,t=1,p=1", "m=+256,t=1,p=1", "m= 256,t=1,p=1", "m=256 ,t=1,p=1", "m=-256,t=1,p=1",
        "m=18446744073709551872,t=1,p=1", "t=1,m=256,p=1", "m=256,t=1", "m=256,t=1,p=1,data=AA", "m=,t=1,p=1", ""}) {
    EXPECT_FALSE(PasswordHash::Parse(absl::StrCat("$argon2id$v=19$", cost, tail)).ok()) << cost;
  }
}

TEST(PasswordHashTest, ParseRefusesWhatVerifyCannotRead) {
  const std::string argon2 = kArgon2;
  const std::string bcrypt = kBcrypt;
  for (const std::string& text : {
           std::string(),
           std::string("$"),
           std::string("plain"),
           argon2 + "$",
           argon2 + "AA",
           argon2 + "=",
           " " + argon2,
           argon2 + "\n",
           argon2 + std::string(1, '\0'),
           argon2.substr(0, argon2.rfind('$')),
           std::string("$argon2i$") + argon2.substr(10),
           std::string("$argon2d$") + argon2.substr(10),
           std::string("$argon2id$v=16$") + argon2.substr(15),
           std::string("$argon2id$") + argon2.substr(15),
           std::string("$argon2id$v=19$m=256,t=2,p=1$$BaW4fpaHKjCZWAGDYdvtrxLvSh/SRTUPoEiB6ytkbCs"),
           std::string("$argon2id$v=19$m=256,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$BaW4"),  // a hash that chance would meet
           std::string("$argon2id$v=19$m=256,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$") + std::string(1 << 20, 'A'),
           bcrypt + "A",
           bcrypt.substr(0, 59),
           std::string("$2x") + bcrypt.substr(3),
           std::string("$2") + bcrypt.substr(3),
           std::string("$2b$03") + bcrypt.substr(6),
           std::string("$2b$17") + bcrypt.substr(6),
           std::string("$2b$5 ") + bcrypt.substr(6),
           std::string("$2b$-5") + bcrypt.substr(6),
           bcrypt.substr(0, 59) + "j",
           bcrypt.substr(0, 30) + "!" + bcrypt.substr(31),
           std::string(60, '$'),
           std::string("$5$salt$hash"),
           std::string("$6$rounds=5000$salt$hash"),
           std::string("$1$salt$hash"),
           std::string("{SSHA}AAAA"),
       }) {
    const auto hash = PasswordHash::Parse(text);
    ASSERT_FALSE(hash.ok()) << text.substr(0, 120);
    EXPECT_EQ(hash.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(FieldViolationsOf(hash.status())[0].field, "password_hash");
  }
}

TEST(PasswordHashTest, ErrorHasNothingOfTheHash) {
  const auto hash = PasswordHash::Parse(absl::StrCat(kBcrypt, "x"));
  EXPECT_EQ(std::string(hash.status().message()).find("abcdefg"), std::string::npos);
}

}  // namespace
}  // namespace identity
