#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "db/stores/sessions.h"
#include "server/base/error.h"
#include "server/base/mutex.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/view/feed.h"
#include "server/view/view.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

// Many threads read while others change the same things, the feed applies the changes, and connections break.
//
// The rule: at each revision, the value of a thing is the number of its changes so far in the database's list of
// changes. Before its first change the thing does not exist, and its value is 0. The value of a principal is its epoch,
// and that of an API key is its time of last use in seconds. The first change of an access token revokes it; its value
// stays 1.
namespace identity {
namespace {

using ::testing::AnyOf;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kThings = 240;
constexpr int kHotThings = 24;  // half of the reads and changes concern them
constexpr int kThingsPerRead = 12;
constexpr int kReaders = 5;
constexpr int kWriters = 2;
constexpr int64_t kCommits = 500;
constexpr int64_t kCommitsPerKill = 100;
constexpr int64_t kCommitsPerReload = 60;

using Random = std::minstd_rand;
int Below(Random& random, int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random); }
int AnyThing(Random& random) { return Below(random, Below(random, 2) == 0 ? kHotThings : kThings); }

enum class Kind { kPrincipal, kApiKey, kAccessToken };
Kind KindOf(int thing) { return static_cast<Kind>(thing % 3); }
Uuid IdOf(int thing) {
  std::array<uint8_t, 16> bytes{};
  bytes[0] = 1;
  bytes[15] = static_cast<uint8_t>(thing);
  return Uuid(bytes);
}

// ---- Writing.

// Returns the kind of the thing in the list of changes.
absl::StatusOr<change_log::Kind> ChangeThing(Transaction& transaction, int thing) {
  static constexpr Statement kPrincipal = {
      "change_principal",
      "INSERT INTO principals (id, type, username, epoch) VALUES ($1::uuid, 'user', $1::uuid::text, 1)"
      " ON CONFLICT (id) DO UPDATE SET epoch = principals.epoch + 1"};
  static constexpr Statement kApiKey = {
      "change_api_key",
      "INSERT INTO api_keys (id, owner_id, display_name, hash, scopes, last_use_time)"
      " SELECT $1::uuid, id, '', '', '{}', to_timestamp(1) FROM principals WHERE type = 'anonymous'"
      " ON CONFLICT (id) DO UPDATE SET last_use_time = api_keys.last_use_time + interval '1 second'"};
  const Uuid id = IdOf(thing);
  switch (KindOf(thing)) {
    case Kind::kPrincipal:
      RETURN_IF_ERROR(transaction.Execute(kPrincipal, Params().Add(id)).status());
      return change_log::Kind::kPrincipal;
    case Kind::kApiKey:
      RETURN_IF_ERROR(transaction.Execute(kApiKey, Params().Add(id)).status());
      return change_log::Kind::kApiKey;
    case Kind::kAccessToken:
      RETURN_IF_ERROR(sessions::RevokeAccessToken(transaction, TokenId(id), absl::Now() + absl::Minutes(10)).status());
      return change_log::Kind::kAccessToken;
  }
  return absl::InternalError("no such kind");
}

// A change that no feed can follow, so each feed reads everything anew.
absl::Status RecordUnknownKind(Transaction& transaction, const ConsistencyToken& token) {
  static constexpr Statement kRecord = {"record_unknown_kind",
                                        "INSERT INTO changes (revision, what, whose) VALUES ($1, 'weather', 'rain')"};
  return transaction.Execute(kRecord, Params().Add(token.revision)).status();
}

// Changes `things` in one revision and returns its token.
absl::StatusOr<ConsistencyToken> Change(Database& database, const RequestContext& context,
                                        const std::vector<int>& things, bool strange) {
  return database.Write(context, [&](Transaction& transaction) -> absl::StatusOr<ConsistencyToken> {
    ASSIGN_OR_RETURN(const change_log::Moment moment, change_log::Advance(transaction));
    const ConsistencyToken& token = moment.token;
    std::vector<change_log::Entry> entries;
    for (const int thing : things) {
      ASSIGN_OR_RETURN(const change_log::Kind kind, ChangeThing(transaction, thing));
      entries.push_back({token.revision, kind, IdOf(thing).ToString()});
    }
    RETURN_IF_ERROR(change_log::Record(transaction, entries, token.revision));
    if (strange) RETURN_IF_ERROR(RecordUnknownKind(transaction, token));
    return token;
  });
}

// The commits so far, for the readers. Thread-safe.
class Commits {
 public:
  void Add(const ConsistencyToken& token) {
    MutexLock lock(mutex_);
    if (count_++ == 0 || token.revision > newest_.revision) newest_ = token;
  }
  // `View::AwaitChange` has returned.
  void Acknowledge(int64_t revision) {
    MutexLock lock(mutex_);
    acknowledged_ = std::max(acknowledged_, revision);
  }
  ConsistencyToken newest() const {
    MutexLock lock(mutex_);
    return newest_;
  }
  int64_t acknowledged() const {
    MutexLock lock(mutex_);
    return acknowledged_;
  }
  int64_t count() const {
    MutexLock lock(mutex_);
    return count_;
  }
  void Await(int64_t count) {
    MutexLock lock(mutex_);
    const auto reached = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return count_ >= count; };
    mutex_.Await(absl::Condition(&reached));
  }

 private:
  mutable absl::Mutex mutex_;
  ConsistencyToken newest_ ABSL_GUARDED_BY(mutex_);
  int64_t acknowledged_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
};

// ---- Reading.

// A reader saw that a thing had a value at a revision.
using Sighting = std::tuple<int64_t, int, int64_t>;
using Sightings = absl::flat_hash_set<Sighting>;

absl::StatusOr<int64_t> ValueOf(Facts& facts, int thing) {
  switch (KindOf(thing)) {
    case Kind::kPrincipal: {
      ASSIGN_OR_RETURN(const auto principal, facts.Principal(PrincipalId(IdOf(thing))));
      return principal ? principal->epoch() : 0;
    }
    case Kind::kApiKey: {
      ASSIGN_OR_RETURN(const SharedApiKey key, facts.ApiKey(ApiKeyId(IdOf(thing))));
      return key ? absl::ToUnixSeconds(*key->last_use_time) : 0;
    }
    case Kind::kAccessToken: {
      ASSIGN_OR_RETURN(const bool revoked, facts.TokenRevoked(TokenId(IdOf(thing)), absl::nullopt, ""));
      return revoked ? 1 : 0;
    }
  }
  return absl::InternalError("no such kind");
}

struct Look {
  int64_t revision = 0;
  std::vector<Sighting> seen;
};

absl::StatusOr<Look> LookAt(const std::vector<int>& things, Facts& facts) {
  Look look;
  ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
  look.revision = now.token.revision;
  for (const int thing : things) {
    std::this_thread::yield();  // so that changes happen during the read
    const absl::StatusOr<int64_t> value = ValueOf(facts, thing);
    if (value.ok()) {
      look.seen.emplace_back(look.revision, thing, *value);
    } else if (!facts.incomplete()) {
      return value.status();
    }
  }
  return look;
}

enum class Mode { kMinimizeLatency, kAtLeastAsFresh, kFullyConsistent };

// Reads like the server: first without waiting, then where it may wait. Sometimes it may wait from the start.
void Read(View& view, const Commits& commits, int seed, Sightings* sightings) {
  Random random(static_cast<unsigned>(seed));
  while (commits.count() < kCommits) {
    std::vector<int> things(kThingsPerRead);
    for (int& thing : things) thing = AnyThing(random);
    const Mode mode = static_cast<Mode>(Below(random, 3));
    const ConsistencyToken newest = commits.newest();
    const int64_t floor = mode == Mode::kMinimizeLatency ? commits.acknowledged() : newest.revision;
    Freshness freshness;
    if (mode == Mode::kAtLeastAsFresh) freshness.at_least = newest;
    freshness.full = mode == Mode::kFullyConsistent;
    RequestContext context{absl::Now() + absl::Seconds(30)};
    context.may_block = Below(random, 4) == 0;
    const auto body = [&](Facts& facts) { return LookAt(things, facts); };
    absl::StatusOr<Look> look = view.Read(context, freshness, body);
    if (IsWouldBlock(look.status())) {
      context.may_block = true;
      look = view.Read(context, freshness, body);
    }
    if (look.ok()) {
      EXPECT_GE(look->revision, floor) << "mode " << static_cast<int>(mode);
      sightings->insert(look->seen.begin(), look->seen.end());
    } else {
      EXPECT_THAT(look.status(), HasReason(ErrorReason::kStorageUnavailable));
    }
  }
}

void Write(Database& database, View& view, Commits& commits, int seed) {
  Random random(static_cast<unsigned>(seed));
  for (int64_t count = commits.count(); count < kCommits; count = commits.count()) {
    std::vector<int> things(static_cast<size_t>(1 + Below(random, 6)));
    for (int& thing : things) thing = AnyThing(random);
    const RequestContext context{absl::Now() + absl::Seconds(30)};
    const auto token = Change(database, context, things, count % kCommitsPerReload == 0);
    if (!token.ok()) {
      // The list of changes shows whether it was committed.
      EXPECT_THAT(token.status(), AnyOf(HasReason(ErrorReason::kStorageUnavailable),
                                        HasReason(ErrorReason::kCommitInDoubt), HasReason(ErrorReason::kConflict)));
      continue;
    }
    commits.Add(*token);
    EXPECT_EQ(view.AwaitChange(context, *token), Progress::Fate::kKnown);
    commits.Acknowledge(token->revision);
  }
}

// ---- The rule.

// For each thing the revisions that changed it, in order.
using ChangeLists = absl::flat_hash_map<std::string, std::vector<int64_t>>;

ChangeLists ReadChanges(TestDatabase& database) {
  ChangeLists lists;
  const Rows rows = database.Execute("SELECT revision, whose FROM changes ORDER BY revision");
  for (size_t i = 0; i < rows.size(); ++i) lists[rows[i].Text("whose")].push_back(rows[i].Int("revision"));
  return lists;
}

int64_t TrueValue(ChangeLists& lists, int thing, int64_t revision) {
  const std::vector<int64_t>& changes = lists[IdOf(thing).ToString()];
  const int64_t count = std::upper_bound(changes.begin(), changes.end(), revision) - changes.begin();
  return KindOf(thing) == Kind::kAccessToken ? std::min<int64_t>(count, 1) : count;
}

// Describes the first untrue sightings.
std::vector<std::string> Untrue(ChangeLists& lists, const Sightings& sightings) {
  std::vector<std::string> untrue;
  for (const auto& [revision, thing, value] : sightings) {
    const int64_t true_value = TrueValue(lists, thing, revision);
    if (value == true_value || untrue.size() >= 5) continue;
    untrue.push_back(absl::StrCat("at revision ", revision, " thing ", thing, " of kind ", thing % 3, " was seen as ",
                                  value, ", and was ", true_value));
  }
  return untrue;
}

TEST(RaceTest, EveryReadIsTrueAtItsRevision) {
  TestDatabase database;
  Metrics metrics({}, {});
  Readiness readiness;
  View::Options options;
  options.memory_bytes = 64 << 10;  // a few records per shard, so that most are evicted again
  View view(database.database(), options, metrics);
  Feed::Options feed_options;
  feed_options.connection.url = database.server_url();
  Feed feed(feed_options, database.database(), view, metrics, readiness);
  ASSERT_THAT(feed.AwaitFirstRound(absl::Seconds(20)), IsOk());
  Commits commits;
  const auto first = Change(database.database(), {absl::Now() + absl::Seconds(20)}, {0}, false);
  ASSERT_THAT(first, IsOk());
  commits.Add(*first);

  std::vector<Sightings> sightings(kReaders);
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i)
    threads.emplace_back(Write, std::ref(database.database()), std::ref(view), std::ref(commits), 100 + i);
  for (int i = 0; i < kReaders; ++i) {
    threads.emplace_back(Read, std::ref(view), std::cref(commits), i + 1, &sightings[static_cast<size_t>(i)]);
  }
  for (int64_t count = kCommitsPerKill; count < kCommits; count += kCommitsPerKill) {
    commits.Await(count);
    database.KillServerConnections();
  }
  for (std::thread& thread : threads) thread.join();

  ChangeLists lists = ReadChanges(database);
  for (const Sightings& seen : sightings) {
    EXPECT_THAT(seen, Not(IsEmpty()));
    EXPECT_THAT(Untrue(lists, seen), IsEmpty());
  }
  EXPECT_GT(metrics.feed_reconnects.value(), 0u);
  EXPECT_GT(metrics.feed_reloads.value(), 1u);
}

// The cache is too small for the tokens that all threads store and find.
TEST(RaceTest, NoAccessTokenIsMistakenForAnother) {
  constexpr int kTokens = 200;
  const SigningKey key = *SigningKey::FromSeed(Secret(RandomBytes(kSigningSeedBytes)));
  const AccessTokenVerifier verifier("issuer", {key.verification_key()});
  std::vector<std::string> texts;
  for (int i = 0; i < kTokens; ++i) {
    AccessTokenClaims claims;
    claims.issuer = "issuer";
    claims.subject = PrincipalId(IdOf(i));
    claims.session_id = SessionId();
    claims.expire_time = absl::FromUnixSeconds(2000);
    texts.emplace_back(SignAccessToken(claims, key).Reveal());
  }
  TokenCache cache(64 << 10);
  const auto look = [&](int seed) {
    Random random(static_cast<unsigned>(seed));
    for (int turn = 0; turn < 2000; ++turn) {
      const int i = Below(random, kTokens);
      const std::string& text = texts[static_cast<size_t>(i)];
      absl::optional<SignedAccessToken> token = cache.Find(text);
      if (!token) {
        token = verifier.VerifySignature(text);
        cache.Keep(text, *token);
      }
      const auto verified = AccessTokenVerifier::VerifyTimes(*token, absl::FromUnixSeconds(1000)).token;
      EXPECT_TRUE(verified && verified->claims().subject == PrincipalId(IdOf(i)));
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kReaders; ++i) threads.emplace_back(look, i + 1);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace identity
