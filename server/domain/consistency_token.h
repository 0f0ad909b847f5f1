#ifndef IDENTITY_DOMAIN_CONSISTENCY_TOKEN_H_
#define IDENTITY_DOMAIN_CONSISTENCY_TOKEN_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace identity {

// One timeline of one database. Revisions of different histories cannot be compared, except by `Ancestor`. A value.
struct History {
  uint64_t system_identifier = 0;
  uint32_t timeline = 0;
  friend bool operator==(const History& a, const History& b) {
    return a.system_identifier == b.system_identifier && a.timeline == b.timeline;
  }
};

// A point in a history: the number of changes up to it. A value.
struct ConsistencyToken {
  History history;
  int64_t revision = 0;

  // Opaque to clients: base64url of 20 bytes, big-endian.
  std::string ToText() const;
  // nullopt for text that ToText cannot have returned.
  static absl::optional<ConsistencyToken> Parse(absl::string_view text);
};

// A history that another one continues, with its changes up to `last_revision`. A value.
struct Ancestor {
  History history;
  int64_t last_revision = 0;
};

}  // namespace identity

#endif  // IDENTITY_DOMAIN_CONSISTENCY_TOKEN_H_
