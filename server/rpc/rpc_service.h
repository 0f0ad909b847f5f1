#ifndef IDENTITY_RPC_RPC_SERVICE_H_
#define IDENTITY_RPC_RPC_SERVICE_H_

#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/impl/service_type.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/rpc/arena_messages.h"
#include "server/rpc/call.h"

namespace identity {

// The RPCs of one service, as gRPC needs them. Build it before the server starts.
class RpcTable final : public grpc::Service {
 public:
  // `service`: its full name in the contract. Without such a service, no RPC can be added.
  explicit RpcTable(const std::string& service)
      : service_(google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service)) {}

  // The name in the access table of the RPC with this type of request, valid as long as the table. The linter of the
  // contract gives each RPC its own type.
  absl::string_view NameOf(const google::protobuf::Descriptor& request) {
    int i = 0;
    while (service_->method(i)->input_type() != &request) ++i;
    paths_.push_back(absl::StrCat("/", service_->full_name(), "/", service_->method(i)->name()));
    return absl::string_view(paths_.back()).substr(1);
  }

  // Adds the RPC that was named last. Takes ownership of both; `messages` belong to `handler`.
  void Add(grpc::internal::MethodHandler* handler, std::shared_ptr<void> messages) {
    using grpc::internal::RpcMethod;
    AddMethod(new grpc::internal::RpcServiceMethod(paths_.back().c_str(), RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodCallback(static_cast<int>(messages_.size()), handler);
    messages_.push_back(std::move(messages));
  }

 private:
  const google::protobuf::ServiceDescriptor* const service_;
  std::deque<std::string> paths_;  // gRPC keeps pointers to them
  std::vector<std::shared_ptr<void>> messages_;
};

// The base of our services. `Contract` is the generated class of the service, such as v1::AdminService. Its handlers
// are declared there, so the compiler compares them with the contract.
//
// Generated code would parse each request before it calls the handler. Here the CallRunner first sees the bytes, so it
// can bound and count a call that is not worth parsing. Register `rpcs()` with gRPC, not the service.
template <typename Contract>
class RpcService : public Contract::CallbackService {
 public:
  grpc::Service& rpcs() { return rpcs_; }

 protected:
  explicit RpcService(CallRunner& calls) : calls_(calls), rpcs_(Contract::service_full_name()) {}

  // Serves the RPC with the handler's type of request.
  template <typename Service, typename Request, typename Response>
  void Serve(Reactor* (Service::*handler)(ServerContext*, const Request*, Response*), const RequestLimits& limits) {
    using Messages = ArenaMessages<Request, Response>;
    const absl::string_view name = rpcs_.NameOf(*Request::descriptor());
    auto* unary = new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, Response>(
        [=, this](ServerContext* context, const grpc::ByteBuffer*, Response* response) -> Reactor* {
          auto& messages = static_cast<typename Messages::Holder&>(*context->GetRpcAllocatorState());
          if (Reactor* const refused = calls_.Receive(*context, name, messages, limits)) return refused;
          return (static_cast<Service*>(this)->*handler)(context, &messages.parsed(), response);
        });
    const auto messages = std::make_shared<Messages>();
    unary->SetMessageAllocator(messages.get());
    rpcs_.Add(unary, messages);
  }
  // The same for many RPCs that have the usual limits.
  template <typename... Handlers>
  void ServeAll(Handlers... handlers) {
    (Serve(handlers, RequestLimits()), ...);
  }

  CallRunner& calls_;

 private:
  RpcTable rpcs_;
};

}  // namespace identity

#endif  // IDENTITY_RPC_RPC_SERVICE_H_
