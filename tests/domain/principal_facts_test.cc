#include "server/domain/principal_facts.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace identity {
namespace {

constexpr char kPrincipalId[] = "01890a5d-ac96-774b-bcce-b302099a8057";

Binding Bind(uint8_t number, std::string role, absl::string_view resource, absl::Time expire_time) {
  std::array<uint8_t, 16> id{};
  id[15] = number;
  return {BindingId(Uuid(id)), std::move(role), *Resource::Parse(resource), expire_time};
}

void ExpectSame(const Binding& a, const Binding& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.role, b.role);
  EXPECT_EQ(a.resource, b.resource);
  EXPECT_EQ(a.expire_time, b.expire_time);
}

TEST(PrincipalTypeTest, ParseInvertsNameOf) {
  for (const auto type : {PrincipalType::kUser, PrincipalType::kServiceAccount, PrincipalType::kAnonymous}) {
    EXPECT_EQ(ParsePrincipalType(NameOf(type)), type);
  }
  EXPECT_EQ(NameOf(PrincipalType::kServiceAccount), "service_account");
  EXPECT_EQ(ParsePrincipalType("robot"), absl::nullopt);
}

TEST(PrincipalFactsTest, ReturnsItsFields) {
  const std::vector<Binding> bindings = {
      Bind(1, "viewer", "", absl::InfiniteFuture()),
      Bind(2, std::string(64, 'r'), std::string(128, 'x') + "/y", absl::FromUnixMicros(1700000000123456)),
      Bind(3, "editor", "orgs/acme", absl::FromUnixSeconds(-1)),
  };
  const PrincipalFacts::Fields fields = {*PrincipalId::Parse(kPrincipalId), PrincipalType::kServiceAccount,
                                         std::string(300, 'n'), true, int64_t{1} << 40};
  const PrincipalFacts facts(fields, bindings);
  EXPECT_EQ(facts.id(), fields.id);
  EXPECT_EQ(facts.type(), fields.type);
  EXPECT_EQ(facts.username(), fields.username);
  EXPECT_TRUE(facts.disabled());
  EXPECT_EQ(facts.epoch(), fields.epoch);
  ASSERT_EQ(facts.bindings().size(), bindings.size());
  const std::vector<Binding> copies = facts.CopyBindings();
  ASSERT_EQ(copies.size(), bindings.size());
  for (size_t i = 0; i < copies.size(); ++i) ExpectSame(copies[i], bindings[i]);
}

TEST(PrincipalFactsTest, DefaultHasNoFacts) {
  const PrincipalFacts nobody;
  EXPECT_TRUE(nobody.id().is_nil());
  EXPECT_EQ(nobody.username(), "");
  EXPECT_FALSE(nobody.disabled());
  EXPECT_TRUE(nobody.CopyBindings().empty());
}

TEST(PrincipalFactsTest, ACopyOutlivesTheOriginal) {
  PrincipalFacts copy;
  {
    const PrincipalFacts facts({*PrincipalId::Parse(kPrincipalId), PrincipalType::kUser, "jane"}, {});
    copy = facts;
  }
  EXPECT_EQ(copy.username(), "jane");
}

TEST(PrincipalFactsTest, TakesLittleMemory) {
  std::vector<Binding> bindings;
  for (uint8_t i = 0; i < 3; ++i)
    bindings.push_back(Bind(i, "editor", "orgs/acme/projects/p1", absl::InfiniteFuture()));
  const PrincipalFacts facts({*PrincipalId::Parse(kPrincipalId), PrincipalType::kUser, "jane.doe"}, bindings);
  EXPECT_LE(facts.memory(), 240u);
}

}  // namespace
}  // namespace identity
