#ifndef IDENTITY_CLIENT_CONFORMANCE_GUESTBOOK_SERVICE_H_
#define IDENTITY_CLIENT_CONFORMANCE_GUESTBOOK_SERVICE_H_

#include "conformance/guestbook.grpc.pb.h"
#include "identity/guard.h"

namespace identity {

// The rules of the guarded service.
Rules GuestbookRules();

// Its handlers answer with the decision of the guard.
class GuestbookService final : public guestbook::v1::Guestbook::Service {
 public:
  grpc::Status Read(grpc::ServerContext* context, const guestbook::v1::PostRequest* request,
                    guestbook::v1::Seen* seen) override;
  grpc::Status Update(grpc::ServerContext* context, const guestbook::v1::PostRequest* request,
                      guestbook::v1::Seen* seen) override;
  grpc::Status Count(grpc::ServerContext* context, const guestbook::v1::CountRequest* request,
                     guestbook::v1::Seen* seen) override;
  grpc::Status Ping(grpc::ServerContext* context, const guestbook::v1::PostRequest* request,
                    guestbook::v1::Seen* seen) override;
  grpc::Status Forgotten(grpc::ServerContext* context, const guestbook::v1::PostRequest* request,
                         guestbook::v1::Seen* seen) override;
};

// The same with callbacks.
class GuestbookCallbackService final : public guestbook::v1::Guestbook::CallbackService {
 public:
  grpc::ServerUnaryReactor* Read(grpc::CallbackServerContext* context, const guestbook::v1::PostRequest* request,
                                 guestbook::v1::Seen* seen) override;
  grpc::ServerUnaryReactor* Update(grpc::CallbackServerContext* context, const guestbook::v1::PostRequest* request,
                                   guestbook::v1::Seen* seen) override;
  grpc::ServerUnaryReactor* Count(grpc::CallbackServerContext* context, const guestbook::v1::CountRequest* request,
                                  guestbook::v1::Seen* seen) override;
  grpc::ServerUnaryReactor* Ping(grpc::CallbackServerContext* context, const guestbook::v1::PostRequest* request,
                                 guestbook::v1::Seen* seen) override;
  grpc::ServerUnaryReactor* Forgotten(grpc::CallbackServerContext* context, const guestbook::v1::PostRequest* request,
                                      guestbook::v1::Seen* seen) override;
};

}  // namespace identity

#endif  // IDENTITY_CLIENT_CONFORMANCE_GUESTBOOK_SERVICE_H_
