#include "db/stores/principals.h"

#include <algorithm>

#include "tests/db/stores/store_fixture.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class PrincipalStoreTest : public StoreTest {
 protected:
  PrincipalStoreTest() { test_database_.Execute("INSERT INTO roles (name) VALUES ('editor'), ('viewer')"); }

  BindingId Bind(const PrincipalId& principal, const std::string& role, const std::string& resource,
                 const std::string& expire_time = "infinity") {
    return BindingId(Insert(absl::StrCat("INSERT INTO bindings (principal_id, role, resource, expire_time) VALUES ('",
                                         principal.ToString(), "', '", role, "', '", resource, "', '", expire_time,
                                         "') RETURNING id")));
  }
  std::vector<PrincipalFacts> Find(const std::vector<PrincipalId>& ids) {
    return *In([&](Transaction& t) { return principals::FindFacts(t, ids); });
  }
  std::vector<std::string> FindLikely(int64_t limit) {
    const auto likely = test_database_.database().Read(
        RequestContext(), [&](Transaction& t) { return principals::FindLikely(t, limit); });
    EXPECT_THAT(likely, IsOk());
    std::vector<std::string> names;
    for (const PrincipalFacts& facts : *likely) names.emplace_back(facts.username());
    return names;
  }
};

TEST_F(PrincipalStoreTest, FactsContainAllBindingsUnchanged) {
  const PrincipalId id = AddUser("ann");
  test_database_.Execute("UPDATE principals SET disabled_time = now(), epoch = 7 WHERE username = 'ann'");
  const BindingId everywhere = Bind(id, "editor", "");
  const BindingId ending = Bind(id, "viewer", "orgs/a.b_c~d@e-f/x", "2100-01-02 03:04:05.678901Z");
  Bind(id, "viewer", "orgs/over", "2020-01-01Z");

  const auto facts = In([&](Transaction& t) { return principals::FindFacts(t, id); });
  ASSERT_TRUE(facts->has_value());
  EXPECT_EQ((*facts)->id(), id);
  EXPECT_EQ((*facts)->type(), PrincipalType::kUser);
  EXPECT_EQ((*facts)->username(), "ann");
  EXPECT_TRUE((*facts)->disabled());
  EXPECT_EQ((*facts)->epoch(), 7);

  std::vector<Binding> bindings = (*facts)->CopyBindings();
  std::sort(bindings.begin(), bindings.end(), [](const Binding& a, const Binding& b) { return a.role < b.role; });
  ASSERT_EQ(bindings.size(), 2u);
  EXPECT_EQ(bindings[0].id, everywhere);
  EXPECT_EQ(bindings[0].role, "editor");
  EXPECT_TRUE(bindings[0].resource.is_everywhere());
  EXPECT_EQ(bindings[0].expire_time, absl::InfiniteFuture());
  EXPECT_EQ(bindings[1].id, ending);
  EXPECT_EQ(bindings[1].role, "viewer");
  EXPECT_EQ(bindings[1].resource.text(), "orgs/a.b_c~d@e-f/x");
  EXPECT_EQ(bindings[1].expire_time, absl::FromUnixMicros(4102542245678901));
}

TEST_F(PrincipalStoreTest, FactsOfManyIdsSkipThoseThatDoNotExist) {
  const PrincipalId ann = AddUser("ann");
  const PrincipalId bob = AddUser("bob");
  Bind(bob, "viewer", "orgs/a");
  Bind(bob, "editor", "orgs/a");
  const std::vector<PrincipalFacts> found = Find({ann, bob, PrincipalId(), AnonymousPrincipal(), ann});
  std::vector<std::string> names;
  for (const PrincipalFacts& facts : found) names.push_back(absl::StrCat(facts.username(), facts.bindings().size()));
  EXPECT_THAT(names, UnorderedElementsAre("ann0", "bob2", "anonymous0"));
  EXPECT_THAT(Find({}), IsEmpty());
  EXPECT_FALSE(In([](Transaction& t) { return principals::FindFacts(t, PrincipalId()); })->has_value());
}

TEST_F(PrincipalStoreTest, FindLikelyReturnsPrincipalsWithASessionOrALiveApiKey) {
  AddUser("absent");
  AddSession(AddUser("in_session"));
  const PrincipalId both = AddUser("both");
  AddSession(both);
  AddSession(both);
  AddApiKey(both);
  AddApiKey(AddUser("key_owner"));
  AddApiKey(AddUser("revoked"));
  AddApiKey(AddUser("expired"));
  test_database_.Execute(
      "UPDATE api_keys k SET revoke_time = now() FROM principals p WHERE p.id = owner_id AND username = 'revoked';"
      "UPDATE api_keys k SET expire_time = now() FROM principals p WHERE p.id = owner_id AND username = 'expired'");
  EXPECT_THAT(FindLikely(100), UnorderedElementsAre("in_session", "both", "key_owner"));
  EXPECT_EQ(FindLikely(2).size(), 2u);
}

TEST_F(PrincipalStoreTest, FindLikelyPrefersTheNewestSessions) {
  AddSession(AddUser("older"));
  AddSession(AddUser("newer"));
  EXPECT_THAT(FindLikely(1), ElementsAre("newer"));
}

TEST_F(PrincipalStoreTest, FindLikelyReturnsEachOfManyOnce) {
  test_database_.Execute(
      "INSERT INTO principals (type, username) SELECT 'user', 'u' || n FROM generate_series(1, 9000) AS n;"
      "INSERT INTO api_keys (owner_id, display_name, hash, scopes) SELECT id, 'k', '', '{*}' FROM principals"
      " WHERE type = 'user'");
  std::vector<std::string> names = FindLikely(10000);
  EXPECT_EQ(names.size(), 9000u);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
  // On the same connection, so with a cursor of the same name.
  EXPECT_EQ(FindLikely(4000).size(), 4000u);
}

}  // namespace
}  // namespace identity
