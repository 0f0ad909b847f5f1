#include "server/http/doors.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/http/http_call.h"

namespace identity {

std::string PathOfUrl(absl::string_view url) {
  const size_t host = url.find("://");
  if (host == absl::string_view::npos) return "";
  const size_t path = url.find('/', host + 3);
  if (path == absl::string_view::npos) return "";
  absl::string_view found = url.substr(path);
  while (absl::ConsumeSuffix(&found, "/")) {
  }
  return std::string(found);
}

Doors::Doors(absl::string_view issuer, std::vector<Door> doors) : doors_(std::move(doors)) {
  const std::string base = PathOfUrl(issuer);
  for (const Door& door : doors_) {
    by_path_.emplace(door.path, &door);
    by_path_.emplace(absl::StrCat(base, door.path), &door);
  }
}

void Doors::Serve(std::shared_ptr<HttpExchange> exchange) const {
  const HttpRequest& request = exchange->request();
  const auto found = by_path_.find(request.path);
  if (found == by_path_.end()) {
    return exchange->Reply(ProblemOf(Error(ErrorReason::kNotFound, "there is nothing at this path"), ""));
  }
  const Door& door = *found->second;
  if (std::find(door.methods.begin(), door.methods.end(), request.method) == door.methods.end()) {
    HttpResponse response = ProblemWith(405, Error(ErrorReason::kNotImplemented, "this path has other methods"), "");
    response.headers.emplace_back("Allow", absl::StrJoin(door.methods, ", "));
    return exchange->Reply(std::move(response));
  }
  door.handler(std::move(exchange));
}

}  // namespace identity
