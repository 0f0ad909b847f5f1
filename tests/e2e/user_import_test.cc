#include <gmock/gmock.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/support/deployment.h"

namespace identity {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

// Hashes of this password, all made by other implementations.
constexpr char kPassword[] = "correct horse";
constexpr char kBcrypt[] = "$2b$05$abcdefghijklmnopqrstu..7bWYDP.nCKP1mT/ZtGwoi8Eom3hMci";
constexpr char kArgon2[] =
    "$argon2id$v=19$m=64,t=3,p=4$MDEyMzQ1Njc4OWFiY2RlZg$0CZqMZ1QBMaHQj3p+a9jDiwNcLoLHu6N5jg73q6A/M4";
constexpr char kPbkdf2[] = "$pbkdf2-sha256$29000$8PHy8/T19vf4.fr7/P3./w$y5nE41FP/R2/UmxDUlEQsFP4Nx.Xu.w8mgq1Jg6CG.g";
constexpr char kKeycloak[] =
    R"({"type": "password", "secretData": "{\"value\": \"JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/8XwH97PVwMXOFTA/FRAmL2liI7G2)"
    R"(o4+2Hu4XY9YNU9v6DTkptSo3RQ==\", \"salt\": \"8PHy8/T19vf4+fr7/P3+/w==\"}", "credentialData": "{\"hashIterations)"
    R"(\": 1000, \"algorithm\": \"pbkdf2-sha256\"}"})";

std::string Line(const std::string& username, const std::string& members) {
  return absl::StrCat(R"({"username": ")", username, R"(", "email": ")", username, R"(@example.com")",
                      members.empty() ? "" : ", ", members, "}\n");
}

std::string WithHash(const std::string& hash) { return absl::StrCat(R"("password_hash": ")", hash, "\""); }

class UserImportTest : public testing::Test {
 protected:
  UserImportTest() : deployment_(Deployment::Options{1, {}}) {}

  std::vector<std::string> Command(const std::string& file, const std::vector<std::string>& flags) const {
    std::vector<std::string> command = {Identityd(), "import-users", file, "--database-url", url_};
    command.insert(command.end(), flags.begin(), flags.end());
    return command;
  }
  Outcome Import(const std::string& file, const std::vector<std::string>& flags = {}) const {
    return RunProgram(Command(file, flags));
  }
  bool LogsIn(const std::string& login) const { return deployment_.TryPassword(login, kPassword, 0).ok(); }
  void AddRole(const std::string& name) {
    v1::CreateRoleRequest request;
    request.mutable_role()->set_name(name);
    request.mutable_role()->add_permissions("posts:edit");
    Must(deployment_.client(0).Call(&AdminRpc::CreateRole, request, deployment_.AsAdmin()));
  }
  // Line numbers and reasons.
  static std::vector<std::pair<int, std::string>> ReadReport(const std::string& file) {
    std::vector<std::pair<int, std::string>> refusals;
    for (const auto& line : absl::StrSplit(ReadWhole(file), '\n', absl::SkipEmpty())) {
      const auto record = nlohmann::json::parse(line.begin(), line.end());
      refusals.emplace_back(record["line"].get<int>(), record["reason"].get<std::string>());
    }
    return refusals;
  }
  // Starts an import of many small batches and sends `signal` while it runs.
  int Interrupt(const std::string& file, int signal, const std::string& output) {
    Process process(Command(file, {"--batch=100"}), {}, {"/dev/null", output, "/dev/null"});
    WaitUntil([this] { return Imported() >= 1000; });
    process.Signal(signal);
    return process.Wait();
  }
  int64_t Imported() { return deployment_.Count("SELECT coalesce(sum(imported), 0) AS n FROM user_imports"); }

  Deployment deployment_;
  const std::string url_ = deployment_.database().server_url();
  const ScratchDirectory scratch_;
};

TEST_F(UserImportTest, EveryKindOfHashLogsInAndIsReplacedByOurs) {
  const std::string file = scratch_.Write(
      "users.jsonl", Line("ann", WithHash(kBcrypt)) + Line("ben", WithHash(kArgon2)) + Line("cem", WithHash(kPbkdf2)) +
                         Line("dan", absl::StrCat(R"("credentials": [)", kKeycloak, "]")));
  const Outcome outcome = Import(file);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("4 users imported, 0 lines refused"));
  EXPECT_EQ(ReadWhole(file + ".refused"), "");
  for (const char* name : {"ann", "ben", "cem", "dan"}) {
    EXPECT_FALSE(deployment_.TryPassword(name, "correct horse ", 0).ok()) << name;
    EXPECT_TRUE(LogsIn(name)) << name;
    EXPECT_TRUE(LogsIn(std::string(name) + "@EXAMPLE.com")) << name;
  }
  // The admin's among them.
  EXPECT_EQ(deployment_.Count(
                "SELECT count(*) AS n FROM passwords WHERE starts_with(hash, '$argon2id$v=19$m=19456,t=2,p=1$')"),
            5);
}

TEST_F(UserImportTest, AnExportOfFirebaseIsImportedAsItIs) {
  const std::string config = scratch_.Write("hash_config", R"(hash_config {
  algorithm: SCRYPT,
  base64_signer_key: jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,
  base64_salt_separator: Bw==,
  rounds: 8,
  mem_cost: 14,
})");
  const std::string file = scratch_.Write("users.json", R"({"users": [
{
  "localId": "WkNbnCYPLwYNw1vTtu1rBgAFdnB2",
  "email": "ann@example.com",
  "emailVerified": true,
  "passwordHash": "ZKICzw/aMHw8vdjGxgsJzoU1Y63uykdiPEEVnt50NNfmdvLO6km/CMVwKr/d6tK9Px7we7sL5mhO3XjodX2HlA==",
  "salt": "42xEC+ixf3L2lw==",
  "displayName": "Ann, {1}"
},
{"localId": "phone-only", "phoneNumber": "+4912345"},
{
  "localId": "ben",
  "email": "ben@example.com",
  "providerUserInfo": []
}]}
)");
  const Outcome bare = Import(file, {"--format=firebase"});
  EXPECT_EQ(bare.exit_code, 1);
  EXPECT_THAT(bare.errors, HasSubstr("firebase-hash-config-file: is required"));
  const Outcome outcome = Import(file, {"--format=firebase", "--firebase-hash-config-file", config, "--batch=1"});
  EXPECT_EQ(outcome.exit_code, 2) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("2 users imported, 1 lines refused"));
  EXPECT_THAT(ReadReport(file + ".refused"), ElementsAre(Pair(2, "email: is missing")));
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM passwords WHERE starts_with(hash, '$firebase-scrypt$ln=14')"),
            1);
  EXPECT_FALSE(deployment_.TryPassword("ann@example.com", "correct horse ", 0).ok());
  EXPECT_TRUE(LogsIn("ann@example.com"));
  EXPECT_TRUE(LogsIn("wknbncyplwynw1vttu1rbgafdnb2"));
  EXPECT_FALSE(LogsIn("ben@example.com"));
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM passwords WHERE starts_with(hash, '$firebase-scrypt$')"), 0);
}

TEST_F(UserImportTest, ExportsOfAuth0AreImportedAsTheyAre) {
  const std::string lines = scratch_.Write(
      "export.ndjson", absl::StrCat(R"({"_id": {"$oid": "5dea9f9c82dd7c0e76e4ec93"}, "email": "ann@example.com", )",
                                    R"("email_verified": true, "passwordHash": ")", kBcrypt, "\"}\n"));
  const std::string array = scratch_.Write("bulk.json", R"([
  {"email": "ben@example.com", "username": "ben", "custom_password_hash": {"algorithm": "pbkdf2", "hash": {"value":
   "$pbkdf2-sha512$i=1000,l=64$8PHy8/T19vf4+fr7/P3+/w$xqu1f3FSdHbs02z9AocIk0UpBf6S9uqlRTfcS56zkPqTxPMhm+kj4D+e8E9DRlH/uXf/Pe1g59vHIM0MwcvtiA"}}}
])");
  EXPECT_EQ(Import(lines, {"--dry-run"}).exit_code, 2) << "an unknown format";
  for (const std::string& file : {lines, array}) {
    const Outcome outcome = Import(file, {"--format=auth0"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.errors << outcome.output;
  }
  EXPECT_TRUE(LogsIn("ann@example.com"));
  EXPECT_TRUE(LogsIn("ben"));
  EXPECT_FALSE(deployment_.TryPassword("ben", "correct horsf", 0).ok());
}

TEST_F(UserImportTest, AFileThatWasReadInTheWrongFormatIsImportedInTheRightOne) {
  const std::string file =
      scratch_.Write("users", R"({"_id": {"$oid": "5dea9f9c82dd7c0e76e4ec93"}, "email": "ann@example.com"})");
  EXPECT_THAT(Import(file).output, HasSubstr("0 users imported, 1 lines refused"));
  EXPECT_THAT(Import(file, {"--format=auth0"}).output, HasSubstr("1 users imported, 0 lines refused"));
}

TEST_F(UserImportTest, UsersAreAsTheirLinesSay) {
  AddRole("editor");
  const std::string file = scratch_.Write(
      "users.jsonl",
      Line("ann", WithHash(kBcrypt) + R"(, "email_verified": true, "full_name": "Ann É", "roles": ["admin", )"
                                      R"({"role": "editor", "resource": "orgs/acme"}])") +
          "\n" + Line("ben", WithHash(kBcrypt) + R"(, "disabled": true)") + Line("cem", R"("enabled": true)"));
  ASSERT_EQ(Import(file).exit_code, 0);
  EXPECT_TRUE(LogsIn("ann"));
  EXPECT_FALSE(LogsIn("ben"));
  EXPECT_FALSE(LogsIn("cem"));
  v1::ListUsersRequest request;
  request.set_query("ann");
  const auto users = Must(deployment_.client(0).Call(&AdminRpc::ListUsers, request, deployment_.AsAdmin()));
  ASSERT_EQ(users.users_size(), 1);
  EXPECT_TRUE(users.users(0).email_verified());
  EXPECT_EQ(users.users(0).full_name(), "Ann É");
  v1::CheckPermissionRequest check;
  check.set_principal_id(users.users(0).id());
  check.set_permission("posts:edit");
  check.set_resource("orgs/acme/posts");
  const auto decide = [&] {
    return Must(deployment_.client(0).Call(&IdentityRpc::CheckPermission, check, deployment_.AsAdmin())).decision();
  };
  EXPECT_EQ(decide(), v1::DECISION_ALLOWED);
  check.set_resource("orgs/other");
  EXPECT_EQ(decide(), v1::DECISION_DENIED);
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM audit_events WHERE event = 'user.imported'"), 3);
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM changes JOIN revision ON value = revision"), 1);
}

TEST_F(UserImportTest, RefusedLinesAreReportedWithoutSecretsAndTheOthersImported) {
  AddRole("editor");
  const Person taken = deployment_.NewUser("taken");
  const std::string lines[] = {
      Line("ann", WithHash(kBcrypt)),
      "{\"username\": \"secret one\n",
      Line("a b", ""),
      Line("taken", ""),
      R"({"username": "fresh", "email": "TAKEN@example.com"})"
      "\n",
      Line("eve", R"("password_hash": "secret one")"),
      Line("fay", WithHash("$2b$15$abcdefghijklmnopqrstu..7bWYDP.nCKP1mT/ZtGwoi8Eom3hMci")),
      Line("gil", R"("password": "secret one")"),
      Line("hal", R"("roles": ["nobody"])"),
      Line("ian", R"("roles": [{"role": "editor", "resource": "a//b"}])"),
      Line("jan", R"("realmRoles": ["admin"])"),
      Line("ann", ""),
      R"({"username": "ann2", "email": "ANN@example.com"})"
      "\n",
      std::string((1 << 20) + 1, 'x') + "\n",
      Line("zoe", R"("realmRoles": ["editor"])"),
  };
  std::string text;
  for (const std::string& line : lines) text += line;
  text.pop_back();  // the last line needs no newline
  const std::string file = scratch_.Write("users.jsonl", text);
  const std::string report = scratch_.File("report");
  const Outcome outcome = Import(file, {"--report", report});
  EXPECT_EQ(outcome.exit_code, 2) << outcome.errors;
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("2 users imported, 13 lines refused"), HasSubstr(report)));
  EXPECT_THAT(
      ReadReport(report),
      ElementsAre(Pair(2, StartsWith("line: ")), Pair(3, StartsWith("username: must")), Pair(4, "username: is taken"),
                  Pair(5, "email: is taken"), Pair(6, StartsWith("password_hash: must")),
                  Pair(7, StartsWith("password_hash: costs")), Pair(8, StartsWith("password: is in plain text")),
                  Pair(9, "roles: there is no role nobody"), Pair(10, StartsWith("roles[0].resource: ")),
                  Pair(11, StartsWith("realmRoles: admin")), Pair(12, "username: is the same as on line 1"),
                  Pair(13, "email: is the same as on line 1"), Pair(14, "line: is longer than 1 MiB")));
  EXPECT_THAT(ReadWhole(report) + outcome.output + outcome.errors,
              AllOf(Not(HasSubstr("secret one")), Not(HasSubstr("$2b$"))));
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM principals WHERE username IN ('ann', 'zoe')"), 2);
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM bindings WHERE role = 'editor'"), 1);

  // The same file again.
  const int64_t revision = deployment_.Count("SELECT value AS n FROM revision");
  const Outcome again = Import(file, {"--report", report});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.output, AllOf(HasSubstr("imported before"), HasSubstr("2 users imported, 13 lines refused")));
  EXPECT_EQ(ReadReport(report).size(), 13u);
  EXPECT_EQ(deployment_.Count("SELECT value AS n FROM revision"), revision);
}

TEST_F(UserImportTest, AKilledImportContinuesWhereItStopped) {
  constexpr int kLines = 20000;
  std::string text;
  std::vector<int> bad;
  for (int i = 1; i <= kLines; ++i) {
    const bool good = i % 250 != 0;
    text += good ? Line(absl::StrCat("user-", i), WithHash(kBcrypt)) : "no user\n";
    if (!good) bad.push_back(i);
  }
  const std::string file = scratch_.Write("users.jsonl", text);
  EXPECT_EQ(Interrupt(file, SIGKILL, "/dev/null"), -SIGKILL);
  const int64_t before = Imported();
  ASSERT_LT(before, kLines - static_cast<int64_t>(bad.size())) << "the import ended before it was killed";
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM principals WHERE starts_with(username, 'user-')"), before);

  const Outcome outcome = Import(file);
  EXPECT_EQ(outcome.exit_code, 2) << outcome.errors;
  EXPECT_THAT(outcome.errors, HasSubstr("continuing after line"));
  EXPECT_THAT(outcome.output, HasSubstr("19920 users imported, 80 lines refused"));
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM users JOIN passwords ON id = principal_id"
                              " WHERE starts_with(email, 'user-')"),
            19920);
  EXPECT_EQ(deployment_.Count("SELECT count(DISTINCT subject_id) AS n FROM audit_events WHERE event = 'user.imported'"),
            19920);
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM audit_events WHERE event = 'user.imported'"), 19920);
  std::vector<int> told;
  for (const auto& [line, reason] : ReadReport(file + ".refused")) told.push_back(line);
  EXPECT_EQ(told, bad);
}

TEST_F(UserImportTest, ASignalStopsItAfterTheBatch) {
  std::string text;
  for (int i = 1; i <= 20000; ++i) text += Line(absl::StrCat("user-", i), "");
  const std::string file = scratch_.Write("users.jsonl", text);
  const std::string output = scratch_.File("output");
  EXPECT_EQ(Interrupt(file, SIGINT, output), 1);
  const int64_t imported = Imported();
  EXPECT_THAT(ReadWhole(output),
              HasSubstr(absl::StrCat("stopped after line ", imported, "; run the same command again to continue")));
  EXPECT_EQ(imported % 100, 0);
  EXPECT_EQ(Import(file).exit_code, 0);
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM users WHERE starts_with(email, 'user-')"), 20000);
}

TEST_F(UserImportTest, ADryRunChecksAndChangesNothing) {
  const std::string file =
      scratch_.Write("users.jsonl", Line("ann", "") + Line("b c", "") + Line("cem", R"("roles": ["nobody"])"));
  const Outcome outcome = Import(file, {"--dry-run"});
  EXPECT_EQ(outcome.exit_code, 2) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("1 users could be imported, 2 lines refused"));
  EXPECT_THAT(ReadReport(file + ".dry-run"),
              ElementsAre(Pair(2, StartsWith("username: ")), Pair(3, "roles: there is no role nobody")));
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM principals WHERE username = 'ann'"), 0);
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM user_imports"), 0);
}

TEST_F(UserImportTest, UnreadableAndUnwritableFilesAreErrors) {
  const std::string file = scratch_.Write("users.jsonl", Line("ann", ""));
  for (const Outcome& outcome : {Import(scratch_.File("nowhere")), Import("/dev/null")}) {
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.errors, HasSubstr("file: "));
  }
  for (const std::string& report : {std::string("/nowhere/report"), file}) {
    const Outcome outcome = Import(file, {"--report", report});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.errors, HasSubstr("report: "));
  }
  EXPECT_EQ(ReadWhole(file), Line("ann", ""));
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM principals WHERE username = 'ann'"), 0);
}

}  // namespace
}  // namespace identity
