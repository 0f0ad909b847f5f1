#include "server/http/http_message.h"

#include <algorithm>

namespace identity {

absl::optional<absl::string_view> HttpRequest::Header(absl::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& h) { return h.first == name; });
  if (found == headers.end()) return absl::nullopt;
  return absl::string_view(found->second);
}

size_t HttpRequest::Count(absl::string_view name) const {
  return static_cast<size_t>(
      std::count_if(headers.begin(), headers.end(), [&](const auto& header) { return header.first == name; }));
}

}  // namespace identity
