#ifndef IDENTITY_HTTP_HTTP_WIRE_H_
#define IDENTITY_HTTP_HTTP_WIRE_H_

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/http/http_message.h"

// Between the messages of the HTTP library and ours.
namespace identity::http_wire {

inline constexpr uint32_t kMaxHeaderBytes = 16 * 1024;  // with the request line
inline constexpr uint64_t kMaxBodyBytes = 64 * 1024;

inline constexpr size_t kMaxHeaders = 100;

using RequestMessage = boost::beast::http::request<boost::beast::http::string_body>;
using ResponseMessage = boost::beast::http::response<boost::beast::http::string_body>;

size_t CountHeaders(const RequestMessage& message);
// Why two programs may understand `message` differently, as a line of text; "" when they do not.
absl::string_view FaultOf(const RequestMessage& message);

// Without the body, which may not have arrived yet.
HttpRequest FromWire(const RequestMessage& message, const std::string& peer_address);
// `date`: the header. `head`: the request was HEAD, so the answer has no body.
ResponseMessage ToWire(HttpResponse response, const std::string& date, bool head);

// The answer to a message that could not be read. nullopt: there is nobody to answer.
absl::optional<HttpResponse> RefusalOf(const boost::system::error_code& error);

}  // namespace identity::http_wire

#endif  // IDENTITY_HTTP_HTTP_WIRE_H_
