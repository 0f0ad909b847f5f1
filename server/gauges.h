#ifndef IDENTITY_SERVER_GAUGES_H_
#define IDENTITY_SERVER_GAUGES_H_

#include <vector>

#include "db/database.h"
#include "server/app/login/hash_pool.h"
#include "server/base/metrics.h"
#include "server/base/worker_pool.h"
#include "server/net/connections.h"
#include "server/view/feed.h"
#include "server/view/view.h"

namespace identity {

// The objects that the server's gauges read. Refers to them.
struct GaugeSources {
  View& view;
  Feed& feed;
  WorkerPool& workers;
  HashPool& hashes;
  Database& database;
  Connections& connections;       // of gRPC
  Connections& http_connections;  // of the doors over HTTP
};

// The gauges of the server itself. Mail and the process have their own. The sources must outlive the result.
std::vector<Gauge> Gauges(const GaugeSources& sources);

}  // namespace identity

#endif  // IDENTITY_SERVER_GAUGES_H_
