#include "server/app/access/external_keys.h"

#include <pthread.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/encoding/strict_json.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr absl::Duration kBusyDelay = absl::Seconds(1);
// Several, so that an issuer that does not answer keeps the others waiting for a short time only. They mostly wait.
constexpr int kThreads = 4;

absl::Status Unavailable(absl::string_view why, absl::Duration delay) {
  return WithRetryDelay(Error(ErrorReason::kProviderUnavailable, why), delay);
}

absl::Status TooMany() { return Unavailable("too many callers wait for keys of identity providers", kBusyDelay); }

// OpenID Connect Discovery 1.0, sections 4.1 and 4.3: the metadata must be about this issuer, letter by letter.
absl::StatusOr<std::string> ReadMetadata(const std::string& issuer, const std::string& text) {
  const nlohmann::json metadata = ParseStrictJson(text);
  const auto member = [&](const char* name) -> std::string {
    const auto found = metadata.is_object() ? metadata.find(name) : metadata.end();
    return found != metadata.end() && found->is_string() ? found->get<std::string>() : "";
  };
  if (member("issuer") != issuer) {
    return Error(ErrorReason::kProviderUnavailable, "the issuer's metadata is about another issuer");
  }
  std::string uri = member("jwks_uri");
  if (uri.empty()) return Error(ErrorReason::kProviderUnavailable, "the issuer's metadata names no keys");
  return uri;
}

// "" for a file that cannot be read. Reads a byte more than a set may have, so that a larger one is refused.
std::string ReadFile(const std::string& path) {
  std::ifstream in(path);
  std::string text(JsonWebKeySet::kMaxBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

}  // namespace

struct ExternalKeys::Entry {
  std::string jwks_uri;
  std::shared_ptr<const JsonWebKeySet> keys;  // null until the first fetch that succeeded
  // By the uptime:
  absl::Duration fetch_time;
  absl::Duration fresh_until;
  absl::Duration next_fetch;  // not before it
  absl::Duration use_time;
  bool fetching = false;
  bool failed = false;  // the last fetch
  int64_t fetches = 0;
  int64_t failures = 0;
};

ExternalKeys::ExternalKeys(DocumentSource& source, std::function<absl::Duration()> uptime, const Options& options)
    : source_(source), uptime_(std::move(uptime)), options_(options) {
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { FetchOrdered(); });
}

ExternalKeys::~ExternalKeys() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

const std::shared_ptr<ExternalKeys::Entry>& ExternalKeys::EntryOf(const KeyOrigin& origin) {
  std::shared_ptr<Entry>& entry = entries_[origin.issuer];
  // A provider that names its keys elsewhere now has none of the old ones. A fetch that runs belongs to the old entry.
  if (entry == nullptr || (entry->jwks_uri != origin.jwks_uri && !entry->fetching)) {
    entry = std::make_shared<Entry>();
    entry->jwks_uri = origin.jwks_uri;
  }
  return entry;
}

absl::StatusOr<absl::optional<JsonWebKey>> ExternalKeys::Find(const RequestContext& context, const KeyOrigin& origin,
                                                              absl::string_view kid, JwsAlgorithm algorithm) {
  while (true) {
    if (Step answer = Try(context, origin, kid, algorithm)) return *std::move(answer);
  }
}

void ExternalKeys::Prefetch(const KeyOrigin& origin) {
  MutexLock lock(mutex_);
  Entry& entry = *EntryOf(origin);
  if (entry.keys != nullptr || entry.fetching) return;
  entry.use_time = uptime_();
  Order(origin, entry);
}

void ExternalKeys::Order(const KeyOrigin& origin, Entry& entry) {
  if (entry.fetching) return;
  entry.fetching = true;
  ordered_.push_back(origin);
}

void ExternalKeys::Hasten(const KeyOrigin& origin) {
  const auto found = std::find_if(ordered_.begin(), ordered_.end(),
                                  [&origin](const KeyOrigin& other) { return other.issuer == origin.issuer; });
  if (found != ordered_.end()) std::rotate(ordered_.begin(), found, found + 1);
}

ExternalKeys::Step ExternalKeys::Try(const RequestContext& context, const KeyOrigin& origin, absl::string_view kid,
                                     JwsAlgorithm algorithm) {
  using Found = absl::StatusOr<absl::optional<JsonWebKey>>;
  MutexLock lock(mutex_);
  const std::shared_ptr<Entry>& shared = EntryOf(origin);
  Entry& entry = *shared;
  const absl::Duration now = uptime_();
  entry.use_time = now;
  const bool usable =
      entry.keys != nullptr && entry.jwks_uri == origin.jwks_uri && now < entry.fetch_time + kLongestAge;
  const bool may_fetch = now >= entry.next_fetch;
  if (const JsonWebKey* const key = usable ? entry.keys->Find(kid, algorithm) : nullptr) {
    if (may_fetch && now >= entry.fresh_until) Order(origin, entry);
    return Found(*key);
  }
  if (!entry.fetching && !may_fetch) {
    if (usable) return Found(absl::nullopt);
    return Found(Unavailable("the last fetch of the identity provider's keys failed", entry.next_fetch - now));
  }
  if (!context.may_block) return Found(WouldBlock());
  Order(origin, entry);
  Hasten(origin);
  const absl::Status waited = Wait(context, shared);
  return waited.ok() ? Step() : Step(Found(waited));
}

absl::Status ExternalKeys::Wait(const RequestContext& context, std::shared_ptr<const Entry> entry) {
  if (waiting_ >= options_.max_waiting) return TooMany();
  ++waiting_;
  const auto fetched = [&entry] { return !entry->fetching; };
  absl::Status status = AwaitWhileWanted(context, mutex_, absl::Condition(&fetched));
  --waiting_;
  return status;
}

void ExternalKeys::Fetch(const KeyOrigin& origin) {
  RequestContext context;  // the source has a time limit of its own
  context.cancelled = [this] {
    MutexLock lock(mutex_);
    return stopping_;
  };
  absl::StatusOr<Fetched> fetched = Read(context, origin);
  MutexLock lock(mutex_);
  Entry& entry = *entries_.at(origin.issuer);
  const absl::Duration now = uptime_();
  entry.fetching = false;
  ++entry.fetches;
  entry.next_fetch = now + (fetched.ok() ? kFetchInterval : kRetryInterval);
  entry.failed = !fetched.ok();
  if (!fetched.ok()) {
    ++entry.failures;
    Log(LogLevel::kWarning, "keys of an identity provider not fetched",
        {{"issuer", origin.issuer}, {"error", std::string(fetched.status().message())}});
    return;
  }
  entry.keys = std::make_shared<const JsonWebKeySet>(std::move(fetched->keys));
  entry.fetch_time = now;
  entry.fresh_until = now + std::clamp(fetched->max_age, kFetchInterval, kLongestFresh);
}

absl::StatusOr<ExternalKeys::Fetched> ExternalKeys::Read(const RequestContext& context, const KeyOrigin& origin) {
  if (const auto file = options_.files.find(origin.issuer); file != options_.files.end()) {
    return ReadKeys(ReadFile(file->second), kFetchInterval);
  }
  std::string uri = origin.jwks_uri;
  if (uri.empty()) {
    const std::string url = absl::StrCat(absl::StripSuffix(origin.issuer, "/"), "/.well-known/openid-configuration");
    ASSIGN_OR_RETURN(const DocumentSource::Document metadata, source_.Get(context, url));
    ASSIGN_OR_RETURN(uri, ReadMetadata(origin.issuer, metadata.body));
  }
  ASSIGN_OR_RETURN(const DocumentSource::Document document, source_.Get(context, uri));
  return ReadKeys(document.body, document.max_age > absl::ZeroDuration() ? document.max_age : kUsualAge);
}

absl::StatusOr<ExternalKeys::Fetched> ExternalKeys::ReadKeys(const std::string& text, absl::Duration max_age) {
  absl::StatusOr<JsonWebKeySet> keys = JsonWebKeySet::Parse(text);
  if (!keys.ok()) return Error(ErrorReason::kProviderUnavailable, keys.status().message());
  return Fetched{*std::move(keys), max_age};
}

void ExternalKeys::FetchOrdered() {
  pthread_setname_np(pthread_self(), "external-keys");
  while (true) {
    KeyOrigin origin;
    {
      MutexLock lock(mutex_);
      const auto any = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_ || !ordered_.empty(); };
      mutex_.Await(absl::Condition(&any));
      if (stopping_) return;
      origin = std::move(ordered_.front());
      ordered_.pop_front();
    }
    Fetch(origin);
  }
}

std::vector<ExternalKeys::Health> ExternalKeys::health() const {
  MutexLock lock(mutex_);
  std::vector<Health> all;
  const absl::Duration now = uptime_();
  for (const auto& [issuer, entry] : entries_) {
    if (now > entry->use_time + kShownFor) continue;
    all.push_back(
        {issuer, entry->keys != nullptr, entry->failed, now - entry->fetch_time, entry->fetches, entry->failures});
  }
  return all;
}

std::vector<Gauge> ExternalKeys::Gauges() const {
  std::vector<Gauge> gauges;
  for (const Health& health : this->health()) {
    const auto add = [&](const char* name, const char* help, double value, Gauge::Kind kind = Gauge::Kind::kGauge) {
      gauges.push_back({name, help, {{"issuer", health.issuer}}, [value] { return value; }, kind});
    };
    add("identity_provider_up", "1 if the identity provider gave its keys when it was last asked.",
        health.last_fetch_failed || !health.has_keys ? 0 : 1);
    if (health.has_keys) {
      add("identity_provider_keys_age_seconds", "How long ago the identity provider gave its keys.",
          absl::ToDoubleSeconds(health.age));
    }
    add("identity_provider_fetches_total", "Attempts to fetch the keys of the identity provider.",
        static_cast<double>(health.fetches), Gauge::Kind::kCounter);
    add("identity_provider_fetch_failures_total", "Such attempts that failed.", static_cast<double>(health.failures),
        Gauge::Kind::kCounter);
  }
  return gauges;
}

}  // namespace identity
