#include "server/routes/authzen_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/routes/route_rules.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

AuthZenQuestion Question(const std::string& action, const std::string& type, const std::string& id) {
  AuthZenQuestion question;
  question.subject = {"user", "ada", {}};
  question.action.id = action;
  question.resource = {type, id, {}};
  return question;
}

// "permission on resource", or "" for a question that no rule is for.
std::string Mapped(const AuthZenRules& rules, const AuthZenQuestion& question) {
  const auto check = rules.Map(question);
  return check ? absl::StrCat(check->permission.text(), " on ", check->resource.text()) : "";
}

RouteRules Rules(const std::string& authzen) {
  auto rules = RouteRules::Parse(absl::StrCat("version: 1\nauthzen:\n", authzen));
  EXPECT_THAT(rules.status(), IsOk());
  return *std::move(rules);
}

TEST(AuthZenRulesTest, TheUsualMappingKeepsNames) {
  const AuthZenRules usual;
  EXPECT_EQ(Mapped(usual, Question("read", "orgs", "acme")), "orgs:read on orgs/acme");
  EXPECT_EQ(Mapped(usual, Question("read", "orgs", "acme/projects/p1")), "orgs:read on orgs/acme/projects/p1");
  EXPECT_EQ(Mapped(usual, Question("posts:write", "orgs", "acme")), "posts:write on orgs/acme");
  for (const auto& question :
       {Question("Read", "orgs", "acme"), Question("read", "or gs", "acme"), Question("read", "orgs", "../x"),
        Question("read", "orgs", ""), Question("", "orgs", "acme"), Question("read", "", "acme"),
        Question("read", "a/b", "acme"), Question("read", "orgs", "acme/"), Question("read:*", "orgs", "acme")}) {
    EXPECT_EQ(Mapped(usual, question), "") << question.resource.type << " " << question.resource.id;
  }
}

TEST(AuthZenRulesTest, AFileWithoutTheSectionHasTheUsualMapping) {
  const auto rules = RouteRules::Parse("version: 1\nrules: [{path: /**, deny: true}]");
  ASSERT_THAT(rules.status(), IsOk());
  EXPECT_EQ(Mapped(rules->authzen(), Question("read", "orgs", "acme")), "orgs:read on orgs/acme");
}

constexpr char kRecords[] = R"(
- {type: record, actions: [write], when: [resource.status=archived], permission: "record:write_archived",
   resource: "records/{id}"}
- {type: record, actions: [read, write], permission: "record:{action}", resource: "records/{id}"}
- {type: todo, permission: "todo:change", resource: "todos/{resource.ownerID}/{id}"}
)";

TEST(AuthZenRulesTest, TheFirstRuleThatIsForTheQuestionDecides) {
  const RouteRules rules = Rules(kRecords);
  AuthZenQuestion question = Question("write", "record", "r1");
  EXPECT_EQ(Mapped(rules.authzen(), question), "record:write on records/r1");
  question.resource.properties["status"] = "active";
  EXPECT_EQ(Mapped(rules.authzen(), question), "record:write on records/r1");
  question.resource.properties["status"] = "archived";
  EXPECT_EQ(Mapped(rules.authzen(), question), "record:write_archived on records/r1");
  EXPECT_EQ(Mapped(rules.authzen(), Question("delete", "record", "r1")), "");
  EXPECT_EQ(Mapped(rules.authzen(), Question("read", "other", "r1")), "");
}

TEST(AuthZenRulesTest, NoVariableAddsASegment) {
  const RouteRules rules = Rules(kRecords);
  EXPECT_EQ(Mapped(rules.authzen(), Question("read", "record", "a/b")), "");
  AuthZenQuestion question = Question("change", "todo", "t1");
  EXPECT_EQ(Mapped(rules.authzen(), question), "") << "the owner is missing";
  for (const char* owner : {"", "a/b", "..", "a b"}) {
    question.resource.properties["ownerID"] = owner;
    EXPECT_EQ(Mapped(rules.authzen(), question), "") << owner;
  }
  question.resource.properties["ownerID"] = "morty@the-citadel.com";
  EXPECT_EQ(Mapped(rules.authzen(), question), "todo:change on todos/morty@the-citadel.com/t1");
}

TEST(AuthZenRulesTest, ASearchMeetsEachRuleThatMayDecide) {
  const RouteRules rules = Rules(kRecords);
  const auto permissions = [&](const AuthZenQuestion& question) {
    std::vector<std::string> texts;
    for (const auto& found : rules.authzen().MapSearch(question).candidates) texts.push_back(found.permission.text());
    return texts;
  };
  AuthZenQuestion question = Question("write", "record", "");
  EXPECT_THAT(permissions(question), ElementsAre("record:write_archived", "record:write"));
  question.resource.properties["status"] = "archived";
  EXPECT_THAT(permissions(question), ElementsAre("record:write_archived"));
  question.resource.properties["status"] = "active";
  EXPECT_THAT(permissions(question), ElementsAre("record:write"));
  EXPECT_THAT(permissions(Question("write", "other", "")), IsEmpty());
}

TEST(AuthZenRulesTest, ASearchForSubjectsKnowsThatTheirPropertiesMayDecide) {
  const RouteRules rules = Rules(R"(
- {type: doc, when: [subject.role=admin], permission: "doc:admin", resource: "docs/{id}"}
- {type: doc, permission: "doc:read", resource: "docs/{id}"}
- {type: page, when: [resource.status=old], permission: "page:old", resource: "pages/{id}"}
- {type: page, permission: "page:read", resource: "pages/{id}"}
)");
  EXPECT_TRUE(rules.authzen().DependsOnSubject(Question("read", "doc", "d1")));
  EXPECT_FALSE(rules.authzen().DependsOnSubject(Question("read", "page", "p1")));
}

TEST(AuthZenRulesTest, APropertyOfAnotherKindDenies) {
  const RouteRules rules = Rules(kRecords);
  AuthZenQuestion question = Question("write", "record", "r1");
  question.resource.properties["status"] = absl::nullopt;
  EXPECT_EQ(Mapped(rules.authzen(), question), "");
  question.action.id = "read";
  EXPECT_EQ(Mapped(rules.authzen(), question), "record:read on records/r1") << "no rule for reading looks at it";
}

TEST(AuthZenRulesTest, ASearchSaysWhenARuleCannotBeAsked) {
  const RouteRules rules = Rules(R"(
- {type: doc, permission: "doc:{resource.kind}", resource: "docs/{id}"}
)");
  AuthZenQuestion question = Question("read", "doc", "");
  EXPECT_FALSE(rules.authzen().MapSearch(question).complete);
  question.resource.properties["kind"] = "draft";
  EXPECT_TRUE(rules.authzen().MapSearch(question).complete);
}

TEST(AuthZenRulesTest, ActionsAreListedWhereRulesNameThem) {
  const RouteRules rules = Rules(kRecords);
  EXPECT_THAT(*rules.authzen().ActionsOf("record"), ElementsAre("read", "write"));
  EXPECT_FALSE(rules.authzen().ActionsOf("todo")) << "any action";
  EXPECT_THAT(*rules.authzen().ActionsOf("other"), IsEmpty());
  EXPECT_FALSE(AuthZenRules().ActionsOf("record"));
}

TEST(AuthZenTemplateTest, FindsTheIdInAPath) {
  struct Case {
    const char* text;
    const char* path;
    const char* id;
    bool more;
  };
  const Case cases[] = {
      {"records/{id}", "records/r1", "r1", false},
      {"records/{id}", "records", "", true},
      {"records/{id}", "", "", true},
      {"records/{id}", "records/r1/lines", "", false},
      {"records/{id}", "rec", "", false},
      {"records/{id}", "records2/r1", "", false},
      {"records/{id}/private", "records/r1", "r1", false},
      {"records/{id}/private", "records/r1/private", "r1", false},
      {"records/{id}/private", "records/r1/public", "", false},
      {"{type}/{id...}", "orgs", "", true},
      {"{type}/{id...}", "orgs/acme", "acme", true},
      {"{type}/{id...}", "orgs/acme/p1", "acme/p1", true},
      {"{type}/{id...}", "other/acme", "", false},
      {"todos/{resource.owner}/{id}", "todos/ada/t1", "t1", false},
      {"todos/{resource.owner}/{id}", "todos/ada", "", true},
  };
  for (const Case& expected : cases) {
    const auto parsed = AuthZenTemplate::Parse(expected.text);
    ASSERT_THAT(parsed.status(), IsOk());
    const auto reversed = parsed->Reverse(Question("read", "orgs", ""), expected.path);
    EXPECT_EQ(reversed.id, expected.id) << expected.text << " " << expected.path;
    EXPECT_EQ(reversed.more, expected.more) << expected.text << " " << expected.path;
  }
}

// What a search finds is what an evaluation allows.
TEST(AuthZenTemplateTest, AFoundIdIsFilledIntoACoveredPath) {
  for (const char* text :
       {"records/{id}", "records/{id}/private", "{type}/{id...}", "a/{type}/{id}", "a/{id}/b/{id}"}) {
    const auto parsed = AuthZenTemplate::Parse(text);
    for (const char* path :
         {"records/r1", "records/r1/private", "orgs/acme", "orgs/acme/p1", "a/orgs/acme", "a", "a/x/b/y", "a/x/b/x"}) {
      AuthZenQuestion question = Question("read", "orgs", "");
      question.resource.id = parsed->Reverse(question, path).id;
      if (question.resource.id.empty()) continue;
      EXPECT_TRUE(Resource::PathCovers(path, *parsed->Fill(question))) << text << " " << path;
    }
  }
}

TEST(AuthZenTemplateTest, RefusesWhatIsOutsideTheGrammar) {
  for (const char* text : {"", "{", "}", "a}", "{x}", "{id", "{}", "{id...}/x", "{subject}", "{subject.}", "{other.x}",
                           "{resource.a.b}", "{resource.a b}"}) {
    EXPECT_THAT(AuthZenTemplate::Parse(text).status(), HasReason(ErrorReason::kInvalidField)) << text;
  }
}

TEST(AuthZenRulesTest, RefusesMalformedRulesWithTheirLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"authzen: x", "line 2"},
      {"authzen: [{permission: 'a:b', resource: x}]", "type"},
      {"authzen: [{type: a, resource: x}]", "permission"},
      {"authzen: [{type: a, permission: 'a:b'}]", "resource"},
      {"authzen: [{type: a, permission: 'a:{x}', resource: x}]", "{x}"},
      {"authzen: [{type: a, permission: 'A:{action}', resource: x}]", "permission"},
      {"authzen: [{type: a, permission: 'a:*', resource: x}]", "permission"},
      {"authzen: [{type: a, permission: 'a:b', resource: 'x//{id}'}]", "resource"},
      {"authzen: [{type: a, permission: 'a:b', resource: '/{id}'}]", "resource"},
      {"authzen: [{type: a, permission: 'a:b', resource: 'x/{id}.json'}]", "whole segments"},
      {"authzen: [{type: a, permission: 'a:b', resource: 'x/a{id}'}]", "whole segments"},
      {"authzen: [{type: a, permission: 'a:b', resource: 'x/{type}{id}'}]", "whole segments"},
      {"authzen: [{type: a, permission: 'a:b', resource: x, path: /}]", "path"},
      {"authzen: [{type: a, permission: 'a:b', resource: x, when: []}]", "when"},
      {"authzen: [{type: a, permission: 'a:b', resource: x, when: [status]}]", "resource.status=archived"},
      {"authzen: [{type: a, permission: 'a:b', resource: x, when: [status=a]}]", "resource.status=archived"},
      {"authzen: [{type: a, permission: 'a:b', resource: x, actions: read}]", "actions"},
  };
  for (const auto& [text, part] : cases) {
    const auto rules = RouteRules::Parse(absl::StrCat("version: 1\n", text));
    EXPECT_THAT(rules.status(), HasReason(ErrorReason::kInvalidField)) << text;
    EXPECT_THAT(std::string(rules.status().message()), HasSubstr(part));
    EXPECT_THAT(std::string(rules.status().message()), HasSubstr("line 2"));
  }
}

}  // namespace
}  // namespace identity
