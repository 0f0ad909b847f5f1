#ifndef IDENTITY_VIEW_TABLE_H_
#define IDENTITY_VIEW_TABLE_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "server/base/mutex.h"
#include "server/base/request_context.h"
#include "server/view/cache.h"

namespace identity {

// Records that are loaded on first use. One caller loads a record while others wait for it. A record never outlives a
// change: once a later change has been applied, a record that was read before it is not used. Thread-safe.
//
// Unknown ids are not kept, so that invented ones evict nothing.
template <typename Record, typename Traits>
class Table {
 public:
  using Id = typename Cache<Record, Traits>::Key;

  explicit Table(size_t limit_bytes) : cache_(limit_bytes) {}

  absl::optional<Record> Find(const Id& id) { return cache_.Find(id); }

 private:
  struct Load {
    bool ended = false;
    bool good = false;
    absl::optional<Record> record;  // nullopt: the id is unknown
    int64_t revision = 0;           // of the read
    int64_t change = -1;            // the latest change that was applied since the load began
    int holders = 0;
  };

 public:
  // Watches one id: its loaded record can be used while this object lives and no change is applied to it. Move-only;
  // the table must outlive it.
  class Watch {
   public:
    Watch(Watch&& other) noexcept
        : table_(std::exchange(other.table_, nullptr)),
          id_(other.id_),
          load_(std::move(other.load_)),
          loads_(other.loads_) {}
    Watch& operator=(Watch&&) = delete;
    ~Watch() {
      if (table_ != nullptr) table_->Leave(id_, load_, loads_);
    }

    const Id& id() const { return id_; }
    // This caller must load the record, and `Finish` if that succeeds.
    bool loads() const { return loads_; }

   private:
    friend class Table;
    Watch(Table* table, const Id& id, std::shared_ptr<Load> load, bool loads)
        : table_(table), id_(id), load_(std::move(load)), loads_(loads) {}
    Table* table_;
    Id id_;
    std::shared_ptr<Load> load_;
    bool loads_;
  };

  // Joins a load of `id` that is running or still usable, else begins one.
  Watch Begin(const Id& id) {
    MutexLock lock(mutex_);
    std::shared_ptr<Load>& load = loads_[id];
    const bool loads = load == nullptr || (load->ended && !Usable(*load));
    if (loads) load = std::make_shared<Load>();
    ++load->holders;
    return Watch(this, id, load, loads);
  }

  // Ends a load with the record that was read at `revision`. All changes up to `revision` must have been applied. Does
  // nothing when the load has ended: another load may have replaced it, and later changes no longer reach it.
  void Finish(Watch& watch, absl::optional<Record> record, int64_t revision) {
    MutexLock lock(mutex_);
    Load& load = *watch.load_;
    if (load.ended) return;
    load.record = std::move(record);
    load.revision = revision;
    load.good = true;
    load.ended = true;
    if (load.record && Usable(load)) cache_.Put(*load.record);
  }

  // Waits until another caller's load has ended, successful or not.
  absl::Status Await(const Watch& watch, const RequestContext& context) {
    MutexLock lock(mutex_);
    return AwaitWhileWanted(context, mutex_, absl::Condition(&watch.load_->ended));
  }

  // The loaded record, if it may be used now. The inner nullopt: the id is unknown.
  absl::optional<absl::optional<Record>> Result(const Watch& watch) const {
    MutexLock lock(mutex_);
    if (!watch.load_->ended || !Usable(*watch.load_)) return absl::nullopt;
    return watch.load_->record;
  }

  // ---- For the thread that applies changes.

  // Those of `ids` whose records are kept.
  std::vector<Id> Kept(const std::vector<Id>& ids) const {
    std::vector<Id> kept;
    for (const Id& id : ids) {
      if (cache_.Contains(id)) kept.push_back(id);
    }
    return kept;
  }

  // Discards the record of `id` if it is older than `revision`. Keeps `fresh` instead, if it is given.
  void Change(const Id& id, int64_t revision, absl::optional<Record> fresh) {
    MutexLock lock(mutex_);
    if (const auto load = loads_.find(id); load != loads_.end()) load->second->change = revision;
    if (fresh) {
      cache_.Put(*std::move(fresh));
    } else {
      cache_.Erase(id);
    }
  }

  // Replaces all records by `fresh`.
  void Reset(std::vector<Record> fresh) {
    MutexLock lock(mutex_);
    for (auto& [id, load] : loads_) load->change = std::numeric_limits<int64_t>::max();
    cache_.Clear();
    for (Record& record : fresh) cache_.Put(std::move(record));
  }

  size_t size() const { return cache_.size(); }
  uint64_t evictions() const { return cache_.evictions(); }

 private:
  static bool Usable(const Load& load) { return load.good && load.change <= load.revision; }

  void Leave(const Id& id, const std::shared_ptr<Load>& load, bool loads) {
    MutexLock lock(mutex_);
    if (loads) load->ended = true;
    if (--load->holders > 0) return;
    const auto current = loads_.find(id);
    if (current != loads_.end() && current->second == load) loads_.erase(current);
  }

  Cache<Record, Traits> cache_;
  mutable absl::Mutex mutex_;  // taken before those of the cache
  absl::flat_hash_map<Id, std::shared_ptr<Load>> loads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace identity

#endif  // IDENTITY_VIEW_TABLE_H_
