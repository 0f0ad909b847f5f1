#include "server/base/worker_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <memory>

#include "absl/synchronization/notification.h"

namespace identity {
namespace {

TEST(WorkerPoolTest, RefusesTasksWhenTheQueueIsFull) {
  absl::Notification release;
  WorkerPool pool({.name = "test", .threads = 2, .queue_limit = 3});
  int accepted = 0;
  for (int i = 0; i < 20; ++i) {
    if (pool.TrySubmit([&release] { release.WaitForNotification(); })) ++accepted;
  }
  EXPECT_EQ(accepted, 5);
  release.Notify();
}

TEST(WorkerPoolTest, RunsOneTaskPerThreadAtATime) {
  absl::Notification first;
  absl::Notification second;
  {
    WorkerPool pool({.name = "test", .threads = 2, .queue_limit = 0});
    ASSERT_TRUE(pool.TrySubmit([&] {
      first.Notify();
      second.WaitForNotification();
    }));
    ASSERT_TRUE(pool.TrySubmit([&] {
      second.Notify();
      first.WaitForNotification();
    }));
  }
  EXPECT_TRUE(first.HasBeenNotified());
}

TEST(WorkerPoolTest, DestructorRunsQueuedTasks) {
  std::atomic<int> runs{0};
  absl::Notification release;
  {
    WorkerPool pool({.name = "test", .threads = 1, .queue_limit = 100});
    ASSERT_TRUE(pool.TrySubmit([&release] { release.WaitForNotification(); }));
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(pool.TrySubmit([&runs] { ++runs; }));
    EXPECT_GE(pool.queued(), 100u);
    release.Notify();
  }
  EXPECT_EQ(runs, 100);
}

TEST(WorkerPoolTest, AcceptsTasksAgainAfterBeingFull) {
  WorkerPool pool({.name = "test", .threads = 1, .queue_limit = 1});
  for (int i = 0; i < 3; ++i) {
    absl::Notification release;
    absl::Notification done;
    while (!pool.TrySubmit([&release] { release.WaitForNotification(); })) {
    }
    while (!pool.TrySubmit([&done] { done.Notify(); })) {
    }
    EXPECT_FALSE(pool.TrySubmit([] {}));
    release.Notify();
    done.WaitForNotification();
  }
}

TEST(WorkerPoolTest, DestroysATaskBeforeItsThreadIsFree) {
  WorkerPool pool({.name = "test", .threads = 1, .queue_limit = 0});
  auto held = std::make_shared<int>(1);
  ASSERT_TRUE(pool.TrySubmit([held] {}));
  while (!pool.TrySubmit([] {})) {
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(WorkerPoolTest, ThreadsHaveTheirNameAndIdlePriorityIfSet) {
  for (const bool idle_priority : {false, true}) {
    std::string name(16, '\0');
    int policy = -1;
    {
      WorkerPool pool(
          {.name = "a name that is too long", .threads = 1, .queue_limit = 0, .idle_priority = idle_priority});
      ASSERT_TRUE(pool.TrySubmit([&] {
        pthread_getname_np(pthread_self(), name.data(), name.size());
        policy = sched_getscheduler(0);
      }));
    }
    EXPECT_STREQ(name.c_str(), "a name that is ");
    EXPECT_EQ(policy, idle_priority ? SCHED_IDLE : SCHED_OTHER);
  }
}

}  // namespace
}  // namespace identity
