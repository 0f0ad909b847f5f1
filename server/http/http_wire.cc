#include "server/http/http_wire.h"

#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace identity::http_wire {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

absl::string_view View(beast::string_view text) { return {text.data(), text.size()}; }
std::string Text(beast::string_view text) { return std::string(text.data(), text.size()); }

bool HasBody(int status) { return status != 204 && status != 304; }

}  // namespace

size_t CountHeaders(const RequestMessage& message) {
  return static_cast<size_t>(std::distance(message.begin(), message.end()));
}

absl::string_view FaultOf(const RequestMessage& message) {
  const absl::string_view target = View(message.target());
  if (!absl::StartsWith(target, "/") || absl::StrContains(target, '#')) return "the target is not a path\n";
  const auto hosts = message.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && message.version() == 11)) return "exactly one Host is required\n";
  const absl::string_view length = View(message[http::field::content_length]);
  if (message.count(http::field::content_length) > 1 || absl::StrContains(length, ',')) return "it has two lengths\n";
  const absl::string_view encoding = View(message[http::field::transfer_encoding]);
  const bool chunked = message.version() == 11 && message.count(http::field::transfer_encoding) == 1 &&
                       absl::EqualsIgnoreCase(encoding, "chunked");
  if (message.count(http::field::transfer_encoding) > 0 && !chunked) return "only the encoding chunked is known\n";
  return "";
}

HttpRequest FromWire(const RequestMessage& message, const std::string& peer_address) {
  HttpRequest request;
  request.method = Text(message.method_string());
  const absl::string_view target = View(message.target());
  const size_t question = target.find('?');
  request.path = std::string(target.substr(0, question));
  if (question != absl::string_view::npos) request.query = std::string(target.substr(question + 1));
  request.peer_address = peer_address;
  for (const auto& field : message) {
    request.headers.emplace_back(absl::AsciiStrToLower(View(field.name_string())), Text(field.value()));
  }
  return request;
}

ResponseMessage ToWire(HttpResponse response, const std::string& date, bool head) {
  ResponseMessage message;
  message.result(static_cast<unsigned>(response.status));
  message.set(http::field::date, date);
  message.set(http::field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) {
    if (absl::EqualsIgnoreCase(name, "cache-control")) message.erase(http::field::cache_control);
    message.insert(name, value);
  }
  if (HasBody(response.status)) {
    if (!response.content_type.empty()) message.set(http::field::content_type, response.content_type);
    message.content_length(response.body.size());
    if (!head) message.body() = std::move(response.body);
  }
  return message;
}

absl::optional<HttpResponse> RefusalOf(const boost::system::error_code& error) {
  const std::string text = "text/plain; charset=utf-8";
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return HttpResponse{431, text, "the request line and the headers are larger than 16 KiB\n"};
  }
  if (error == http::error::body_limit) return HttpResponse{413, text, "the body is larger than 64 KiB\n"};
  const bool unread = error == http::error::end_of_stream || error == http::error::partial_message;
  if (unread || error.category() != make_error_code(http::error::bad_method).category()) return absl::nullopt;
  return HttpResponse{400, text, "malformed request\n"};
}

}  // namespace identity::http_wire
