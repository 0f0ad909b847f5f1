#ifndef IDENTITY_SERVER_PREPARATION_H_
#define IDENTITY_SERVER_PREPARATION_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/base/readiness.h"
#include "server/base/sealed_box.h"
#include "server/config.h"
#include "server/domain/password_policy.h"
#include "server/mail/postman.h"
#include "server/net/connections.h"
#include "server/net/tls_reloader.h"
#include "server/otlp/otlp_exporter.h"
#include "server/routes/routes_file.h"

// What the start of the service does before there are objects to connect.
namespace identity {

// What depends on the configuration alone. Made before the server connects to anything, so that a wrong value stops the
// start first.
struct Prepared {
  std::unique_ptr<const MasterKeys> master_keys;
  PasswordPolicy password_policy;
  std::unique_ptr<TlsReloader> tls;               // null: plain text
  std::unique_ptr<RoutesFile> routes;             // null: no route rules
  absl::optional<Postman::Prepared> postman;      // nullopt: no mail is sent
  absl::optional<OtlpExporter::Prepared> traces;  // nullopt: no call is traced
  std::unique_ptr<HttpsClient> https;
};

// FAILED_PRECONDITION and INVALID_ARGUMENT say what to correct.
absl::StatusOr<Prepared> Prepare(const Config& config);

// Of the service's own connections to the database.
Connection::Options ConnectionOptions(const Config& config);

// Of each listener for clients. Leaves descriptors to the database and to files, so that connections of clients never
// use up all of them.
ConnectionLimits ConnectionLimitsOf(const Config& config);

// Waits until the database can be reached and has the schema of this program: somebody else may just be starting it, or
// migrating it.
absl::Status AwaitDatabase(const Config& config, const std::function<bool()>& interrupted, Readiness& readiness);

// FAILED_PRECONDITION when the database has values that other keys sealed.
absl::Status CheckMasterKeys(Connection::Options connection, const MasterKeys& keys);

}  // namespace identity

#endif  // IDENTITY_SERVER_PREPARATION_H_
