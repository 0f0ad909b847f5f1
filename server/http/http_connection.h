#ifndef IDENTITY_HTTP_HTTP_CONNECTION_H_
#define IDENTITY_HTTP_HTTP_CONNECTION_H_

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/http/event_loop.h"
#include "server/http/tls_context.h"

namespace identity {

using HttpSocket =
    boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, boost::asio::io_context::executor_type>;

// A connection, which handles one request after the other. It belongs to the operations that are under way, and to the
// exchange that has no answer yet. All of it runs on the thread of its loop.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  virtual ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  virtual void Begin() = 0;
  virtual void Close() = 0;
  virtual void Answer(HttpResponse response) = 0;
  // Closes the connection, which reads a request. An operation that has just succeeded may still call its handler.
  void Drop();
  // Whether no request has begun.
  bool idle() const { return idle_; }

 protected:
  explicit HttpConnection(EventLoop& loop);

  // The rest of a request has yet to arrive. Returns false when that was known.
  bool BeginReading();
  // No request is half read any more.
  void EndReading();
  bool MayStay() const;

  EventLoop& loop_;
  const absl::Time end_;
  bool idle_ = true;

 private:
  absl::optional<EventLoop::HalfRequests::iterator> half_request_;
  bool dropped_ = false;
};

// `tls` null: plain text.
std::shared_ptr<HttpConnection> MakeHttpConnection(EventLoop& loop, HttpSocket socket, const std::string& peer_address,
                                                   TlsSettings tls);

}  // namespace identity

#endif  // IDENTITY_HTTP_HTTP_CONNECTION_H_
