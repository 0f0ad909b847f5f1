#include "server/http/oauth/form.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

constexpr char kMediaType[] = "application/x-www-form-urlencoded";

TEST(FormTest, DecodesParameters) {
  const auto form = Form::Parse("Application/X-WWW-Form-Urlencoded; charset=UTF-8", "a=b+c&d=%2F%c3%bc&e=&f&=g");
  ASSERT_THAT(form, IsOk());
  EXPECT_EQ(form->Find("a"), "b c");
  EXPECT_EQ(form->Find("d"), "/ü");
  EXPECT_EQ(form->Find("e"), absl::nullopt);
  EXPECT_EQ(form->Find("f"), absl::nullopt);
  EXPECT_EQ(form->Find("g"), absl::nullopt);
  EXPECT_THAT(form->Require("e"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(FormTest, RefusesWhatHasTwoMeaningsOrNone) {
  for (const char* body : {"a=1&a=2", "a=1&%61=2", "a=%", "a=%4", "a=%zz", "%=1", "a=%ff", "a=%ed%a0%80"}) {
    EXPECT_THAT(Form::Parse(kMediaType, body), StatusIs(absl::StatusCode::kInvalidArgument)) << body;
  }
}

TEST(FormTest, RefusesOtherMediaTypes) {
  for (const char* type : {"", "application/json", "multipart/form-data", "text/plain"}) {
    EXPECT_THAT(Form::Parse(type, "a=b"), StatusIs(absl::StatusCode::kInvalidArgument)) << type;
  }
}

TEST(FormTest, BoundsTheNumberOfParameters) {
  std::string body;
  for (size_t i = 0; i < Form::kMaxParameters; ++i) absl::StrAppend(&body, "p", i, "=1&");
  EXPECT_THAT(Form::Parse(kMediaType, body), IsOk());
  EXPECT_THAT(Form::Parse(kMediaType, body + "q=1"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace identity
