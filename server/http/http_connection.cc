#include "server/http/http_connection.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "server/base/secret.h"
#include "server/http/http_wire.h"

namespace identity {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using PlainStream = beast::basic_stream<HttpSocket::protocol_type, HttpSocket::executor_type>;
using TlsStream = beast::ssl_stream<PlainStream>;
using ErrorCode = boost::system::error_code;

constexpr absl::Duration kFarewellTime = absl::Seconds(2);
constexpr size_t kReadBytes = 4096;
constexpr size_t kBufferBytes = 32 * 1024;  // more than any header; it also bounds the trailer of a chunked body
constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";

// It may hold passwords, tokens and keys.
void WipeSecrets(HttpRequest& request) {
  Wipe(request.body);
  for (auto& header : request.headers) Wipe(header.second);
}

// The library gives no other way to the values of its headers.
void WipeSecrets(http_wire::RequestMessage& message) {
  Wipe(message.body());
  for (const auto& field : message) Wipe(const_cast<char*>(field.value().data()), field.value().size());
}

class Exchange final : public HttpExchange {
 public:
  Exchange(EventLoop& loop, std::shared_ptr<HttpConnection> connection, HttpRequest request)
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
  std::shared_ptr<HttpConnection> connection_;  // null after the answer
  HttpRequest request_;
};

// A connection over `Stream`, which is plain or TLS. It handles one request after the other.
template <typename Stream>
class Session final : public HttpConnection {
 public:
  Session(EventLoop& loop, std::string peer_address, HttpSocket socket, TlsSettings tls)
      : HttpConnection(loop),
        peer_address_(std::move(peer_address)),
        tls_(std::move(tls)),
        stream_(MakeStream(std::move(socket), tls_)) {}

  ~Session() override {
    buffer_.clear();
    Forget();
    WipeSecrets(request_);
    if (parser_) WipeSecrets(parser_->get());
  }

  void Begin() override {
    if constexpr (kTls) {
      Limit(loop_.options().handshake_time);
      stream_.async_handshake(asio::ssl::stream_base::server, [self = Self()](const ErrorCode& error) {
        if (error) return;
        self->certificate_ = PeerCertificate(*self->stream_.native_handle());
        self->AwaitRequest(self->loop_.options().request_time);
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

  static Stream MakeStream(HttpSocket socket, [[maybe_unused]] const TlsSettings& tls) {
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
    request_.certificate = certificate_;
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
    WipeSecrets(parser_->get());
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
    message_ = http_wire::ToWire(std::move(response), loop_.Date(), head_);
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
  std::string certificate_;  // of the client, in PEM
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

}  // namespace

HttpConnection::HttpConnection(EventLoop& loop) : loop_(loop), end_(loop.NextEnd()) { loop_.Add(*this); }

HttpConnection::~HttpConnection() {
  EndReading();
  loop_.Remove(*this);
}

void HttpConnection::Drop() {
  EndReading();
  dropped_ = true;
  Close();
}

bool HttpConnection::BeginReading() {
  if (half_request_ || dropped_) return false;
  half_request_ = loop_.BeginReading(*this);
  return true;
}

void HttpConnection::EndReading() {
  if (half_request_) loop_.EndReading(*half_request_);
  half_request_.reset();
}

bool HttpConnection::MayStay() const { return !loop_.draining() && absl::Now() < end_; }

std::shared_ptr<HttpConnection> MakeHttpConnection(EventLoop& loop, HttpSocket socket, const std::string& peer_address,
                                                   TlsSettings tls) {
  if (tls) return std::make_shared<Session<TlsStream>>(loop, peer_address, std::move(socket), std::move(tls));
  return std::make_shared<Session<PlainStream>>(loop, peer_address, std::move(socket), nullptr);
}

}  // namespace identity
