#include "server/http/admin_server.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/net/socket.h"
#include "tests/support/scrape.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

using Obstacle = Readiness::Obstacle;

absl::StatusOr<std::unique_ptr<AdminServer>> StartAt(const std::string& address, const Readiness& readiness) {
  return AdminServer::Start(*ListenAddress::Parse(address), readiness);
}

// Without waiting for the server to accept it.
Socket ConnectTo(int port) {
  Socket client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(client.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return client;
}

class AdminServerTest : public testing::Test {
 protected:
  HttpAnswer Get(const std::string& path, const std::string& method = "GET") const {
    return Fetch(server_->port(), path, method);
  }
  Scrape ScrapeWith(std::vector<Gauge> gauges) {
    server_->ShowMetrics(metrics_, [gauges = std::move(gauges)] { return gauges; });
    return ScrapeNow();
  }
  Scrape ScrapeNow() const {
    const HttpAnswer answer = Get("/metrics");
    EXPECT_EQ(answer.status, 200);
    Scrape scrape = Parse(answer.body);
    EXPECT_THAT(scrape.mistakes, IsEmpty());
    return scrape;
  }

  Metrics metrics_{{"identity.v1.A/One", "identity.v1.A/Two"}, {"GRANTED", "NO_BINDING"}};
  Readiness readiness_;
  std::unique_ptr<AdminServer> server_ = *StartAt("127.0.0.1:0", readiness_);
};

TEST_F(AdminServerTest, IsAliveWhateverTheObstacles) {
  readiness_.Set(Obstacle::kNoRecentFacts, true);
  EXPECT_EQ(Get("/livez").status, 200);
}

TEST_F(AdminServerTest, IsReadyWithoutObstaclesAndNamesThemOtherwise) {
  EXPECT_EQ(Get("/readyz").status, 503);
  EXPECT_EQ(Get("/readyz").body, "starting\n");
  readiness_.Set(Obstacle::kStarting, false);
  EXPECT_EQ(Get("/readyz").status, 200);
  EXPECT_EQ(Get("/readyz").body, "ready\n");
  readiness_.Set(Obstacle::kClock, true);
  readiness_.Set(Obstacle::kNoRecentFacts, true);
  EXPECT_EQ(Get("/readyz").status, 503);
  EXPECT_EQ(Get("/readyz").body, "no_recent_facts\nclock\n");
}

TEST_F(AdminServerTest, HasNoMetricsWhileTheServerStarts) { EXPECT_EQ(Get("/metrics").status, 503); }

TEST_F(AdminServerTest, EverySampleHasAHelpTextAndAType) {
  const Scrape scrape = ScrapeWith({{"identity_size_bytes", "A size.", {}, [] { return 1.0; }}});
  EXPECT_GT(scrape.samples.size(), 50u);
  for (const auto& [sample, value] : scrape.samples) {
    const std::string family = FamilyOf(sample, scrape);
    EXPECT_EQ(scrape.help.count(family), 1u) << sample;
    EXPECT_EQ(scrape.type.count(family), 1u) << sample;
  }
}

TEST_F(AdminServerTest, NamesFollowTheConventions) {
  const Scrape scrape = ScrapeWith({});
  for (const auto& [family, type] : scrape.type) {
    EXPECT_THAT(family, testing::MatchesRegex("(identity|process)_[a-z_]+[a-z]"));
    EXPECT_EQ(type == "counter", absl::EndsWith(family, "_total")) << family << " is a " << type;
    EXPECT_TRUE(type != "histogram" || absl::EndsWith(family, "_seconds")) << family;
    EXPECT_TRUE(absl::EndsWith(scrape.help.at(family), ".")) << family;
  }
}

TEST_F(AdminServerTest, EveryMetricIsDocumented) {
  std::ifstream file(METRICS_DOCUMENT);
  const std::string document(std::istreambuf_iterator<char>(file), {});
  for (const auto& [family, type] : ScrapeWith({}).type) {
    EXPECT_THAT(document, HasSubstr(absl::StrCat("| `", family, "` | ", type, " |")));
  }
}

TEST_F(AdminServerTest, EveryCounterMoves) {
  server_->ShowMetrics(metrics_, [] { return std::vector<Gauge>(); });
  const std::pair<Counter*, std::string> counters[] = {
      {&metrics_.calls_refused, "identity_calls_refused_total"},
      {&metrics_.logins_refused, "identity_logins_refused_total"},
      {&metrics_.calls_inline, "identity_view_lookups_total{answered=\"inline\"}"},
      {&metrics_.calls_by_worker, "identity_view_lookups_total{answered=\"worker\"}"},
      {&metrics_.view_loads, "identity_view_loads_total"},
      {&metrics_.feed_rounds, "identity_feed_rounds_total"},
      {&metrics_.feed_reconnects, "identity_feed_reconnects_total"},
      {&metrics_.feed_reloads, "identity_feed_reloads_total"},
      {&metrics_.feed_changes, "identity_feed_changes_total"},
      {&metrics_.mails_sent, "identity_mails_sent_total"},
      {&metrics_.mails_failed, "identity_mails_failed_total"},
      {&metrics_.mails_abandoned, "identity_mails_abandoned_total"},
      {&metrics_.spans_sent, "identity_trace_spans_sent_total"},
      {&metrics_.spans_dropped, "identity_trace_spans_dropped_total"},
  };
  const Scrape before = ScrapeNow();
  uint64_t amount = 0;
  for (const auto& [counter, name] : counters) counter->Add(++amount);
  const Scrape after = ScrapeNow();
  amount = 0;
  for (const auto& [counter, name] : counters) {
    EXPECT_EQ(before[name], 0.0) << name;
    EXPECT_EQ(after[name], static_cast<double>(++amount)) << name;
  }
}

TEST_F(AdminServerTest, CallsAreCountedByMethodAndCode) {
  metrics_.rpcs.Record(0, absl::StatusCode::kOk, absl::Microseconds(30));
  metrics_.rpcs.Record(0, absl::StatusCode::kOk, absl::Microseconds(30));
  metrics_.rpcs.Record(0, absl::StatusCode::kUnauthenticated, absl::Milliseconds(3));
  const Scrape scrape = ScrapeWith({});
  EXPECT_EQ(scrape["identity_rpc_total{method=\"identity.v1.A/One\",code=\"OK\"}"], 2);
  EXPECT_EQ(scrape["identity_rpc_total{method=\"identity.v1.A/One\",code=\"UNAUTHENTICATED\"}"], 1);
  EXPECT_EQ(scrape["identity_rpc_total{method=\"identity.v1.A/One\",code=\"CANCELLED\"}"], 0);
  EXPECT_EQ(scrape["identity_rpc_total{method=\"identity.v1.A/Two\",code=\"OK\"}"], 0);
  EXPECT_EQ(scrape["identity_rpc_duration_seconds_count{method=\"identity.v1.A/One\"}"], 3);
  EXPECT_DOUBLE_EQ(scrape["identity_rpc_duration_seconds_sum{method=\"identity.v1.A/One\"}"], 0.00306);
  EXPECT_EQ(scrape["identity_rpc_duration_seconds_count{method=\"identity.v1.A/Two\"}"], 0);
}

TEST_F(AdminServerTest, DecisionsAreCountedByReason) {
  metrics_.decisions.Add(1);
  const Scrape scrape = ScrapeWith({});
  EXPECT_EQ(scrape["identity_decisions_total{reason=\"GRANTED\"}"], 0);
  EXPECT_EQ(scrape["identity_decisions_total{reason=\"NO_BINDING\"}"], 1);
}

TEST_F(AdminServerTest, BucketsOfAHistogramAreCumulativeAndEndWithItsCount) {
  for (const int milliseconds : {1, 40, 60, 70, 300, 20'000}) {
    metrics_.hash_duration.Record(absl::Milliseconds(milliseconds));
  }
  metrics_.feed_apply_delay.Record(absl::Milliseconds(2));
  const Scrape scrape = ScrapeWith({});
  std::map<double, double> buckets;
  for (const auto& [sample, value] : scrape.samples) {
    constexpr char kStart[] = "identity_hash_duration_seconds_bucket{le=\"";
    if (!absl::StartsWith(sample, kStart)) continue;
    double bound = 0;
    ASSERT_TRUE(absl::SimpleAtod(sample.substr(sizeof kStart - 1, sample.size() - sizeof kStart - 1), &bound));
    buckets[bound] = value;
  }
  EXPECT_EQ(buckets.size(), 20u);
  EXPECT_EQ(buckets.begin()->first, 1e-5);
  EXPECT_EQ(buckets[0.05], 2);
  EXPECT_EQ(buckets[0.1], 4);
  EXPECT_EQ(buckets[10], 5);
  EXPECT_EQ(buckets[INFINITY], 6);
  double last = 0;
  for (const auto& [bound, count] : buckets) EXPECT_GE(count, std::exchange(last, count)) << bound;
  EXPECT_EQ(scrape["identity_hash_duration_seconds_count"], 6);
  EXPECT_DOUBLE_EQ(scrape["identity_hash_duration_seconds_sum"], 20.471);
  EXPECT_EQ(scrape["identity_feed_apply_delay_seconds_count"], 1);
}

TEST_F(AdminServerTest, AGaugeIsReadAtEachScrape) {
  std::atomic<double> value{1.5};
  server_->ShowMetrics(metrics_, [&value] {
    return std::vector<Gauge>{{"identity_level", "A level.", {}, [&value]() -> double { return value; }}};
  });
  EXPECT_EQ(ScrapeNow()["identity_level"], 1.5);
  value = -2;
  EXPECT_EQ(ScrapeNow()["identity_level"], -2);
}

TEST_F(AdminServerTest, GaugesWithOneNameAreOneFamily) {
  const Scrape scrape = ScrapeWith({{"identity_entries", "Entries.", {{"kind", "a"}}, [] { return 1.0; }},
                                    {"identity_other", "Another.", {}, [] { return 2.0; }},
                                    {"identity_entries", "Entries.", {{"kind", "b"}}, [] { return 3.0; }}});
  EXPECT_EQ(scrape["identity_entries{kind=\"a\"}"], 1);
  EXPECT_EQ(scrape["identity_other"], 2);
  EXPECT_EQ(scrape["identity_entries{kind=\"b\"}"], 3);
  EXPECT_EQ(scrape.type.at("identity_entries"), "gauge");
}

TEST_F(AdminServerTest, AGaugeThatOnlyGrowsIsACounter) {
  const Scrape scrape =
      ScrapeWith({{"identity_evictions_total", "Evictions.", {}, [] { return 7.0; }, Gauge::Kind::kCounter}});
  EXPECT_EQ(scrape["identity_evictions_total"], 7);
  EXPECT_EQ(scrape.type.at("identity_evictions_total"), "counter");
}

TEST_F(AdminServerTest, LabelsAreEscaped) {
  const Scrape scrape = ScrapeWith({{"identity_odd", "Odd.", {{"label", "a\"b\\c\nd"}}, [] { return 4.0; }}});
  EXPECT_EQ(scrape["identity_odd{label=\"a\\\"b\\\\c\\nd\"}"], 4);
}

TEST_F(AdminServerTest, HasTheMetricsOfTheProcess) {
  server_->ShowMetrics(metrics_, [] { return std::vector<Gauge>(); });
  const Scrape scrape = ScrapeNow();
  EXPECT_GT(scrape["process_resident_memory_bytes"], 1e6);
  EXPECT_GT(scrape["process_cpu_seconds_total"], 0);
  const double now = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
  EXPECT_LE(scrape["process_start_time_seconds"], now + 1);
  EXPECT_GT(scrape["process_start_time_seconds"], now - 3600);
  EXPECT_GE(scrape["process_max_fds"], scrape["process_open_fds"]);
}

TEST_F(AdminServerTest, OpenFilesOfTheProcessAreCounted) {
  server_->ShowMetrics(metrics_, [] { return std::vector<Gauge>(); });
  const double before = ScrapeNow()["process_open_fds"];
  constexpr int kMore = 40;  // more than the number of closing connections
  std::vector<int> files;
  for (int i = 0; i < kMore; ++i) files.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const double after = ScrapeNow()["process_open_fds"];
  for (const int file : files) close(file);
  EXPECT_GE(before, 3);
  EXPECT_NEAR(after, before + kMore, 5);
}

TEST_F(AdminServerTest, ServesNothingElse) {
  server_->ShowMetrics(metrics_, [] { return std::vector<Gauge>(); });
  for (const char* path : {"/", "/etc/passwd", "/../../../etc/passwd", "/metrics/../livez", "/livez/", "/%6civez"}) {
    EXPECT_EQ(Get(path).status / 100, 4) << path;
  }
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE"}) {
    EXPECT_EQ(Get("/metrics", method).status, 405) << method;
  }
}

TEST_F(AdminServerTest, AnswersHeadWithoutABody) {
  EXPECT_EQ(Get("/livez", "HEAD").status, 200);
  EXPECT_EQ(Get("/livez", "HEAD").body, "");
}

TEST_F(AdminServerTest, AQueryDoesNotMatter) { EXPECT_EQ(Get("/livez?verbose").status, 200); }

TEST_F(AdminServerTest, MetricsCanBeRecordedDuringAScrape) {
  server_->ShowMetrics(metrics_, [] { return std::vector<Gauge>(); });
  constexpr int kRounds = 5000;
  std::thread recorder([this] {
    for (int i = 0; i < kRounds; ++i) metrics_.rpcs.Record(0, absl::StatusCode::kOk, absl::Microseconds(i));
  });
  constexpr char kCount[] = "identity_rpc_duration_seconds_count{method=\"identity.v1.A/One\"}";
  constexpr char kLastBucket[] = "identity_rpc_duration_seconds_bucket{method=\"identity.v1.A/One\",le=\"+Inf\"}";
  double last = 0;
  for (int i = 0; i < 20; ++i) {
    const Scrape scrape = ScrapeNow();
    EXPECT_GE(scrape[kCount], std::exchange(last, scrape[kCount]));
    EXPECT_EQ(scrape[kLastBucket], scrape[kCount]);
  }
  recorder.join();
  EXPECT_EQ(ScrapeNow()[kCount], kRounds);
}

TEST_F(AdminServerTest, ListensOnLocalhostByNameAndOnAllAddresses) {
  for (const char* address : {"localhost:0", "0.0.0.0:0", "[::]:0"}) {
    const auto server = StartAt(address, readiness_);
    ASSERT_THAT(server, IsOk());
    EXPECT_EQ(Fetch((*server)->port(), "/livez").status, 200) << address;
  }
}

TEST_F(AdminServerTest, TheErrorForAUsedPortNamesTheOption) {
  const std::string address = absl::StrCat("127.0.0.1:", server_->port());
  const auto second = StartAt(address, readiness_);
  ASSERT_THAT(second, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(std::string(second.status().message()), AllOf(HasSubstr("admin-address"), HasSubstr(address)));
}

TEST_F(AdminServerTest, ItsDestructionFreesThePort) {
  const int port = server_->port();
  Get("/livez");
  server_.reset();
  EXPECT_EQ(Fetch(port, "/livez").status, 0);
  EXPECT_THAT(StartAt(absl::StrCat("127.0.0.1:", port), readiness_), IsOk());
}

// The limit of connections from one address leaves others room.
TEST_F(AdminServerTest, OneClientCannotTakeAllConnections) {
  std::vector<Socket> silent;
  for (int i = 0; i < 100; ++i) silent.push_back(ConnectTo(server_->port()));
  EXPECT_EQ(Fetch(server_->port(), "/livez", "GET", "127.0.0.2").status, 200);
}

}  // namespace
}  // namespace identity
