#include "server/view/feed.h"

#include <pthread.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "db/change_log.h"
#include "db/stores/external/workloads.h"
#include "db/stores/principals.h"
#include "db/stores/roles.h"
#include "db/stores/sessions.h"
#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

// The watchdog severs the connection of a round that takes longer, since its peer has probably vanished. But the peer
// may only be slow. So after each failure the next round may take twice as long, up to the longest timeout.
constexpr absl::Duration kRoundTimeout = absl::Seconds(1);
constexpr absl::Duration kLongestRound = absl::Seconds(8);
constexpr absl::Duration kReloadTimeout = absl::Seconds(30);
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(2);
// Connections prefer indexes. A transaction that reads whole tables does not, until its end.
constexpr Statement kPreferNothing = {"prefer_nothing", "SELECT set_config('enable_seqscan', 'on', true)"};
constexpr absl::Duration kPruneInterval = absl::Minutes(1);
// When there are more, the feed reads everything instead.
constexpr int64_t kMaxChanges = 10000;
// All access tokens of a session that was revoked longer ago have expired.
const absl::Duration kLongestToken = kLongestAccessTokenLifetime + 2 * AccessTokenVerifier::kSkew;

// Facts that are reloaded as a whole when any of them changed.
struct ReloadFlags {
  bool roles = false;
  bool signing_keys = false;
  bool workloads = false;
};

// Adds to `flags` or `update` what `change` requires. False when this program does not know its kind or cannot parse
// its id, which a newer server may write.
bool Classify(const change_log::Change& change, ReloadFlags& flags, ViewUpdate& update) {
  using change_log::Kind;
  if (!change.kind) return false;
  const absl::optional<Uuid> id = Uuid::Parse(change.id);  // others have names instead
  switch (*change.kind) {
    case Kind::kRole:
      flags.roles = true;
      return true;
    case Kind::kSigningKey:
      flags.signing_keys = true;
      return true;
    case Kind::kExternal:
      flags.workloads = true;
      return true;
    case Kind::kPrincipal:
      if (id) update.changed_principals.push_back(PrincipalId(*id));
      break;
    case Kind::kApiKey:
      if (id) update.changed_api_keys.push_back(ApiKeyId(*id));
      break;
    case Kind::kSession:
    case Kind::kAccessToken:
      if (id) update.revocations.push_back({*id, change.time + kLongestToken});
      break;
  }
  return id.has_value();
}

// No change is missing between revision `known` and the first of `list`.
bool Follows(const std::vector<change_log::Change>& list, int64_t known) {
  return !list.empty() && list.front().revision == known + 1 && list.size() <= kMaxChanges;
}

template <typename Id>
void KeepEachOnce(std::vector<Id>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

// As Classify, for all of `changes`.
bool ClassifyAll(const std::vector<change_log::Change>& changes, ReloadFlags& flags, ViewUpdate& update) {
  for (const change_log::Change& change : changes) {
    if (!Classify(change, flags, update)) return false;
  }
  KeepEachOnce(update.changed_principals);
  KeepEachOnce(update.changed_api_keys);
  return true;
}

std::vector<absl::Time> CommitTimes(const std::vector<change_log::Change>& changes) {
  std::vector<absl::Time> times;
  for (const change_log::Change& change : changes) times.push_back(change.time);
  return times;
}

absl::StatusOr<std::vector<Revocations::Revocation>> ReadRevocations(Transaction& transaction) {
  std::vector<Revocations::Revocation> revocations;
  ASSIGN_OR_RETURN(const auto sessions, sessions::RevokedSince(transaction, kLongestToken));
  for (const auto& session : sessions) {
    revocations.push_back({session.id.uuid(), session.revoke_time + kLongestToken});
  }
  ASSIGN_OR_RETURN(const auto tokens, sessions::RevokedAccessTokens(transaction));
  for (const auto& token : tokens) {
    revocations.push_back({token.id.uuid(), token.expire_time + 2 * AccessTokenVerifier::kSkew});
  }
  return revocations;
}

}  // namespace

// The result of the transaction of one round.
struct Feed::Reading {
  change_log::Moment moment;
  absl::optional<std::vector<RoleDefinition>> roles;  // unset: they did not change
  std::shared_ptr<const Workloads> workloads;         // null: they did not change
  absl::optional<std::vector<Ancestor>> ancestors;    // the same
  std::vector<absl::Time> commit_times;               // of the changes that were followed
  ViewUpdate update;                                  // all but its position, until WithPosition
};

Feed::Feed(const Options& options, Database& pool, View& view, Metrics& metrics, Readiness& readiness)
    : options_(options), pool_(pool), view_(view), metrics_(metrics), readiness_(readiness), thread_([this] {
        Work();
      }) {}

Feed::~Feed() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  view_.progress().Wake();
  thread_.join();
}

absl::Status Feed::AwaitFirstRound(absl::Duration timeout) {
  MutexLock lock(mutex_);
  if (mutex_.AwaitWithTimeout(absl::Condition(&first_round_done_), timeout)) return absl::OkStatus();
  return Error(ErrorReason::kStorageUnavailable,
               "this replica could not read its first facts from the database in time");
}

void Feed::Work() {
  pthread_setname_np(pthread_self(), "feed");
  absl::BitGen random;
  absl::Duration pause = kFirstPause;
  for (bool first = true; !stopping(); first = false) {
    if (!first) metrics_.feed_reconnects.Add();
    auto connection = pool_.watchdog().Open(options_.connection);
    if (connection.ok() && Serve(**connection)) {
      pause = kFirstPause;
    } else if (!stopping()) {
      view_.progress().SetReachable(false);
      Pause(pause * absl::Uniform(random, 0.5, 1.0));
      pause = std::min(pause * 2, kLongestPause);
    }
    round_timeout_ = std::min(round_timeout_ * 2, kLongestRound);
    Report();
  }
}

// A server with an older timeline than the known one has been replaced by another server, and does not know it yet. It
// lacks the changes that its successor acknowledged.
bool Feed::IsReplaced(const History& history) const {
  const std::shared_ptr<const Position> known = view_.progress().Current();
  if (known == nullptr || known->token.history.system_identifier != history.system_identifier) return false;
  if (history.timeline >= known->token.history.timeline) return false;
  Log(LogLevel::kError, "the database is of an older timeline",
      {{"timeline", absl::StrCat(history.timeline)}, {"known", absl::StrCat(known->token.history.timeline)}});
  return true;
}

absl::Status Feed::SetUp(Connection& connection) const {
  if (!options_.notifications) return absl::OkStatus();
  const auto watch = pool_.watchdog().Start(connection, absl::Now() + kRoundTimeout);
  return connection.Run("LISTEN identity_changes").status();
}

bool Feed::Serve(Connection& connection) {
  if (IsReplaced(connection.history())) return false;
  pool_.DropOlder(connection.history());
  if (!SetUp(connection).ok()) return false;
  bool good = false;
  while (!stopping() && Round(connection).ok()) {
    good = true;
    Report();
    if (!connection.WaitForNotification(view_.progress().wake_fd(), options_.interval).ok()) break;
    if (view_.progress().TakeDoubt()) break;
  }
  return good;
}

absl::Status Feed::Round(Connection& connection) {
  metrics_.feed_rounds.Add();
  view_.progress().BeginRound();
  const std::shared_ptr<const Position> known = view_.progress().Current();
  ASSIGN_OR_RETURN(Reading reading, Read(connection, known.get()));
  Apply(known.get(), std::move(reading));
  view_.progress().EndRound();
  round_timeout_ = kRoundTimeout;
  MutexLock lock(mutex_);
  first_round_done_ = true;
  return absl::OkStatus();
}

absl::StatusOr<Feed::Reading> Feed::Read(Connection& connection, const Position* known) const {
  if (known != nullptr && known->token.history == connection.history()) {
    ASSIGN_OR_RETURN(absl::optional<Reading> changes, ReadChanges(connection, *known));
    if (changes) return *std::move(changes);
  }
  ASSIGN_OR_RETURN(Reading reading, ReadEverything(connection));
  metrics_.feed_reloads.Add();
  const ConsistencyToken& token = reading.moment.token;
  Log(LogLevel::kInfo, "read everything",
      {{"revision", absl::StrCat(token.revision)},
       {"timeline", absl::StrCat(token.history.timeline)},
       {"principals", absl::StrCat(reading.update.principals.size())}});
  return reading;
}

template <typename Body>
BodyResult<Transaction, Body> Feed::ReadWatched(Connection& connection, absl::Duration timeout, Body&& body) const {
  const RequestContext context{absl::Now() + timeout};
  const auto watch = pool_.watchdog().Start(connection, context.deadline);
  return Database::ReadOn(connection, context, body);
}

absl::StatusOr<Feed::Reading> Feed::WithPosition(Position position, Reading reading) {
  position.token = reading.moment.token;
  position.database_time = reading.moment.time;
  if (reading.roles) {
    ASSIGN_OR_RETURN(position.roles, BuildRoleGraph(*std::move(reading.roles)));
  }
  if (reading.workloads != nullptr) position.workloads = std::move(reading.workloads);
  if (reading.ancestors) {
    position.ancestors = std::make_shared<const std::vector<Ancestor>>(*std::move(reading.ancestors));
  }
  reading.update.position = std::make_shared<Position>(std::move(position));
  return reading;
}

absl::StatusOr<absl::optional<Feed::Reading>> Feed::ReadChanges(Connection& connection, const Position& known) const {
  Position position = known;
  position.read_uptime = Uptime();
  ASSIGN_OR_RETURN(absl::optional<Reading> reading,
                   ReadWatched(connection, round_timeout_,
                               [&](Transaction& transaction) { return ReadSince(transaction, known.token.revision); }));
  if (!reading) return absl::optional<Reading>();
  ASSIGN_OR_RETURN(Reading complete, WithPosition(std::move(position), *std::move(reading)));
  return absl::optional<Reading>(std::move(complete));
}

absl::StatusOr<absl::optional<Feed::Reading>> Feed::ReadSince(Transaction& transaction, int64_t revision) const {
  Reading reading;
  ASSIGN_OR_RETURN(reading.moment, change_log::Now(transaction));
  if (reading.moment.token.revision == revision) return absl::optional<Reading>(std::move(reading));
  ASSIGN_OR_RETURN(const std::vector<change_log::Change> changes,
                   change_log::Since(transaction, revision, kMaxChanges + 1));
  ReloadFlags flags;
  ViewUpdate& update = reading.update;
  if (!Follows(changes, revision) || !ClassifyAll(changes, flags, update)) return absl::optional<Reading>();
  reading.commit_times = CommitTimes(changes);
  if (flags.signing_keys) RETURN_IF_ERROR(ReadSigningKeys(transaction));
  if (flags.workloads) {
    ASSIGN_OR_RETURN(reading.workloads, workloads::Load(transaction));
  }
  if (flags.roles) {
    ASSIGN_OR_RETURN(reading.roles, roles::AllDefinitions(transaction));
  }
  // The view gets new keys and their owners before their first use, when the database may be away.
  ASSIGN_OR_RETURN(update.api_keys, FindKeys(transaction, update.changed_api_keys));
  std::vector<PrincipalId> wanted = view_.Kept(update.changed_principals);
  for (const SharedApiKey& key : update.api_keys) {
    for (auto* ids : {&wanted, &update.changed_principals}) ids->push_back(key->owner_id);
  }
  for (auto* ids : {&wanted, &update.changed_principals}) KeepEachOnce(*ids);
  ASSIGN_OR_RETURN(update.principals, principals::FindFacts(transaction, wanted));
  return absl::optional<Reading>(std::move(reading));
}

absl::StatusOr<Feed::Reading> Feed::ReadEverything(Connection& connection) const {
  Position position;
  position.read_uptime = Uptime();
  ASSIGN_OR_RETURN(Reading reading, ReadWatched(connection, kReloadTimeout,
                                                [this](Transaction& transaction) { return ReadAll(transaction); }));
  return WithPosition(std::move(position), std::move(reading));
}

absl::StatusOr<Feed::Reading> Feed::ReadAll(Transaction& transaction) const {
  Reading reading;
  reading.update.everything = true;
  RETURN_IF_ERROR(transaction.Execute(kPreferNothing).status());
  ASSIGN_OR_RETURN(reading.moment, change_log::Now(transaction));
  ASSIGN_OR_RETURN(reading.ancestors, change_log::Ancestors(transaction));
  RETURN_IF_ERROR(ReadSigningKeys(transaction));
  ASSIGN_OR_RETURN(reading.roles, roles::AllDefinitions(transaction));
  ASSIGN_OR_RETURN(reading.workloads, workloads::Load(transaction));
  ASSIGN_OR_RETURN(reading.update.revocations, ReadRevocations(transaction));
  ASSIGN_OR_RETURN(reading.update.principals, principals::FindLikely(transaction, options_.warm_records));
  ASSIGN_OR_RETURN(reading.update.api_keys, FindLikelyKeys(transaction, options_.warm_records));
  return reading;
}

absl::Status Feed::ReadSigningKeys(Transaction& transaction) const {
  return options_.read_signing_keys ? options_.read_signing_keys(transaction) : absl::OkStatus();
}

void Feed::Apply(const Position* known, Reading reading) {
  const std::shared_ptr<const Position> position = reading.update.position;
  const bool changed = reading.update.everything || position->token.revision != known->token.revision;
  if (changed) {
    view_.Apply(std::move(reading.update));
  } else {
    view_.progress().Publish(position);
  }
  const absl::Time now = position->Moment(Uptime()).time;
  metrics_.feed_changes.Add(reading.commit_times.size());
  for (const absl::Time time : reading.commit_times) metrics_.feed_apply_delay.Record(now - time);
  clock_skew_nanoseconds_ = absl::ToInt64Nanoseconds(absl::AbsDuration(absl::Now() - now));
  if (now < next_prune_) return;
  next_prune_ = now + kPruneInterval;
  view_.Prune(now);
}

void Feed::Report() {
  const std::shared_ptr<const Position> position = view_.progress().Current();
  const bool recent = position != nullptr && position->Age(Uptime()) <= view_.max_staleness();
  readiness_.Set(Readiness::Obstacle::kNoRecentFacts, !recent);
  readiness_.Set(Readiness::Obstacle::kClock, clock_skew() > kMaxClockSkew);
}

bool Feed::stopping() {
  MutexLock lock(mutex_);
  return stopping_;
}

void Feed::Pause(absl::Duration pause) {
  MutexLock lock(mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&stopping_), pause);
}

}  // namespace identity
