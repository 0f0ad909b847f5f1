#include "server/http/http_server.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <iterator>
#include <list>
#include <string>
#include <thread>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/types/optional.h"
#include "server/base/log.h"
#include "server/base/mutex.h"
#include "server/base/secret.h"
#include "server/base/status_macros.h"
#include "server/http/http_wire.h"
#include "server/http/tls_context.h"
#include "server/net/listener.h"
#include "server/net/socket.h"

namespace identity {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using Executor = asio::io_context::executor_type;
using Protocol = asio::generic::stream_protocol;
using PlainStream = beast::basic_stream<Protocol, Executor>;
using TlsStream = beast::ssl_stream<PlainStream>;
using TlsSettings = std::shared_ptr<asio::ssl::context>;
using ErrorCode = boost::system::error_code;

constexpr absl::Duration kFarewellTime = absl::Seconds(2);
constexpr size_t kReadBytes = 4096;
constexpr size_t kBufferBytes = 32 * 1024;  // more than any header; it also bounds the trailer of a chunked body
constexpr double kAgeSpread = 0.1;
constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";

class Connection;
using HalfRequests = std::list<Connection*>;

// The time in the form of RFC 9110, section 5.6.7. Not thread-safe.
class DateHeader {
 public:
  const std::string& Now() {
    const int64_t now = absl::ToUnixSeconds(absl::Now());
    if (now != second_) {
      second_ = now;
      text_ = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::FromUnixSeconds(now), absl::UTCTimeZone());
    }
    return text_;
  }

 private:
  int64_t second_ = 0;
  std::string text_;
};

// The event loop and its connections. All of it runs on the thread of the loop, except where it says otherwise.
class EventLoop {
 public:
  EventLoop(const HttpServer::Options& options, Connections& connections, NamedCounters& refused,
            HttpServer::Handler handler)
      : options_(options), connections_(connections), refused_(refused), handler_(std::move(handler)) {}

  ~EventLoop() {
    listener_.reset();
    if (!thread_.joinable()) return;
    stopping_ = true;
    asio::post(io_, [this] { CloseAll(); });
    {
      MutexLock lock(mutex_);
      mutex_.Await(absl::Condition(this, &EventLoop::IsQuiet));
    }
    work_.reset();
    thread_.join();
  }

  absl::Status Start(absl::string_view option) {
    ASSIGN_OR_RETURN(std::vector<Socket> sockets, ListenOn(option, options_.address));
    if (options_.tls != nullptr) {
      const auto settings = settings_;
      RETURN_IF_ERROR(options_.tls->Subscribe([settings](const TlsCertificate& certificate) -> absl::Status {
        ASSIGN_OR_RETURN(TlsSettings made, MakeTlsContext(certificate));
        MutexLock lock(settings->mutex);
        settings->current = std::move(made);
        return absl::OkStatus();
      }));
    }
    port_ = PortOf(sockets.front());
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "http");
      io_.run();
    });
    listener_ = std::make_unique<Listener>(std::move(sockets), connections_, refused_,
                                           [this](int, int connection, const std::string& peer) {
                                             asio::post(io_, [this, connection, peer] { Serve(connection, peer); });
                                           });
    return absl::OkStatus();
  }

  // From any thread.
  void Drain(absl::Duration grace) {
    listener_.reset();
    asio::post(io_, [this] { CloseIdle(); });
    MutexLock lock(mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(this, &EventLoop::HasDrained), grace);
  }

  int port() const { return port_; }

  asio::io_context& io() { return io_; }
  const HttpServer::Options& options() const { return options_; }
  bool stopping() const { return stopping_; }
  bool draining() const { return draining_; }
  const std::string& date() { return date_.Now(); }
  void Handle(std::shared_ptr<HttpExchange> exchange) { handler_(std::move(exchange)); }

  // When a connection that begins now has its last answer.
  absl::Time NextEnd() {
    return absl::Now() + options_.max_connection_age * absl::Uniform(random_, 1 - kAgeSpread, 1 + kAgeSpread);
  }

  HalfRequests::iterator BeginReading(Connection& connection);
  void EndReading(HalfRequests::iterator request) { half_requests_.erase(request); }

  void Add(Connection& connection) {
    open_.insert(&connection);
    MutexLock lock(mutex_);
    ++connection_count_;
  }
  void Remove(Connection& connection) {
    open_.erase(&connection);
    MutexLock lock(mutex_);
    --connection_count_;
  }

  // From any thread: an exchange begins, or has posted its answer.
  void BeginExchange() {
    MutexLock lock(mutex_);
    ++exchanges_;
  }
  void EndExchange() {
    MutexLock lock(mutex_);
    --exchanges_;
  }

 private:
  struct Settings {
    absl::Mutex mutex;
    TlsSettings current ABSL_GUARDED_BY(mutex);  // null: plain text
  };

  bool IsQuiet() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return closed_ && exchanges_ == 0; }
  bool HasDrained() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return asked_to_drain_ && connection_count_ == 0; }

  void Serve(int connection, const std::string& peer);
  void CloseAll();
  void CloseIdle();
  TlsSettings settings() {
    MutexLock lock(settings_->mutex);
    return settings_->current;
  }

  const HttpServer::Options options_;
  Connections& connections_;
  NamedCounters& refused_;
  const HttpServer::Handler handler_;
  const std::shared_ptr<Settings> settings_ = std::make_shared<Settings>();
  asio::io_context io_{1};
  asio::executor_work_guard<Executor> work_{io_.get_executor()};
  std::unordered_set<Connection*> open_;
  HalfRequests half_requests_;  // the oldest first
  DateHeader date_;
  absl::BitGen random_;
  bool draining_ = false;
  std::atomic<bool> stopping_{false};
  absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;          // no exchange begins any more
  bool asked_to_drain_ ABSL_GUARDED_BY(mutex_) = false;  // idle connections are closed
  size_t exchanges_ ABSL_GUARDED_BY(mutex_) = 0;         // that have no answer
  size_t connection_count_ ABSL_GUARDED_BY(mutex_) = 0;
  int port_ = 0;
  std::thread thread_;
  std::unique_ptr<Listener> listener_;  // ends first, since it hands connections to the loop
};

// One connection. Operations that are under way own it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(EventLoop& loop) : loop_(loop), end_(loop.NextEnd()) { loop_.Add(*this); }
  virtual ~Connection() {
    EndReading();
    loop_.Remove(*this);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  virtual void Begin() = 0;
  virtual void Close() = 0;
  virtual void Answer(HttpResponse response) = 0;
  bool idle() const { return idle_; }
  // No request is half read any more.
  void EndReading() {
    if (half_request_) loop_.EndReading(*half_request_);
    half_request_.reset();
  }
  // Closes the connection, which reads a request. An operation that has just succeeded may still call its handler.
  void Drop() {
    EndReading();
    dropped_ = true;
    Close();
  }

 protected:
  // The rest of a request has yet to arrive. Returns false when that was known.
  bool BeginReading() {
    if (half_request_ || dropped_) return false;
    half_request_ = loop_.BeginReading(*this);
    return true;
  }
  bool MayStay() const { return !loop_.draining() && absl::Now() < end_; }

  EventLoop& loop_;
  const absl::Time end_;
  bool idle_ = true;  // no request has begun

 private:
  absl::optional<HalfRequests::iterator> half_request_;
  bool dropped_ = false;
};

// It may hold passwords, tokens and keys.
void WipeSecrets(HttpRequest& request) {
  Wipe(request.body);
  for (auto& header : request.headers) Wipe(header.second);
}

class Exchange final : public HttpExchange {
 public:
  Exchange(EventLoop& loop, std::shared_ptr<Connection> connection, HttpRequest request)
      : loop_(loop), connection_(std::move(connection)), request_(std::move(request)) {
    loop_.BeginExchange();
  }
  // A handler that forgot to answer must not keep the client waiting.
  ~Exchange() override {
    if (connection_) Reply({500, "text/plain; charset=utf-8", "internal error\n"});
    WipeSecrets(request_);
  }

  const HttpRequest& request() const override { return request_; }
  bool cancelled() const override { return loop_.stopping(); }
  // The loop exists until EndExchange, also while `dispatch` runs.
  void Reply(HttpResponse response) override {
    asio::dispatch(loop_.io(), [connection = std::move(connection_), response = std::move(response)]() mutable {
      connection->Answer(std::move(response));
    });
    connection_ = nullptr;
    loop_.EndExchange();
  }

 private:
  EventLoop& loop_;
  std::shared_ptr<Connection> connection_;  // null after the answer
  HttpRequest request_;
};

// A connection over `Stream`, which is plain or TLS. It handles one request after the other.
template <typename Stream>
class Session final : public Connection {
 public:
  Session(EventLoop& loop, std::string peer_address, PlainStream::socket_type socket, TlsSettings tls)
      : Connection(loop),
        peer_address_(std::move(peer_address)),
        tls_(std::move(tls)),
        stream_(MakeStream(std::move(socket), tls_)) {}

  ~Session() override {
    buffer_.clear();
    Forget();
    WipeSecrets(request_);
    if (parser_) Wipe(parser_->get().body());
  }

  void Begin() override {
    if constexpr (kTls) {
      Limit(loop_.options().handshake_time);
      stream_.async_handshake(asio::ssl::stream_base::server, [self = Self()](const ErrorCode& error) {
        if (!error) self->AwaitRequest(self->loop_.options().request_time);
      });
    } else {
      AwaitRequest(loop_.options().request_time);
    }
  }

  void Close() override { beast::get_lowest_layer(stream_).close(); }

  void Answer(HttpResponse response) override {
    keep_ = keep_ && MayStay();
    Write(std::move(response));
  }

 private:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  static Stream MakeStream(PlainStream::socket_type socket, [[maybe_unused]] const TlsSettings& tls) {
    if constexpr (kTls) {
      return Stream(PlainStream(std::move(socket)), *tls);
    } else {
      return Stream(std::move(socket));
    }
  }

  std::shared_ptr<Session> Self() { return std::static_pointer_cast<Session>(shared_from_this()); }
  // Of all that follows, until the next call.
  void Limit(absl::Duration time) { beast::get_lowest_layer(stream_).expires_after(absl::ToChronoNanoseconds(time)); }

  void AwaitRequest(absl::Duration time) {
    if (!idle_ && loop_.draining()) return;
    idle_ = true;
    if (buffer_.size() > 0) return ReadHeader();
    Limit(time);
    stream_.async_read_some(buffer_.prepare(kReadBytes), [self = Self()](const ErrorCode& error, size_t size) {
      if (error) return;
      self->buffer_.commit(size);
      self->ReadHeader();
    });
  }

  void ReadHeader() {
    idle_ = false;
    head_ = false;
    parser_.emplace();
    parser_->header_limit(http_wire::kMaxHeaderBytes);
    parser_->body_limit(http_wire::kMaxBodyBytes);
    parser_->on_chunk_header(refuse_extension_);
    parser_->eager(false);
    if (const ErrorCode error = Parse()) return Refuse(error);
    if (parser_->is_header_done()) return ReadBody();
    AwaitRest();
    http::async_read_header(stream_, buffer_, *parser_, [self = Self()](const ErrorCode& error, size_t) {
      error ? self->Refuse(error) : self->ReadBody();
    });
  }

  // Parses the bytes in the buffer: the header, or the body if the parser is eager. Most requests need no further read.
  ErrorCode Parse() {
    if (buffer_.size() == 0) return {};
    ErrorCode error;
    buffer_.consume(parser_->put(buffer_.data(), error));
    return error == http::error::need_more ? ErrorCode() : error;
  }

  // The time of a request counts from its first byte on.
  void AwaitRest() {
    if (BeginReading()) Limit(loop_.options().request_time);
  }

  // The request has only the headers that have arrived before its body: a trailer is no header (RFC 9110, section
  // 6.5.1), and a proxy in front of us has not seen it as one.
  void ReadBody() {
    const http_wire::RequestMessage& message = parser_->get();
    head_ = message.method() == http::verb::head;
    if (message.version() != 10 && message.version() != 11) return End({505, kText, "only HTTP/1.0 and HTTP/1.1\n"});
    if (http_wire::CountHeaders(message) > http_wire::kMaxHeaders) {
      return End({431, kText, "there are more than 100 headers\n"});
    }
    if (const absl::string_view fault = http_wire::FaultOf(message); !fault.empty()) {
      return End({400, kText, std::string(fault)});
    }
    version_ = message.version();
    request_ = http_wire::FromWire(message, peer_address_);
    if (parser_->is_done()) return Handle();
    const auto expectation = message[http::field::expect];
    if (expectation.empty() || message.version() < 11) return ReadRest();
    if (!beast::iequals(expectation, "100-continue")) return End({417, kText, "unknown expectation\n"});
    AwaitRest();
    asio::async_write(stream_, asio::buffer(kContinue, sizeof kContinue - 1),
                      [self = Self()](const ErrorCode& error, size_t) {
                        if (!error) self->ReadRest();
                      });
  }

  void ReadRest() {
    // Not of a chunked body: the parser may assert that it does not see the end of one twice.
    if (!parser_->chunked()) {
      parser_->eager(true);
      if (const ErrorCode error = Parse()) return Refuse(error);
      if (parser_->is_done()) return Handle();
    }
    AwaitRest();
    http::async_read(stream_, buffer_, *parser_,
                     [self = Self()](const ErrorCode& error, size_t) { error ? self->Refuse(error) : self->Handle(); });
  }

  void Handle() {
    EndReading();
    keep_ = parser_->keep_alive();
    request_.body = std::move(parser_->get().body());
    parser_.reset();
    if (loop_.stopping()) return;
    loop_.Handle(std::make_shared<Exchange>(loop_, Self(), std::move(request_)));
  }

  void Refuse(const ErrorCode& error) {
    if (absl::optional<HttpResponse> refusal = http_wire::RefusalOf(error)) End(*std::move(refusal));
  }

  // Answers, and then closes the connection, since the rest of what the client sends has no certain meaning.
  void End(HttpResponse&& response) {
    EndReading();
    keep_ = false;
    Write(std::move(response));
  }

  void Write(HttpResponse&& response) {
    message_ = http_wire::ToWire(std::move(response), loop_.date(), head_);
    message_.version(version_);
    message_.keep_alive(keep_);
    Limit(loop_.options().answer_time);
    serializer_.emplace(message_);
    http::async_write(stream_, *serializer_, [self = Self()](const ErrorCode& error, size_t) {
      Wipe(self->message_.body());
      if (error) return;
      self->Forget();
      self->keep_ ? self->AwaitRequest(self->loop_.options().idle_time) : self->SayFarewell();
    });
  }

  // Leaves no secret of a request in memory that waits or is freed, and frees it.
  void Forget() {
    if (buffer_.size() > 0) return;  // the next request has begun
    const auto space = buffer_.prepare(buffer_.capacity());
    Wipe(space.data(), space.size());
    buffer_.shrink_to_fit();
  }

  // Reads on for a while: a connection that closes with unread data is reset, and the client might lose the answer.
  void SayFarewell() {
    Limit(kFarewellTime);
    if constexpr (kTls) {
      stream_.async_shutdown([self = Self()](const ErrorCode&) {});
    } else {
      ErrorCode ignored;
      stream_.socket().shutdown(asio::socket_base::shutdown_send, ignored);
      Discard();
    }
  }

  void Discard() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(kReadBytes), [self = Self()](const ErrorCode& error, size_t) {
      if (!error) self->Discard();
    });
  }

  static constexpr char kText[] = "text/plain; charset=utf-8";

  // Programs disagree about where an extension ends, and so where the chunk begins.
  struct RefuseExtension {
    void operator()(uint64_t /*size*/, beast::string_view extension, ErrorCode& error) const {
      if (!extension.empty()) error = http::error::bad_chunk_extension;
    }
  };

  const std::string peer_address_;
  const TlsSettings tls_;
  Stream stream_;
  beast::flat_buffer buffer_{kBufferBytes};
  RefuseExtension refuse_extension_;
  absl::optional<http::request_parser<http::string_body>> parser_;
  HttpRequest request_;  // without its body until that has arrived
  http_wire::ResponseMessage message_;
  absl::optional<http::response_serializer<http::string_body>> serializer_;  // of message_
  bool keep_ = false;
  bool head_ = false;
  unsigned version_ = 11;
};

HalfRequests::iterator EventLoop::BeginReading(Connection& connection) {
  half_requests_.push_back(&connection);
  const auto request = std::prev(half_requests_.end());
  if (half_requests_.size() > options_.half_requests) {
    refused_.Add(static_cast<size_t>(Connections::Refusal::kHalfRequests));
    half_requests_.front()->Drop();
  }
  return request;
}

void EventLoop::CloseAll() {
  const std::vector<Connection*> open(open_.begin(), open_.end());
  for (Connection* connection : open) connection->Close();
  MutexLock lock(mutex_);
  closed_ = true;
}

void EventLoop::CloseIdle() {
  draining_ = true;
  const std::vector<Connection*> open(open_.begin(), open_.end());
  for (Connection* connection : open) {
    if (connection->idle()) connection->Close();
  }
  MutexLock lock(mutex_);
  asked_to_drain_ = true;
}

void EventLoop::Serve(int descriptor, const std::string& peer) {
  ErrorCode error;
  PlainStream::socket_type socket(io_);
  socket.assign(Protocol(AF_UNSPEC, 0), descriptor, error);
  if (error) {
    close(descriptor);
    return;
  }
  if (draining_ || stopping_) return;
  std::shared_ptr<Connection> connection;
  if (TlsSettings tls = settings()) {
    connection = std::make_shared<Session<TlsStream>>(*this, peer, std::move(socket), std::move(tls));
  } else {
    connection = std::make_shared<Session<PlainStream>>(*this, peer, std::move(socket), nullptr);
  }
  connection->Begin();
}

}  // namespace

class HttpServer::Loop final : public EventLoop {
 public:
  using EventLoop::EventLoop;
};

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(absl::string_view option, const Options& options,
                                                              Connections& connections, NamedCounters& refused,
                                                              Handler handler) {
  auto loop = std::make_unique<Loop>(options, connections, refused, std::move(handler));
  RETURN_IF_ERROR(loop->Start(option));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(loop)));
}

HttpServer::HttpServer(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}

HttpServer::~HttpServer() = default;

void HttpServer::Drain(absl::Duration grace) { loop_->Drain(grace); }

int HttpServer::port() const { return loop_->port(); }

}  // namespace identity
