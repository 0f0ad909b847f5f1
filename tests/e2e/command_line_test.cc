#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/support/deployment.h"

namespace identity {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Arguments = std::vector<std::string>;

Outcome RunIdentityd(const Arguments& arguments, const Arguments& environment = {}, const std::string& input = "") {
  Arguments command = {Identityd()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return RunProgram(command, environment, input);
}

// Starts `serve` with a configuration that must stop the start.
Outcome Serve(const std::string& database_url, const std::string& master_key_file, const Arguments& more) {
  Arguments arguments = {"serve", "--database-url", database_url, "--master-key-file", master_key_file};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return RunIdentityd(arguments);
}

TEST(HelpTest, NamesTheSubcommands) {
  const Outcome help = RunIdentityd({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* name : {"serve", "migrate", "bootstrap", "keys", "unlock-user", "reset-mfa", "disable-user",
                           "enable-user", "routes", "version"}) {
    EXPECT_THAT(help.output, HasSubstr(name));
  }
}

TEST(HelpTest, EachSubcommandNamesItsOptions) {
  const std::pair<Arguments, Arguments> commands[] = {
      {{"serve"},
       {"--database-url",
        "--master-key-file",
        "--listen-address",
        "--tls-certificate-file",
        "--tls-key-file",
        "--tls-client-ca-file",
        "--allow-plaintext",
        "--reflection",
        "--issuer",
        "--access-token-lifetime",
        "--session-lifetime",
        "--session-idle-timeout",
        "--workers",
        "--hash-threads",
        "--database-connections",
        "--drain-timeout",
        "--argon2-memory-mib",
        "--argon2-passes",
        "--routes",
        "--log-level",
        "--config"}},
      {{"migrate"}, {"--database-url", "--log-level", "--config"}},
      {{"bootstrap"}, {"--database-url", "--username", "--email", "--password-stdin", "--argon2-memory-mib"}},
      {{"keys", "jwks"}, {"--database-url", "--config"}},
      {{"keys", "remove"}, {"KID", "--database-url", "--master-key-file", "--config"}},
      {{"keys", "rewrap"}, {"--database-url", "--master-key-file", "--config"}},
      {{"unlock-user"}, {"--login", "--database-url", "--config"}},
      {{"reset-mfa"}, {"--login", "--database-url", "--config"}},
      {{"disable-user"}, {"--login", "--reason", "--database-url", "--config"}},
      {{"enable-user"}, {"--login", "--database-url", "--config"}},
      {{"routes", "check"}, {"FILE", "Exit code: 0", "identityd routes check routes.yaml"}},
      {{"routes", "try"}, {"FILE", "METHOD", "URL", "Exit code: 0", "identityd routes try routes.yaml GET https://"}},
  };
  for (const auto& [command, options] : commands) {
    Arguments arguments = command;
    arguments.push_back("--help");
    const Outcome help = RunIdentityd(arguments);
    EXPECT_EQ(help.exit_code, 0) << command[0];
    for (const std::string& option : options) EXPECT_THAT(help.output, HasSubstr(option)) << command[0];
  }
}

TEST(VersionTest, IsPrinted) {
  for (const char* argument : {"version", "--version"}) {
    const Outcome version = RunIdentityd({argument});
    EXPECT_EQ(version.exit_code, 0);
    EXPECT_THAT(version.output, testing::MatchesRegex("identityd [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  }
}

struct Mistake {
  Arguments flags;
  Arguments environment;
  const char* named;
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.named; }

class MistakeTest : public testing::TestWithParam<Mistake> {};

TEST_P(MistakeTest, NamesItselfAndStopsTheStart) {
  Arguments arguments = {"serve", "--database-url", "host=/nowhere", "--master-key-file", "/dev/null"};
  arguments.insert(arguments.end(), GetParam().flags.begin(), GetParam().flags.end());
  const Outcome outcome = RunIdentityd(arguments, GetParam().environment);
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_NE(outcome.exit_code, 124) << "it started";
  EXPECT_THAT(outcome.errors + outcome.output, HasSubstr(GetParam().named));
}

INSTANTIATE_TEST_SUITE_P(
    Values, MistakeTest,
    testing::Values(Mistake{{"--workers", "many"}, {}, "--workers"}, Mistake{{"--workers", "1"}, {}, "--workers"},
                    Mistake{{"--access-token-lifetime", "5s"}, {}, "--access-token-lifetime"},
                    Mistake{{"--access-token-lifetime", "soon"}, {}, "soon"},
                    Mistake{{"--argon2-memory-mib", "18"}, {}, "--argon2-memory-mib"},
                    Mistake{{"--argon2-passes", "1"}, {}, "--argon2-passes"},
                    Mistake{{"--log-level", "loud"}, {}, "--log-level"},
                    Mistake{{"--no-such-option"}, {}, "--no-such-option"},
                    Mistake{{}, {"IDENTITY_WORKERS=none"}, "IDENTITY_WORKERS"},
                    Mistake{{"--config", "/nowhere/identity.conf"}, {}, "/nowhere/identity.conf"}));

TEST(MistakesTest, WithoutASubcommandHelpIsOffered) {
  const Outcome outcome = RunIdentityd({});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.errors + outcome.output, HasSubstr("--help"));
}

TEST(MistakesTest, AMisspeltKeyOfTheFileStopsTheStart) {
  const ScratchDirectory scratch;
  const std::string file = scratch.Write("identity.conf", "workers = 4\nwrokers = 4\n");
  const Outcome outcome =
      RunIdentityd({"serve", "--database-url", "host=/nowhere", "--master-key-file", "/dev/null", "--config", file});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.errors, AllOf(HasSubstr(file), HasSubstr("setting 2")));
}

TEST(MistakesTest, APasswordInADatabaseFlagIsRefusedAndNotRepeated) {
  for (const char* url :
       {"postgresql://ada:hunter2@127.0.0.1:1/identity", "host=127.0.0.1 port=1 password=hunter2",
        "host=127.0.0.1 port=1 password = hunter2", "postgresql://ada@127.0.0.1:1/identity?password=hunter2"}) {
    const Outcome outcome = RunIdentityd({"migrate", "--database-url", url});
    EXPECT_NE(outcome.exit_code, 0) << url;
    EXPECT_THAT(outcome.errors, AllOf(HasSubstr("IDENTITY_DATABASE_URL"), Not(HasSubstr("hunter2")))) << url;
  }
}

TEST(MigrateTest, IsIdempotent) {
  TestDatabase database(TestDatabase::Schema::kEmpty);
  const Arguments migrate = {"migrate", "--database-url", database.owner_url()};
  const Outcome first = RunIdentityd(migrate);
  ASSERT_EQ(first.exit_code, 0) << first.errors;
  EXPECT_THAT(first.output, HasSubstr("applied 0001_"));
  const Outcome second = RunIdentityd(migrate);
  EXPECT_EQ(second.exit_code, 0) << second.errors;
  EXPECT_EQ(second.output, "the schema is up to date\n");
}

TEST(MigrateTest, ServingAnUnmigratedDatabaseIsRefused) {
  TestDatabase database(TestDatabase::Schema::kEmpty);
  const ScratchDirectory scratch;
  const std::string key = scratch.Write("master.key", std::string(64, '1') + "\n");
  const Outcome outcome = Serve(database.server_url(), key, {});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("migrate"));
}

// Has a deployment, so that there is a super admin and a signing key.
class CommandsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { deployment_ = std::make_unique<Deployment>(Deployment::Options{1, {}}); }
  static void TearDownTestSuite() { deployment_.reset(); }
  static std::string Url() { return deployment_->database().server_url(); }

  const ScratchDirectory scratch_;
  static std::unique_ptr<Deployment> deployment_;
};

std::unique_ptr<Deployment> CommandsTest::deployment_;

TEST_F(CommandsTest, ASecondBootstrapIsRefused) {
  const Outcome outcome = RunIdentityd({"bootstrap", "--database-url", Url(), "--username", "eve", "--email",
                                        "eve@example.com", "--password-stdin", "--argon2-memory-mib=19"},
                                       {}, "the password of eve\n");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, AllOf(HasSubstr("super admin"), Not(HasSubstr("the password of eve"))));
  EXPECT_EQ(deployment_->Count("SELECT count(*) AS n FROM principals WHERE username = 'eve'"), 0);
}

TEST_F(CommandsTest, BootstrapWithoutAPasswordPrintsAOneTimeSecret) {
  TestDatabase database;
  const Outcome outcome = RunIdentityd({"bootstrap", "--database-url", database.server_url(), "--username", "ada",
                                        "--email", "ada@example.com", "--argon2-memory-mib=19"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("one-time secret: "));
}

TEST_F(CommandsTest, TheJwksHasTheKeyThatSignedTheTokensAndTheNextOne) {
  const std::string token = deployment_->LogIn(deployment_->admin()).access_token();
  std::string header;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(token.substr(0, token.find('.')), &header));
  const Outcome outcome = RunIdentityd({"keys", "jwks", "--database-url", Url()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  const auto jwks = nlohmann::json::parse(outcome.output);
  ASSERT_EQ(jwks["keys"].size(), 2u);
  std::vector<std::string> kids;
  for (const auto& key : jwks["keys"]) {
    EXPECT_EQ(key["kty"], "OKP");
    EXPECT_EQ(key["crv"], "Ed25519");
    EXPECT_FALSE(key.contains("d")) << "the private key is printed";
    kids.push_back(key["kid"]);
  }
  EXPECT_THAT(kids, testing::Contains(std::string(nlohmann::json::parse(header)["kid"])));
}

TEST_F(CommandsTest, ServeRefusesAMasterKeyThatOpensNothing) {
  const Outcome outcome = Serve(Url(), scratch_.Write("master.key", std::string(64, '1') + "\n"), {});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors,
              AllOf(HasSubstr("master key"), HasSubstr("signing keys: 2"), Not(HasSubstr(std::string(64, '1')))));
}

TEST_F(CommandsTest, ServeRefusesAMalformedMasterKey) {
  const Outcome outcome = Serve(Url(), scratch_.Write("master.key", "correct horse\n"), {});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, AllOf(HasSubstr("line 1"), Not(HasSubstr("correct horse"))));
}

// A loopback address that does not look like one.
std::string DisguisedLoopback() { return absl::StrCat("[::ffff:127.0.0.1]:", FreePort()); }

TEST_F(CommandsTest, PlainTextBeyondLoopbackIsRefused) {
  for (const std::string& address : {std::string("0.0.0.0:0"), std::string("[::]:0"), DisguisedLoopback()}) {
    const Outcome outcome = Serve(Url(), deployment_->master_key_file(), {"--listen-address", address});
    EXPECT_NE(outcome.exit_code, 0) << address;
    EXPECT_THAT(outcome.errors, HasSubstr("allow-plaintext"));
  }
}

TEST_F(CommandsTest, PlainTextBeyondLoopbackIsServedWithItsOption) {
  const std::string address = DisguisedLoopback();
  const Process server({Identityd(), "serve", "--database-url", Url(), "--master-key-file",
                        deployment_->master_key_file(), "--listen-address", address, "--allow-plaintext"},
                       {}, Process::Files());
  Probe probe{absl::StrCat("127.0.0.1", address.substr(address.rfind(':')))};
  probe.wait_for_server = true;
  EXPECT_EQ(HealthOf(probe, ""), "SERVING");
}

TEST_F(CommandsTest, AUsedPortStopsTheStart) {
  const std::string& taken = deployment_->replica(0).address();
  const Outcome outcome = Serve(Url(), deployment_->master_key_file(), {"--listen-address", taken});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors, HasSubstr(taken));
}

}  // namespace
}  // namespace identity
