#include "db/stores/audit.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace identity {
namespace {

// The names in backquotes in the first column of the table of events.
std::multiset<std::string> DocumentedEvents() {
  std::ifstream file(AUDIT_DOCUMENT);
  const std::string document(std::istreambuf_iterator<char>(file), {});
  const size_t table = document.find("\n| event |");
  EXPECT_NE(table, std::string::npos);
  std::multiset<std::string> events;
  const absl::string_view rows = absl::string_view(document).substr(table + 1);
  for (const absl::string_view row : absl::StrSplit(rows, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> columns = absl::StrSplit(row, '|');
    if (columns.size() < 3) break;
    const std::vector<absl::string_view> pieces = absl::StrSplit(columns[1], '`');
    for (size_t i = 1; i < pieces.size(); i += 2) events.emplace(pieces[i]);
  }
  return events;
}

TEST(AuditEventsTest, TheDocumentNamesEachEventOnceAndNoOther) {
  std::multiset<std::string> names;
  for (const absl::string_view name : audit::EventNames()) names.emplace(name);
  EXPECT_EQ(DocumentedEvents(), names);
}

}  // namespace
}  // namespace identity
