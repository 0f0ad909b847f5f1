#include "tests/client/kinds_service.h"

#include <string>

namespace identity {
namespace {

using kinds::v1::Item;

Item CallerOf(const grpc::ServerContextBase* context) {
  const Decision* decision = DecisionOf(context);
  Item item;
  item.set_name(decision == nullptr ? "nobody" : decision->principal.username());
  return item;
}

// Writes one item, and ends the call.
template <typename Reactor>
class Writing final : public Reactor {
 public:
  explicit Writing(Item item) : item_(std::move(item)) { Reactor::StartWriteAndFinish(&item_, {}, grpc::Status::OK); }
  void OnDone() override { delete this; }

 private:
  const Item item_;
};

// Reads to the end of the stream.
class Reading final : public grpc::ServerReadReactor<Item> {
 public:
  Reading() { StartRead(&item_); }
  void OnReadDone(bool ok) override {
    if (ok) {
      StartRead(&item_);
    } else {
      Finish(grpc::Status::OK);
    }
  }
  void OnDone() override { delete this; }

 private:
  Item item_;
};

}  // namespace

grpc::Status KindsService::Unary(grpc::ServerContext* context, const Item*, Item* response) {
  ++runs_;
  *response = CallerOf(context);
  return grpc::Status::OK;
}

grpc::Status KindsService::Down(grpc::ServerContext* context, const Item*, grpc::ServerWriter<Item>* writer) {
  ++runs_;
  writer->Write(CallerOf(context));
  return grpc::Status::OK;
}

grpc::Status KindsService::Up(grpc::ServerContext* context, grpc::ServerReader<Item>* reader, Item* response) {
  ++runs_;
  Item item;
  while (reader->Read(&item)) {
  }
  *response = CallerOf(context);
  return grpc::Status::OK;
}

grpc::Status KindsService::Both(grpc::ServerContext* context, grpc::ServerReaderWriter<Item, Item>* stream) {
  ++runs_;
  stream->Write(CallerOf(context));
  return grpc::Status::OK;
}

grpc::Status KindsService::Forgotten(grpc::ServerContext*, grpc::ServerReader<Item>*, Item*) {
  ++runs_;
  return grpc::Status::OK;
}

grpc::ServerUnaryReactor* KindsCallbackService::Unary(grpc::CallbackServerContext* context, const Item*,
                                                      Item* response) {
  ++runs_;
  *response = CallerOf(context);
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<Item>* KindsCallbackService::Down(grpc::CallbackServerContext* context, const Item*) {
  ++runs_;
  return new Writing<grpc::ServerWriteReactor<Item>>(CallerOf(context));
}

grpc::ServerReadReactor<Item>* KindsCallbackService::Up(grpc::CallbackServerContext* context, Item* response) {
  ++runs_;
  *response = CallerOf(context);
  return new Reading;
}

grpc::ServerBidiReactor<Item, Item>* KindsCallbackService::Both(grpc::CallbackServerContext* context) {
  ++runs_;
  return new Writing<grpc::ServerBidiReactor<Item, Item>>(CallerOf(context));
}

grpc::ServerReadReactor<Item>* KindsCallbackService::Forgotten(grpc::CallbackServerContext*, Item*) {
  ++runs_;
  return new Reading;
}

}  // namespace identity
