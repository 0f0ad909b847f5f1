#ifndef IDENTITY_BASE_UTF8_H_
#define IDENTITY_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace identity {

// Takes the first code point off `text`, which is not empty. nullopt, with `text` untouched, when it is malformed: what
// RFC 3629 does not allow, surrogates and overlong forms among it.
absl::optional<uint32_t> ConsumeCodePoint(absl::string_view& text);

// The code points of `text`; its bytes when it is not valid UTF-8.
size_t CharacterCount(absl::string_view text);

}  // namespace identity

#endif  // IDENTITY_BASE_UTF8_H_
