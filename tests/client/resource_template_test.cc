#include "identity/resource_template.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "client/kinds.pb.h"

namespace identity {
namespace {

using kinds::v1::Item;

// The resource, or the error's text.
std::string Fill(absl::string_view text, const Item& item) {
  const auto parsed = ResourceTemplate::Parse(text, *Item::descriptor());
  if (!parsed.ok()) return std::string(parsed.status().message());
  const auto resource = parsed->Fill(&item);
  return resource.ok() ? *resource : std::string(resource.status().message());
}

bool Parses(absl::string_view text) { return ResourceTemplate::Parse(text, *Item::descriptor()).ok(); }

Item Named(const std::string& name) {
  Item item;
  item.set_name(name);
  return item;
}

TEST(ResourceTemplateTest, FieldsAreFilledIn) {
  Item item = Named("acme");
  item.mutable_inner()->set_number(-7);
  item.set_small(-1);
  item.set_large(18'446'744'073'709'551'615u);
  EXPECT_EQ(Fill("orgs/{name}/posts/{inner.number}", item), "orgs/acme/posts/-7");
  EXPECT_EQ(Fill("{small}/{large}", item), "-1/18446744073709551615");
  EXPECT_EQ(Fill("orgs/acme", item), "orgs/acme");
  EXPECT_EQ(Fill("", item), "");
}

TEST(ResourceTemplateTest, ValuesThatAreNoSegmentAreRefused) {
  for (const char* name : {"", ".", "..", "a/b", "a b", "a\n", "{name}", "gr\xc3\xb6\xc3\x9f", "*"}) {
    EXPECT_EQ(Fill("orgs/{name}", Named(name)), "name must be 1 to 128 of [A-Za-z0-9._~@-]") << name;
  }
  EXPECT_EQ(Fill("{name}", Named(std::string(128, 'a'))), std::string(128, 'a'));
  EXPECT_NE(Fill("{name}", Named(std::string(129, 'a'))), std::string(129, 'a'));
  EXPECT_EQ(Fill("orgs/{name}", Named(std::string("a\0b", 3))), "name must be 1 to 128 of [A-Za-z0-9._~@-]");
}

TEST(ResourceTemplateTest, OnlySingleFieldsOfTextOrIntegersAreAllowed) {
  for (const char* text : {"{unknown}", "{names}", "{data}", "{inner}", "{name.length}", "{inner.unknown}", "{}"}) {
    EXPECT_FALSE(Parses(text)) << text;
  }
}

TEST(ResourceTemplateTest, TextThatCouldNotBeAResourceIsRefused) {
  for (const char* text : {"/orgs", "orgs/", "a//b", "a b", "x{name}", "{name}x", "{name", "..", "*"}) {
    EXPECT_FALSE(Parses(text)) << text;
  }
  std::string longest = "a";
  for (int i = 1; i < 32; ++i) longest += "/a";
  EXPECT_TRUE(Parses(longest));
  EXPECT_FALSE(Parses(longest + "/a"));
}

}  // namespace
}  // namespace identity
