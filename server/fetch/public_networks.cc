#include "server/fetch/public_networks.h"

#include <cstdlib>

#include "server/base/network_set.h"

namespace identity {
namespace {

// The global unicast addresses of each family, and the networks within them that have another purpose.
constexpr const char* kGlobal[] = {"0.0.0.0/0", "2000::/3"};
constexpr const char* kSpecial[] = {
    "0.0.0.0/8",        // this network (RFC 791)
    "10.0.0.0/8",       // private (RFC 1918)
    "100.64.0.0/10",    // shared by customers of a provider (RFC 6598)
    "127.0.0.0/8",      // this machine
    "169.254.0.0/16",   // the link, and the metadata of cloud machines (RFC 3927)
    "172.16.0.0/12",    // private
    "192.0.0.0/24",     // protocols (RFC 6890)
    "192.0.2.0/24",     // documentation (RFC 5737)
    "192.88.99.0/24",   // relays of 6to4 (RFC 7526)
    "192.168.0.0/16",   // private
    "198.18.0.0/15",    // measurements (RFC 2544)
    "198.51.100.0/24",  // documentation
    "203.0.113.0/24",   // documentation
    "224.0.0.0/4",      // groups
    "240.0.0.0/4",      // reserved, and broadcast
    "2001::/23",        // protocols, Teredo among them (RFC 2928)
    "2001:db8::/32",    // documentation (RFC 3849)
    "2002::/16",        // 6to4: an IPv4 address (RFC 3056)
    "3fff::/20",        // documentation (RFC 9637)
};

template <size_t size>
NetworkSet SetOf(const char* const (&networks)[size]) {
  NetworkSet set;
  for (const char* network : networks) {
    if (!set.Add(network)) std::abort();
  }
  return set;
}

}  // namespace

bool IsPublicAddress(absl::string_view address) {
  static const NetworkSet* const global = new NetworkSet(SetOf(kGlobal));
  static const NetworkSet* const special = new NetworkSet(SetOf(kSpecial));
  return global->Contains(address) && !special->Contains(address);
}

}  // namespace identity
