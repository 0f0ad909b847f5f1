#ifndef IDENTITY_BASE_ENCODING_JSON_OBJECT_H_
#define IDENTITY_BASE_ENCODING_JSON_OBJECT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace identity {

// Writes a JSON object (RFC 8259) member by member. It is for tokens, and for answers that services ask for with each
// of their own requests: a tree of values takes longer to build than the decision. Names are literals of letters and
// underscores, each given once.
class JsonObject {
 public:
  // `more`: the expected bytes beyond the usual. A string that grows would leave copies of the tokens in it behind.
  explicit JsonObject(size_t more = 0) {
    text_.reserve(kUsualSize + more);
    text_.push_back('{');
  }

  // Bytes that are not UTF-8 are replaced by U+FFFD.
  void AddText(absl::string_view name, absl::string_view value);
  void AddTexts(absl::string_view name, absl::Span<const std::string> values);
  void AddNumber(absl::string_view name, int64_t value);
  void AddBool(absl::string_view name, bool value);
  void AddObject(absl::string_view name, JsonObject value);
  void AddObjects(absl::string_view name, std::vector<JsonObject> values);
  // The text of the whole object.
  std::string Finish() &&;

 private:
  void AppendQuoted(absl::string_view value);
  // What is between the last member and the name of the next one.
  absl::string_view Separator() const { return text_.size() == 1 ? "\"" : ",\""; }

  static constexpr size_t kUsualSize = 1000;

  std::string text_;
};

}  // namespace identity

#endif  // IDENTITY_BASE_ENCODING_JSON_OBJECT_H_
