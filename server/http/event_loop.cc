#include "server/http/event_loop.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "server/base/mutex.h"
#include "server/http/http_connection.h"
#include "server/net/connections.h"

namespace identity {
namespace {

constexpr double kAgeSpread = 0.1;

}  // namespace

EventLoop::EventLoop(const HttpServer::Options& options, NamedCounters& refused, const HttpServer::Handler& handler)
    : options_(options), refused_(refused), handler_(handler) {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "http");
    io_.run();
  });
}

EventLoop::~EventLoop() {
  {
    MutexLock lock(mutex_);
    mutex_.Await(absl::Condition(this, &EventLoop::IsQuiet));
  }
  work_.reset();
  thread_.join();
}

void EventLoop::Serve(int descriptor, const std::string& peer_address, TlsSettings tls) {
  boost::asio::post(io_, [this, descriptor, peer_address, tls = std::move(tls)]() mutable {
    boost::system::error_code error;
    HttpSocket socket(io_);
    socket.assign(HttpSocket::protocol_type(AF_UNSPEC, 0), descriptor, error);
    if (error) {
      close(descriptor);
      return;
    }
    if (!draining_ && !stopping_) MakeHttpConnection(*this, std::move(socket), peer_address, std::move(tls))->Begin();
  });
}

void EventLoop::BeginDrain() {
  boost::asio::post(io_, [this] { CloseIdle(); });
}

void EventLoop::AwaitDrained(absl::Time deadline) {
  MutexLock lock(mutex_);
  mutex_.AwaitWithDeadline(absl::Condition(this, &EventLoop::HasDrained), deadline);
}

void EventLoop::BeginStop() {
  stopping_ = true;
  boost::asio::post(io_, [this] { CloseAll(); });
}

const std::string& EventLoop::Date() {
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  if (now != date_second_) {
    date_second_ = now;
    date_ = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::FromUnixSeconds(now), absl::UTCTimeZone());
  }
  return date_;
}

absl::Time EventLoop::NextEnd() {
  return absl::Now() + options_.max_connection_age * absl::Uniform(random_, 1 - kAgeSpread, 1 + kAgeSpread);
}

void EventLoop::Add(HttpConnection& connection) {
  open_.insert(&connection);
  MutexLock lock(mutex_);
  ++connection_count_;
}

void EventLoop::Remove(HttpConnection& connection) {
  open_.erase(&connection);
  MutexLock lock(mutex_);
  --connection_count_;
}

EventLoop::HalfRequests::iterator EventLoop::BeginReading(HttpConnection& connection) {
  half_requests_.push_back(&connection);
  const auto request = std::prev(half_requests_.end());
  if (half_requests_.size() > options_.half_requests) {
    refused_.Add(static_cast<size_t>(Connections::Refusal::kHalfRequests));
    half_requests_.front()->Drop();
  }
  return request;
}

void EventLoop::BeginExchange() {
  MutexLock lock(mutex_);
  ++exchanges_;
}

void EventLoop::EndExchange() {
  MutexLock lock(mutex_);
  --exchanges_;
}

void EventLoop::CloseAll() {
  const std::vector<HttpConnection*> open(open_.begin(), open_.end());
  for (HttpConnection* connection : open) connection->Close();
  MutexLock lock(mutex_);
  closed_ = true;
}

void EventLoop::CloseIdle() {
  draining_ = true;
  const std::vector<HttpConnection*> open(open_.begin(), open_.end());
  for (HttpConnection* connection : open) {
    if (connection->idle()) connection->Close();
  }
  MutexLock lock(mutex_);
  idle_closed_ = true;
}

}  // namespace identity
