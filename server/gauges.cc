#include "server/gauges.h"

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "server/base/clock.h"

namespace identity {

std::vector<Gauge> Gauges(const GaugeSources& sources) {
  const auto position = [sources] { return sources.view.progress().Current(); };
  const auto count = [](size_t number) { return static_cast<double>(number); };
  using Labels = std::vector<std::pair<std::string, std::string>>;
  const std::string view_help = "Entries that this replica holds in memory.";
  const std::string evictions_help = "Entries that left memory to make room for others.";
  const std::string connections_help = "Open connections of clients.";
  const std::string pool_help = "Connections to the database.";
  return {
      {"identity_view_entries", view_help, Labels{{"kind", "principals"}},
       [=] { return count(sources.view.sizes().principals); }},
      {"identity_view_entries", view_help, Labels{{"kind", "api_keys"}},
       [=] { return count(sources.view.sizes().api_keys); }},
      {"identity_view_entries", view_help, Labels{{"kind", "tokens"}},
       [=] { return count(sources.view.sizes().tokens); }},
      {"identity_view_entries", view_help, Labels{{"kind", "revocations"}},
       [=] { return count(sources.view.sizes().revocations); }},
      {"identity_view_evictions_total", evictions_help, Labels{{"kind", "principals"}},
       [=] { return count(sources.view.evictions().principals); }, Gauge::Kind::kCounter},
      {"identity_view_evictions_total", evictions_help, Labels{{"kind", "api_keys"}},
       [=] { return count(sources.view.evictions().api_keys); }, Gauge::Kind::kCounter},
      {"identity_view_evictions_total", evictions_help, Labels{{"kind", "tokens"}},
       [=] { return count(sources.view.evictions().tokens); }, Gauge::Kind::kCounter},
      {"identity_feed_revision",
       "The revision that this replica answers checks at.",
       {},
       [=] { return static_cast<double>(position()->token.revision); }},
      {"identity_feed_staleness_seconds",
       "How long ago the feed last asked the database for changes.",
       {},
       [=] { return absl::ToDoubleSeconds(position()->Age(Uptime())); }},
      {"identity_feed_max_staleness_seconds",
       "The staleness above which checks fail.",
       {},
       [=] { return absl::ToDoubleSeconds(sources.view.max_staleness()); }},
      {"identity_clock_skew_seconds",
       "The difference between the clocks of this machine and of the database.",
       {},
       [=] { return absl::ToDoubleSeconds(sources.feed.clock_skew()); }},
      {"identity_connections", connections_help, Labels{{"listener", "grpc"}},
       [=] { return count(sources.connections.open()); }},
      {"identity_connections", connections_help, Labels{{"listener", "http"}},
       [=] { return count(sources.http_connections.open()); }},
      {"identity_worker_queue_length",
       "Calls that wait for a worker.",
       {},
       [=] { return count(sources.workers.queued()); }},
      {"identity_hash_places_in_use",
       "Logins that hash a password or wait to do so.",
       {},
       [=] { return count(sources.hashes.places_in_use()); }},
      {"identity_database_connections", pool_help, Labels{{"state", "idle"}},
       [=] { return count(sources.database.stats().idle); }},
      {"identity_database_connections", pool_help, Labels{{"state", "in_use"}},
       [=] {
         const Database::Stats stats = sources.database.stats();
         return count(stats.open - stats.idle);
       }},
      {"identity_database_waiters",
       "Calls that wait for a connection.",
       {},
       [=] { return count(sources.database.stats().waiting); }},
  };
}

}  // namespace identity
