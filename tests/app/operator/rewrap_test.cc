#include "server/app/operator/rewrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "db/stores/outbox.h"
#include "server/app/access/key_ring.h"
#include "server/app/admin/signing_keys.h"
#include "server/app/change/mail_outbox.h"
#include "server/app/login/second_factors.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

const SigningChoice kAllAlgorithms = {SigningAlgorithm::kRs256, {{"orders", SigningAlgorithm::kEs256}}};

constexpr char kOldKey = '1';
constexpr char kNewKey = '2';

// Master keys whose lines depend only on `digits`.
MasterKeys KeysOf(const std::string& digits) {
  std::string text;
  for (const char digit : digits) absl::StrAppend(&text, std::string(64, digit), "\n");
  return *MasterKeys::Parse(Secret(std::move(text)));
}

RequestContext Soon() { return {absl::Now() + absl::Seconds(30)}; }

// Values that an old master key sealed.
class RewrapTest : public ::testing::Test {
 protected:
  RewrapTest() {
    Database::Options options;
    options.connection.url = database_.owner_url();
    options.connections = 1;
    owner_ = std::make_unique<Database>(options);
  }

  PrincipalId AddUser(const std::string& name) {
    const std::string id =
        database_
            .Execute(
                absl::StrCat("WITH p AS (INSERT INTO principals (type, username) VALUES ('user', '", name,
                             "') RETURNING id) INSERT INTO users (id, email) SELECT id, '' FROM p RETURNING id"))[0]
            .Text("id");
    return *PrincipalId::Parse(id);
  }
  PrincipalId AddApp(const MasterKeys& keys, const std::string& name) {
    const PrincipalId id = AddUser(name);
    EXPECT_THAT(database_.database().Write(Soon(),
                                           [&](Transaction& transaction) {
                                             return SecondFactors(keys).Store(
                                                 transaction, id, Secret(absl::string_view("twenty secret bytes!")));
                                           }),
                IsOk());
    return id;
  }
  void AddMail(const MasterKeys& keys) {
    MailOutbox outbox(keys, true);
    EXPECT_THAT(database_.database().Write(
                    Soon(),
                    [&](Transaction& transaction) {
                      return outbox.Enqueue(transaction,
                                            {MailKind::kPasswordChanged, "ada@example.com", {{"username", "ada"}}});
                    }),
                IsOk());
  }
  void AddSigningKeys(const MasterKeys& keys) {
    EXPECT_THAT(MakeMissingSigningKeys(Soon(), database_.database(), keys, kAllAlgorithms), IsOk());
  }
  absl::Status Run(
      const MasterKeys& keys, std::function<bool()> stop = [] { return false; }) {
    messages_.str("");
    return Rewrap(*owner_, keys, std::move(stop), messages_).Run();
  }
  absl::Status Require(const MasterKeys& keys) { return RequireMasterKeys(Soon(), database_.database(), keys); }
  // How many of the apps' secrets open with `keys`.
  int OpenApps(const MasterKeys& keys) {
    const Rows rows = database_.Execute("SELECT principal_id, sealed_secret, master_key_id FROM totp_factors");
    int open = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto secret = keys.Open(rows[i].Text("master_key_id"), rows[i].Bytes("sealed_secret"),
                                    TotpSealContext(PrincipalId(rows[i].Id("principal_id"))));
      open += secret.ok() && *secret == Secret(absl::string_view("twenty secret bytes!"));
    }
    return open;
  }

  const MasterKeys old_ = KeysOf({kOldKey});
  const MasterKeys both_ = KeysOf({kNewKey, kOldKey});
  const MasterKeys new_ = KeysOf({kNewKey});
  TestDatabase database_;
  std::unique_ptr<Database> owner_;
  std::ostringstream messages_;
};

TEST_F(RewrapTest, SealsEveryKindOfValueWithTheFirstKey) {
  AddSigningKeys(old_);
  AddApp(old_, "ada");
  AddMail(old_);
  EXPECT_THAT(Require(new_), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Run(both_), IsOk());
  EXPECT_THAT(
      messages_.str(),
      AllOf(HasSubstr("signing keys: 6 of 6\n"), HasSubstr("authenticator apps: 1 of 1\n"),
            HasSubstr("mails: 1 of 1\n"),
            HasSubstr(absl::StrCat("the master key ", old_.current_id(), ", number 2 of the file, may be removed"))));
  EXPECT_THAT(Require(new_), IsOk());
  EXPECT_EQ(OpenApps(new_), 1);
  EXPECT_THAT(KeyRing::Load(Soon(), database_.database(), new_, "issuer"), IsOk());
  const auto mails = database_.database().Write(
      Soon(), [](Transaction& transaction) { return outbox::Lease(transaction, 10, absl::Minutes(1)); });
  ASSERT_TRUE(mails.ok() && mails->size() == 1);
  const auto mail = MailOutbox(new_, true).Open(mails->front());
  ASSERT_THAT(mail, IsOk());
  EXPECT_EQ(mail->to, "ada@example.com");
}

TEST_F(RewrapTest, AMissingKeyIsNamedWithWhatItSealed) {
  AddSigningKeys(old_);
  AddApp(old_, "ada");
  AddApp(new_, "bob");
  const std::string missing = absl::StrCat(old_.current_id(), " (signing keys: 6, authenticator apps: 1)");
  for (const absl::Status& status : {Require(new_), Run(new_)}) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr(missing), HasSubstr("identityd keys rewrap"),
                                                     EndsWith(new_.current_id()), Not(HasSubstr("mails"))));
  }
  EXPECT_THAT(Require(both_), IsOk());
  EXPECT_THAT(Require(KeysOf("21")), IsOk());
}

TEST_F(RewrapTest, ARunThatWasStoppedContinues) {
  for (int i = 0; i < 120; ++i) AddApp(old_, absl::StrCat("user-", i));
  int batches = 0;
  // Stops before the second batch of apps: there are no signing keys.
  EXPECT_THAT(Run(both_, [&] { return ++batches > 2; }), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(messages_.str(), Not(HasSubstr("may be removed")));
  EXPECT_EQ(OpenApps(new_), 100);
  EXPECT_EQ(OpenApps(both_), 120);
  EXPECT_THAT(Run(both_), IsOk());
  EXPECT_THAT(messages_.str(), HasSubstr("authenticator apps: 20 of 20\n"));
  EXPECT_EQ(OpenApps(new_), 120);
  EXPECT_THAT(Run(both_), IsOk());
  EXPECT_THAT(messages_.str(), Not(HasSubstr(" of 0")));
}

// A server that seals with the old key while the command runs.
TEST_F(RewrapTest, ValuesThatAreSealedMeanwhileAreSealedAgain) {
  AddMail(old_);
  int calls = 0;
  const auto seal_behind_it = [&] {
    if (++calls == 3) AddApp(old_, "late");  // the apps were finished
    return false;
  };
  EXPECT_THAT(Run(both_, seal_behind_it), IsOk());
  EXPECT_THAT(messages_.str(), AllOf(HasSubstr("meanwhile a server sealed values"), HasSubstr(old_.current_id())));
  EXPECT_THAT(Require(new_), IsOk());
  EXPECT_EQ(OpenApps(new_), 1);
}

TEST_F(RewrapTest, AValueThatDoesNotOpenIsNamedAndLeft) {
  AddApp(old_, "ada");
  const PrincipalId bob = AddApp(old_, "bob");
  AddApp(old_, "carol");
  database_.Execute(
      absl::StrCat("UPDATE totp_factors SET sealed_secret = 'x' WHERE principal_id = '", bob.ToString(), "'"));
  EXPECT_THAT(Run(both_), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(messages_.str(), AllOf(HasSubstr(bob.ToString()), HasSubstr("authenticator apps: 2 of 3"),
                                     Not(HasSubstr("may be removed"))));
  EXPECT_EQ(OpenApps(new_), 2);
  EXPECT_THAT(Require(new_), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace identity
