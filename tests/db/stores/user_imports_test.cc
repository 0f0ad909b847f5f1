#include "db/stores/user_imports.h"

#include "db/stores/principals.h"
#include "tests/db/stores/store_fixture.h"

namespace identity {
namespace {

using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using user_imports::Standing;

constexpr char kBcrypt[] = "$2b$05$abcdefghijklmnopqrstu..7bWYDP.nCKP1mT/ZtGwoi8Eom3hMci";
constexpr char kFile[] = "fingerprint of a file";

UserRecord UserNamed(const std::string& name) {
  UserRecord user;
  user.username = name;
  user.email = name + "@Example.com";
  user.email_folded = name + "@example.com";
  return user;
}

class UserImportStoreTest : public StoreTest {
 protected:
  int64_t Count(const std::string& from) {
    return test_database_.Execute("SELECT count(*) AS n FROM " + from)[0].Int("n");
  }
  absl::StatusOr<bool> Advance(const Standing& from, const Standing& to) {
    return In([&](Transaction& t) { return user_imports::Advance(t, kFile, from, to); });
  }
};

TEST_F(UserImportStoreTest, UsersHaveEverythingOfTheirRecords) {
  UserRecord ada = UserNamed("ada");
  ada.email_verified = true;
  ada.full_name = R"(Ada "the first" \, {Lovelace})";
  ada.password_hash = *PasswordHash::Parse(kBcrypt);
  ada.roles = {{"admin", *Resource::Parse("orgs/acme"), absl::FromUnixSeconds(1893456000)},
               {"checker", Resource(), absl::InfiniteFuture()}};
  UserRecord bob = UserNamed("bob");
  bob.disabled = true;
  const auto ids = In([&](Transaction& t) { return user_imports::Insert(t, {ada, bob}); });
  ASSERT_THAT(*ids, SizeIs(2));

  const auto user = In([&](Transaction& t) { return principals::FindUser(t, (*ids)[0]); });
  ASSERT_TRUE(user->has_value());
  EXPECT_EQ((*user)->username, "ada");
  EXPECT_EQ((*user)->email, "ada@Example.com");
  EXPECT_TRUE((*user)->email_verified);
  EXPECT_EQ((*user)->full_name, ada.full_name);
  EXPECT_FALSE((*user)->disabled);
  EXPECT_EQ(Count(absl::StrCat("passwords WHERE hash = '", kBcrypt, "' AND NOT one_time")), 1);
  EXPECT_EQ(Count("passwords"), 1);
  EXPECT_EQ(Count("users WHERE email_folded = 'ada@example.com'"), 1);
  EXPECT_EQ(
      Count("bindings WHERE role = 'admin' AND resource = 'orgs/acme' AND expire_time = '2030-01-01 00:00:00+00'"), 1);
  EXPECT_EQ(Count("bindings WHERE role = 'checker' AND resource = '' AND expire_time = 'infinity'"), 1);
  EXPECT_EQ(Count("bindings"), 2);

  const auto other = In([&](Transaction& t) { return principals::FindUser(t, (*ids)[1]); });
  EXPECT_TRUE((*other)->disabled);
  EXPECT_FALSE((*other)->email_verified);
  EXPECT_EQ(
      Count(absl::StrCat("audit_events WHERE event = 'user.imported' AND outcome = 'success' AND actor_id IS NULL "
                         "AND details = 'bulk import' AND subject_id = '",
                         (*ids)[1].ToString(), "'")),
      1);
  EXPECT_EQ(Count("audit_events"), 2);
}

TEST_F(UserImportStoreTest, ATakenNameFailsAndNothingIsWritten) {
  AddUser("ada");
  EXPECT_THAT(test_database_.database().Write(RequestContext(),
                                              [](Transaction& t) {
                                                return user_imports::Insert(t, {UserNamed("bob"), UserNamed("ada")});
                                              }),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Count("principals WHERE username = 'bob'"), 0);
}

TEST_F(UserImportStoreTest, FindNamesReturnsTheNamesThatExist) {
  In([](Transaction& t) { return user_imports::Insert(t, {UserNamed("ada"), UserNamed("bob")}); }).IgnoreError();
  test_database_.Execute("INSERT INTO roles (name) VALUES ('editor')");
  test_database_.Execute("INSERT INTO principals (type, username) VALUES ('service_account', 'robot')");
  const auto known = In([](Transaction& t) {
    return user_imports::FindNames(
        t, {{"ada", "robot", "carl"}, {"bob@example.com", "carl@example.com"}, {"editor", "admin", "nobody"}});
  });
  EXPECT_THAT(known->usernames, UnorderedElementsAre("ada", "robot"));
  EXPECT_THAT(known->emails, UnorderedElementsAre("bob@example.com"));
  EXPECT_THAT(known->roles, UnorderedElementsAre(Pair("editor", false), Pair("admin", true)));
}

TEST_F(UserImportStoreTest, AdvanceSucceedsOnlyFromTheCurrentStanding) {
  const auto find = [](Transaction& t) { return user_imports::FindStanding(t, kFile); };
  EXPECT_FALSE(In(find)->has_value());
  EXPECT_THAT(Advance({}, {10, 1000, 9, 1}), IsOkAndHolds(true));
  EXPECT_THAT(Advance({}, {10, 1000, 9, 1}), IsOkAndHolds(false));
  EXPECT_THAT(Advance({10, 1000, 9, 1}, {20, 2000, 18, 2}), IsOkAndHolds(true));
  EXPECT_THAT(Advance({10, 1000, 9, 1}, {20, 2000, 18, 2}), IsOkAndHolds(false));
  const auto standing = In(find);
  ASSERT_TRUE(standing->has_value());
  EXPECT_EQ((*standing)->lines, 20);
  EXPECT_EQ((*standing)->bytes, 2000);
  EXPECT_EQ((*standing)->imported, 18);
  EXPECT_EQ((*standing)->refused, 2);
  EXPECT_FALSE(In([](Transaction& t) { return user_imports::FindStanding(t, "another"); })->has_value());
}

}  // namespace
}  // namespace identity
