#include "server/base/shared_block.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace identity {
namespace {

SharedBlock Of(const std::string& text) {
  SharedBlock block(text.size());
  text.copy(block.data(), text.size());
  return block;
}

TEST(SharedBlockTest, CopiesShareTheBytesAndOutliveEachOther) {
  SharedBlock copy(0);
  {
    const SharedBlock block = Of("abc");
    copy = block;
    EXPECT_EQ(std::as_const(copy).data(), block.data());
  }
  EXPECT_EQ(std::string(copy.data(), 3), "abc");
}

TEST(SharedBlockTest, MovedFromBlockCanBeAssignedTo) {
  SharedBlock block = Of("abc");
  const SharedBlock moved = std::move(block);
  block = Of("xyz");
  EXPECT_EQ(std::string(moved.data(), 3), "abc");
  EXPECT_EQ(std::string(block.data(), 3), "xyz");
  SharedBlock& itself = block;
  block = std::move(itself);
  EXPECT_EQ(std::string(block.data(), 3), "xyz");
}

// The sanitizers check that the block is freed.
TEST(SharedBlockTest, CanBeCopiedAndDroppedFromManyThreads) {
  const SharedBlock block = Of("abc");
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([block] {
      for (int i = 0; i < 10000; ++i) EXPECT_EQ(SharedBlock(block).data()[0], 'a');
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace identity
