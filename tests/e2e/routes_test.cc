#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/support/deployment.h"
#include "tests/support/scrape.h"

// The commands about route rules, which need no database, and the option of the server.
namespace identity {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kRules[] = R"(version: 1
rules:
  - path: /health
    public: true
  - hosts: [shop.example.com]
    path: /orders/{order}
    permission: orders:read
    resource: orders/{order}
    audience: shop
  - path: /orders
    permission: orders:list
  - path: /internal/**
    deny: true
)";

class RouteCommandsTest : public testing::Test {
 protected:
  static Outcome Check(const std::string& file) { return RunProgram({Identityd(), "routes", "check", file}); }
  Outcome Try(const std::string& method, const std::string& url) const {
    return RunProgram({Identityd(), "routes", "try", file_, method, url});
  }

  const ScratchDirectory scratch_;
  const std::string file_ = scratch_.Write("routes.yaml", kRules);
};

TEST_F(RouteCommandsTest, CheckCountsTheRules) {
  const Outcome outcome = Check(file_);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(outcome.output, "4 rules\n");
}

TEST_F(RouteCommandsTest, CheckPrintsWarnings) {
  const std::string file =
      scratch_.Write("doubtful.yaml", "version: 1\nrules:\n- {path: /**, public: true}\n- {path: /a, deny: true}\n");
  const Outcome outcome = Check(file);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(outcome.output,
            "warning: line 4: this rule never matches: the public rule in line 3 comes first and matches all its "
            "requests\n2 rules\n");
}

TEST_F(RouteCommandsTest, CheckNamesTheLineOfAMistake) {
  const std::string file = scratch_.Write("bad.yaml", "version: 1\nrules:\n  - path: a\n    deny: true\n");
  const Outcome outcome = Check(file);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.errors, "identityd: " + file + ": line 3: path: must begin with a slash\n");
}

TEST_F(RouteCommandsTest, CheckRefusesAFileThatCannotBeRead) {
  for (const char* file : {"/nowhere", "/", "/dev/null"}) {
    const Outcome outcome = Check(file);
    EXPECT_EQ(outcome.exit_code, 1) << file;
    EXPECT_THAT(outcome.errors, AllOf(HasSubstr(file), HasSubstr("is not a file that can be read")));
  }
}

TEST_F(RouteCommandsTest, TryPrintsTheCheck) {
  const Outcome outcome = Try("GET", "https://shop.example.com:443/orders/7?x=1");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(outcome.output, "permission: orders:read\nresource: orders/7\naudience: shop\nrule: 2, in line 5\n");
  EXPECT_EQ(Try("POST", "HTTP://a.example.com/orders/").output,
            "permission: orders:list\nresource: (everywhere)\nrule: 3, in line 10\n");
}

TEST_F(RouteCommandsTest, TryPrintsPublic) {
  const Outcome outcome = Try("GET", "http://[::1]:8080/health");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(outcome.output, "public\nrule: 1, in line 3\n");
}

TEST_F(RouteCommandsTest, TryPrintsWhyARequestIsDenied) {
  const std::vector<std::vector<std::string>> denied = {
      {"GET", "https://a.example.com/internal/a", "denied: a rule denies it (deny_rule)\nrule: 4, in line 12\n"},
      {"GET", "https://a.example.com", "denied: no rule matches (no_rule)\n"},
      {"GET", "https://a.example.com?x", "denied: no rule matches (no_rule)\n"},
      {"GET", "https://a.example.com/x/../health", "denied: the path has a segment '.' or '..' (path_dot_segment)\n"},
      {"GET", "https://ada@a.example.com/health", "(host_malformed)\n"},
      {"GET", "https:///health", "(host_malformed)\n"},
      {"get", "https://a.example.com/health", "(method_malformed)\n"},
      {"GET", "https://shop.example.com/orders/a:b", "(resource_malformed)\nrule: 2, in line 5\n"}};
  for (const std::vector<std::string>& request : denied) {
    const Outcome outcome = Try(request[0], request[1]);
    EXPECT_EQ(outcome.exit_code, 1) << request[1];
    EXPECT_THAT(outcome.output, AllOf(StartsWith("denied: "), testing::EndsWith(request[2])));
  }
}

TEST_F(RouteCommandsTest, WrongUsageIsNoDenial) {
  for (const std::string url : {"/orders/7", "shop.example.com/orders/7", "ftp://shop.example.com/", ""}) {
    const Outcome outcome = Try("GET", url);
    EXPECT_EQ(outcome.exit_code, 2) << url;
    EXPECT_THAT(outcome.errors, HasSubstr("URL"));
  }
  EXPECT_EQ(RunProgram({Identityd(), "routes", "try", "/nowhere", "GET", "https://a.example.com/"}).exit_code, 2);
  EXPECT_EQ(RunProgram({Identityd(), "routes", "try", file_, "GET"}).exit_code, 2);
  EXPECT_EQ(RunProgram({Identityd(), "routes", "try", file_, "GET", "https://a.example.com/", "x"}).exit_code, 2);
  EXPECT_EQ(RunProgram({Identityd(), "routes", "check"}).exit_code, 2);
  EXPECT_EQ(RunProgram({Identityd(), "routes", "check", file_, "--database-url=x"}).exit_code, 2);
  EXPECT_EQ(RunProgram({Identityd(), "routes"}).exit_code, 2);
}

TEST_F(RouteCommandsTest, AServerShowsItsRulesAndReadsThemAgain) {
  Deployment::Options options{1, {"--routes", file_}};
  options.admin_ports = true;
  const Deployment deployment(options);
  const auto metric = [&deployment](const std::string& name) {
    return Parse(Fetch(deployment.admin_port(0), "/metrics").body)[name];
  };
  EXPECT_EQ(metric("identity_routes_rules"), 4);
  EXPECT_EQ(metric("identity_routes_reload_failed"), 0);
  scratch_.Write("routes.yaml", "version: 1\nrules: []\n");
  WaitUntil([&] { return metric("identity_routes_rules") == 0; });
  scratch_.Write("routes.yaml", "version: 1\n");
  WaitUntil([&] { return metric("identity_routes_reload_failed") == 1; });
}

}  // namespace
}  // namespace identity
