#ifndef IDENTITY_RPC_UNKNOWN_METHODS_H_
#define IDENTITY_RPC_UNKNOWN_METHODS_H_

#include <grpcpp/generic/async_generic_service.h>

#include "server/rpc/rpc_runner.h"

namespace identity {

// Answers the calls of methods that the server does not have: UNIMPLEMENTED / NOT_IMPLEMENTED. Thread-safe.
class UnknownMethods final : public grpc::CallbackGenericService {
 public:
  explicit UnknownMethods(RpcRunner& calls) : calls_(calls) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    return new Answer(calls_.RefuseUnknown(*context));
  }

 private:
  class Answer final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Answer(const grpc::Status& status) { Finish(status); }
    void OnDone() override { delete this; }
  };

  RpcRunner& calls_;
};

}  // namespace identity

#endif  // IDENTITY_RPC_UNKNOWN_METHODS_H_
