#include "server/view/view.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/clock.h"
#include "db/stores/api_keys.h"
#include "db/stores/principals.h"
#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/base/trace.h"

namespace identity {
namespace {

// Attempts before the reader blocks the feed.
constexpr int kFreeAttempts = 3;
constexpr absl::Duration kRetryDelay = absl::Seconds(1);

// Never reaches a client. `Run` loads what is missing and calls the body again, or a worker calls it again.
absl::Status NotLoaded() { return Error(ErrorReason::kInternal, "a fact is not loaded yet"); }

absl::Status TooStale() {
  return WithRetryDelay(
      Error(ErrorReason::kStorageUnavailable, "the database has been unreachable for too long to decide without it"),
      kRetryDelay);
}

absl::Status Replaced() {
  return WithRetryDelay(Error(ErrorReason::kStorageUnavailable, "the database was replaced by another"), kRetryDelay);
}

}  // namespace

// The records that one read has loaded or waits for.
class View::Watches {
 public:
  std::vector<Table<PrincipalFacts, PrincipalTraits>::Watch> principals;
  std::vector<Table<SharedApiKey, ApiKeyTraits>::Watch> api_keys;
};

// Facts from the view. Remembers which ones it lacked.
class View::ViewFacts final : public Facts {
 public:
  ViewFacts(View& view, const Watches& watches, bool may_block)
      : view_(view), watches_(watches), may_block_(may_block) {}

  absl::StatusOr<change_log::Moment> Now() override { return now_; }
  absl::StatusOr<std::shared_ptr<const RoleGraph>> Roles() override { return position_->roles; }

  absl::StatusOr<absl::optional<PrincipalFacts>> Principal(const PrincipalId& id) override {
    return Find(view_.principals_, watches_.principals, id, missing_principals_);
  }

  absl::StatusOr<SharedApiKey> ApiKey(const ApiKeyId& id) override {
    ASSIGN_OR_RETURN(const absl::optional<SharedApiKey> key,
                     Find(view_.api_keys_, watches_.api_keys, id, missing_api_keys_));
    return key ? *key : SharedApiKey();
  }

  // Does not look for the key: verifier and cache forget it before the feed publishes the revision of its removal. So
  // only calls that began before the removal can get here with its tokens.
  absl::StatusOr<bool> TokenRevoked(const TokenId& token, const absl::optional<SessionId>& session,
                                    const std::string&) override {
    return view_.revocations_.Contains(token.uuid()) || (session && view_.revocations_.Contains(session->uuid()));
  }

  absl::StatusOr<std::shared_ptr<const Workloads>> KnownWorkloads() override { return position_->workloads; }
  absl::StatusOr<WorkloadState> Workload(const ExternalKey& key) override { return position_->workloads->StateOf(key); }

  absl::Status RunFirst(const std::string& name, const Preparation& work) override {
    if (const auto done = prepared_.find(name); done != prepared_.end()) return done->second;
    preparations_.emplace(name, work);
    return NotLoaded();
  }

  absl::Status BeginSlowStep() override {
    if (may_block_ || ++slow_steps_ <= kMostSlowSteps) return absl::OkStatus();
    return NotLoaded();
  }

  absl::Status ExpectNewer() override {
    if (caught_up_) return absl::OkStatus();
    behind_ = true;
    return NotLoaded();
  }

  bool incomplete() const override {
    return behind_ || slow_steps_ > kMostSlowSteps || !preparations_.empty() || !missing_principals_.empty() ||
           !missing_api_keys_.empty();
  }

  void Restart(std::shared_ptr<const Position> position, absl::Duration uptime) {
    position_ = std::move(position);
    now_ = position_->Moment(uptime);
    behind_ = false;
    slow_steps_ = 0;
    preparations_.clear();
    missing_principals_.clear();
    missing_api_keys_.clear();
  }
  // The body expects newer facts, and the feed has not caught up since.
  bool behind() const { return behind_; }
  void SetCaughtUp() { caught_up_ = true; }
  // Does what the body wants to have done first. False: it wants nothing.
  bool Prepare(const RequestContext& context) {
    const bool any = !preparations_.empty();
    for (const auto& [name, work] : std::exchange(preparations_, {})) {
      if (!context.Check().ok()) break;
      prepared_[name] = work(context);
    }
    return any;
  }
  const std::vector<PrincipalId>& missing_principals() const { return missing_principals_; }
  const std::vector<ApiKeyId>& missing_api_keys() const { return missing_api_keys_; }

 private:
  template <typename Table, typename Watch, typename Id>
  auto Find(Table& table, const std::vector<Watch>& watches, const Id& id, std::vector<Id>& missing)
      -> absl::StatusOr<decltype(table.Find(id))> {
    if (auto record = table.Find(id)) return record;
    const auto watch =
        std::find_if(watches.rbegin(), watches.rend(), [&](const Watch& candidate) { return candidate.id() == id; });
    if (watch != watches.rend()) {
      if (auto result = table.Result(*watch)) return *std::move(result);
    }
    missing.push_back(id);
    return NotLoaded();
  }

  View& view_;
  const Watches& watches_;
  const bool may_block_;
  std::shared_ptr<const Position> position_;
  change_log::Moment now_;
  bool behind_ = false;
  bool caught_up_ = false;
  int slow_steps_ = 0;
  std::map<std::string, Preparation> preparations_;
  std::map<std::string, absl::Status> prepared_;  // what each of them returned
  std::vector<PrincipalId> missing_principals_;
  std::vector<ApiKeyId> missing_api_keys_;
};

size_t View::ApiKeyTraits::BytesOf(const SharedApiKey& key) {
  size_t bytes = sizeof(api_keys::ApiKey) + key->display_name.size() + key->hash.size() + 80;
  for (const PermissionPattern& scope : key->scopes.patterns())
    bytes += sizeof(PermissionPattern) + scope.text().size();
  return bytes;
}

// Principals get the most memory: they are the most numerous, and every decision needs one.
View::View(Database& database, const Options& options, Metrics& metrics)
    : database_(database),
      options_(options),
      metrics_(metrics),
      principals_(options.memory_bytes / 8 * 5),
      api_keys_(options.memory_bytes / 8),
      tokens_(options.memory_bytes / 8 * 2) {}

absl::Status View::Run(const RequestContext& context, const Freshness& freshness,
                       absl::FunctionRef<absl::Status(Facts&)> body) {
  absl::Duration uptime;
  ASSIGN_OR_RETURN(std::shared_ptr<const Position> position, FreshPosition(context, freshness, &uptime));
  const Freshness from_now_on = {freshness.at_least, false};
  Watches watches;
  ViewFacts facts(*this, watches, context.may_block);
  for (int attempts = 1;; ++attempts) {
    absl::Status status;
    const Outcome outcome = Attempt(facts, std::move(position), uptime, body, &status);
    if (outcome == Outcome::kDone) return status;
    if (!context.may_block && (outcome == Outcome::kIncomplete || attempts == kFreeAttempts)) return WouldBlock();
    RETURN_IF_ERROR(context.Check());
    if (outcome == Outcome::kIncomplete && facts.Prepare(context)) {
      RETURN_IF_ERROR(context.Check());
    } else if (facts.behind()) {
      RETURN_IF_ERROR(progress_.CatchUp(context));
      facts.SetCaughtUp();
    } else if (outcome == Outcome::kIncomplete) {
      RETURN_IF_ERROR(Load(context, facts.missing_principals(), facts.missing_api_keys(), watches));
    } else if (context.may_block && attempts >= kFreeAttempts) {
      // The body takes longer than the time between two changes. So this attempt makes the feed wait for the body.
      MutexLock hold(applying_);
      position = progress_.Current();
      const bool fresh = IsFresh(*position, from_now_on);
      if (fresh && Attempt(facts, std::move(position), uptime, body, &status) == Outcome::kDone) return status;
    } else if (context.may_block) {
      MutexLock until_applied(applying_);
    }
    ASSIGN_OR_RETURN(position, FreshPosition(context, from_now_on, &uptime));
  }
}

absl::StatusOr<std::shared_ptr<const Position>> View::FreshPosition(const RequestContext& context,
                                                                    const Freshness& freshness,
                                                                    absl::Duration* uptime) {
  std::shared_ptr<const Position> position = progress_.Current();
  if (position == nullptr) return TooStale();
  if (freshness.full || !IsFresh(*position, freshness)) {
    if (!context.may_block) return WouldBlock();
    if (freshness.at_least) RETURN_IF_ERROR(progress_.WaitFor(context, *freshness.at_least));
    if (freshness.full) RETURN_IF_ERROR(progress_.CatchUp(context));
    position = progress_.Current();
    // A failover while it waited may have lost the change of the token.
    if (!IsFresh(*position, freshness)) return Replaced();
  }
  *uptime = Uptime();
  if (position->Age(*uptime) > options_.max_staleness) return TooStale();
  return position;
}

bool View::IsFresh(const Position& position, const Freshness& freshness) {
  return !freshness.at_least || position.Includes(*freshness.at_least);
}

View::Outcome View::Attempt(ViewFacts& facts, std::shared_ptr<const Position> position, absl::Duration uptime,
                            absl::FunctionRef<absl::Status(Facts&)> body, absl::Status* status) const {
  // While the feed applies an update the sequence is odd, and no position has an odd one.
  const uint64_t before = sequence_.load(std::memory_order_acquire);
  if (position->sequence != before) return Outcome::kMoved;
  facts.Restart(std::move(position), uptime);
  *status = body(facts);
  std::atomic_thread_fence(std::memory_order_acquire);
  if (sequence_.load(std::memory_order_relaxed) != before) return Outcome::kMoved;
  return facts.incomplete() ? Outcome::kIncomplete : Outcome::kDone;
}

namespace {

// Records as they were at the revision of `token`.
struct Loaded {
  ConsistencyToken token;
  std::vector<PrincipalFacts> principals;
  std::vector<SharedApiKey> api_keys;
};

absl::StatusOr<Loaded> ReadRecords(Transaction& transaction, const std::vector<PrincipalId>& principals,
                                   const std::vector<ApiKeyId>& api_keys) {
  Loaded loaded;
  ASSIGN_OR_RETURN(const change_log::Moment now, change_log::Now(transaction));
  loaded.token = now.token;
  ASSIGN_OR_RETURN(loaded.principals, principals::FindFacts(transaction, principals));
  ASSIGN_OR_RETURN(loaded.api_keys, FindKeys(transaction, api_keys));
  return loaded;
}

// Begins a watch of each of `ids`, once. Returns those that no other caller is loading: this caller must load them.
template <typename Table, typename Id, typename Watch>
std::vector<Id> BeginAll(Table& table, std::vector<Id> ids, std::vector<Watch>& watches) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::vector<Id> own;
  for (const Id& id : ids) {
    watches.push_back(table.Begin(id));
    if (watches.back().loads()) own.push_back(id);
  }
  return own;
}

// Ends the loads of `own`, each with the record that was found or with none.
template <typename Table, typename Watch, typename Id, typename Record, typename KeyOf>
void FinishAll(Table& table, std::vector<Watch>& watches, const std::vector<Id>& own,
               const std::vector<Record>& records, int64_t revision, KeyOf key_of) {
  absl::flat_hash_map<Id, const Record*> found;
  for (const Record& record : records) found.emplace(key_of(record), &record);
  for (Watch& watch : watches) {
    if (!watch.loads() || !std::binary_search(own.begin(), own.end(), watch.id())) continue;
    const auto record = found.find(watch.id());
    table.Finish(watch, record == found.end() ? absl::optional<Record>() : *record->second, revision);
  }
}

template <typename Table, typename Watch>
absl::Status AwaitAll(Table& table, const std::vector<Watch>& watches, const RequestContext& context) {
  for (const Watch& watch : watches) {
    if (!watch.loads()) RETURN_IF_ERROR(table.Await(watch, context));
  }
  return absl::OkStatus();
}

template <typename Table, typename Id, typename Record, typename KeyOf>
void ChangeAll(Table& table, const std::vector<Id>& changed, const std::vector<Record>& records, int64_t revision,
               KeyOf key_of) {
  absl::flat_hash_map<Id, const Record*> fresh;
  for (const Record& record : records) fresh.emplace(key_of(record), &record);
  for (const Id& id : changed) {
    const auto record = fresh.find(id);
    table.Change(id, revision, record == fresh.end() ? absl::optional<Record>() : *record->second);
  }
}

}  // namespace

absl::Status View::Load(const RequestContext& context, const std::vector<PrincipalId>& principals,
                        const std::vector<ApiKeyId>& api_keys, Watches& watches) {
  const Span span("view load");
  const std::vector<PrincipalId> own_principals = BeginAll(principals_, principals, watches.principals);
  const std::vector<ApiKeyId> own_keys = BeginAll(api_keys_, api_keys, watches.api_keys);
  if (!own_principals.empty() || !own_keys.empty()) {
    metrics_.view_loads.Add(own_principals.size() + own_keys.size());
    ASSIGN_OR_RETURN(const Loaded loaded, database_.Read(context, [&](Transaction& transaction) {
      return ReadRecords(transaction, own_principals, own_keys);
    }));
    RETURN_IF_ERROR(ReachLoaded(context, loaded.token));
    const int64_t revision = loaded.token.revision;
    FinishAll(principals_, watches.principals, own_principals, loaded.principals, revision, PrincipalTraits::KeyOf);
    FinishAll(api_keys_, watches.api_keys, own_keys, loaded.api_keys, revision, ApiKeyTraits::KeyOf);
  }
  RETURN_IF_ERROR(AwaitAll(principals_, watches.principals, context));
  return AwaitAll(api_keys_, watches.api_keys, context);
}

// A record that was read from the database may be newer than the changes that the feed has applied.
absl::Status View::ReachLoaded(const RequestContext& context, const ConsistencyToken& token) {
  absl::Status status = progress_.WaitForOwn(context, token);
  if (ReasonOf(status) != ErrorReason::kConsistencyTokenUnknown) return status;
  // A connection of the pool leads to another database than the feed's connection, so the feed must connect again.
  progress_.DoubtConnection();
  return Replaced();
}

Progress::Fate View::AwaitChange(const RequestContext& context, const ConsistencyToken& token) {
  const absl::Duration wait = std::min(options_.commit_wait, context.TimeLeft() / 4 * 3);
  const Progress::Fate fate = progress_.AwaitChange({absl::Now() + wait, context.cancelled}, token);
  // The feed publishes a position just before its facts. A read in between would have to wait.
  if (fate == Progress::Fate::kKnown) MutexLock until_applied(applying_);
  return fate;
}

void View::Apply(ViewUpdate update) {
  const int64_t revision = update.position->token.revision;
  MutexLock lock(applying_);
  const uint64_t applying = sequence_.fetch_add(1, std::memory_order_acq_rel) + 1;
  // First, so that a load from another history is refused before its record is kept. No reader decides by the new
  // position before the sequence is even.
  update.position->sequence = applying + 1;
  progress_.Publish(update.position);
  if (update.everything) {
    principals_.Reset(std::move(update.principals));
    api_keys_.Reset(std::move(update.api_keys));
    revocations_.Reset(update.revocations);
  } else {
    ChangeAll(principals_, update.changed_principals, update.principals, revision, PrincipalTraits::KeyOf);
    ChangeAll(api_keys_, update.changed_api_keys, update.api_keys, revision, ApiKeyTraits::KeyOf);
    for (const Revocations::Revocation& revocation : update.revocations) revocations_.Add(revocation);
  }
  sequence_.store(applying + 1, std::memory_order_release);
}

View::Sizes View::sizes() const { return {principals_.size(), api_keys_.size(), tokens_.size(), revocations_.size()}; }

View::Evictions View::evictions() const {
  return {principals_.evictions(), api_keys_.evictions(), tokens_.evictions()};
}

}  // namespace identity
