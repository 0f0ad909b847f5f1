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

// Records that are loaded when they are first asked for, each load by one while others wait for it, and that never
// outlive a change: one that was read before a change which has been applied since is not used. Thread-safe.
//
// Ids that nobody has are not kept, so that made-up ones push nothing out.
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
    absl::optional<Record> record;  // nullopt: nobody has the id
    int64_t revision = 0;           // that `record` was read at
    int64_t change = -1;            // the latest one that was applied since the load began
    int holders = 0;
  };

 public:
  // Keeps an eye on one id: what was loaded for it can be used for as long as this object lives and no change came.
  // Move-only; the table must outlive it.
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
    // It is this one's to load, and to `Finish` if that goes well.
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

  // Joins a load of `id` that is under way or still good, else begins one.
  Watch Begin(const Id& id) {
    MutexLock lock(mutex_);
    std::shared_ptr<Load>& load = loads_[id];
    const bool loads = load == nullptr || (load->ended && !Usable(*load));
    if (loads) load = std::make_shared<Load>();
    ++load->holders;
    return Watch(this, id, load, loads);
  }

  // Ends a load with what was read at `revision`, up to which all changes have been applied. Does nothing to one that
  // has ended: another may have taken its place, and then it hears of no change any more.
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

  // Waits until somebody else's load has ended, in whatever way.
  absl::Status Await(const Watch& watch, const RequestContext& context) {
    MutexLock lock(mutex_);
    return AwaitWhileWanted(context, mutex_, absl::Condition(&watch.load_->ended));
  }

  // What the load gave, when it may be used now. The inner nullopt: nobody has the id.
  absl::optional<absl::optional<Record>> Result(const Watch& watch) const {
    MutexLock lock(mutex_);
    if (!watch.load_->ended || !Usable(*watch.load_)) return absl::nullopt;
    return watch.load_->record;
  }

  // ---- For the one who applies changes.

  // Those of `ids` of which a record is kept.
  std::vector<Id> Kept(const std::vector<Id>& ids) const {
    std::vector<Id> kept;
    for (const Id& id : ids) {
      if (cache_.Contains(id)) kept.push_back(id);
    }
    return kept;
  }

  // What is known of `id` from before `revision` is of no use any more. `fresh`: how it is now, when that is known.
  void Change(const Id& id, int64_t revision, absl::optional<Record> fresh) {
    MutexLock lock(mutex_);
    if (const auto load = loads_.find(id); load != loads_.end()) load->second->change = revision;
    if (fresh && cache_.Contains(id)) {
      cache_.Put(*std::move(fresh));
    } else {
      cache_.Erase(id);
    }
  }

  // Nothing that is known is of use any more; `fresh` is.
  void Reset(std::vector<Record> fresh) {
    MutexLock lock(mutex_);
    for (auto& [id, load] : loads_) load->change = std::numeric_limits<int64_t>::max();
    cache_.Clear();
    for (Record& record : fresh) cache_.Put(std::move(record));
  }

  size_t size() const { return cache_.size(); }

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
