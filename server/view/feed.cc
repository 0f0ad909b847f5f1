#include "server/view/feed.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
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

// A round that takes longer ends with its connection, whose peer has gone without a word. If the next takes as long, it
// was slow and not gone: each may take twice as long as the one before, up to the longest.
constexpr absl::Duration kRoundTimeout = absl::Seconds(1);
constexpr absl::Duration kLongestRound = absl::Seconds(8);
constexpr absl::Duration kReloadTimeout = absl::Seconds(30);
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(2);
constexpr absl::Duration kPruneInterval = absl::Minutes(1);
// More than these are not followed one by one.
constexpr int64_t kMaxChanges = 10000;
// No access token of a session that was revoked longer ago is taken by anyone.
const absl::Duration kLongestToken = kLongestAccessTokenLifetime + 2 * AccessTokenVerifier::kSkew;

// What is read as a whole when anything of it changed.
struct ReloadFlags {
  bool roles = false;
  bool signing_keys = false;
};

// Adds to `flags` or `update` what `change` asks for. False for a change of a kind or an id that this program does not
// know, as a newer server may write.
bool Classify(const change_log::Change& change, ReloadFlags& flags, ViewUpdate& update) {
  using change_log::Kind;
  if (!change.kind) return false;
  if (change.kind == Kind::kRole) return flags.roles = true;
  if (change.kind == Kind::kSigningKey) return flags.signing_keys = true;
  const absl::optional<Uuid> id = Uuid::Parse(change.id);
  if (!id) return false;
  switch (*change.kind) {
    case Kind::kPrincipal:
      update.changed_principals.push_back(PrincipalId(*id));
      return true;
    case Kind::kApiKey:
      update.changed_api_keys.push_back(ApiKeyId(*id));
      return true;
    case Kind::kSession:
    case Kind::kAccessToken:
      update.revocations.push_back({*id, change.time + kLongestToken});
      return true;
    case Kind::kRole:
    case Kind::kSigningKey:
      break;
  }
  return false;
}

// Nothing is missing between what is known and what `list` begins with.
bool Follows(const std::vector<change_log::Change>& list, int64_t known) {
  return !list.empty() && list.front().revision == known + 1 && list.size() <= kMaxChanges;
}

template <typename Id>
void KeepEachOnce(std::vector<Id>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

}  // namespace

Feed::Feed(const Options& options, Database& pool, View& view, Metrics& metrics, std::function<void(bool)> report)
    : options_(options), pool_(pool), view_(view), metrics_(metrics), report_(std::move(report)), thread_([this] {
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
  return Error(ErrorReason::kStorageUnavailable, "the database did not tell in time what it holds");
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

// A server of an older line of history than what is known was replaced and does not know it: what was acknowledged
// since is not in it.
bool Feed::IsReplaced(const History& history) const {
  const std::shared_ptr<const Position> known = view_.progress().Current();
  if (known == nullptr || known->token.history.system_identifier != history.system_identifier) return false;
  if (history.timeline >= known->token.history.timeline) return false;
  Log(LogLevel::kError, "the database is of an older timeline",
      {{"timeline", absl::StrCat(history.timeline)}, {"known", absl::StrCat(known->token.history.timeline)}});
  return true;
}

absl::Status Feed::Listen(Connection& connection) {
  const auto watch = pool_.watchdog().Start(connection, absl::Now() + kRoundTimeout);
  return connection.Run("LISTEN identity_changes").status();
}

bool Feed::Serve(Connection& connection) {
  if (IsReplaced(connection.history())) return false;
  pool_.DropOlder(connection.history());
  if (options_.notifications && !Listen(connection).ok()) return false;
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
  ViewUpdate update;
  commit_times_.clear();
  bool followed = false;
  if (known != nullptr && known->token.history == connection.history()) {
    ASSIGN_OR_RETURN(followed, ReadChanges(connection, *known, update));
  }
  if (!followed) {
    RETURN_IF_ERROR(ReadEverything(connection, update));
    metrics_.feed_reloads.Add();
    Log(LogLevel::kInfo, "read everything",
        {{"revision", absl::StrCat(update.position->token.revision)},
         {"timeline", absl::StrCat(update.position->token.history.timeline)},
         {"principals", absl::StrCat(update.principals.size())}});
  }
  Apply(known.get(), std::move(update));
  view_.progress().EndRound();
  round_timeout_ = kRoundTimeout;
  MutexLock lock(mutex_);
  first_round_done_ = true;
  return absl::OkStatus();
}

absl::Status Feed::ReadWatched(Connection& connection, const RequestContext& context,
                               absl::FunctionRef<absl::Status(Transaction&)> body) const {
  const auto watch = pool_.watchdog().Start(connection, context.deadline);
  return Database::ReadOn(connection, context, body);
}

// The graph of roles is built outside of the transaction, which must not be idle for long.
absl::StatusOr<bool> Feed::ReadChanges(Connection& connection, const Position& known, ViewUpdate& update) {
  const RequestContext context{absl::Now() + round_timeout_};
  auto position = std::make_shared<Position>(known);
  position->read_uptime = Uptime();
  bool followed = true;
  absl::optional<std::vector<RoleDefinition>> definitions;
  RETURN_IF_ERROR(ReadWatched(connection, context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const change_log::Moment now, change_log::Now(transaction));
    position->token = now.token;
    position->database_time = now.time;
    if (now.token.revision == known.token.revision) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::vector<change_log::Change> changes,
                     change_log::Since(transaction, known.token.revision, kMaxChanges + 1));
    ReloadFlags flags;
    followed = Follows(changes, known.token.revision) &&
               std::all_of(changes.begin(), changes.end(),
                           [&](const change_log::Change& change) { return Classify(change, flags, update); });
    if (!followed) return absl::OkStatus();
    KeepEachOnce(update.changed_principals);
    KeepEachOnce(update.changed_api_keys);
    for (const change_log::Change& change : changes) commit_times_.push_back(change.time);
    if (flags.signing_keys) RETURN_IF_ERROR(ReadSigningKeys(transaction));
    if (flags.roles) {
      ASSIGN_OR_RETURN(definitions, roles::AllDefinitions(transaction));
    }
    ASSIGN_OR_RETURN(update.principals, principals::FindFacts(transaction, view_.Kept(update.changed_principals)));
    ASSIGN_OR_RETURN(update.api_keys, FindKeys(transaction, view_.Kept(update.changed_api_keys)));
    return absl::OkStatus();
  }));
  if (definitions) {
    ASSIGN_OR_RETURN(position->roles, BuildRoleGraph(*std::move(definitions)));
  }
  update.position = std::move(position);
  return followed;
}

absl::Status Feed::ReadEverything(Connection& connection, ViewUpdate& update) const {
  const RequestContext context{absl::Now() + kReloadTimeout};
  std::vector<RoleDefinition> definitions;
  auto position = std::make_shared<Position>();
  position->read_uptime = Uptime();
  update = ViewUpdate();
  update.everything = true;
  RETURN_IF_ERROR(ReadWatched(connection, context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const change_log::Moment now, change_log::Now(transaction));
    position->token = now.token;
    position->database_time = now.time;
    RETURN_IF_ERROR(ReadSigningKeys(transaction));
    ASSIGN_OR_RETURN(definitions, roles::AllDefinitions(transaction));
    ASSIGN_OR_RETURN(const auto sessions, sessions::RevokedSince(transaction, kLongestToken));
    for (const auto& session : sessions) {
      update.revocations.push_back({session.id.uuid(), session.revoke_time + kLongestToken});
    }
    ASSIGN_OR_RETURN(const auto tokens, sessions::RevokedAccessTokens(transaction));
    for (const auto& token : tokens) {
      update.revocations.push_back({token.id.uuid(), token.expire_time + 2 * AccessTokenVerifier::kSkew});
    }
    return principals::ForEachLikely(transaction, options_.warm_principals,
                                     [&](PrincipalFacts facts) { update.principals.push_back(std::move(facts)); });
  }));
  ASSIGN_OR_RETURN(position->roles, BuildRoleGraph(std::move(definitions)));
  update.position = std::move(position);
  return absl::OkStatus();
}

absl::Status Feed::ReadSigningKeys(Transaction& transaction) const {
  return options_.read_signing_keys ? options_.read_signing_keys(transaction) : absl::OkStatus();
}

void Feed::Apply(const Position* known, ViewUpdate update) {
  const std::shared_ptr<const Position> position = update.position;
  const bool changed = update.everything || position->token.revision != known->token.revision;
  if (changed) {
    view_.Apply(std::move(update));
  } else {
    view_.progress().Publish(position);
  }
  const absl::Time now = position->Moment(Uptime()).time;
  metrics_.feed_changes.Add(commit_times_.size());
  for (const absl::Time time : commit_times_) metrics_.feed_apply_delay.Record(now - time);
  clock_skew_nanoseconds_ = absl::ToInt64Nanoseconds(absl::AbsDuration(absl::Now() - now));
  if (now < next_prune_) return;
  next_prune_ = now + kPruneInterval;
  view_.Prune(now);
}

void Feed::Report() {
  const std::shared_ptr<const Position> position = view_.progress().Current();
  const bool recent = position != nullptr && position->Age(Uptime()) <= view_.max_staleness();
  const bool fit = recent && clock_skew() <= kMaxClockSkew;
  if (std::exchange(fit_, fit) != fit) {
    Log(fit ? LogLevel::kInfo : LogLevel::kWarning, fit ? "fit to answer" : "not fit to answer",
        {{"recent_facts", recent ? "yes" : "no"}, {"clock_skew", absl::FormatDuration(clock_skew())}});
  }
  report_(fit);
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
