#include "server/base/readiness.h"

#include <array>
#include <utility>

#include "absl/strings/str_join.h"
#include "server/base/log.h"
#include "server/base/mutex.h"

namespace identity {
namespace {

constexpr std::array<absl::string_view, 6> kNames = {"starting",        "database", "schema",
                                                     "no_recent_facts", "clock",    "draining"};
static_assert(kNames.size() == static_cast<size_t>(Readiness::Obstacle::kDraining) + 1);

uint32_t Bit(Readiness::Obstacle obstacle) { return uint32_t{1} << static_cast<uint32_t>(obstacle); }

}  // namespace

absl::string_view Readiness::NameOf(Obstacle obstacle) { return kNames[static_cast<size_t>(obstacle)]; }

void Readiness::Set(Obstacle obstacle, bool exists) {
  MutexLock lock(mutex_);
  const uint32_t before = obstacles_;
  obstacles_ = exists ? before | Bit(obstacle) : before & ~Bit(obstacle);
  if (obstacles_ == before) return;
  LogChange();
  if (observer_) observer_(List());
}

std::vector<Readiness::Obstacle> Readiness::Obstacles() const {
  MutexLock lock(mutex_);
  return List();
}

void Readiness::Observe(std::function<void(const std::vector<Obstacle>&)> observer) {
  MutexLock lock(mutex_);
  observer_ = std::move(observer);
  observer_(List());
}

std::vector<Readiness::Obstacle> Readiness::List() const {
  std::vector<Obstacle> list;
  for (size_t i = 0; i < kNames.size(); ++i) {
    const auto obstacle = static_cast<Obstacle>(i);
    if ((obstacles_ & Bit(obstacle)) != 0) list.push_back(obstacle);
  }
  return list;
}

// The other obstacles are parts of a normal start or end.
void Readiness::LogChange() const {
  std::vector<absl::string_view> names;
  for (const Obstacle obstacle : List()) names.push_back(NameOf(obstacle));
  const bool worrying = (obstacles_ & (Bit(Obstacle::kNoRecentFacts) | Bit(Obstacle::kClock))) != 0;
  Log(worrying ? LogLevel::kWarning : LogLevel::kInfo, names.empty() ? "ready" : "not ready",
      {{"obstacles", absl::StrJoin(names, " ")}});
}

}  // namespace identity
