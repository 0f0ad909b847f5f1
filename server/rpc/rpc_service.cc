#include "server/rpc/rpc_service.h"

#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/rpc_service_method.h>

#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"

namespace identity {
namespace {

const google::protobuf::ServiceDescriptor& Find(const std::string& service) {
  const auto* const found = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
  if (found == nullptr) throw std::logic_error(absl::StrCat("the contract has no service ", service));
  return *found;
}

}  // namespace

RpcTable::RpcTable(const std::string& service) : service_(Find(service)) {}

absl::string_view RpcTable::NameOf(const google::protobuf::Descriptor& request,
                                   const google::protobuf::Descriptor& response) {
  for (int i = 0; i < service_.method_count(); ++i) {
    const google::protobuf::MethodDescriptor& method = *service_.method(i);
    if (method.input_type() != &request || method.output_type() != &response) continue;
    paths_.push_back(absl::StrCat("/", service_.full_name(), "/", method.name()));
    return absl::string_view(paths_.back()).substr(1);
  }
  throw std::logic_error(
      absl::StrCat(service_.full_name(), " has no RPC from ", request.full_name(), " to ", response.full_name()));
}

void RpcTable::Add(std::shared_ptr<Allocator> allocator, std::function<Reactor*(ServerContext*)> handler) {
  using grpc::internal::RpcMethod;
  auto* const unary = new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
      [handler = std::move(handler)](ServerContext* context, const grpc::ByteBuffer*, grpc::ByteBuffer*) {
        return handler(context);
      });
  unary->SetMessageAllocator(allocator.get());
  AddMethod(new grpc::internal::RpcServiceMethod(paths_.back().c_str(), RpcMethod::NORMAL_RPC, nullptr));
  MarkMethodCallback(static_cast<int>(allocators_.size()), unary);  // takes ownership
  allocators_.push_back(std::move(allocator));
}

void RpcTable::ExpectComplete() const {
  if (allocators_.size() == static_cast<size_t>(service_.method_count())) return;
  throw std::logic_error(absl::StrCat(service_.full_name(), " has RPCs without a handler"));
}

}  // namespace identity
