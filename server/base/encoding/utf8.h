#ifndef IDENTITY_BASE_ENCODING_UTF8_H_
#define IDENTITY_BASE_ENCODING_UTF8_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace identity {

// Removes the first code point from `text`, which must not be empty. nullopt, with `text` unchanged, when RFC 3629 does
// not allow it; surrogates and overlong forms are not allowed.
absl::optional<uint32_t> ConsumeCodePoint(absl::string_view& text);

// Whether RFC 3629 allows the whole text.
bool IsUtf8(absl::string_view text);

// The number of code points of `text`, or of its bytes when it is not valid UTF-8.
size_t CharacterCount(absl::string_view text);

}  // namespace identity

#endif  // IDENTITY_BASE_ENCODING_UTF8_H_
