#include "tests/bench/empty_server.h"

#include <pthread.h>

#include <csignal>
#include <memory>

#include "server/base/metrics.h"
#include "server/base/status_macros.h"
#include "server/http/http_server.h"
#include "server/net/connections.h"
#include "server/rpc/server.h"
#include "tests/bench/empty.grpc.pb.h"
#include "tests/bench/limits.h"

namespace identity::bench {
namespace {

Filling FillingOf(size_t size) {
  Filling filling;
  if (size < 2) return filling;
  filling.set_bytes(std::string(size - 2, 'x'));
  // The length prefix of a longer text has more bytes.
  const size_t surplus = filling.ByteSizeLong() - size;
  filling.mutable_bytes()->resize(filling.bytes().size() - surplus);
  return filling;
}

class EmptyServer final : public EmptyService::CallbackService {
 public:
  EmptyServer(size_t response_size, bool verifies) : response_(FillingOf(response_size)), verifies_(verifies) {}

  grpc::ServerUnaryReactor* Call(grpc::CallbackServerContext* context, const Filling*, Filling* response) override {
    const bool good = !verifies_ || message_.Verify();
    response->set_bytes(response_.bytes());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(good ? grpc::Status::OK : grpc::Status(grpc::StatusCode::INTERNAL, "a good signature is refused"));
    return reactor;
  }

 private:
  const Filling response_;
  const bool verifies_;
  const SignedMessage message_;
};

absl::StatusOr<std::unique_ptr<HttpServer>> StartHttp(const std::string& address, size_t response_size,
                                                      Connections& connections, NamedCounters& refused) {
  HttpServer::Options options;
  const absl::optional<ListenAddress> parsed = ListenAddress::Parse(address);
  if (!parsed) return absl::InvalidArgumentError("--http-address is not HOST:PORT");
  options.address = *parsed;
  const HttpResponse response = {200, "application/json", std::string(response_size, 'x')};
  return HttpServer::Start("http-address", options, connections, refused,
                           [response](std::shared_ptr<HttpExchange> exchange) { exchange->Reply(response); });
}

}  // namespace

std::string SerializedFilling(size_t size) { return FillingOf(size).SerializeAsString(); }

absl::Status RunEmptyServer(const std::string& listen_address, const std::string& http_address, size_t response_size,
                            bool verifies) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  EmptyServer service(response_size, verifies);
  ServerOptions options;
  options.listen_address = listen_address;
  Connections connections(options.connections);
  Metrics metrics({}, {}, {}, Connections::RefusalNames());
  ASSIGN_OR_RETURN(const std::unique_ptr<RpcServer> server,
                   RpcServer::Start(options, nullptr, {&service}, nullptr, connections, metrics));
  Connections http_connections(options.connections);
  std::unique_ptr<HttpServer> http;
  if (!http_address.empty()) {
    ASSIGN_OR_RETURN(http, StartHttp(http_address, response_size, http_connections, metrics.connections_refused));
  }
  int signal = 0;
  sigwait(&signals, &signal);
  server->Drain(absl::Seconds(1));
  return absl::OkStatus();
}

}  // namespace identity::bench
