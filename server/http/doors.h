#ifndef IDENTITY_HTTP_DOORS_H_
#define IDENTITY_HTTP_DOORS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/http/http_message.h"

namespace identity {

// One path of the HTTP port.
struct Door {
  std::string path;  // as "/oauth2/token"
  std::vector<std::string> methods;
  // Called on the event loops' threads, several at a time. So it must be thread-safe and must not block.
  std::function<void(std::shared_ptr<HttpExchange>)> handler;
};

// The path of an issuer's address: "" for https://id.example.com, "/auth" for https://example.com/auth/.
std::string PathOfUrl(absl::string_view url);

// All paths of the HTTP port. Immutable, so safe from any thread.
class Doors {
 public:
  // Each door has its path, and the same path below that of the issuer, since a proxy in front may keep that part or
  // remove it.
  Doors(absl::string_view issuer, std::vector<Door> doors);

  // Gives the exchange to its door. 404 for an unknown path, 405 for a method that the door does not have.
  void Serve(std::shared_ptr<HttpExchange> exchange) const;

 private:
  std::vector<Door> doors_;
  absl::flat_hash_map<std::string, const Door*> by_path_;
};

}  // namespace identity

#endif  // IDENTITY_HTTP_DOORS_H_
