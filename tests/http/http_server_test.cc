#include "server/http/http_server.h"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "server/net/socket.h"
#include "server/net/tls_reloader.h"
#include "tests/support/mail_fixture.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using testing::_;
using testing::AllOf;
using testing::Each;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::SizeIs;
using testing::StartsWith;

// A client that sends any bytes. It gives up after 20 seconds without one from the server.
class RawClient {
 public:
  explicit RawClient(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }

  // False when the server has closed the connection.
  bool Send(const std::string& bytes) {
    return send(socket_.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  void FinishSending() { shutdown(socket_.descriptor(), SHUT_WR); }
  // All that the server sends until it closes the connection.
  std::string ReadToEnd() {
    while (Receive()) {
    }
    return std::move(received_);
  }
  // All that the server sends until it has sent `text`.
  std::string ReadUntil(const std::string& text) {
    while (!absl::StrContains(received_, text) && Receive()) {
    }
    return std::move(received_);
  }
  // Whether the server closes the connection within a few milliseconds.
  bool Closes() {
    pollfd wait = {socket_.descriptor(), POLLIN, 0};
    char byte = 0;
    return poll(&wait, 1, 5) == 1 && recv(socket_.descriptor(), &byte, 1, MSG_PEEK) <= 0;
  }

 private:
  bool Receive() {
    pollfd wait = {socket_.descriptor(), POLLIN, 0};
    char bytes[4096];
    if (poll(&wait, 1, 20'000) != 1) {
      ADD_FAILURE() << "the server sends nothing and does not close the connection";
      return false;
    }
    const ssize_t size = recv(socket_.descriptor(), bytes, sizeof bytes, 0);
    if (size > 0) received_.append(bytes, static_cast<size_t>(size));
    return size > 0;
  }

  Socket socket_;
  std::string received_;
};

HttpResponse Echo(const HttpRequest& request) {
  return {200, "text/plain", absl::StrCat(request.method, " ", request.path, " [", request.query, "] ", request.body)};
}

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() { options_.address = *ListenAddress::Parse("127.0.0.1:0"); }

  void Start(HttpServer::Handler handler = [](const auto& exchange) { exchange->Reply(Echo(exchange->request())); }) {
    auto server = HttpServer::Start("http-address", options_, connections_, refused_, std::move(handler));
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
  }
  // A client that has sent a header, and owes a body of 2 bytes. The server has read the header.
  std::unique_ptr<RawClient> BeginHalfRequest() {
    auto client = std::make_unique<RawClient>(server_->port());
    client->Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_THAT(client->ReadUntil("\r\n\r\n"), HasSubstr("100 Continue"));
    return client;
  }
  // The answer to `request` on its own connection, which the client ends.
  std::string Ask(const std::string& request) {
    RawClient client(server_->port());
    client.Send(request);
    client.FinishSending();
    return client.ReadToEnd();
  }

  HttpServer::Options options_;
  Connections connections_{ConnectionLimits{100, 10}};
  NamedCounters refused_{Connections::RefusalNames()};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersOneRequestAfterTheOtherOnAConnection) {
  Start();
  RawClient client(server_->port());
  client.Send("GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("[b=c]"), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("GET /a [b=c]")));
  client.Send("POST /d HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_THAT(client.ReadUntil("hi"), HasSubstr("POST /d [] hi"));
  client.Send("GET /e HTTP/1.1\r\nHost: x\r\n\r\nGET /f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), AllOf(HasSubstr("GET /e"), HasSubstr("Connection: close"), EndsWith("GET /f [] ")));
}

TEST_F(HttpServerTest, KeepsTheMeaningOfAnswers) {
  Start([](const auto& exchange) {
    HttpResponse response = {200, "application/json", "{}"};
    response.headers = {{"Cache-Control", "public"}, {"X-Own", "1"}};
    exchange->Reply(std::move(response));
  });
  const std::string answer = Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(answer, AllOf(HasSubstr("Content-Type: application/json\r\n"), HasSubstr("Cache-Control: public\r\n"),
                            HasSubstr("X-Own: 1\r\n"), HasSubstr("Content-Length: 2\r\n"), HasSubstr("\r\nDate: "),
                            Not(HasSubstr("no-store")), EndsWith("\r\n\r\n{}")));
  EXPECT_THAT(Ask("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"), AllOf(HasSubstr("Content-Length: 2"), EndsWith("\r\n\r\n")));
  EXPECT_THAT(Ask("GET / HTTP/1.0\r\n\r\n"), AllOf(StartsWith("HTTP/1.0 200"), EndsWith("{}")));
}

TEST_F(HttpServerTest, ACachedAnswerHasNoBodyAndNoLength) {
  Start([](const auto& exchange) { exchange->Reply({304, "application/json", ""}); });
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 304"), Not(HasSubstr("Content-Length")), Not(HasSubstr("Content-Type: ")),
                    HasSubstr("no-store")));
}

TEST_F(HttpServerTest, HandlersMayAnswerLaterOnAnyThread) {
  std::mutex mutex;
  std::vector<std::thread> threads;
  Start([&](const std::shared_ptr<HttpExchange>& exchange) {
    const std::lock_guard<std::mutex> lock(mutex);
    threads.emplace_back([exchange] { exchange->Reply(Echo(exchange->request())); });
  });
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Ask("GET /late HTTP/1.1\r\nHost: x\r\n\r\n"), HasSubstr("GET /late"));
  const std::lock_guard<std::mutex> lock(mutex);
  for (std::thread& thread : threads) thread.join();
}

TEST_F(HttpServerTest, AForgottenExchangeIsAnInternalError) {
  Start([](const auto&) {});
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 500"));
}

// Messages that another program in front of us may read differently.
TEST_F(HttpServerTest, RefusesMessagesWithTwoMeanings) {
  std::atomic<int> handled{0};
  Start([&handled](const auto& exchange) {
    ++handled;
    exchange->Reply(Echo(exchange->request()));
  });
  const std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const std::string& message : {
           std::string("GET / HTTP/1.1\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
           std::string("GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n"),
           std::string("GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n"),
           std::string("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost : x\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: x\r\nA: b\x01\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 35),
           std::string("GET  / HTTP/1.1\r\nHost: x\r\n\r\n"),
           std::string("GET /\t HTTP/1.1\r\nHost: x\r\n\r\n"),
           std::string("not http at all\r\n\r\n"),
           "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\n" + smuggled,
           "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
           "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + smuggled,
           "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n" + smuggled,
           "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + smuggled,
           "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n" + smuggled,
           "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
           "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n" + smuggled,
           "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1 2\r\n\r\n" + smuggled,
           "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nhello" + smuggled,
           "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello" + smuggled,
           chunked + "5;a=\"x\n5\ny\"\r\nhello\r\n0\r\n\r\n" + smuggled,
           chunked + "5;a=b\r\nhello\r\n0\r\n\r\n" + smuggled,
       }) {
    const std::string answer = Ask(message);
    EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("Connection: close"))) << message;
    EXPECT_THAT(answer, Not(HasSubstr("smuggled"))) << message;
  }
  EXPECT_EQ(handled, 0);
}

TEST_F(HttpServerTest, ATrailerIsNoHeader) {
  Start([](const auto& exchange) {
    exchange->Reply({200, "text/plain",
                     absl::StrCat(exchange->request().Count("authorization"), exchange->request().Count("etag"),
                                  exchange->request().body, "\n")});
  });
  const std::string post =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: Authorization, ETag\r\n";
  EXPECT_THAT(Ask(post + "\r\n5\r\nhello\r\n0\r\nAuthorization: Bearer x\r\nETag: x\r\n\r\n"), EndsWith("00hello\n"));
  EXPECT_THAT(Ask(post + "ETag: x\r\n\r\n5\r\nhello\r\n0\r\nETag: y\r\n\r\n"), EndsWith("01hello\n"));
}

TEST_F(HttpServerTest, RefusesOtherVersions) {
  Start();
  EXPECT_THAT(Ask("GET / HTTP/2.0\r\nHost: x\r\n\r\n"), testing::ContainsRegex("^HTTP/1.1 (400|505)"));
  EXPECT_THAT(Ask("GET / HTTP/1.9\r\nHost: x\r\n\r\n"), testing::ContainsRegex("^HTTP/1.1 (400|505)"));
}

TEST_F(HttpServerTest, ARefusalHasTheFormOfItsOwnRequest) {
  Start();
  RawClient client(server_->port());
  client.Send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  client.ReadUntil("\r\n\r\n");
  client.Send("GET /\t HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), EndsWith("malformed request\n"));
  EXPECT_THAT(Ask("HEAD /a#b HTTP/1.1\r\nHost: x\r\n\r\n"), AllOf(StartsWith("HTTP/1.1 400"), EndsWith("\r\n\r\n")));
}

TEST_F(HttpServerTest, BoundsTheNumberOfHeaders) {
  Start();
  const auto with = [](size_t headers) {
    std::string request = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (size_t i = 1; i < headers; ++i) request += "a:\r\n";
    return request + "\r\n";
  };
  EXPECT_THAT(Ask(with(100)), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(Ask(with(101)), StartsWith("HTTP/1.1 431"));
  // Read whole, as a header would be: a trailer of 30,000 lines.
  std::string trailer = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
  for (int i = 0; i < 30'000; ++i) trailer += "a:\r\n";
  EXPECT_THAT(Ask(trailer + "\r\n"), testing::ContainsRegex("^HTTP/1.1 (400|431)"));
}

TEST_F(HttpServerTest, BoundsHeadersAndBodies) {
  Start();
  const std::string header = "GET / HTTP/1.1\r\nHost: x\r\n";
  EXPECT_THAT(Ask(absl::StrCat(header, "A: ", std::string(15'000, 'a'), "\r\n\r\n")), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(Ask(absl::StrCat(header, "A: ", std::string(17'000, 'a'), "\r\n\r\n")), StartsWith("HTTP/1.1 431"));
  const auto post = [](size_t size) {
    return absl::StrCat("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ", size, "\r\n\r\n", std::string(size, 'b'));
  };
  EXPECT_THAT(Ask(post(65'536)), AllOf(StartsWith("HTTP/1.1 200"), EndsWith(std::string(65'536, 'b'))));
  EXPECT_THAT(Ask(post(65'537)), StartsWith("HTTP/1.1 413"));
  std::string chunks = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 17; ++i) absl::StrAppend(&chunks, "1000\r\n", std::string(4096, 'c'), "\r\n");
  EXPECT_THAT(Ask(chunks + "0\r\n\r\n"), StartsWith("HTTP/1.1 413"));
}

TEST_F(HttpServerTest, AsksForABodyThatTheClientHoldsBack) {
  Start();
  RawClient client(server_->port());
  client.Send("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("\r\n\r\n"), StartsWith("HTTP/1.1 100 Continue"));
  client.Send("ok");
  EXPECT_THAT(client.ReadUntil("ok"), HasSubstr("POST /p [] ok"));
}

// A byte now and then does not extend the time of a request.
TEST_F(HttpServerTest, ASlowClientGetsTheTimeOfOneRequest) {
  options_.request_time = absl::Milliseconds(300);
  Start();
  RawClient client(server_->port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n");
  bool closed = false;
  for (int i = 0; i < 2000 && !closed; ++i) {
    client.Send("a");
    closed = client.Closes();
  }
  EXPECT_TRUE(closed);
}

TEST_F(HttpServerTest, AClientThatNeverAsksIsDisconnected) {
  options_.request_time = absl::Milliseconds(100);
  options_.idle_time = absl::Hours(1);
  Start();
  EXPECT_EQ(RawClient(server_->port()).ReadToEnd(), "");
}

TEST_F(HttpServerTest, AClientThatAsksNoMoreIsDisconnected) {
  options_.request_time = absl::Hours(1);
  options_.idle_time = absl::Milliseconds(100);
  Start();
  RawClient client(server_->port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), EndsWith("GET / [] "));
}

TEST_F(HttpServerTest, ConnectionsAreSharedByAllThreads) {
  options_.threads = 3;
  std::mutex mutex;
  std::map<std::thread::id, int> requests;
  Start([&](const auto& exchange) {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      ++requests[std::this_thread::get_id()];
    }
    exchange->Reply(Echo(exchange->request()));
  });
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(std::make_unique<RawClient>(server_->port()));
    clients.back()->Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    clients.back()->ReadUntil("GET / []");
  }
  EXPECT_THAT(requests, AllOf(SizeIs(3), Each(Pair(_, 2))));
  // Each thread closes its idle connections.
  server_->Drain(absl::InfiniteDuration());
  for (auto& client : clients) EXPECT_TRUE(client->Closes());
}

TEST_F(HttpServerTest, EachThreadHasItsOwnHalfRequests) {
  options_.threads = 2;
  options_.half_requests = 1;
  options_.request_time = absl::Hours(1);
  Start();
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 3; ++i) slow.push_back(BeginHalfRequest());
  EXPECT_EQ(slow[0]->ReadToEnd(), "");
  slow[1]->Send("ok");
  EXPECT_THAT(slow[1]->ReadUntil("ok"), HasSubstr("200 OK"));
}

// Neither in the header nor in the body. Whole requests are never too many.
TEST_F(HttpServerTest, TheOldestOfTooManyHalfRequestsIsDropped) {
  options_.threads = 1;
  options_.half_requests = 3;
  options_.request_time = absl::Hours(1);
  Start();
  const std::string half_header = "GET / HTTP/1.1\r\nHost: x\r\n";
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 4; ++i) slow.push_back(BeginHalfRequest());
  EXPECT_EQ(slow[0]->ReadToEnd(), "");
  RawClient patient(server_->port());
  patient.Send(half_header);
  EXPECT_EQ(slow[1]->ReadToEnd(), "");
  EXPECT_EQ(refused_.value(static_cast<size_t>(Connections::Refusal::kHalfRequests)), 2u);
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Ask("GET /whole HTTP/1.1\r\nHost: x\r\n\r\n"), HasSubstr("GET /whole"));
  slow[2]->Send("ok");
  EXPECT_THAT(slow[2]->ReadUntil("ok"), HasSubstr("200 OK"));
  patient.Send("\r\n");
  EXPECT_THAT(patient.ReadUntil("GET / []"), HasSubstr("200 OK"));
}

// However fast it asks: the server reads no further while its answer waits.
TEST_F(HttpServerTest, AClientThatTakesNoAnswerIsDisconnected) {
  options_.answer_time = absl::Milliseconds(100);
  const std::string large(64 << 20, 'a');  // more than the system's buffers
  Start([&large](const auto& exchange) { exchange->Reply({200, "text/plain", large}); });
  RawClient client(server_->port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  client.ReadUntil("\r\n\r\n");
  while (connections_.open() > 0) std::this_thread::yield();
  EXPECT_LT(client.ReadToEnd().size(), large.size());
}

TEST_F(HttpServerTest, AClientThatDoesNotFinishItsHandshakeIsDisconnected) {
  const TestCertificate certificate;
  const auto reloader = TlsReloader::Start({certificate.certificate_file(), certificate.key_file(), ""});
  ASSERT_THAT(reloader, IsOk());
  options_.tls = reloader->get();
  options_.handshake_time = absl::Milliseconds(100);
  options_.request_time = absl::Hours(1);
  Start();
  RawClient client(server_->port());
  client.Send("\x16\x03\x01");  // the beginning of a handshake (RFC 8446, section 5.1)
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpServerTest, OneAddressCannotTakeAllConnections) {
  Start();
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 10; ++i) silent.push_back(std::make_unique<RawClient>(server_->port()));
  RawClient refused(server_->port());
  refused.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(refused.ReadToEnd(), "");
  silent.front()->Send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(silent.front()->ReadToEnd(), HasSubstr("200 OK"));
}

TEST_F(HttpServerTest, AnOldConnectionEndsWithAnAnswer) {
  options_.max_connection_age = absl::ZeroDuration();
  Start();
  RawClient client(server_->port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), AllOf(HasSubstr("Connection: close"), EndsWith("GET / [] ")));
}

// The exchanges that a handler has left unanswered.
struct Unanswered {
  HttpServer::Handler Handler(size_t expected) {
    return [this, expected](std::shared_ptr<HttpExchange> exchange) {
      const std::lock_guard<std::mutex> lock(mutex);
      exchanges.push_back(std::move(exchange));
      if (exchanges.size() == expected) arrived.Notify();
    };
  }

  std::mutex mutex;
  std::vector<std::shared_ptr<HttpExchange>> exchanges;
  absl::Notification arrived;  // all that were expected
};

TEST_F(HttpServerTest, EachThreadDrainsAfterItsLastAnswer) {
  options_.threads = 2;
  Unanswered unanswered;
  Start(unanswered.Handler(2));
  RawClient idle[] = {RawClient(server_->port()), RawClient(server_->port())};
  RawClient busy[] = {RawClient(server_->port()), RawClient(server_->port())};
  for (RawClient& client : busy) client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  unanswered.arrived.WaitForNotification();
  std::atomic<bool> drained = false;
  std::thread drain([&] {
    server_->Drain(absl::Seconds(30));
    drained = true;
  });
  for (RawClient& client : idle) EXPECT_EQ(client.ReadToEnd(), "");
  for (const auto& exchange : unanswered.exchanges) {
    EXPECT_FALSE(drained);
    exchange->Reply({200, "text/plain", "last"});
  }
  for (RawClient& client : busy) {
    EXPECT_THAT(client.ReadToEnd(), AllOf(HasSubstr("Connection: close"), EndsWith("last")));
  }
  drain.join();
}

// Those of all threads at once.
TEST_F(HttpServerTest, ItsEndWaitsForHandlersAndTellsThem) {
  options_.threads = 2;
  Unanswered unanswered;
  Start(unanswered.Handler(2));
  RawClient first(server_->port());
  RawClient second(server_->port());
  first.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  second.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  unanswered.arrived.WaitForNotification();
  auto& exchanges = unanswered.exchanges;
  std::thread worker([&] {
    for (const auto& exchange : exchanges) {
      while (!exchange->cancelled()) std::this_thread::yield();
    }
    for (const auto& exchange : exchanges) exchange->Reply({200, "text/plain", ""});
    exchanges.clear();
  });
  server_.reset();
  worker.join();
  EXPECT_TRUE(exchanges.empty());
}

// A client of the system's own TLS library. Returns what it printed.
std::string AskOverTls(int port, const std::vector<std::string>& more) {
  std::vector<std::string> command = {"openssl", "s_client", "-quiet", "-connect", absl::StrCat("127.0.0.1:", port)};
  command.insert(command.end(), more.begin(), more.end());
  return RunProgram(command, {}, "GET /tls HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").output;
}

TEST_F(HttpServerTest, ShowsTheCertificateOfTheReloader) {
  const TestCertificate certificate;
  const auto reloader = TlsReloader::Start({certificate.certificate_file(), certificate.key_file(), ""});
  ASSERT_THAT(reloader, IsOk());
  options_.tls = reloader->get();
  Start();
  const std::vector<std::string> trust = {"-verify_return_error", "-CAfile", certificate.certificate_file()};
  EXPECT_THAT(AskOverTls(server_->port(), trust), HasSubstr("GET /tls"));
  const TestCertificate other;
  EXPECT_THAT(AskOverTls(server_->port(), {"-verify_return_error", "-CAfile", other.certificate_file()}),
              Not(HasSubstr("GET /tls")));
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), Not(HasSubstr("HTTP/1.1")));  // plain text
}

TEST_F(HttpServerTest, DemandsACertificateOfClientsWhenThereAreCas) {
  const TestCertificate certificate;
  const TestCertificate client;
  const TestCertificate stranger;
  const auto reloader =
      TlsReloader::Start({certificate.certificate_file(), certificate.key_file(), client.certificate_file()});
  ASSERT_THAT(reloader, IsOk());
  options_.tls = reloader->get();
  Start();
  const auto as = [](const TestCertificate& who) {
    return std::vector<std::string>{"-cert", who.certificate_file(), "-key", who.key_file()};
  };
  EXPECT_THAT(AskOverTls(server_->port(), as(client)), HasSubstr("GET /tls"));
  EXPECT_THAT(AskOverTls(server_->port(), as(stranger)), Not(HasSubstr("GET /tls")));
  EXPECT_THAT(AskOverTls(server_->port(), {}), Not(HasSubstr("GET /tls")));
}

}  // namespace
}  // namespace identity
