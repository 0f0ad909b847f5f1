#include "server/routes/request_host.h"

#include <gmock/gmock.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/routes/cases.h"

namespace identity {
namespace {

TEST(RequestHostTest, Cases) {
  for (const YamlNode& node : Cases("hosts.yaml", "hosts").nodes) {
    EXPECT_EQ(NormalizeHost(node.nodes[0].text).value_or(""), node.nodes[1].text) << "line " << node.line;
  }
}

TEST(RequestHostTest, ANormalisedHostStaysAsItIs) {
  for (const YamlNode& node : Cases("hosts.yaml", "hosts").nodes) {
    const std::string& normalised = node.nodes[1].text;
    EXPECT_TRUE(normalised.empty() || NormalizeHost(normalised) == normalised) << normalised;
  }
}

TEST(RequestHostTest, LengthsAreLimited) {
  const std::string label(63, 'a');
  EXPECT_EQ(NormalizeHost(label), label);
  EXPECT_EQ(NormalizeHost(label + "a"), absl::nullopt);
  const std::string longest = absl::StrCat(label, ".", label, ".", label, ".", std::string(61, 'a'));
  EXPECT_EQ(longest.size(), 253u);
  EXPECT_EQ(NormalizeHost(longest), longest);
  EXPECT_EQ(NormalizeHost(longest + "."), longest);
  EXPECT_EQ(NormalizeHost(longest + "a"), absl::nullopt);
  EXPECT_EQ(NormalizeHost(std::string(10 << 20, 'a')), absl::nullopt);
  EXPECT_EQ(NormalizeHost(std::string(10 << 20, '.')), absl::nullopt);
  EXPECT_EQ(NormalizeHost("[" + std::string(10 << 20, ':')), absl::nullopt);
}

TEST(RequestHostTest, BytesBeyondAsciiAreRefused) {
  for (int byte = 0x80; byte < 0x100; ++byte) {
    EXPECT_EQ(NormalizeHost(std::string(1, static_cast<char>(byte))), absl::nullopt);
  }
}

}  // namespace
}  // namespace identity
