#ifndef IDENTITY_RPC_CONVERT_REPORTS_H_
#define IDENTITY_RPC_CONVERT_REPORTS_H_

#include "absl/status/statusor.h"
#include "db/stores/audit.h"
#include "identity/v1/admin_service.pb.h"
#include "identity/v1/types.pb.h"
#include "server/app/admin/audit_log.h"
#include "server/app/admin/statistics.h"

namespace identity {

v1::AuditEvent ToProto(const audit::StoredEvent& stored);
// INVALID_ARGUMENT.
absl::StatusOr<AuditLog::Query> ReadQuery(const v1::ListAuditEventsRequest& request);
void Write(const Statistics::Numbers& numbers, v1::GetStatisticsResponse& proto);

}  // namespace identity

#endif  // IDENTITY_RPC_CONVERT_REPORTS_H_
