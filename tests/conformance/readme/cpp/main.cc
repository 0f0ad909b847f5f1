#include <grpcpp/grpcpp.h>

#include <cstdlib>
#include <iostream>
#include <memory>

#include "guestbook.grpc.pb.h"
#include "identity/guard.h"

class Guestbook final : public guestbook::v1::Guestbook::Service {
  grpc::Status Read(grpc::ServerContext* context, const guestbook::v1::PostRequest*,
                    guestbook::v1::Seen* seen) override {
    seen->set_username(identity::DecisionOf(context)->principal.username());
    return grpc::Status::OK;
  }

  grpc::Status Ping(grpc::ServerContext*, const guestbook::v1::PostRequest*, guestbook::v1::Seen*) override {
    return grpc::Status::OK;
  }
};

int main() {
  identity::ClientOptions options;
  options.address = std::getenv("IDENTITY_ADDRESS");
  options.plaintext = true;
  options.credential = identity::FixedToken(std::getenv("IDENTITY_SERVICE_KEY"));
  Guestbook service;
  // @LINES@
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::cout << "port " << port << std::endl;
  server->Wait();
}
