#ifndef IDENTITY_RPC_ARENA_MESSAGES_H_
#define IDENTITY_RPC_ARENA_MESSAGES_H_

#include <google/protobuf/arena.h>
#include <grpcpp/support/message_allocator.h>

#include <array>
#include <cstddef>

namespace identity {

// Allocates the request and the response of each call of one RPC in one block. A small call then costs one allocation
// for both messages and everything in them. Thread-safe.
template <typename Request, typename Response>
class ArenaMessages final : public grpc::MessageAllocator<Request, Response> {
 public:
  grpc::MessageHolder<Request, Response>* AllocateMessages() override { return new Holder(); }

 private:
  class Holder final : public grpc::MessageHolder<Request, Response> {
   public:
    Holder() : arena_(block_.data(), block_.size()) {
      this->set_request(New<Request>(arena_));
      this->set_response(New<Response>(arena_));
    }
    void Release() override { delete this; }

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
  };
};

}  // namespace identity

#endif  // IDENTITY_RPC_ARENA_MESSAGES_H_
