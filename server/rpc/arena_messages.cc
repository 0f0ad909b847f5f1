#include "server/rpc/arena_messages.h"

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/proto_buffer_writer.h>

namespace identity {
namespace {

bool ParseBytes(grpc::ByteBuffer& bytes, google::protobuf::MessageLite& message) {
  grpc::ProtoBufferReader reader(&bytes);
  return reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
}

}  // namespace

bool CallMessages::Parse() {
  const bool good = ParseBytes(request_bytes_, *request_);
  request_bytes_.Clear();
  return good;
}

void CallMessages::Serialize() {
  bool owned = false;
  // It fails only for messages of more than 2 GiB, which no RPC makes.
  static_cast<void>(grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::MessageLite>(
      *response_, &response_bytes_, &owned));
}

}  // namespace identity
