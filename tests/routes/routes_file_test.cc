#include "server/routes/routes_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using testing::HasSubstr;
using testing::internal::CaptureStderr;
using testing::internal::GetCapturedStderr;

constexpr absl::Duration kInterval = absl::Milliseconds(1);
constexpr char kOneRule[] = "version: 1\nrules:\n- {path: /a, public: true}\n";
constexpr char kTwoRules[] = "version: 1\nrules:\n- {path: /a, public: true}\n- {path: /b, public: true}\n";
constexpr char kDoubtful[] = "version: 1\nrules:\n- {path: /a, public: true}\n- {path: /a, deny: true}\n";

bool Becomes(const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + absl::Seconds(60);
  while (!condition()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(kInterval);
  }
  return true;
}

class RoutesFileTest : public testing::Test {
 protected:
  RoutesFileTest() {
    char name[] = "/tmp/identity_routes_XXXXXX";
    directory_ = mkdtemp(name);
  }
  ~RoutesFileTest() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name = "routes.yaml") const { return directory_ + "/" + name; }
  // Replaces the file at once, as an editor does.
  void Write(const std::string& text, const std::string& name = "routes.yaml") const {
    std::ofstream(Path("new")) << text;
    std::filesystem::rename(Path("new"), Path(name));
  }
  std::unique_ptr<RoutesFile> Start() const { return *RoutesFile::Start(Path(), kInterval); }

  static double Value(const RoutesFile& file, const std::string& name) {
    for (const Gauge& gauge : file.Gauges()) {
      if (gauge.name == name) return gauge.read();
    }
    return -1;
  }
  static bool Failed(const RoutesFile& file) { return Value(file, "identity_routes_reload_failed") == 1; }

  // Waits until another file was read ten times at the same interval.
  void LetReadsPass() const {
    Write(kOneRule, "clock.yaml");
    const auto clock = *RoutesFile::Start(Path("clock.yaml"), kInterval);
    for (size_t i = 0; i < 5; ++i) {
      Write(i % 2 == 0 ? kTwoRules : kOneRule, "clock.yaml");
      ASSERT_TRUE(Becomes([&] { return clock->rules()->size() == (i % 2 == 0 ? 2u : 1u); }));
    }
  }

  std::string directory_;
};

TEST_F(RoutesFileTest, StartsWithTheRulesOfTheFile) {
  Write(kOneRule);
  const auto file = Start();
  EXPECT_EQ(file->rules()->size(), 1u);
  EXPECT_EQ(Value(*file, "identity_routes_rules"), 1);
  EXPECT_EQ(Value(*file, "identity_routes_reload_failed"), 0);
}

TEST_F(RoutesFileTest, ChangedRulesComeIntoForceAndOldOnesStayUsable) {
  Write(kOneRule);
  const auto file = Start();
  const auto before = file->rules();
  Write(kTwoRules);
  EXPECT_TRUE(Becomes([&] { return file->rules()->size() == 2; }));
  EXPECT_EQ(Value(*file, "identity_routes_rules"), 2);
  EXPECT_EQ(before->size(), 1u);
}

TEST_F(RoutesFileTest, ABadFileKeepsTheOldRulesAndIsLoggedOnce) {
  Write(kOneRule);
  CaptureStderr();
  const auto file = Start();
  Write("version: 1\nrules:\n- {path: /a}\n");
  EXPECT_TRUE(Becomes([&] { return Failed(*file); }));
  LetReadsPass();
  EXPECT_TRUE(Failed(*file));
  EXPECT_EQ(file->rules()->size(), 1u);

  std::filesystem::remove(Path());
  LetReadsPass();
  EXPECT_TRUE(Failed(*file));
  EXPECT_EQ(file->rules()->size(), 1u);
  Write(kTwoRules);
  EXPECT_TRUE(Becomes([&] { return file->rules()->size() == 2 && !Failed(*file); }));
  const std::string log = GetCapturedStderr();
  std::vector<std::string> faults;
  for (const absl::string_view line : absl::StrSplit(log, '\n')) {
    if (absl::StrContains(line, "route rules not reloaded")) faults.emplace_back(line);
  }
  ASSERT_EQ(faults.size(), 2u) << log;
  EXPECT_THAT(faults[0], HasSubstr("line 3: the rule must have one of permission, public and deny"));
  EXPECT_THAT(faults[1], HasSubstr("is not a file that can be read"));
}

TEST_F(RoutesFileTest, TheFaultEndsWithTheOldText) {
  Write(kOneRule);
  const auto file = Start();
  Write("version: 2\nrules: []\n");
  EXPECT_TRUE(Becomes([&] { return Failed(*file); }));
  Write(kOneRule);
  EXPECT_TRUE(Becomes([&] { return !Failed(*file); }));
  EXPECT_EQ(file->rules()->size(), 1u);
}

TEST_F(RoutesFileTest, WarningsAreLogged) {
  Write(kDoubtful);
  CaptureStderr();
  Start();
  EXPECT_THAT(GetCapturedStderr(), HasSubstr("line 4: this rule never matches"));
}

TEST_F(RoutesFileTest, AnUnusableFileStopsTheStart) {
  const auto message = [this] { return std::string(RoutesFile::Start(Path()).status().message()); };
  EXPECT_EQ(message(), absl::StrCat("routes: ", Path(), " is not a file that can be read"));
  std::filesystem::create_directory(Path());
  EXPECT_EQ(message(), absl::StrCat("routes: ", Path(), " is not a file that can be read"));
  std::filesystem::remove(Path());
  ASSERT_EQ(mkfifo(Path().c_str(), 0600), 0);
  EXPECT_EQ(message(), absl::StrCat("routes: ", Path(), " is not a file that can be read"));
  Write("version: 1\nrules:\n- {path: a, deny: true}\n");
  EXPECT_EQ(message(), absl::StrCat("routes: ", Path(), ": line 3: path: must begin with a slash"));
  Write(std::string(RouteRules::kMaxFileBytes + 1, '#'));
  EXPECT_EQ(message(), absl::StrCat("routes: ", Path(), " must be at most 1048576 bytes"));
  Write(std::string(RouteRules::kMaxFileBytes, '#'));
  EXPECT_THAT(message(), HasSubstr("the file must not be empty"));
}

TEST(SettledTextTest, ANewTextSettlesAtItsSecondRead) {
  SettledText text("a");
  EXPECT_FALSE(text.Next("a"));
  EXPECT_FALSE(text.Next("b"));
  EXPECT_FALSE(text.Next("bc"));
  EXPECT_EQ(text.text(), "a");
  EXPECT_TRUE(text.Next("bc"));
  EXPECT_EQ(text.text(), "bc");
  EXPECT_FALSE(text.Next("bc"));
  EXPECT_FALSE(text.Next("a"));
  EXPECT_FALSE(text.Next("bc"));
  EXPECT_FALSE(text.Next("a"));
  EXPECT_TRUE(text.Next("a"));
}

TEST(SettledTextTest, AfterAFailureTheOldTextSettlesAgain) {
  SettledText text("a");
  text.Fail();
  EXPECT_FALSE(text.Next("a"));
  text.Fail();
  EXPECT_FALSE(text.Next("a"));
  EXPECT_TRUE(text.Next("a"));
  EXPECT_FALSE(text.Next("a"));
}

TEST_F(RoutesFileTest, EveryMetricIsDocumented) {
  Write(kOneRule);
  std::ifstream page(IDENTITY_METRICS_DOCUMENT);
  const std::string document(std::istreambuf_iterator<char>(page), {});
  for (const Gauge& gauge : Start()->Gauges()) {
    EXPECT_THAT(document, HasSubstr(absl::StrCat("| `", gauge.name, "` | gauge |")));
  }
}

}  // namespace
}  // namespace identity
