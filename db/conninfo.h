#ifndef IDENTITY_DB_CONNINFO_H_
#define IDENTITY_DB_CONNINFO_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/types/optional.h"

// libpq's connection strings, in both forms: "host=… user=…" and URIs (PostgreSQL's documentation, section 34.1.1).
// They may contain a password, so nothing here logs or returns a part of an invalid one.
namespace identity::conninfo {

// Whether libpq can parse `url`.
bool IsValid(const std::string& url);

// `url` as "name='value' …", with `defaults` for the names that it omits. nullopt when it cannot be parsed.
//
// When `url` may lead to another machine and names no sslmode, the result has sslmode=verify-full. libpq's own default
// accepts any certificate, and even no TLS. PGSSLMODE counts as named. Unix sockets and loopback addresses are on this
// machine. A service file (`service`) is not read: the service may be anywhere.
absl::optional<std::string> WithDefaults(const std::string& url,
                                         const std::vector<std::pair<std::string, std::string>>& defaults);

// Whether `url` names more than one server. False when it cannot be parsed.
bool NamesSeveralHosts(const std::string& url);

}  // namespace identity::conninfo

#endif  // IDENTITY_DB_CONNINFO_H_
