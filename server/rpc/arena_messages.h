#ifndef IDENTITY_RPC_ARENA_MESSAGES_H_
#define IDENTITY_RPC_ARENA_MESSAGES_H_

#include <google/protobuf/arena.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/message_allocator.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <array>
#include <cstddef>

namespace identity {

// A request as it arrived. gRPC keeps it until the call ends.
class UnparsedRequest {
 public:
  virtual ~UnparsedRequest() = default;

  // Invalid when the client sent no message.
  grpc::ByteBuffer& bytes() { return bytes_; }
  // Parses the bytes and frees them. Returns false when they are no message of the RPC's type. Call it once.
  virtual bool Parse() = 0;

 private:
  grpc::ByteBuffer bytes_;
};

// Allocates the request and the response of each call of one RPC in one block. A small call then costs one allocation
// for both messages and everything in them. Leaves it to the RPC when the request is parsed. Thread-safe.
template <typename Request, typename Response>
class ArenaMessages final : public grpc::MessageAllocator<grpc::ByteBuffer, Response> {
 public:
  class Holder final : public grpc::MessageHolder<grpc::ByteBuffer, Response>, public UnparsedRequest {
   public:
    Holder() : arena_(block_.data(), block_.size()), parsed_(New<Request>(arena_)) {
      this->set_request(&bytes());
      this->set_response(New<Response>(arena_));
    }
    void Release() override { delete this; }

    bool Parse() override {
      const bool good = ParseBytes();
      bytes().Clear();
      return good;
    }
    // Empty before Parse.
    const Request& parsed() const { return *parsed_; }

   private:
    bool ParseBytes() {
      grpc::ProtoBufferReader reader(&bytes());
      return reader.status().ok() && parsed_->ParseFromZeroCopyStream(&reader);
    }

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
    Request* const parsed_;
  };

  grpc::MessageHolder<grpc::ByteBuffer, Response>* AllocateMessages() override { return new Holder(); }
};

}  // namespace identity

#endif  // IDENTITY_RPC_ARENA_MESSAGES_H_
