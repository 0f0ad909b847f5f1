#ifndef IDENTITY_TESTS_CLIENT_KINDS_SERVICE_H_
#define IDENTITY_TESTS_CLIENT_KINDS_SERVICE_H_

#include <atomic>

#include "client/kinds.grpc.pb.h"
#include "identity/guard.h"

namespace identity {

// Handlers of each kind. They answer with the name of the caller, and count how often they run.
class KindsService final : public kinds::v1::Kinds::Service {
 public:
  int runs() const { return runs_; }

  grpc::Status Unary(grpc::ServerContext* context, const kinds::v1::Item* request, kinds::v1::Item* response) override;
  grpc::Status Down(grpc::ServerContext* context, const kinds::v1::Item* request,
                    grpc::ServerWriter<kinds::v1::Item>* writer) override;
  grpc::Status Up(grpc::ServerContext* context, grpc::ServerReader<kinds::v1::Item>* reader,
                  kinds::v1::Item* response) override;
  grpc::Status Both(grpc::ServerContext* context,
                    grpc::ServerReaderWriter<kinds::v1::Item, kinds::v1::Item>* stream) override;
  grpc::Status Forgotten(grpc::ServerContext* context, grpc::ServerReader<kinds::v1::Item>* reader,
                         kinds::v1::Item* response) override;

 private:
  std::atomic<int> runs_ = 0;
};

// The same with callbacks.
class KindsCallbackService final : public kinds::v1::Kinds::CallbackService {
 public:
  int runs() const { return runs_; }

  grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext* context, const kinds::v1::Item* request,
                                  kinds::v1::Item* response) override;
  grpc::ServerWriteReactor<kinds::v1::Item>* Down(grpc::CallbackServerContext* context,
                                                  const kinds::v1::Item* request) override;
  grpc::ServerReadReactor<kinds::v1::Item>* Up(grpc::CallbackServerContext* context,
                                               kinds::v1::Item* response) override;
  grpc::ServerBidiReactor<kinds::v1::Item, kinds::v1::Item>* Both(grpc::CallbackServerContext* context) override;
  grpc::ServerReadReactor<kinds::v1::Item>* Forgotten(grpc::CallbackServerContext* context,
                                                      kinds::v1::Item* response) override;

 private:
  std::atomic<int> runs_ = 0;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_CLIENT_KINDS_SERVICE_H_
