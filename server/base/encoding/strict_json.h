#ifndef IDENTITY_BASE_ENCODING_STRICT_JSON_H_
#define IDENTITY_BASE_ENCODING_STRICT_JSON_H_

#include <cstddef>
#include <nlohmann/json.hpp>

#include "absl/strings/string_view.h"

namespace identity {

inline constexpr size_t kMaxJsonDepth = 16;

// Parses JSON (RFC 8259) that two programs cannot read differently: UTF-8, at most kMaxJsonDepth levels deep, no object
// has a member twice, and integers fit into 64 bits. The result is discarded (`is_discarded`) for any other text.
nlohmann::json ParseStrictJson(absl::string_view text);

}  // namespace identity

#endif  // IDENTITY_BASE_ENCODING_STRICT_JSON_H_
