#include "db/stores/outbox.h"

#include <vector>

#include "tests/db/stores/store_fixture.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class OutboxStoreTest : public StoreTest {
 protected:
  absl::Status Do(absl::FunctionRef<absl::Status(Transaction&)> body) {
    return test_database_.database().Write(RequestContext(), body);
  }
  void Enqueue(const std::string& kind) {
    ASSERT_THAT(Do([&](Transaction& t) { return outbox::Enqueue(t, kind, std::string("a\0b", 3), "key"); }), IsOk());
  }
  std::vector<outbox::Mail> Lease(int64_t limit = 10) {
    return *In([&](Transaction& t) { return outbox::Lease(t, limit, absl::Minutes(1)); });
  }
  std::vector<std::string> LeaseKinds(int64_t limit = 10) {
    std::vector<std::string> kinds;
    for (const outbox::Mail& mail : Lease(limit)) kinds.push_back(mail.kind);
    return kinds;
  }
};

TEST_F(OutboxStoreTest, ALeasedMailIsAsItWasEnqueued) {
  Enqueue("one");
  const std::vector<outbox::Mail> mails = Lease();
  ASSERT_THAT(mails, SizeIs(1));
  EXPECT_EQ(mails[0].kind, "one");
  EXPECT_EQ(mails[0].sealed, std::string("a\0b", 3));
  EXPECT_EQ(mails[0].master_key_id, "key");
  EXPECT_EQ(mails[0].attempts, 1);
  EXPECT_GE(mails[0].lease_time, mails[0].create_time);
}

TEST_F(OutboxStoreTest, OldestMailsAreLeasedFirstAndNoneTwice) {
  for (const char* kind : {"one", "two", "three"}) Enqueue(kind);
  EXPECT_THAT(LeaseKinds(2), ElementsAre("one", "two"));
  EXPECT_THAT(LeaseKinds(2), ElementsAre("three"));
  EXPECT_THAT(LeaseKinds(2), IsEmpty());
}

TEST_F(OutboxStoreTest, MailsThatAnotherTransactionIsLeasingAreSkipped) {
  Enqueue("one");
  Enqueue("two");
  EXPECT_THAT(Do([&](Transaction& t) {
                EXPECT_THAT(outbox::Lease(t, 1, absl::Minutes(1)), IsOkAndHolds(SizeIs(1)));
                EXPECT_THAT(LeaseKinds(), ElementsAre("two"));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_F(OutboxStoreTest, ALeaseAfterAnEndedOneIsAnotherAttempt) {
  Enqueue("one");
  Lease();
  test_database_.Execute("UPDATE outbox SET attempt_time = attempt_time - interval '1 minute'");
  const std::vector<outbox::Mail> mails = Lease();
  ASSERT_THAT(mails, SizeIs(1));
  EXPECT_EQ(mails[0].attempts, 2);
}

TEST_F(OutboxStoreTest, APostponedMailIsDueAfterTheDelay) {
  Enqueue("one");
  Enqueue("two");
  const std::vector<outbox::Mail> mails = Lease();
  EXPECT_THAT(Do([&](Transaction& t) { return outbox::Postpone(t, mails[0].id, absl::Hours(1)); }), IsOk());
  EXPECT_THAT(Do([&](Transaction& t) { return outbox::Postpone(t, mails[1].id, absl::ZeroDuration()); }), IsOk());
  EXPECT_THAT(LeaseKinds(), ElementsAre("two"));
  test_database_.Execute("UPDATE outbox SET attempt_time = attempt_time - interval '1 hour' WHERE kind = 'one'");
  EXPECT_THAT(LeaseKinds(), ElementsAre("one"));
}

TEST_F(OutboxStoreTest, TheBacklogCountsMailsUntilTheyAreRemoved) {
  const auto read = [](Transaction& t) { return outbox::ReadBacklog(t); };
  EXPECT_EQ(In(read)->mails, 0);
  EXPECT_EQ(In(read)->age, absl::ZeroDuration());
  Enqueue("one");
  Enqueue("two");
  test_database_.Execute("UPDATE outbox SET create_time = create_time - interval '1 hour' WHERE kind = 'one'");
  const std::vector<outbox::Mail> mails = Lease();
  EXPECT_EQ(In(read)->mails, 2);
  EXPECT_GE(In(read)->age, absl::Hours(1));
  EXPECT_THAT(Do([&](Transaction& t) { return outbox::Remove(t, mails[0].id); }), IsOk());
  EXPECT_EQ(In(read)->mails, 1);
  EXPECT_LT(In(read)->age, absl::Hours(1));
}

TEST_F(OutboxStoreTest, ARollbackLeavesNoMail) {
  EXPECT_THAT(Do([&](Transaction& t) {
                EXPECT_THAT(outbox::Enqueue(t, "one", "sealed", "key"), IsOk());
                return absl::AbortedError("no");
              }),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(LeaseKinds(), IsEmpty());
}

}  // namespace
}  // namespace identity
