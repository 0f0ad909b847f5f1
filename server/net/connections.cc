#include "server/net/connections.h"

#include <sys/stat.h>

#include <algorithm>

#include "server/base/enum_names.h"
#include "server/base/mutex.h"

namespace identity {
namespace {

using Clock = std::chrono::steady_clock;

constexpr EnumName<Connections::Refusal> kRefusals[] = {
    {Connections::Refusal::kTotal, "total"},
    {Connections::Refusal::kAddress, "address"},
    {Connections::Refusal::kFiles, "files"},
    {Connections::Refusal::kHalfRequests, "half_requests"},
};
static_assert(NamesEach(kRefusals, Connections::Refusal::kHalfRequests));

// A full server looks for closed connections whenever somebody connects. This bounds the share of time that it spends.
constexpr int kPausePerRemoval = 20;

ConnectionLimits Bounded(ConnectionLimits limits) {
  if (limits.total > 0) limits.per_address = std::min(limits.per_address, std::max(limits.total / 2, size_t{1}));
  return limits;
}

}  // namespace

std::vector<std::string> Connections::RefusalNames() {
  std::vector<std::string> names;
  for (const auto& row : kRefusals) names.push_back(row.name);
  return names;
}

absl::string_view Connections::NameOf(Refusal refusal) { return NameIn(kRefusals, refusal); }

Connections::Connections(const ConnectionLimits& limits) : limits_(Bounded(limits)) {}

absl::optional<Connections::Refusal> Connections::Admit(int descriptor, const std::string& address) {
  struct stat status = {};
  fstat(descriptor, &status);
  MutexLock lock(mutex_);
  Remove(descriptor);  // the number is free again, so an earlier connection with it is closed
  if (Exceeded(address)) RemoveClosedIfDue();
  if (const auto refusal = Exceeded(address)) return refusal;
  entries_.emplace(descriptor, Entry{status.st_dev, status.st_ino, address});
  ++by_address_[address];
  return absl::nullopt;
}

size_t Connections::open() {
  MutexLock lock(mutex_);
  RemoveClosed();
  return entries_.size();
}

bool Connections::IsOpen(int descriptor, const Entry& entry) {
  struct stat status = {};
  return fstat(descriptor, &status) == 0 && status.st_dev == entry.device && status.st_ino == entry.inode;
}

absl::optional<Connections::Refusal> Connections::Exceeded(const std::string& address) const {
  if (limits_.total > 0 && entries_.size() >= limits_.total) return Refusal::kTotal;
  const auto found = by_address_.find(address);
  const bool limited = limits_.per_address > 0 && !address.empty() && found != by_address_.end();
  if (limited && found->second >= limits_.per_address) return Refusal::kAddress;
  return absl::nullopt;
}

void Connections::Remove(int descriptor) {
  const auto found = entries_.find(descriptor);
  if (found == entries_.end()) return;
  const auto count = by_address_.find(found->second.address);
  if (--count->second == 0) by_address_.erase(count);
  entries_.erase(found);
}

void Connections::RemoveClosed() {
  std::vector<int> closed;
  for (const auto& [descriptor, entry] : entries_) {
    if (!IsOpen(descriptor, entry)) closed.push_back(descriptor);
  }
  for (const int descriptor : closed) Remove(descriptor);
}

void Connections::RemoveClosedIfDue() {
  const Clock::time_point start = Clock::now();
  if (start < next_removal_) return;
  RemoveClosed();
  const Clock::time_point end = Clock::now();
  next_removal_ = end + kPausePerRemoval * (end - start);
}

}  // namespace identity
