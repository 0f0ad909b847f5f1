#include "db/conninfo.h"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/base/client_address.h"

namespace identity::conninfo {
namespace {

// libpq's array, which ends with an option without a keyword.
using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

// Null when `url` cannot be parsed.
Options Parse(const std::string& url) { return {PQconninfoParse(url.c_str(), nullptr), PQconninfoFree}; }

// As libpq finds it: in the string, then in the option's environment variable. "" without one.
std::string ValueOf(const Options& options, absl::string_view keyword) {
  const PQconninfoOption* option = options.get();
  while (option->keyword != nullptr && option->keyword != keyword) ++option;
  if (option->val != nullptr) return option->val;
  const char* variable = option->envvar == nullptr ? nullptr : std::getenv(option->envvar);
  return variable == nullptr ? "" : variable;
}

// Where libpq connects to: for each server its hostaddr or, without one, its host. "" is the default Unix socket.
std::vector<std::string> Servers(const Options& options) {
  std::vector<std::string> servers = absl::StrSplit(ValueOf(options, "host"), ',');
  const std::vector<std::string> addresses = absl::StrSplit(ValueOf(options, "hostaddr"), ',');
  servers.resize(std::max(servers.size(), addresses.size()));
  for (size_t i = 0; i < addresses.size(); ++i) {
    if (!addresses[i].empty()) servers[i] = addresses[i];
  }
  return servers;
}

// A path, or the name of a socket without a file, is a Unix socket.
bool IsOnThisMachine(const std::string& server) {
  return server.empty() || server[0] == '/' || server[0] == '@' || IsLoopback(server);
}

bool NeedsVerification(const Options& options) {
  if (!ValueOf(options, "sslmode").empty()) return false;
  const std::vector<std::string> servers = Servers(options);
  return !ValueOf(options, "service").empty() || !std::all_of(servers.begin(), servers.end(), IsOnThisMachine);
}

void Append(absl::string_view name, absl::string_view value, std::string* conninfo) {
  absl::StrAppend(conninfo, conninfo->empty() ? "" : " ", name, "='");
  for (const char c : value) {
    if (c == '\'' || c == '\\') conninfo->push_back('\\');
    conninfo->push_back(c);
  }
  conninfo->push_back('\'');
}

}  // namespace

bool IsValid(const std::string& url) { return Parse(url) != nullptr; }

absl::optional<std::string> WithDefaults(const std::string& url,
                                         const std::vector<std::pair<std::string, std::string>>& defaults) {
  const Options options = Parse(url);
  if (options == nullptr) return absl::nullopt;
  std::string conninfo;
  std::set<absl::string_view> named;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    named.insert(option->keyword);
    Append(option->keyword, option->val, &conninfo);
  }
  for (const auto& [name, value] : defaults) {
    if (named.count(name) == 0) Append(name, value, &conninfo);
  }
  if (NeedsVerification(options)) Append("sslmode", "verify-full", &conninfo);
  return conninfo;
}

bool NamesSeveralHosts(const std::string& url) {
  const Options options = Parse(url);
  return options != nullptr && Servers(options).size() > 1;
}

}  // namespace identity::conninfo
