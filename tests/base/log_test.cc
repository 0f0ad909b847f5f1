#include "server/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

#include "absl/time/time.h"

namespace identity {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

class LogTest : public ::testing::Test {
 protected:
  ~LogTest() override { SetLogLevel(LogLevel::kInfo); }
};

TEST_F(LogTest, LineIsOneJsonObject) {
  CaptureStderr();
  Log(LogLevel::kWarning, "login refused", {{"principal", "p1"}, {"text", "a\"b\nc"}});
  const std::string output = GetCapturedStderr();
  ASSERT_EQ(output.find('\n'), output.size() - 1);
  const auto line = nlohmann::json::parse(output);
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["event"], "login refused");
  EXPECT_EQ(line["principal"], "p1");
  EXPECT_EQ(line["text"], "a\"b\nc");
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, line["time"].get<std::string>(), &time, &error)) << error;
}

TEST_F(LogTest, LinesBelowTheLevelAreDropped) {
  CaptureStderr();
  Log(LogLevel::kDebug, "not at first");
  SetLogLevel(LogLevel::kError);
  Log(LogLevel::kWarning, "nor this");
  EXPECT_EQ(GetCapturedStderr(), "");
}

TEST_F(LogTest, LevelsFromTheChosenOneOnAreEnabled) {
  EXPECT_FALSE(LogEnabled(LogLevel::kDebug));
  EXPECT_TRUE(LogEnabled(LogLevel::kInfo));
  SetLogLevel(LogLevel::kWarning);
  EXPECT_FALSE(LogEnabled(LogLevel::kInfo));
  EXPECT_TRUE(LogEnabled(LogLevel::kWarning));
  EXPECT_TRUE(LogEnabled(LogLevel::kError));
}

TEST_F(LogTest, BytesThatAreNotUtf8AreReplaced) {
  CaptureStderr();
  Log(LogLevel::kInfo, "odd", {{"text", "a\xff"}});
  EXPECT_EQ(nlohmann::json::parse(GetCapturedStderr())["text"], "a\xEF\xBF\xBD");
}

TEST_F(LogTest, LinesOfManyThreadsDoNotMix) {
  CaptureStderr();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int j = 0; j < 50; ++j) Log(LogLevel::kInfo, "long", {{"text", std::string(5000, 'x')}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::istringstream output(GetCapturedStderr());
  int lines = 0;
  for (std::string line; std::getline(output, line); ++lines) EXPECT_TRUE(nlohmann::json::accept(line));
  EXPECT_EQ(lines, 200);
}

}  // namespace
}  // namespace identity
