#ifndef IDENTITY_TESTS_DB_STORES_STORE_FIXTURE_H_
#define IDENTITY_TESTS_DB_STORES_STORE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

namespace identity {

// A migrated database, with functions that fill it and run store functions.
class StoreTest : public ::testing::Test {
 protected:
  // Runs `call` in its own transaction and returns its value.
  template <typename Call>
  auto In(Call call) -> decltype(call(std::declval<Transaction&>())) {
    auto result = test_database_.database().Write(RequestContext(), call);
    EXPECT_THAT(result, IsOk());
    return result;
  }
  // Returns the column "id" of the first row of `sql`.
  Uuid Insert(const std::string& sql) { return test_database_.Execute(sql)[0].Id("id"); }
  PrincipalId AddUser(const std::string& name) {
    return PrincipalId(
        Insert(absl::StrCat("INSERT INTO principals (type, username) VALUES ('user', '", name, "') RETURNING id")));
  }
  SessionId AddSession(const PrincipalId& principal) {
    return SessionId(Insert(
        absl::StrCat("INSERT INTO sessions (id, principal_id, epoch, client_id, audience, scopes, amr, auth_time,"
                     " expire_time) VALUES (uuid_v7(), '",
                     principal.ToString(), "', 0, 'c', 'a', '{*}', '{pwd}', now(), 'infinity') RETURNING id")));
  }
  ApiKeyId AddApiKey(const PrincipalId& owner) {
    return ApiKeyId(Insert(absl::StrCat("INSERT INTO api_keys (owner_id, display_name, hash, scopes) VALUES ('",
                                        owner.ToString(), "', 'mine', 'hash', '{posts:*}') RETURNING id")));
  }

  TestDatabase test_database_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_DB_STORES_STORE_FIXTURE_H_
