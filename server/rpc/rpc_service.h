#ifndef IDENTITY_RPC_RPC_SERVICE_H_
#define IDENTITY_RPC_RPC_SERVICE_H_

#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/impl/service_type.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/rpc/arena_messages.h"
#include "server/rpc/rpc_runner.h"

namespace identity {

// The RPCs of one service, as gRPC needs them. Build it before the server starts.
class RpcTable final : public grpc::Service {
 public:
  // `service`: its full name in the contract. Throws std::logic_error when the contract has no such service.
  explicit RpcTable(const std::string& service);

  // The name in the access table of the RPC with these messages, valid as long as the table. The linter of the contract
  // gives each RPC its own types. Throws std::logic_error when the service has no such RPC.
  absl::string_view NameOf(const google::protobuf::Descriptor& request, const google::protobuf::Descriptor& response);

  // Adds the RPC that was named last. `allocator` makes the messages of its calls, and `handler` handles them.
  using Allocator = grpc::MessageAllocator<grpc::ByteBuffer, grpc::ByteBuffer>;
  void Add(std::shared_ptr<Allocator> allocator, std::function<Reactor*(ServerContext*)> handler);

  // Throws std::logic_error when an RPC of the service was not added.
  void ExpectComplete() const;

 private:
  const google::protobuf::ServiceDescriptor& service_;
  std::deque<std::string> paths_;  // gRPC keeps pointers to them
  std::vector<std::shared_ptr<Allocator>> allocators_;
};

// The base of our services. Their constructors hand over a handler for each RPC of the contract. A missing handler, or
// one with other messages than in the contract, ends the program when it starts.
//
// The generated base class `CallbackService` would parse each request before it calls the handler. Here the RpcRunner
// first sees the bytes, so it can bound and count a call that is not worth parsing.
class RpcService {
 public:
  // For gRPC. Throws std::logic_error when an RPC of the contract has no handler.
  grpc::Service& rpcs() {
    rpcs_.ExpectComplete();
    return rpcs_;
  }

 protected:
  // `service`: its full name in the contract.
  RpcService(RpcRunner& calls, const std::string& service) : calls_(calls), rpcs_(service) {}

  // Serves the RPC with the handler's messages.
  template <typename Service, typename Request, typename Response>
  void Serve(Reactor* (Service::*handler)(ServerContext*, const Request*, Response*), const RequestLimits& limits) {
    using Messages = ArenaMessages<Request, Response>;
    const absl::string_view name = rpcs_.NameOf(*Request::descriptor(), *Response::descriptor());
    rpcs_.Add(std::make_shared<Messages>(), [=, this](ServerContext* context) -> Reactor* {
      auto& messages = static_cast<typename Messages::Holder&>(CallMessages::Of(*context));
      if (Reactor* const refused = calls_.Receive(*context, name, limits)) return refused;
      return (static_cast<Service*>(this)->*handler)(context, &messages.parsed(), &messages.answer());
    });
  }
  // The same for many RPCs that have the usual limits.
  template <typename... Handlers>
  void ServeAll(Handlers... handlers) {
    (Serve(handlers, RequestLimits()), ...);
  }

  RpcRunner& calls_;

 private:
  RpcTable rpcs_;
};

}  // namespace identity

#endif  // IDENTITY_RPC_RPC_SERVICE_H_
