#ifndef IDENTITY_DB_TEXT_FORMAT_H_
#define IDENTITY_DB_TEXT_FORMAT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

// The text form of PostgreSQL's values, in a session with the settings of `Connection::SetUp`. A Decode function
// returns nullopt for text that is no such value.
namespace identity::text_format {

// A text[]: {"a","with \"quote\" and \\",NULL}. Decodes NULL as "".
std::string EncodeTexts(const std::vector<std::string>& texts);
absl::optional<std::vector<std::string>> DecodeTexts(absl::string_view array);

// A bytea: \x00ff
std::string EncodeBytes(absl::string_view bytes);
absl::optional<std::string> DecodeBytes(absl::string_view text);

// A timestamptz: 2026-01-02 03:04:05.678901+00. InfiniteFuture is "infinity" and InfinitePast is "-infinity". Other
// times are rounded down to a microsecond.
std::string EncodeTime(absl::Time time);
absl::optional<absl::Time> DecodeTime(absl::string_view text);

}  // namespace identity::text_format

#endif  // IDENTITY_DB_TEXT_FORMAT_H_
