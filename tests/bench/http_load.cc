#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "server/base/status_macros.h"
#include "tests/bench/load.h"
#include "tests/bench/slots.h"

namespace identity::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

// The connection broke, or its bytes are no answer of the server.
constexpr int kBroken = -1;

// A slot with a connection of its own. It knows only the form of answers that the server has.
class HttpSlot final : public Slot {
 public:
  HttpSlot(Schedule& schedule, asio::io_context& io, unsigned seed) : Slot(schedule, seed), socket_(io) {}

  ErrorCode Connect(const tcp::resolver::results_type& endpoints) {
    ErrorCode error;
    asio::connect(socket_, endpoints, error);
    if (!error) socket_.set_option(tcp::no_delay(true), error);
    return error;
  }

 private:
  void Send(absl::string_view request) override {
    size_ = 0;
    asio::async_write(socket_, asio::buffer(request.data(), request.size()), [this](ErrorCode error, size_t) {
      if (error) return Finish(kBroken);
      Receive();
    });
  }

  void Receive() {
    if (size_ == buffer_.size()) return Finish(kBroken);
    socket_.async_read_some(asio::buffer(buffer_.data() + size_, buffer_.size() - size_),
                            [this](ErrorCode error, size_t bytes) {
                              if (error) return Finish(kBroken);
                              size_ += bytes;
                              Read();
                            });
  }

  void Read() {
    constexpr absl::string_view kEndOfHead = "\r\n\r\n";
    // Names of headers have no case: Identity and its peers write these.
    constexpr absl::string_view kLength = "\r\nContent-Length: ";
    constexpr absl::string_view kLowerLength = "\r\ncontent-length: ";
    const absl::string_view text = received();
    const size_t end = text.find(kEndOfHead);
    if (end == absl::string_view::npos) return Receive();
    const absl::string_view head = text.substr(0, end);
    const size_t length = std::min(head.find(kLength), head.find(kLowerLength));
    if (length == absl::string_view::npos ||
        !absl::SimpleAtoi(head.substr(length + kLength.size(), head.find('\r', length + 2) - length - kLength.size()),
                          &body_)) {
      return Finish(kBroken);
    }
    if (text.size() < end + kEndOfHead.size() + body_) return Receive();
    Finish(absl::StartsWith(text, "HTTP/1.1 200 ") ? 0 : StatusIn(text));
  }

  static int StatusIn(absl::string_view text) {
    int status = 0;
    return absl::SimpleAtoi(text.substr(9, 3), &status) ? status : kBroken;
  }

  void Finish(int code) {
    CallEnd end;
    end.code = code;
    end.response_bytes = body_;
    end.is_expected = absl::StrContains(received(), options().expected);
    // A broken connection has no next call.
    if (code == kBroken) end.retry_delay = absl::InfiniteDuration();
    End(end, absl::Now());
  }

  absl::string_view received() const { return {buffer_.data(), size_}; }

  tcp::socket socket_;
  std::string buffer_ = std::string(16 << 10, '\0');
  size_t size_ = 0;  // the bytes received so far
  size_t body_ = 0;
};

}  // namespace

absl::StatusOr<LoadResult> RunHttpLoad(const LoadOptions& options, const RequestFile& requests) {
  if (options.rate == 0) RETURN_IF_ERROR(PreemptNobody());
  const std::vector<std::string> address = absl::StrSplit(options.address, ':');
  if (address.size() != 2) return absl::InvalidArgumentError("the address is not HOST:PORT");
  asio::io_context io;
  ErrorCode error;
  const tcp::resolver::results_type endpoints = tcp::resolver(io).resolve(address[0], address[1], error);
  Schedule schedule(options, requests, absl::Now());
  std::vector<std::unique_ptr<Slot>> slots;
  for (size_t i = 0; i < options.connections && !error; ++i) {
    auto slot = std::make_unique<HttpSlot>(schedule, io, static_cast<unsigned>(i + 1));
    error = slot->Connect(endpoints);
    slots.push_back(std::move(slot));
  }
  if (error) return absl::UnavailableError(absl::StrCat("cannot connect to ", options.address, ": ", error.message()));
  auto work = asio::make_work_guard(io);  // in an open loop, there are moments without a call
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back([&io] { io.run(); });
  }
  BeginCalls(schedule, slots);
  work.reset();
  for (std::thread& thread : threads) thread.join();
  return Sum(schedule, slots);
}

}  // namespace identity::bench
