#include "server/net/listener.h"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/base/log.h"
#include "server/base/metrics.h"
#include "server/base/mutex.h"
#include "tests/support/mail_fixture.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

// The connections that a listener handed over. Thread-safe.
class Accepted {
 public:
  void Add(int connection, const std::string& peer) {
    MutexLock lock(mutex_);
    sockets_.emplace_back(connection);
    last_peer_ = peer;
  }
  // Waits for the next one. Without a descriptor when none comes.
  Socket Next() {
    MutexLock lock(mutex_);
    const auto any = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !sockets_.empty(); };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&any), absl::Seconds(30))) return Socket(-1);
    Socket next = std::move(sockets_.front());
    sockets_.pop_front();
    return next;
  }

  std::string last_peer() {
    MutexLock lock(mutex_);
    return last_peer_;
  }

 private:
  absl::Mutex mutex_;
  std::deque<Socket> sockets_ ABSL_GUARDED_BY(mutex_);
  std::string last_peer_ ABSL_GUARDED_BY(mutex_);
};

Socket NewClient() { return Socket(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

class ListenerTest : public testing::Test {
 protected:
  void SetUp() override {
    SetLogLevel(LogLevel::kError);
    Listen([this](int, int connection, const std::string& peer) { Take(connection, peer); });
  }
  void TearDown() override { SetLogLevel(LogLevel::kInfo); }

  void Listen(Listener::Handover handover) {
    auto sockets = ListenOn("listen-address", *ListenAddress::Parse("127.0.0.1:0"));
    ASSERT_THAT(sockets, IsOk());
    port_ = PortOf(sockets->front());
    listener_ = std::make_unique<Listener>(*std::move(sockets), connections_, refused_, std::move(handover));
  }

  int Connect(const Socket& client) const {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(client.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
  }

  // Waits a little for data.
  void Take(int connection, const std::string& peer) {
    pollfd wait = {connection, POLLIN, 0};
    was_readable_ = poll(&wait, 1, patience_) > 0;
    accepted_.Add(connection, peer);
  }

  std::atomic<int> patience_ = 0;
  std::atomic<bool> was_readable_ = false;
  Connections connections_{{.total = 100, .per_address = 2}};
  NamedCounters refused_{Connections::RefusalNames()};
  Accepted accepted_;
  int port_ = 0;
  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, HandsOverWhatItAccepts) {
  const Socket client = NewClient();
  ASSERT_EQ(Connect(client), 0);
  const Socket server = accepted_.Next();
  ASSERT_EQ(write(server.descriptor(), "hello", 5), 5);
  char text[6] = {};
  EXPECT_EQ(read(client.descriptor(), text, 5), 5);
  EXPECT_STREQ(text, "hello");
  EXPECT_EQ(connections_.open(), 1u);
}

// It must not share the limits of callers without an address.
TEST_F(ListenerTest, AClientThatResetsAtOnceHasAnAddress) {
  for (int i = 0; i < 20; ++i) {
    {
      const Socket client = NewClient();
      ASSERT_EQ(Connect(client), 0);
      const linger at_once = {1, 0};
      ASSERT_EQ(setsockopt(client.descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    }
    ASSERT_GE(accepted_.Next().descriptor(), 0);
    EXPECT_EQ(accepted_.last_peer(), "127.0.0.1");
  }
}

TEST_F(ListenerTest, HiddenDataCannotBeReadBeforeTheHandoverEnds) {
  Listen(HidingData([this](int, int connection, const std::string& peer) { Take(connection, peer); }));
  patience_ = 200;  // milliseconds
  const Socket client = NewClient();
  ASSERT_EQ(Connect(client), 0);
  ASSERT_EQ(write(client.descriptor(), "hello", 5), 5);
  const Socket server = accepted_.Next();
  EXPECT_FALSE(was_readable_);
  pollfd wait = {server.descriptor(), POLLIN, 0};
  EXPECT_EQ(poll(&wait, 1, 30'000), 1);
}

TEST_F(ListenerTest, ResetsAndCountsWhatExceedsALimit) {
  const Socket clients[] = {NewClient(), NewClient(), NewClient()};
  for (const Socket& client : clients) Connect(client);
  const Socket held[] = {accepted_.Next(), accepted_.Next()};
  char byte = 0;
  EXPECT_LE(read(clients[2].descriptor(), &byte, 1), 0);
  EXPECT_EQ(refused_.value(static_cast<size_t>(Connections::Refusal::kAddress)), 1u);
  EXPECT_EQ(connections_.open(), 2u);
}

// The process has no free file descriptor during the lifetime of this object.
class NoFiles {
 public:
  NoFiles() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit few = before_;
    few.rlim_cur = 200;
    setrlimit(RLIMIT_NOFILE, &few);
    do {
      all_.push_back(NewClient());
    } while (all_.back().descriptor() >= 0);
  }
  ~NoFiles() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoFiles(const NoFiles&) = delete;
  NoFiles& operator=(const NoFiles&) = delete;

 private:
  rlimit before_ = {};
  std::vector<Socket> all_;
};

TEST_F(ListenerTest, AcceptsAgainAfterTheProcessHadNoFiles) {
  const Socket client = NewClient();
  {
    const NoFiles no_files;
    ASSERT_EQ(Connect(client), 0);
    AwaitTrue("the listener cannot accept",
              [this] { return refused_.value(static_cast<size_t>(Connections::Refusal::kFiles)) > 0; });
    EXPECT_EQ(connections_.open(), 0u);
  }
  EXPECT_GE(accepted_.Next().descriptor(), 0);
}

TEST_F(ListenerTest, PausesWhileTheProcessHasNoFiles) {
  const Socket client = NewClient();
  const NoFiles no_files;
  ASSERT_EQ(Connect(client), 0);
  const auto failures = [this] { return refused_.value(static_cast<size_t>(Connections::Refusal::kFiles)); };
  const Stopwatch stopwatch;
  AwaitTrue("the listener tries again", [&] { return failures() >= 3; });
  EXPECT_GE(stopwatch.elapsed(), absl::Milliseconds(150));
}

TEST_F(ListenerTest, RefusesConnectionsAfterItsEnd) {
  listener_.reset();
  EXPECT_EQ(Connect(NewClient()), ECONNREFUSED);
}

}  // namespace
}  // namespace identity
