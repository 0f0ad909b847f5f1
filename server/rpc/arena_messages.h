#ifndef IDENTITY_RPC_ARENA_MESSAGES_H_
#define IDENTITY_RPC_ARENA_MESSAGES_H_

#include <google/protobuf/arena.h>
#include <google/protobuf/message_lite.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/message_allocator.h>

#include <array>
#include <cstddef>

#include "absl/types/optional.h"
#include "server/rpc/rpc_call.h"

namespace identity {

// The request and the response of a call, as bytes and as messages, and what the RpcRunner sees of the call. gRPC sees
// only the bytes, so that all RPCs share its code, and so that we decide whether and when a request is parsed. gRPC
// keeps this object until the call ends.
class CallMessages : public grpc::MessageHolder<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  // Those of a running call.
  static CallMessages& Of(grpc::CallbackServerContext& context) {
    return static_cast<CallMessages&>(*context.GetRpcAllocatorState());
  }

  // The call with this `context`.
  RpcCall& call(grpc::CallbackServerContext& context) { return call_ ? *call_ : call_.emplace(context); }

  // The request as it arrived. Invalid when the client sent no message.
  grpc::ByteBuffer& request_bytes() { return request_bytes_; }
  // Parses the request and frees its bytes. Returns false when they are no message of the RPC's type. Call it once.
  bool Parse();
  // Makes the bytes of the response. Call it once, before the call ends with OK.
  void Serialize();

 protected:
  CallMessages() {
    set_request(&request_bytes_);
    set_response(&response_bytes_);
  }
  void SetMessages(google::protobuf::MessageLite& request, google::protobuf::MessageLite& response) {
    request_ = &request;
    response_ = &response;
  }

 private:
  grpc::ByteBuffer request_bytes_;
  grpc::ByteBuffer response_bytes_;
  google::protobuf::MessageLite* request_ = nullptr;
  google::protobuf::MessageLite* response_ = nullptr;
  absl::optional<RpcCall> call_;
};

// Allocates the messages of each call of one RPC in one block. A small call then costs one allocation for both messages
// and everything in them. Thread-safe.
template <typename Request, typename Response>
class ArenaMessages final : public grpc::MessageAllocator<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  class Holder final : public CallMessages {
   public:
    Holder() : arena_(block_.data(), block_.size()), parsed_(*New<Request>(arena_)), answer_(*New<Response>(arena_)) {
      SetMessages(parsed_, answer_);
    }
    void Release() override { delete this; }

    // Empty before Parse.
    const Request& parsed() const { return parsed_; }
    Response& answer() { return answer_; }

   private:
    // Places the message and its contents on the arena. Protobuf 3 does so only in CreateMessage, later versions in
    // Create. The arena's type is a template parameter, so only the function that this version has is compiled.
    template <typename Message, typename Arena>
    static Message* New(Arena& arena) {
      if constexpr (requires { Arena::template CreateMessage<Message>(&arena); }) {
        return Arena::template CreateMessage<Message>(&arena);
      } else {
        return Arena::template Create<Message>(&arena);
      }
    }

    static constexpr size_t kBlockBytes = 2048;
    alignas(std::max_align_t) std::array<char, kBlockBytes> block_;
    google::protobuf::Arena arena_;
    Request& parsed_;
    Response& answer_;
  };

  grpc::MessageHolder<grpc::ByteBuffer, grpc::ByteBuffer>* AllocateMessages() override { return new Holder(); }
};

}  // namespace identity

#endif  // IDENTITY_RPC_ARENA_MESSAGES_H_
