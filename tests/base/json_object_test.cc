#include "server/base/encoding/json_object.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace identity {
namespace {

TEST(JsonObjectTest, KeepsTheOrderOfItsMembers) {
  EXPECT_EQ(JsonObject().Finish(), "{}");
  JsonObject inner;
  inner.AddNumber("c", -7);
  std::vector<JsonObject> list(2);
  list[1].AddText("d", "");
  JsonObject json;
  json.AddText("b", "x y");
  json.AddBool("a", true);
  json.AddObject("inner", std::move(inner));
  json.AddObjects("list", std::move(list));
  json.AddObjects("none", {});
  json.AddTexts("texts", {"a", "b\""});
  json.AddTexts("no_texts", {});
  EXPECT_EQ(std::move(json).Finish(), R"({"b":"x y","a":true,"inner":{"c":-7},"list":[{},{"d":""}],"none":[],)"
                                      R"("texts":["a","b\""],"no_texts":[]})");
}

TEST(JsonObjectTest, AnyTextStaysWithinItsString) {
  for (const std::string& text :
       {std::string("\",\"active\":true,\"x\":\""), std::string("a\\"), std::string("\0\n\x1f\x7f", 4),
        std::string("ü \xe2\x80\xa8 \xf0\x9f\x98\x80"), std::string("</script>")}) {
    JsonObject json;
    json.AddText("text", text);
    json.AddBool("end", true);
    const nlohmann::json parsed = nlohmann::json::parse(std::move(json).Finish());
    EXPECT_EQ(parsed.size(), 2u);
    EXPECT_EQ(parsed["text"], text);
  }
}

TEST(JsonObjectTest, InvalidUtf8IsReplaced) {
  JsonObject json;
  json.AddText("text", "a\xff\xed\xa0\x80");
  const nlohmann::json parsed = nlohmann::json::parse(std::move(json).Finish());
  EXPECT_EQ(parsed["text"].get<std::string>().substr(0, 4), "a\xef\xbf\xbd");
}

}  // namespace
}  // namespace identity
