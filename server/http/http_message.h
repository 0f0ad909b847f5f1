#ifndef IDENTITY_HTTP_HTTP_MESSAGE_H_
#define IDENTITY_HTTP_HTTP_MESSAGE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace identity {

// A request as it arrived (RFC 9110). Nothing in it is decoded. A value.
struct HttpRequest {
  std::string method;        // as "GET"
  std::string path;          // without the query, as "/oauth2/token"
  std::string query;         // what follows the first "?", or ""
  std::string certificate;   // of the client, in PEM; "": there is none
  std::string peer_address;  // of the connection, without the port; "" for a Unix socket
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // in the order of their arrival, with names in lower case

  // The first header with the lower-case `name`. nullopt: there is none.
  absl::optional<absl::string_view> Header(absl::string_view name) const;
  // The number of headers with the lower-case `name`.
  size_t Count(absl::string_view name) const;
};

// A value.
struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";  // "": there is no body
  std::string body;
  // Others than those of the body and of the connection. Without a Cache-Control the answer has "no-store".
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// A request that waits for its answer. Thread-safe.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;

  // Valid as long as this object.
  virtual const HttpRequest& request() const = 0;
  // True once nobody waits for the answer, because the server stops.
  virtual bool cancelled() const = 0;
  // Answers. Call it once, on any thread.
  virtual void Reply(HttpResponse response) = 0;
};

}  // namespace identity

#endif  // IDENTITY_HTTP_HTTP_MESSAGE_H_
