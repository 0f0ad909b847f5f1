// AdminService: statistics and the audit log.

#include "server/base/status_macros.h"
#include "server/rpc/admin/admin_service.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/reports.h"

namespace identity {

Reactor* AdminService::GetStatistics(ServerContext* context, const v1::GetStatisticsRequest* request,
                                     v1::GetStatisticsResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/GetStatistics"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const Statistics::Numbers numbers, statistics_.Read(call.context, request->days()));
    Write(numbers, *response);
    return absl::OkStatus();
  });
}

Reactor* AdminService::ListAuditEvents(ServerContext* context, const v1::ListAuditEventsRequest* request,
                                       v1::ListAuditEventsResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/ListAuditEvents"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const AuditLog::Query query, ReadQuery(*request));
    ASSIGN_OR_RETURN(const auto page, audit_log_.List(call.context, query, ReadPage(*request)));
    for (const audit::StoredEvent& event : page.items) *response->add_events() = ToProto(event);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

}  // namespace identity
