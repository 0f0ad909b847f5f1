// The one source that sees yaml-cpp. Its exceptions end here.
#include "server/routes/yaml_text.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "server/base/encoding/utf8.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr size_t kMaxLevels = 8;
constexpr size_t kMaxKeyBytes = 32;
constexpr char kNoKey[] = "has a key that is not a name of [a-z_]";

bool IsKey(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxKeyBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

absl::Status Refused(int line, absl::string_view rule) { return InvalidField(absl::StrCat("line ", line), rule); }

// Makes the tree of the events of a document. Throws YAML::ParserException for what the header refuses.
class TreeBuilder : public YAML::EventHandler {
 public:
  YamlNode Take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (has_document_) throw YAML::ParserException(mark, "must be one document, but a second one begins here");
    has_document_ = true;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Refuse(mark, "", anchor);
    Add(mark, YamlNode::Kind::kEmpty, "");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    throw YAML::ParserException(mark, "has an alias, which is not allowed");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Refuse(mark, tag, anchor);
    Add(mark, YamlNode::Kind::kText, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Refuse(mark, tag, anchor);
    Open(mark, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Refuse(mark, tag, anchor);
    Open(mark, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

 private:
  // A list or a map whose end has not come yet.
  struct Level {
    YamlNode node;
    bool has_key = false;  // the next node of a map is a value
    std::string key;
    int key_line = 0;
    absl::flat_hash_set<std::string> keys;
  };

  // yaml-cpp gives plain texts the tag "?", and quoted ones "!".
  static void Refuse(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) throw YAML::ParserException(mark, "has an anchor, which is not allowed");
    if (!tag.empty() && tag != "?" && tag != "!") throw YAML::ParserException(mark, "has a tag, which is not allowed");
  }

  void Open(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (levels_.size() >= kMaxLevels) throw YAML::ParserException(mark, "has too many levels");
    if (AwaitsKey()) throw YAML::ParserException(mark, kNoKey);
    levels_.emplace_back();
    levels_.back().node.kind = kind;
    levels_.back().node.line = mark.line + 1;
  }

  void Close() {
    YamlNode node = std::move(levels_.back().node);
    levels_.pop_back();
    Place(std::move(node));
  }

  void Add(const YAML::Mark& mark, YamlNode::Kind kind, const std::string& text) {
    if (AwaitsKey()) return SetKey(mark, kind, text);
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.text = text;
    Place(std::move(node));
  }

  bool AwaitsKey() const {
    return !levels_.empty() && levels_.back().node.kind == YamlNode::Kind::kMap && !levels_.back().has_key;
  }

  void SetKey(const YAML::Mark& mark, YamlNode::Kind kind, const std::string& text) {
    if (kind != YamlNode::Kind::kText || !IsKey(text)) throw YAML::ParserException(mark, kNoKey);
    Level& level = levels_.back();
    if (!level.keys.insert(text).second) throw YAML::ParserException(mark, "has the key " + text + " twice");
    level.has_key = true;
    level.key = text;
    level.key_line = mark.line + 1;
  }

  void Place(YamlNode node) {
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.has_key) {
      node.key = std::move(level.key);
      node.line = level.key_line;
      level.has_key = false;
    }
    level.node.nodes.push_back(std::move(node));
  }

  bool has_document_ = false;
  YamlNode root_;
  std::vector<Level> levels_;
};

// yaml-cpp would end the text at some control characters without an error, and would read UTF-16.
absl::Status CheckCharacters(absl::string_view yaml) {
  int line = 1;
  while (!yaml.empty()) {
    const auto c = ConsumeCodePoint(yaml);
    if (!c) return Refused(line, "must be valid UTF-8");
    const bool is_control = (*c < ' ' && *c != '\n' && *c != '\r' && *c != '\t') || *c == 0x7F;
    if (is_control) return Refused(line, "has a control character");
    if (*c == '\n') ++line;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<YamlNode> ParseYaml(absl::string_view yaml) {
  RETURN_IF_ERROR(CheckCharacters(yaml));
  std::istringstream in{std::string(yaml)};
  TreeBuilder builder;
  try {
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    return Refused(std::max(error.mark.line + 1, 1), error.msg);
  } catch (const std::exception& error) {
    return Refused(1, absl::StrCat("cannot be read: ", error.what()));
  }
  return builder.Take();
}

}  // namespace identity
