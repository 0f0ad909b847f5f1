#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/domain/opaque_token.h"
#include "tests/e2e/canaries.h"
#include "tests/e2e/canary_story.h"
#include "tests/support/scrape.h"

// Sends secrets through the whole service, and searches for them wherever they must not appear.
namespace identity {
namespace {

using google::protobuf::MethodDescriptor;

// The story runs once, and each test searches another place.
class CanaryTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    story_ = std::make_unique<Story>();
    story_->Tell();
  }
  static void TearDownTestSuite() { story_.reset(); }
  static Story& story() { return *story_; }
  static Deployment& deployment() { return story_->deployment(); }

  static void ExpectNoSecretIn(const std::string& text, const std::string& where, const std::string& ignored = "") {
    for (const std::string& found : story().canaries().FoundIn(text, ignored)) {
      ADD_FAILURE() << where << " holds " << found;
    }
  }

 private:
  static std::unique_ptr<Story> story_;
};

std::unique_ptr<Story> CanaryTest::story_;

TEST_F(CanaryTest, EveryMethodHasBeenCalledWithSuccess) {
  for (const MethodDescriptor* method : AllMethods()) {
    EXPECT_TRUE(story().HasCalled(*method)) << FullName(*method) << " is new: add a call with its secrets to the story";
  }
}

TEST_F(CanaryTest, NoLogHoldsASecret) {
  EXPECT_THAT(deployment().Logs(), testing::HasSubstr("mail not delivered"));
  for (int i = 0; i < Story::kReplicas; ++i) {
    EXPECT_THAT(deployment().Log(i), testing::HasSubstr("serving"));
    ExpectNoSecretIn(deployment().Log(i), absl::StrCat("the log of replica ", i));
  }
}

TEST_F(CanaryTest, NoErrorHoldsASecret) {
  for (const auto& [where, text] : story().errors()) ExpectNoSecretIn(text, where);
}

TEST_F(CanaryTest, NoErrorRevealsInternals) {
  const std::string programs = Identityd().substr(0, Identityd().rfind('/'));
  const std::vector<std::string> insides = {"pqxx", "SELECT", "INSERT", "UPDATE ", "ERROR",
                                            ".cc",  "/tmp/",  "/usr/",  programs};
  for (const auto& [where, text] : story().errors()) {
    for (const std::string& inside : insides) {
      EXPECT_THAT(text, testing::Not(testing::HasSubstr(inside))) << where;
    }
  }
}

TEST_F(CanaryTest, NoColumnHoldsASecret) {
  TestDatabase& database = deployment().database();
  const Rows columns = database.Execute(
      "SELECT c.relname::text AS name, a.attname::text AS field"
      " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
      " WHERE c.relnamespace = 'identity'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
      " AND a.attnum > 0 AND NOT a.attisdropped");
  ASSERT_GT(columns.size(), 100u);
  for (const char* table :
       {"api_keys", "audit_events", "changes", "external_identities", "identity_providers", "mailed_tokens",
        "mfa_challenges", "outbox", "recovery_codes", "remembered_requests", "revoked_access_tokens", "totp_factors"}) {
    EXPECT_GT(deployment().Count(absl::StrCat("SELECT count(*) AS n FROM ", table)), 0) << table;
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string column = absl::StrCat(columns[i].Text("name"), ".", columns[i].Text("field"));
    const Rows text = database.Execute(absl::StrCat("SELECT string_agg(", columns[i].Text("field"),
                                                    "::text, E'\\n') AS all FROM ", columns[i].Text("name")));
    // The database stores an imported password hash to verify passwords.
    ExpectNoSecretIn(text[0].Text("all"), "the column " + column,
                     column == "passwords.hash" ? Story::kPasswordHash : "");
  }
}

TEST_F(CanaryTest, NoStatementHoldsASecret) {
  const std::string log = story().statements().Text();
  EXPECT_THAT(log, testing::HasSubstr("INSERT INTO audit_events")) << "nothing was logged";
  ExpectNoSecretIn(log, "PostgreSQL's log of statements");
}

TEST_F(CanaryTest, NoMetricAndNoCommandLineHoldsASecret) {
  for (int i = 0; i < Story::kReplicas; ++i) {
    const HttpAnswer metrics = Fetch(deployment().admin_port(i), "/metrics");
    EXPECT_EQ(metrics.status, 200);
    ExpectNoSecretIn(metrics.body, absl::StrCat("the metrics of replica ", i));
    const std::string command = ReadWhole(absl::StrCat("/proc/", deployment().replica(i).process().pid(), "/cmdline"));
    EXPECT_THAT(command, testing::HasSubstr("--smtp-password-file"));
    ExpectNoSecretIn(command, absl::StrCat("the command line of replica ", i));
  }
}

// Without this the tests above would prove nothing.
TEST(CanariesTest, ASecretIsFoundInEveryForm) {
  Canaries canaries;
  canaries.Keep("it", "S3cret >?~ w-rds");
  for (const char* text :
       {"a S3cret >?~ w-rds b", "s3cret >?~ w-rds", "S3cret >?~ wrds", "533363726574203E3F7E20772D726473",
        "\\x00533363726574203e3f7e20772d72647300", "q=S3cret%20%3E%3F~%20w-rds", "S3cret+%3e%3f~+w-rds"}) {
    EXPECT_THAT(canaries.FoundIn(text), testing::SizeIs(1)) << text;
  }
  for (const char* before : {"", "1", "12", "123", "1234"}) {
    for (const char* after : {"", "1", "12", "123"}) {
      const std::string text = absl::StrCat(before, "S3cret >?~ w-rds", after);
      EXPECT_THAT(canaries.FoundIn(absl::Base64Escape(text)), testing::SizeIs(1)) << text;
      EXPECT_THAT(canaries.FoundIn(absl::WebSafeBase64Escape(text)), testing::SizeIs(1)) << text;
    }
  }
  EXPECT_THAT(canaries.FoundIn("S3cret >?~ w-r"), testing::IsEmpty());
  EXPECT_THAT(canaries.FoundIn("a S3cret >?~ w-rds b", "it"), testing::IsEmpty());
}

TEST(CanariesTest, ACodeIsFoundOnlyAsAWord) {
  Canaries canaries;
  canaries.Keep("a code", "049213");
  EXPECT_THAT(canaries.FoundIn("code=049213, wrong"), testing::SizeIs(1));
  EXPECT_THAT(canaries.FoundIn("12:00:01.049213Z 10492130 a049213"), testing::IsEmpty());
}

TEST(CanariesTest, PartsOfATokenAreFoundAndItsPublicIdIsNot) {
  Canaries canaries;
  const OpaqueToken token(OpaqueToken::Kind::kApiKey, Uuid(), Secret(std::string(kTokenSecretBytes, 's')));
  const std::string text(token.ToText().Reveal());
  canaries.Keep("a key", text);
  EXPECT_THAT(canaries.FoundIn(text.substr(27, 43)), testing::SizeIs(1));
  EXPECT_THAT(canaries.FoundIn(std::string(kTokenSecretBytes, 's')), testing::SizeIs(1));
  EXPECT_THAT(canaries.FoundIn(text.substr(0, 26)), testing::IsEmpty());
}

}  // namespace
}  // namespace identity
