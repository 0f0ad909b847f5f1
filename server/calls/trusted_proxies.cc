#include "server/calls/trusted_proxies.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/types/optional.h"

namespace identity {

std::string TrustedProxies::ClientOf(std::string peer, absl::Span<const absl::string_view> forwarded) const {
  std::string client = std::move(peer);
  for (size_t i = forwarded.size(); i-- > 0;) {
    absl::string_view rest = forwarded[i];
    while (true) {
      if (!proxies_.Contains(client)) return client;
      const size_t comma = rest.rfind(',');
      const absl::string_view last =
          absl::StripAsciiWhitespace(comma == absl::string_view::npos ? rest : rest.substr(comma + 1));
      absl::optional<std::string> address = CanonicalIpAddress(last);
      if (!address) return client;
      client = *std::move(address);
      if (comma == absl::string_view::npos) break;
      rest = rest.substr(0, comma);
    }
  }
  return client;
}

}  // namespace identity
