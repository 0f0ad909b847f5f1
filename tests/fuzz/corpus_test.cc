#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "tests/fuzz/fuzz.h"

// The inputs of the corpus break no rule of their target, in any build.
namespace identity {
namespace {

namespace fs = std::filesystem;

fs::path CorpusOf(const std::string& target) { return fs::path(IDENTITY_FUZZ_CORPUS) / target; }

std::string Read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

class CorpusTest : public testing::TestWithParam<std::pair<const std::string, FuzzTarget>> {};

TEST_P(CorpusTest, BreaksNoRule) {
  const auto& [name, target] = GetParam();
  target("");
  size_t count = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(CorpusOf(name))) {
    std::cout << entry.path() << std::endl;  // a broken rule ends the process
    target(Read(entry.path()));
    ++count;
  }
  EXPECT_GT(count, 0) << "the corpus has no input for " << name;
}

INSTANTIATE_TEST_SUITE_P(, CorpusTest, testing::ValuesIn(FuzzTargets().begin(), FuzzTargets().end()),
                         [](const auto& target) { return target.param.first; });

TEST(CorpusFoldersTest, EachHasATarget) {
  for (const fs::directory_entry& entry : fs::directory_iterator(CorpusOf(""))) {
    EXPECT_EQ(FuzzTargets().count(entry.path().filename().string()), 1) << entry.path();
  }
}

}  // namespace
}  // namespace identity
