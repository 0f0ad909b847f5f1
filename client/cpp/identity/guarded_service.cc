#include "identity/guarded_service.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/slice.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/message.h"
#include "identity/refusal.h"
// Stubs include the header of the handlers with callbacks, whose place differs from version to version of gRPC.
#include "identity/v1/identity_service.grpc.pb.h"

namespace identity {
inline namespace client {
namespace {

using google::protobuf::Message;
using grpc::internal::MethodHandler;
using grpc::internal::RpcMethod;

// The call whose handler this thread runs, or has begun to run.
class Handling {
 public:
  Handling(const grpc::ServerContextBase* context, const Decision* decision)
      : context_(context), decision_(decision), outer_(current_) {
    current_ = this;
  }
  ~Handling() { current_ = outer_; }
  Handling(const Handling&) = delete;
  Handling& operator=(const Handling&) = delete;

  static const Decision* DecisionAbout(const grpc::ServerContextBase* context) {
    return current_ != nullptr && current_->context_ == context ? current_->decision_ : nullptr;
  }

 private:
  static thread_local const Handling* current_;

  const grpc::ServerContextBase* const context_;
  const Decision* const decision_;
  const Handling* const outer_;
};

thread_local const Handling* Handling::current_ = nullptr;

// What generated services inherit: the handlers of another service.
struct Handlers : grpc::Service {
  static MethodHandler& Of(grpc::Service& service, int index) { return *(service.*(&Handlers::GetHandler))(index); }
};

// Ends a call with callbacks.
class RefusingReactor : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit RefusingReactor(const grpc::Status& refusal) { Finish(refusal); }
  void OnDone() override { delete this; }
};

// Reads the bytes and destroys them. Null: they are malformed.
std::unique_ptr<Message> ReadMessage(grpc_byte_buffer* bytes, const google::protobuf::Descriptor& type) {
  std::unique_ptr<Message> message(google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
  bool is_read = false;
  grpc_byte_buffer_reader reader;
  if (grpc_byte_buffer_reader_init(&reader, bytes) != 0) {
    const grpc::Slice whole(grpc_byte_buffer_reader_readall(&reader), grpc::Slice::STEAL_REF);
    is_read = message->ParseFromArray(whole.begin(), static_cast<int>(whole.size()));
    grpc_byte_buffer_reader_destroy(&reader);
  }
  grpc_byte_buffer_destroy(bytes);
  return is_read ? std::move(message) : nullptr;
}

// The caller must destroy the result.
grpc_byte_buffer* WriteMessage(const Message& message) {
  const std::string text = message.SerializeAsString();
  grpc_slice slice = grpc_slice_from_copied_buffer(text.data(), text.size());
  grpc_byte_buffer* bytes = grpc_raw_byte_buffer_create(&slice, 1);
  grpc_slice_unref(slice);
  return bytes;
}

// Runs the handler of a method after the guard has allowed it. Until then the handler knows nothing of the call: it
// gets the bytes of the request that was checked.
class GuardedHandler : public MethodHandler {
 public:
  GuardedHandler(const google::protobuf::MethodDescriptor& method, const MethodGuard* guard, MethodHandler& handler,
                 bool has_callbacks)
      : method_(method), guard_(guard), handler_(handler), has_callbacks_(has_callbacks) {}

  void* Deserialize(grpc_call*, grpc_byte_buffer* bytes, grpc::Status* status, void**) override {
    std::unique_ptr<Message> request = ReadMessage(bytes, *method_.input_type());
    if (request == nullptr) *status = grpc::Status(grpc::StatusCode::INTERNAL, "the request is malformed");
    return request.release();
  }

  void RunHandler(const HandlerParameter& call) override {
    // Null for a stream of requests.
    const std::shared_ptr<const Message> request(static_cast<Message*>(call.request));
    if (!call.status.ok()) return Refuse(call, call.status);
    if (guard_ == nullptr) {
      return Refuse(call,
                    Refusal(grpc::StatusCode::PERMISSION_DENIED, "METHOD_WITHOUT_RULE", "the method has no rule"));
    }
    if (!has_callbacks_) return Obey(guard_->Decide(*call.server_context, request.get()), call, request.get());
    guard_->DecideAsync(*call.server_context, request.get(),
                        [this, call, request](const Verdict& verdict) { Obey(verdict, call, request.get()); });
  }

 private:
  void Obey(const Verdict& verdict, const HandlerParameter& call, const Message* request) const {
    if (!verdict.refusal.ok()) return Refuse(call, verdict.refusal);
    grpc::Status status;
    void* data = nullptr;
    void* read =
        request == nullptr ? nullptr : handler_.Deserialize(call.call->call(), WriteMessage(*request), &status, &data);
    const Handling handling(call.server_context, verdict.decision ? &*verdict.decision : nullptr);
    handler_.RunHandler({call.call, call.server_context, read, status, data, call.call_requester});
  }

  // Ends the call as a stream of bytes, which any call can be.
  void Refuse(const HandlerParameter& call, const grpc::Status& refusal) const {
    if (has_callbacks_) {
      return grpc::internal::CallbackBidiHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
                 [&refusal](grpc::CallbackServerContext*) { return new RefusingReactor(refusal); })
          .RunHandler({call.call, call.server_context, nullptr, grpc::Status::OK, nullptr, call.call_requester});
    }
    using Stream = grpc::ServerReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;
    grpc::internal::TemplatedBidiStreamingHandler<Stream, false>([&refusal](grpc::ServerContext*, Stream*) {
      return refusal;
    }).RunHandler(call);
  }

  const google::protobuf::MethodDescriptor& method_;
  const MethodGuard* const guard_;
  MethodHandler& handler_;
  const bool has_callbacks_;
};

RpcMethod::RpcType TypeOf(const google::protobuf::MethodDescriptor& method) {
  if (method.client_streaming()) {
    return method.server_streaming() ? RpcMethod::BIDI_STREAMING : RpcMethod::CLIENT_STREAMING;
  }
  return method.server_streaming() ? RpcMethod::SERVER_STREAMING : RpcMethod::NORMAL_RPC;
}

}  // namespace

const Decision* DecisionOf(const grpc::ServerContextBase* context) { return Handling::DecisionAbout(context); }

bool GuardedService::CanGuard(const grpc::Service& service) {
  return !service.has_async_methods() && !service.has_generic_methods() &&
         service.has_synchronous_methods() != service.has_callback_methods();
}

GuardedService::GuardedService(const google::protobuf::ServiceDescriptor& descriptor, grpc::Service& service,
                               const Guards& guards) {
  const bool has_callbacks = service.has_callback_methods();
  for (int i = 0; i < descriptor.method_count(); ++i) {
    const google::protobuf::MethodDescriptor& method = *descriptor.method(i);
    names_.push_back(absl::StrCat("/", descriptor.full_name(), "/", method.name()));
    auto* handler = new GuardedHandler(method, guards(names_.back()), Handlers::Of(service, i), has_callbacks);
    AddMethod(
        new grpc::internal::RpcServiceMethod(names_.back().c_str(), TypeOf(method), has_callbacks ? nullptr : handler));
    if (has_callbacks) MarkMethodCallback(i, handler);
  }
}

}  // namespace client
}  // namespace identity
