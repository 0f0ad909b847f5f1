#include "server/domain/password.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "tests/support/status_matchers.h"

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
// Made by passlib. The second has 64 bytes, as Keycloak makes them.
constexpr char kPbkdf2[] = "$pbkdf2-sha256$29000$8PHy8/T19vf4.fr7/P3./w$y5nE41FP/R2/UmxDUlEQsFP4Nx.Xu.w8mgq1Jg6CG.g";
constexpr char kPbkdf2LongHash[] =
    "$pbkdf2-sha256$1000$8PHy8/T19vf4.fr7/P3./w$JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/8XwH97PVwMXOFTA/FRAmL2liI7G2o4.2Hu4X"
    "Y9YNU9v6DTkptSo3RQ";
constexpr char kPbkdf2Utf8[] = "$pbkdf2-sha256$1000$././././././././$StxEaArMginXWDCS9TS502tD0LLrfW0Ly8LMdWIw9lk";
constexpr char kPbkdf2Empty[] =
    "$pbkdf2-sha256$1000$8PHy8/T19vf4.fr7/P3./w$7HZfd3DD5heXdDCAWfZ2glhiMUVuyokAifrD8lqLWks";
constexpr char kPbkdf2Salt[] = "\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe\xff";
constexpr char kPbkdf2HashBytes[] =
    "\x27\x08\x1c\x6c\x96\x65\x1c\x1a\x04\xd2\xe3\xc1\x33\x2f\x52\x66\xc0\xac\x20\x95\xec\x60\xbc\x7f"
    "\xf1\x7c\x07\xf7\xb3\xd5\xc0\xc5\xce\x15\x30\x3f\x15\x10\x26\x2f\x69\x62\x23\xb1\xb6\xa3\x8f\xb6"
    "\x1e\xee\x17\x63\xd6\x0d\x53\xdb\xfa\x0d\x39\x29\xb5\x2a\x37\x45";
// The hash of "correct horse", NUL and "x".
constexpr char kPbkdf2NulHash[] =
    "\x93\x3f\x77\xca\xaf\x55\x05\x1f\xef\xf8\xde\x01\x20\xa7\x2c\xbc\x78\xa9\x6b\x30\x52\x72\xc0\x1a"
    "\xb5\xaf\x89\x9e\xa3\x0f\x4e\xc3";
constexpr char kPbkdf2Sha512[] =
    "$pbkdf2-sha512$1000$8PHy8/T19vf4.fr7/P3./w$xqu1f3FSdHbs02z9AocIk0UpBf6S9uqlRTfcS56zkPqTxPMhm.kj4D.e8E9DRlH/uXf/Pe1"
    "g59vHIM0MwcvtiA";
// The example of Firebase's documentation: the project, and the user "user1password".
constexpr char kFirebaseKey[] =
    "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";
constexpr char kFirebaseSalt[] = "42xEC+ixf3L2lw==";
constexpr char kFirebaseHash[] =
    "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";
constexpr char kFirebaseText[] =
    "$firebase-scrypt$ln=14,r=8$42xEC+ixf3L2lwc$GjH2+Jz+dglLj5NuFkZHgBvZnv8Z8VZE5sdIgEAbIgeXy+ZfSpJLu1A++pZcpx0OhX41mDw"
    "vu2Olmp+PnfLfyQ";
constexpr char kPassword[] = "correct horse";

std::string FromBase64(absl::string_view base64) {
  std::string bytes;
  EXPECT_TRUE(absl::Base64Unescape(base64, &bytes));
  return bytes;
}

FirebaseHashConfig FirebaseProject() { return {Secret(FromBase64(kFirebaseKey)), "\x07", 8, 14}; }

bool Verifies(absl::string_view hash, absl::string_view password) {
  const auto parsed = PasswordHash::Parse(hash);
  return parsed.ok() && parsed->Verify(Secret(password));
}

TEST(Argon2ParametersTest, BoundsAreOwaspsMinimumAndFourGibibytes) {
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

TEST(PasswordHashTest, CreatedHashVerifiesOnlyThePassword) {
  const Argon2Parameters parameters{uint64_t{1} << 20, 2};
  const std::string password("pass\0word ", 10);
  const auto hash = PasswordHash::Create(Secret(password), parameters);
  ASSERT_TRUE(hash.ok()) << hash.status();
  EXPECT_TRUE(hash->Verify(Secret(password)));
  EXPECT_FALSE(hash->Verify(Secret(absl::string_view("pass"))));
  EXPECT_FALSE(hash->Verify(Secret(absl::string_view(""))));
  EXPECT_FALSE(hash->Verify(Secret(password + "x")));
  EXPECT_FALSE(hash->NeedsRehash(Secret(password), parameters));
  EXPECT_EQ(hash->work(), WorkOf(parameters));
  EXPECT_EQ(PasswordHash::Parse(hash->text())->work(), WorkOf(parameters));
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
  const auto needs = [](const char* hash, const Argon2Parameters& parameters) {
    return PasswordHash::Parse(hash)->NeedsRehash(Secret(absl::string_view(kPassword)), parameters);
  };
  EXPECT_FALSE(needs(kArgon2, {256 * 1024, 2}));
  EXPECT_TRUE(needs(kArgon2, {256 * 1024, 3}));
  EXPECT_TRUE(needs(kArgon2, {257 * 1024, 2}));
  EXPECT_TRUE(needs(kArgon2, {255 * 1024, 2}));
  EXPECT_TRUE(needs(kArgon2FourLanes, {64 * 1024, 3}));
  for (const char* hash : {kBcrypt, kPbkdf2, kPbkdf2Sha512, kFirebaseText}) EXPECT_TRUE(needs(hash, {})) << hash;
}

TEST(PasswordHashTest, BcryptStaysWhereItMayHaveTruncated) {
  const auto hash = PasswordHash::Parse(kBcrypt72);
  EXPECT_TRUE(hash->NeedsRehash(Secret(std::string(71, 'x')), {}));
  for (const size_t size : {72u, 73u, 1024u})
    EXPECT_FALSE(hash->NeedsRehash(Secret(std::string(size, 'x')), {})) << size;
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

TEST(PasswordHashTest, FirebasesExampleVerifies) {
  const auto hash = PasswordHash::FromFirebase(FirebaseProject(), FromBase64(kFirebaseSalt), FromBase64(kFirebaseHash));
  ASSERT_TRUE(hash.ok()) << hash.status();
  EXPECT_EQ(hash->text(), kFirebaseText);
  EXPECT_TRUE(hash->Verify(Secret(absl::string_view("user1password"))));
  for (const absl::string_view wrong : {absl::string_view("user1passworD"), absl::string_view(""),
                                        absl::string_view("user1password\0", 14), absl::string_view("user2password")}) {
    EXPECT_FALSE(hash->Verify(Secret(wrong))) << wrong;
  }
}

TEST(PasswordHashTest, AStoredFirebaseHashHasNoPartOfTheSignerKey) {
  const auto hash = PasswordHash::FromFirebase(FirebaseProject(), FromBase64(kFirebaseSalt), FromBase64(kFirebaseHash));
  for (const char* secret : {kFirebaseKey, kFirebaseHash}) {
    EXPECT_FALSE(absl::StrContains(hash->text(), std::string(secret).substr(0, 8)));
  }
}

TEST(PasswordHashTest, FirebaseParametersAreBounded) {
  const std::string salt = FromBase64(kFirebaseSalt);
  const std::string bytes = FromBase64(kFirebaseHash);
  const auto make = [&](uint64_t rounds, uint64_t mem_cost, absl::string_view hash) {
    FirebaseHashConfig config = FirebaseProject();
    config.rounds = rounds;
    config.mem_cost = mem_cost;
    return PasswordHash::FromFirebase(config, salt, hash);
  };
  EXPECT_TRUE(make(8, 14, bytes).ok());
  EXPECT_TRUE(make(1, 1, bytes).ok());
  EXPECT_THAT(make(9, 14, bytes), HasReason(ErrorReason::kInvalidField));
  EXPECT_THAT(make(8, 15, bytes), HasReason(ErrorReason::kInvalidField));
  EXPECT_THAT(make(0, 14, bytes), HasReason(ErrorReason::kInvalidField));
  EXPECT_THAT(make(~uint64_t{0}, ~uint64_t{0}, bytes), HasReason(ErrorReason::kInvalidField));
  EXPECT_THAT(make(8, 14, bytes.substr(1)), HasReason(ErrorReason::kInvalidField));
  const std::string tail = std::string(kFirebaseText).substr(26);
  EXPECT_TRUE(PasswordHash::Parse(absl::StrCat("$firebase-scrypt$ln=14,r=8", tail)).ok());
  for (const char* cost : {"ln=15,r=8", "ln=14,r=9", "ln=0,r=8", "ln=14,r=0", "ln=014,r=8", "r=8,ln=14", "ln=14", ""}) {
    EXPECT_FALSE(PasswordHash::Parse(absl::StrCat("$firebase-scrypt$", cost, tail)).ok()) << cost;
  }
}

TEST(PasswordHashTest, Pbkdf2Verifies) {
  for (const char* hash : {kPbkdf2, kPbkdf2LongHash, kPbkdf2Sha512}) {
    EXPECT_TRUE(Verifies(hash, kPassword)) << hash;
    EXPECT_FALSE(Verifies(hash, "correct horsf")) << hash;
    EXPECT_FALSE(Verifies(hash, "")) << hash;
    EXPECT_FALSE(Verifies(hash, absl::string_view("correct horse\0", 14))) << hash;
  }
  EXPECT_TRUE(Verifies(kPbkdf2Utf8, "caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac"));
  EXPECT_TRUE(Verifies(kPbkdf2Empty, ""));
}

TEST(PasswordHashTest, Pbkdf2ReadsTheBytesAfterANul) {
  const auto hash = PasswordHash::FromPbkdf2Sha256(1000, kPbkdf2Salt, kPbkdf2NulHash);
  ASSERT_TRUE(hash.ok()) << hash.status();
  EXPECT_TRUE(hash->Verify(Secret(absl::string_view("correct horse\0x", 15))));
  EXPECT_FALSE(hash->Verify(Secret(absl::string_view(kPassword))));
}

TEST(PasswordHashTest, Pbkdf2OfRawBytesEqualsThatOfItsText) {
  const auto hash = PasswordHash::FromPbkdf2Sha256(1000, kPbkdf2Salt, kPbkdf2HashBytes);
  ASSERT_TRUE(hash.ok()) << hash.status();
  EXPECT_EQ(hash->text(), kPbkdf2LongHash);
  const auto sha512 = PasswordHash::FromPbkdf2Sha512(
      1000, kPbkdf2Salt,
      FromBase64("xqu1f3FSdHbs02z9AocIk0UpBf6S9uqlRTfcS56zkPqTxPMhm+kj4D+e8E9DRlH/uXf/Pe1g59vHIM0MwcvtiA=="));
  ASSERT_TRUE(sha512.ok()) << sha512.status();
  EXPECT_EQ(sha512->text(), kPbkdf2Sha512);
}

TEST(PasswordHashTest, Pbkdf2SizesAndRoundsAreBounded) {
  const struct {
    uint64_t rounds;
    size_t salt;
    size_t hash;
    bool taken;
  } kCases[] = {
      {1000, 8, 32, true},        {1000000, 64, 64, true},       {999, 16, 32, false}, {1000001, 16, 32, false},
      {0, 16, 32, false},         {~uint64_t{0}, 16, 32, false}, {1000, 7, 32, false}, {1000, 65, 32, false},
      {1000, 16, 31, false},      {1000, 16, 65, false},         {1000, 0, 32, false}, {1000, 16, 0, false},
      {1000, 1 << 20, 32, false}, {1000, 16, 1 << 20, false},
  };
  for (const auto& c : kCases) {
    const auto hash = PasswordHash::FromPbkdf2Sha256(c.rounds, std::string(c.salt, 's'), std::string(c.hash, 'h'));
    EXPECT_EQ(hash.ok(), c.taken) << c.rounds << " " << c.salt << " " << c.hash;
    if (!c.taken) {
      EXPECT_THAT(hash, HasReason(ErrorReason::kInvalidField));
    }
  }
}

TEST(PasswordHashTest, ImportedHashesHaveLowerLimits) {
  const std::string argon2_tail = "$MDEyMzQ1Njc4OWFiY2RlZg$BaW4fpaHKjCZWAGDYdvtrxLvSh/SRTUPoEiB6ytkbCs";
  const std::string bcrypt_tail = std::string(kBcrypt).substr(6);
  const std::string pbkdf2_tail = std::string(kPbkdf2).substr(20);
  for (const std::string& hash :
       {absl::StrCat("$argon2id$v=19$m=262144,t=10,p=1", argon2_tail), absl::StrCat("$2b$14", bcrypt_tail),
        absl::StrCat("$pbkdf2-sha256$1000000", pbkdf2_tail)}) {
    EXPECT_TRUE(PasswordHash::ParseImported(hash).ok()) << hash;
  }
  for (const std::string& hash :
       {absl::StrCat("$argon2id$v=19$m=262145,t=10,p=1", argon2_tail),
        absl::StrCat("$argon2id$v=19$m=262144,t=11,p=1", argon2_tail), absl::StrCat("$2b$15", bcrypt_tail),
        absl::StrCat("$pbkdf2-sha256$1000001", pbkdf2_tail)}) {
    EXPECT_TRUE(PasswordHash::Parse(hash).ok()) << hash;
    const auto imported = PasswordHash::ParseImported(hash);
    ASSERT_FALSE(imported.ok()) << hash;
    EXPECT_TRUE(absl::StrContains(imported.status().message(), "costs more")) << imported.status();
  }
  EXPECT_FALSE(PasswordHash::ParseImported("plain").ok());
}

TEST(PasswordHashTest, AnErrorStatesTheLimitsThatApply) {
  const std::string stored(PasswordHash::Parse("plain").status().message());
  for (const char* limit : {"4096 MiB and 16 passes", "bcrypt of cost 4 to 16", "1000 to 2000000 rounds"}) {
    EXPECT_TRUE(absl::StrContains(stored, limit)) << stored;
  }
  const std::string costly = absl::StrCat("$2b$15", std::string(kBcrypt).substr(6));
  for (const std::string& refused : {std::string("plain"), costly}) {
    const std::string imported(PasswordHash::ParseImported(refused).status().message());
    for (const char* limit : {"256 MiB and 10 passes", "bcrypt of cost 4 to 14", "1000 to 1000000 rounds"}) {
      EXPECT_TRUE(absl::StrContains(imported, limit)) << imported;
    }
  }
}

TEST(PasswordHashTest, MoreRoundsAndMoreMemoryAreMoreWork) {
  const auto work = [](absl::string_view hash) { return PasswordHash::Parse(hash)->work(); };
  EXPECT_EQ(work(kArgon2), 512u);
  EXPECT_EQ(work(absl::StrCat("$2b$06", std::string(kBcrypt).substr(6))), 2 * work(kBcrypt));
  EXPECT_EQ(work(absl::StrCat("$pbkdf2-sha256$58000", std::string(kPbkdf2).substr(20))), 2 * work(kPbkdf2));
  EXPECT_EQ(work(kPbkdf2LongHash), 2 * work(absl::StrCat("$pbkdf2-sha256$1000", std::string(kPbkdf2).substr(20))))
      << "a hash of 64 bytes needs two blocks of SHA-256";
  EXPECT_EQ(work(kFirebaseText),
            2 * work(absl::StrCat("$firebase-scrypt$ln=13", std::string(kFirebaseText).substr(22))));
}

TEST(PasswordHashTest, ParseAcceptsPbkdf2WithinTheBounds) {
  const std::string tail = std::string(kPbkdf2).substr(20);
  for (const char* rounds : {"1000", "2000000"}) {
    EXPECT_TRUE(PasswordHash::Parse(absl::StrCat("$pbkdf2-sha256$", rounds, tail)).ok()) << rounds;
  }
  for (const char* rounds : {"999", "2000001", "029000", "+29000", " 29000", "-1", "", "18446744073709580616"}) {
    EXPECT_FALSE(PasswordHash::Parse(absl::StrCat("$pbkdf2-sha256$", rounds, tail)).ok()) << rounds;
  }
}

TEST(PasswordHashTest, ParseAcceptsCostsWithinTheBounds) {
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

TEST(PasswordHashTest, ParseRefusesHashesThatVerifyCannotRead) {
  const std::string argon2 = kArgon2;
  const std::string bcrypt = kBcrypt;
  const std::string pbkdf2 = kPbkdf2;
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
           argon2.substr(0, argon2.size() - 3) + "\xc3\xa9" + argon2.substr(argon2.size() - 1),
           std::string("$argon2i$") + argon2.substr(10),
           std::string("$argon2d$") + argon2.substr(10),
           std::string("$argon2id$v=16$") + argon2.substr(15),
           std::string("$argon2id$") + argon2.substr(15),
           std::string("$argon2id$v=19$m=256,t=2,p=1$$BaW4fpaHKjCZWAGDYdvtrxLvSh/SRTUPoEiB6ytkbCs"),
           std::string("$argon2id$v=19$m=256,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$BaW4"),  // a hash that a wrong password
                                                                                     // could match by chance
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
           pbkdf2 + "$",
           pbkdf2 + "=",
           pbkdf2 + "\n",
           pbkdf2 + std::string(1, '\0'),
           pbkdf2.substr(0, pbkdf2.rfind('$')),
           pbkdf2.substr(0, pbkdf2.size() - 2),
           pbkdf2.substr(0, pbkdf2.size() - 3) + "\xc3\xa9" + pbkdf2.substr(pbkdf2.size() - 1),
           pbkdf2.substr(0, 22) + "+" + pbkdf2.substr(23),
           std::string("$pbkdf2-sha1$") + pbkdf2.substr(15),
           std::string("$pbkdf2-sha512$"),
           std::string("$firebase-scrypt$") + pbkdf2.substr(15),
           std::string("$pbkdf2$") + pbkdf2.substr(15),
           pbkdf2 + std::string(1 << 20, 'A'),
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

TEST(PasswordHashTest, ErrorDoesNotQuoteTheHash) {
  const auto hash = PasswordHash::Parse(absl::StrCat(kBcrypt, "x"));
  EXPECT_EQ(std::string(hash.status().message()).find("abcdefg"), std::string::npos);
}

}  // namespace
}  // namespace identity
