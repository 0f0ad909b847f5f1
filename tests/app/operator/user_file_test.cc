#include "server/app/operator/user_file.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class UserFileTest : public ::testing::Test {
 protected:
  UserFileTest() {
    char directory[] = "/tmp/user_file_XXXXXX";
    EXPECT_NE(mkdtemp(directory), nullptr);
    directory_ = directory;
  }
  ~UserFileTest() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& text) {
    std::ofstream(file(), std::ios::binary) << text;
    bytes_ = static_cast<int64_t>(text.size());
  }
  std::string file() const { return (directory_ / "users").string(); }
  // The lines without surrounding space. Each is read by a reader of its own, as by runs that were interrupted.
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (int64_t offset = 0; offset < bytes_;) {
      LineReader reader(file(), offset, bytes_);
      const auto line = reader.Next();
      EXPECT_THAT(line, IsOk());
      if (!line.ok() || !*line) break;
      lines.emplace_back((*line)->too_long ? "too long" : absl::StripAsciiWhitespace((*line)->text));
      EXPECT_GT(reader.offset(), offset);
      offset = reader.offset();
    }
    return lines;
  }

 private:
  std::filesystem::path directory_;
  int64_t bytes_ = 0;
};

TEST_F(UserFileTest, LinesOfAFileOfObjects) {
  Write("{\"a\": 1}\n\n{\"b\": [2, 3]}");
  EXPECT_THAT(Lines(), ElementsAre("{\"a\": 1}", "", "{\"b\": [2, 3]}"));
}

TEST_F(UserFileTest, TheElementsOfAnArrayAreLines) {
  for (const char* begin : {"[", " \n [", "{\"users\": [", "\n{\n  \"users\" :\n [", "{\"users\":["}) {
    Write(absl::StrCat(begin, "{\n \"a\": {\"b\": [1, 2]}\n},\n{\"c\": \"}],[{\"} , {\"d\": \"\\\"]\\\\\"}]}\n"));
    EXPECT_THAT(Lines(), ElementsAre("{\n \"a\": {\"b\": [1, 2]}\n}", "{\"c\": \"}],[{\"}", "{\"d\": \"\\\"]\\\\\"}"))
        << begin;
  }
}

TEST_F(UserFileTest, MalformedElementsAreLinesOfTheirOwn) {
  Write("[1, {\"a\": 2}, x}, {\"b\": 3}");
  EXPECT_THAT(Lines(), ElementsAre("1", "{\"a\": 2}", "x}", "{\"b\": 3}")) << "the file ends within the array";
  Write("[]");
  EXPECT_THAT(Lines(), ElementsAre(""));
  Write("");
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(UserFileTest, AnArrayThatIsNotTheUsersIsALine) {
  Write("{\"roles\": [1]}\n{\"users\": 7}\n");
  EXPECT_THAT(Lines(), ElementsAre("{\"roles\": [1]}", "{\"users\": 7}"));
}

TEST_F(UserFileTest, AnElementOfMoreThanAMebibyteIsTooLong) {
  const std::string longest(LineReader::kMaxLineBytes, 'x');
  Write(absl::StrCat("[", longest, ",", longest, "x,{}]"));
  EXPECT_THAT(Lines(), ElementsAre(longest, "too long", "{}"));
}

TEST_F(UserFileTest, TheFingerprintCoversTheInterpretation) {
  Write("{}\n");
  const auto plain = ExamineFile(file(), "");
  const auto firebase = ExamineFile(file(), "firebase");
  ASSERT_TRUE(plain.ok() && firebase.ok());
  EXPECT_NE(plain->fingerprint, firebase->fingerprint);
}

}  // namespace
}  // namespace identity
