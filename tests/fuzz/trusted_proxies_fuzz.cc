#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/base/client_address.h"
#include "server/calls/trusted_proxies.h"
#include "tests/fuzz/fuzz.h"

// Input: a network that is trusted in the first line, then values of X-Forwarded-For, one in a line.
namespace identity {
namespace {

void FuzzTrustedProxies(absl::string_view input) {
  TrustedProxies some;
  some.Add(TakeUntil('\n', input));
  TrustedProxies all;
  Require(all.Add("::/0") && all.Add("0.0.0.0/0"), "all addresses of a family are a network");
  std::vector<absl::string_view> values;
  while (!input.empty()) values.push_back(TakeUntil('\n', input));
  const std::string peer = "192.0.2.1";
  for (const TrustedProxies* proxies : {&some, &all}) {
    const std::string client = proxies->ClientOf(peer, values);
    Require(IsIpAddress(client), "a client is an address");
    const absl::string_view again[] = {client};
    TrustedProxies only_peer;
    only_peer.Add(peer);
    Require(client == peer || only_peer.ClientOf(peer, again) == client, "an address has one text");
    Require(proxies->ClientOf(client, {}) == client, "without the header a client is the peer");
  }
}

}  // namespace
}  // namespace identity

IDENTITY_FUZZ_TARGET(trusted_proxies, identity::FuzzTrustedProxies)
