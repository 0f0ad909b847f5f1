#include "server/rpc/arena_messages.h"

#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

#include <cstdint>

namespace identity {
namespace {

// A small message arrives in one piece, and then protobuf needs no stream.
bool ParseBytes(grpc::ByteBuffer& bytes, google::protobuf::MessageLite& message) {
  if (grpc::Slice whole; bytes.TrySingleSlice(&whole).ok()) {
    return message.ParseFromArray(whole.begin(), static_cast<int>(whole.size()));
  }
  grpc::ProtoBufferReader reader(&bytes);
  return reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
}

}  // namespace

bool CallMessages::Parse() {
  const bool good = ParseBytes(request_bytes_, *request_);
  request_bytes_.Clear();
  return good;
}

// In one piece, too.
void CallMessages::Serialize() {
  grpc::Slice whole(response_->ByteSizeLong());
  // It returns the end of `whole`. The newest Protobuf wants that to be seen.
  static_cast<void>(response_->SerializeWithCachedSizesToArray(const_cast<uint8_t*>(whole.begin())));
  grpc::ByteBuffer(&whole, 1).Swap(&response_bytes_);
}

}  // namespace identity
