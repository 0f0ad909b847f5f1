#include "server/view/cache.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace identity {
namespace {

struct CachedWord {
  int key;
  std::string text;
};
struct CachedTraits {
  static int KeyOf(const CachedWord& word) { return word.key; }
  static size_t BytesOf(const CachedWord& word) { return word.text.size(); }
};
using CachedWords = Cache<CachedWord, CachedTraits>;

constexpr size_t kShards = 64;  // the cache divides its limit among them

std::string TextOf(CachedWords& words, int key) {
  const auto word = words.Find(key);
  return word ? word->text : "none";
}

TEST(CacheTest, FindReturnsTheLastPut) {
  CachedWords words(1 << 20);
  EXPECT_EQ(TextOf(words, 1), "none");
  words.Put({1, "a"});
  words.Put({1, "b"});
  EXPECT_EQ(TextOf(words, 1), "b");
  EXPECT_EQ(words.size(), 1u);
  EXPECT_TRUE(words.Contains(1));
}

TEST(CacheTest, EraseRemovesFromBothGenerations) {
  CachedWords words(kShards * 4);  // two words of one byte per shard and generation
  for (int key = 0; key < 200; ++key) words.Put({key, "x"});
  for (int key = 0; key < 200; ++key) {
    words.Erase(key);
    EXPECT_FALSE(words.Contains(key));
    EXPECT_EQ(TextOf(words, key), "none");
  }
  EXPECT_EQ(words.size(), 0u);
  words.Put({1, "x"});
  words.Clear();
  EXPECT_EQ(TextOf(words, 1), "none");
}

TEST(CacheTest, EraseIfRemovesMatchingRecordsFromBothGenerations) {
  CachedWords words(kShards * 4);
  for (int key = 0; key < 200; ++key) words.Put({key, key % 2 == 0 ? "x" : "y"});
  const size_t before = words.size();
  words.EraseIf([](const CachedWord& word) { return word.text == "x"; });
  EXPECT_LT(words.size(), before);
  for (int key = 0; key < 200; key += 2) EXPECT_FALSE(words.Contains(key)) << key;
  words.EraseIf([](const CachedWord& word) { return word.text == "y"; });
  EXPECT_EQ(words.size(), 0u);
}

TEST(CacheTest, ErasedRecordsTakeNoMemory) {
  CachedWords words(kShards * 2);  // one word of one byte per shard and generation
  words.Put({0, "x"});
  for (int key = 1; key < 2000; ++key) {
    words.Put({key, "y"});
    words.EraseIf([](const CachedWord& word) { return word.text == "y"; });
  }
  EXPECT_TRUE(words.Contains(0)) << "evicted, although nothing else was left";
}

TEST(CacheTest, StaysWithinItsLimit) {
  constexpr size_t kWords = 100;
  CachedWords words(kShards * kWords);
  for (int key = 0; key < 100000; ++key) words.Put({key, "x"});
  EXPECT_LE(words.size(), kShards * kWords);
  EXPECT_GE(words.size(), kShards * kWords / 2);
  EXPECT_EQ(words.size() + words.evictions(), 100000u);
}

TEST(CacheTest, UsedRecordsStayAndUnusedOnesAreEvicted) {
  CachedWords words(kShards * 1000);
  for (int key = 0; key < 100; ++key) words.Put({key, "x"});
  for (int other = 1000; other < 200000; ++other) {
    words.Put({other, "x"});
    if (other % 1000 != 0) continue;
    for (int key = 0; key < 50; ++key) EXPECT_EQ(TextOf(words, key), "x") << key << " after " << other;
  }
  for (int key = 50; key < 100; ++key) EXPECT_EQ(TextOf(words, key), "none") << key;
}

TEST(CacheTest, ARecordThatIsTooLargeDoesNotKeepOthersOut) {
  CachedWords words(kShards * 2);
  words.Put({1, std::string(100, 'x')});
  for (int key = 0; key < 1000; ++key) words.Put({key, "y"});
  EXPECT_LE(words.size(), 3 * kShards);
}

TEST(CacheTest, CanBeUsedFromManyThreads) {
  CachedWords words(kShards * 20);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&words, thread] {
      for (int i = 0; i < 20000; ++i) {
        const int key = i * (thread + 1) % 3000;
        words.Put({key, std::to_string(key)});
        const auto word = words.Find(key);
        if (word) {
          EXPECT_EQ(word->text, std::to_string(key));
        }
        if (i % 7 == 0) words.Erase(key);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace identity
