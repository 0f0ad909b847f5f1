#include "server/http/metrics_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/http/metric_families.h"
#include "server/http/process_gauges.h"

namespace identity {
namespace {

// Reads all values again for each scrape.
class Collection final : public prometheus::Collectable {
 public:
  Collection(const Metrics& metrics, std::vector<Gauge> gauges) : metrics_(metrics), gauges_(std::move(gauges)) {
    for (Gauge& gauge : ProcessGauges()) gauges_.push_back(std::move(gauge));
  }

  std::vector<prometheus::MetricFamily> Collect() const override { return MetricFamilies(metrics_, gauges_); }

 private:
  const Metrics& metrics_;
  std::vector<Gauge> gauges_;
};

bool IsPort(absl::string_view text) {
  int port = 0;
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit) && absl::SimpleAtoi(text, &port) &&
         port <= 65535;
}

bool IsHost(const std::string& text) {
  in_addr address;
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

struct Address {
  std::string host;
  std::string port;
};

// We parse the address, because the HTTP library accepts more: lists, and a port alone for all addresses. Debian builds
// that library without IPv6.
absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  const Address address{std::string(parts.first == "localhost" ? "127.0.0.1" : parts.first), std::string(parts.second)};
  if (IsHost(address.host) && IsPort(address.port)) return address;
  return InvalidField("metrics-address",
                      absl::StrCat(text, " is not an IPv4 address and a port, such as 127.0.0.1:9464"));
}

// Normally one scrape runs at a time. A second thread answers while a slow client holds the first, for at most 5 s.
std::vector<std::string> ExposerOptions(const Address& address) {
  return {"listening_ports",    absl::StrCat(address.host, ":", address.port),
          "num_threads",        "2",
          "request_timeout_ms", "5000"};
}

// Connects and disconnects. A failure does no harm.
void Knock(const std::string& host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (connection < 0) return;
  (void)connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  close(connection);
}

}  // namespace

bool MetricsServer::IsAddress(const std::string& address) { return ParseAddress(address).ok(); }

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(const std::string& address, const Metrics& metrics,
                                                                    std::vector<Gauge> gauges) {
  ASSIGN_OR_RETURN(Address parsed, ParseAddress(address));
  auto collectable = std::make_shared<Collection>(metrics, std::move(gauges));
  try {
    auto exposer = std::make_unique<prometheus::Exposer>(ExposerOptions(parsed));
    exposer->RegisterCollectable(collectable);
    const int port = exposer->GetListeningPorts().at(0);
    return std::unique_ptr<MetricsServer>(
        new MetricsServer(std::move(collectable), std::move(exposer), std::move(parsed.host), port));
  } catch (const std::exception&) {
    // The exception's text adds nothing.
    return absl::UnavailableError(absl::StrCat("metrics-address: cannot listen on ", address, "; is it in use?"));
  }
}

MetricsServer::MetricsServer(std::shared_ptr<prometheus::Collectable> collectable,
                             std::unique_ptr<prometheus::Exposer> exposer, std::string host, int port)
    : collectable_(std::move(collectable)), exposer_(std::move(exposer)), host_(std::move(host)), port_(port) {}

MetricsServer::~MetricsServer() {
  absl::Notification ended;
  std::thread end([this, &ended] {
    exposer_.reset();
    ended.Notify();
  });
  // The HTTP library checks every 2 s, and at each connection, whether it must stop.
  while (!ended.WaitForNotificationWithTimeout(absl::Milliseconds(10))) Knock(host_, port_);
  end.join();
}

}  // namespace identity
