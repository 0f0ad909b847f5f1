#include "db/stores/api_keys.h"

#include "tests/db/stores/store_fixture.h"

namespace identity {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using ApiKeyStoreTest = StoreTest;

TEST_F(ApiKeyStoreTest, FindOfManyIdsReturnsTheKeysThatExist) {
  const PrincipalId ann = AddUser("ann");
  const ApiKeyId one = AddApiKey(ann);
  const ApiKeyId two = AddApiKey(AddUser("bob"));
  AddApiKey(ann);
  const auto keys = In([&](Transaction& t) { return api_keys::Find(t, {one, two, ApiKeyId()}); });
  std::vector<ApiKeyId> ids;
  for (const api_keys::ApiKey& key : *keys) ids.push_back(key.id);
  EXPECT_THAT(ids, UnorderedElementsAre(one, two));

  const auto key = In([&](Transaction& t) { return api_keys::Find(t, one); });
  ASSERT_TRUE(key->has_value());
  EXPECT_EQ((*key)->id, one);
  EXPECT_EQ((*key)->owner_id, ann);
  EXPECT_EQ((*key)->display_name, "mine");
  EXPECT_EQ((*key)->hash, "hash");
  EXPECT_THAT((*key)->scopes.ToStrings(), UnorderedElementsAre("posts:*"));
  EXPECT_EQ((*key)->expire_time, absl::InfiniteFuture());
  EXPECT_FALSE((*key)->revoke_time.has_value());
  EXPECT_FALSE(In([](Transaction& t) { return api_keys::Find(t, ApiKeyId()); })->has_value());
}

TEST_F(ApiKeyStoreTest, RevokeAllOfReturnsTheKeysThatItRevoked) {
  const PrincipalId ann = AddUser("ann");
  const ApiKeyId dead = AddApiKey(ann);
  test_database_.Execute("UPDATE api_keys SET revoke_time = now()");
  const ApiKeyId one = AddApiKey(ann);
  const ApiKeyId two = AddApiKey(ann);
  const ApiKeyId other = AddApiKey(AddUser("bob"));
  const auto revoke = [&](Transaction& t) { return api_keys::RevokeAllOf(t, ann); };
  EXPECT_THAT(In(revoke), IsOkAndHolds(UnorderedElementsAre(one, two)));
  EXPECT_THAT(In(revoke), IsOkAndHolds(IsEmpty()));
  const auto keys = In([&](Transaction& t) { return api_keys::Find(t, {dead, one, two, other}); });
  for (const api_keys::ApiKey& key : *keys) EXPECT_EQ(key.revoke_time.has_value(), key.id != other);
}

}  // namespace
}  // namespace identity
