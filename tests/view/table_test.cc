#include "server/view/table.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "absl/time/clock.h"

namespace identity {
namespace {

struct Word {
  int id;
  std::string text;
};
struct Traits {
  static int KeyOf(const Word& word) { return word.id; }
  static size_t BytesOf(const Word& word) { return word.text.size(); }
};
using Words = Table<Word, Traits>;

constexpr size_t kLimit = 1 << 20;

// The result that other watches see after a load that read `text` at `revision`.
void Load(Words& words, int id, std::string text, int64_t revision) {
  Words::Watch watch = words.Begin(id);
  ASSERT_TRUE(watch.loads());
  words.Finish(watch, Word{id, std::move(text)}, revision);
}

TEST(TableTest, ALoadedRecordIsFound) {
  Words words(kLimit);
  EXPECT_FALSE(words.Find(1));
  Load(words, 1, "a", 5);
  ASSERT_TRUE(words.Find(1));
  EXPECT_EQ(words.Find(1)->text, "a");
}

TEST(TableTest, OneCallerLoadsAndTheOthersWait) {
  Words words(kLimit);
  Words::Watch first = words.Begin(1);
  Words::Watch second = words.Begin(1);
  EXPECT_TRUE(first.loads());
  EXPECT_FALSE(second.loads());
  EXPECT_FALSE(words.Result(second));
  std::thread loader([&] { words.Finish(first, Word{1, "a"}, 5); });
  EXPECT_TRUE(words.Await(second, RequestContext()).ok());
  loader.join();
  ASSERT_TRUE(words.Result(second));
  EXPECT_EQ((*words.Result(second))->text, "a");
}

TEST(TableTest, WaitingEndsWithTheDeadlineAndWhenTheLoaderFails) {
  Words words(kLimit);
  absl::optional<Words::Watch> loader(words.Begin(1));
  const Words::Watch other = words.Begin(1);
  EXPECT_TRUE(absl::IsDeadlineExceeded(words.Await(other, RequestContext{absl::Now() - absl::Seconds(1)})));
  loader.reset();
  EXPECT_TRUE(words.Await(other, RequestContext()).ok());
  EXPECT_FALSE(words.Result(other));
  EXPECT_TRUE(words.Begin(1).loads()) << "another caller must load";
}

TEST(TableTest, AnUnknownIdIsAResultButIsNotKept) {
  Words words(kLimit);
  {
    Words::Watch watch = words.Begin(1);
    words.Finish(watch, absl::nullopt, 5);
    ASSERT_TRUE(words.Result(watch));
    EXPECT_FALSE(words.Result(watch)->has_value());
    EXPECT_FALSE(words.Begin(1).loads()) << "another caller uses the same result";
  }
  EXPECT_EQ(words.size(), 0u);
  EXPECT_TRUE(words.Begin(1).loads());
}

TEST(TableTest, AChangeAfterTheReadOfALoadInvalidatesIt) {
  Words words(kLimit);
  Words::Watch watch = words.Begin(1);
  words.Change(1, 6, absl::nullopt);
  words.Finish(watch, Word{1, "old"}, 5);
  EXPECT_FALSE(words.Result(watch));
  EXPECT_FALSE(words.Find(1));
  EXPECT_TRUE(words.Begin(1).loads());
}

// One read may hold several loads of an id: loads that changes invalidated, and the load that replaced them.
TEST(TableTest, ALaterLoadDoesNotReviveAnEndedOne) {
  Words words(kLimit);
  Words::Watch first = words.Begin(1);
  words.Change(1, 6, absl::nullopt);
  words.Finish(first, Word{1, "old"}, 5);
  Words::Watch second = words.Begin(1);
  words.Change(1, 8, absl::nullopt);
  for (Words::Watch* watch : {&first, &second}) words.Finish(*watch, Word{1, "not so new"}, 7);
  EXPECT_FALSE(words.Result(first));
  EXPECT_FALSE(words.Result(second));
  EXPECT_FALSE(words.Find(1));
}

TEST(TableTest, AChangeBeforeTheReadOfALoadKeepsItValid) {
  Words words(kLimit);
  Words::Watch watch = words.Begin(1);
  words.Change(1, 6, absl::nullopt);
  words.Finish(watch, Word{1, "new"}, 6);
  EXPECT_TRUE(words.Result(watch));
  EXPECT_TRUE(words.Find(1));
}

TEST(TableTest, AChangeAfterALoadEndsItsUse) {
  Words words(kLimit);
  Words::Watch nobody = words.Begin(1);
  words.Finish(nobody, absl::nullopt, 5);
  Words::Watch somebody = words.Begin(2);
  words.Finish(somebody, Word{2, "a"}, 5);
  words.Change(1, 6, absl::nullopt);
  words.Change(2, 6, absl::nullopt);
  EXPECT_FALSE(words.Result(nobody));
  EXPECT_FALSE(words.Result(somebody));
  EXPECT_FALSE(words.Find(2));
}

TEST(TableTest, AChangeReplacesTheRecordByTheFreshOne) {
  Words words(kLimit);
  Load(words, 1, "old", 5);
  EXPECT_EQ(words.Kept({1, 2}), std::vector<int>{1});
  words.Change(1, 6, Word{1, "new"});
  words.Change(2, 6, Word{2, "first"});
  words.Change(3, 6, absl::nullopt);
  ASSERT_TRUE(words.Find(1));
  EXPECT_EQ(words.Find(1)->text, "new");
  EXPECT_TRUE(words.Find(2));
  EXPECT_FALSE(words.Find(3));
  words.Change(1, 7, absl::nullopt);
  EXPECT_FALSE(words.Find(1));
}

TEST(TableTest, AResetInvalidatesLoadsOfAnyRevision) {
  Words words(kLimit);
  Load(words, 1, "old", 5);
  Words::Watch watch = words.Begin(2);
  words.Reset({Word{3, "warm"}});
  words.Finish(watch, Word{2, "of another database"}, 1000000);
  EXPECT_FALSE(words.Result(watch));
  EXPECT_FALSE(words.Find(1));
  EXPECT_FALSE(words.Find(2));
  EXPECT_TRUE(words.Find(3));
}

TEST(TableTest, AResultStaysWithItsHolderWhenTheTableIsFull) {
  Words words(0);  // keeps next to nothing
  Words::Watch watch = words.Begin(1);
  words.Finish(watch, Word{1, "a"}, 5);
  for (int id = 2; id < 1000; ++id) Load(words, id, "b", 5);
  ASSERT_TRUE(words.Result(watch));
  EXPECT_EQ((*words.Result(watch))->text, "a");
}

}  // namespace
}  // namespace identity
