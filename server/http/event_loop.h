#ifndef IDENTITY_HTTP_EVENT_LOOP_H_
#define IDENTITY_HTTP_EVENT_LOOP_H_

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <unordered_set>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/base/metrics.h"
#include "server/http/http_message.h"
#include "server/http/http_server.h"
#include "server/http/tls_context.h"

namespace identity {

class HttpConnection;

// A thread with connections of HTTP.
class EventLoop {
 public:
  using HalfRequests = std::list<HttpConnection*>;

  // `options`, `refused` and `handler` must outlive the object.
  EventLoop(const HttpServer::Options& options, NamedCounters& refused, const HttpServer::Handler& handler);
  // After BeginStop: waits until the handlers have answered.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // From any thread:

  // Serves the connection of this descriptor, which it then owns. `tls` null: plain text.
  void Serve(int descriptor, const std::string& peer_address, TlsSettings tls);
  // Closes idle connections now, and the others after their answers.
  void BeginDrain();
  // After BeginDrain: waits until there is no connection, or until `deadline`.
  void AwaitDrained(absl::Time deadline);
  // Closes all connections, and cancels their exchanges. No connection may come afterwards.
  void BeginStop();
  bool stopping() const { return stopping_; }
  boost::asio::io_context& io() { return io_; }
  // An exchange begins, or has posted its answer.
  void BeginExchange();
  void EndExchange();

  // From the thread of the loop:

  const HttpServer::Options& options() const { return options_; }
  bool draining() const { return draining_; }
  // The time in the form of RFC 9110, section 5.6.7.
  const std::string& Date();
  void Handle(std::shared_ptr<HttpExchange> exchange) { handler_(std::move(exchange)); }

  // When a connection that begins now has its last answer.
  absl::Time NextEnd();

  void Add(HttpConnection& connection);
  void Remove(HttpConnection& connection);
  // The connection has read a part of a request, until EndReading. May drop the oldest such connection, even this one.
  HalfRequests::iterator BeginReading(HttpConnection& connection);
  void EndReading(HalfRequests::iterator request) { half_requests_.erase(request); }

 private:
  using WorkGuard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

  bool IsQuiet() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return closed_ && exchanges_ == 0; }
  bool HasDrained() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return idle_closed_ && connection_count_ == 0; }
  void CloseAll();
  void CloseIdle();

  const HttpServer::Options& options_;
  NamedCounters& refused_;
  const HttpServer::Handler& handler_;
  boost::asio::io_context io_{1};
  WorkGuard work_{io_.get_executor()};
  std::unordered_set<HttpConnection*> open_;
  HalfRequests half_requests_;  // the oldest first
  int64_t date_second_ = 0;
  std::string date_;  // of that second
  absl::BitGen random_;
  bool draining_ = false;
  std::atomic<bool> stopping_{false};
  absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;       // no exchange begins any more
  bool idle_closed_ ABSL_GUARDED_BY(mutex_) = false;  // the drain has closed the idle connections
  size_t exchanges_ ABSL_GUARDED_BY(mutex_) = 0;      // that have no answer
  size_t connection_count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::thread thread_;
};

}  // namespace identity

#endif  // IDENTITY_HTTP_EVENT_LOOP_H_
