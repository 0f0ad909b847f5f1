#ifndef IDENTITY_RPC_HANDOVER_H_
#define IDENTITY_RPC_HANDOVER_H_

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <memory>
#include <string>

#include "server/net/listener.h"

// The one place where the versions of gRPC differ about connections that somebody else has accepted.
namespace identity {

#if __has_include(<grpc/passive_listener.h>)

// Versions with an event engine would end the program when the client of an external connection has already gone. They
// have passive listeners, which do not.
inline Listener::Handover HandoverTo(grpc::ServerBuilder& builder,
                                     const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  std::unique_ptr<grpc::experimental::PassiveListener> listener;
  builder.experimental().AddPassiveListener(credentials, listener);
  return [shared = std::shared_ptr<grpc::experimental::PassiveListener>(std::move(listener))](
             int, int connection, const std::string&) { shared->AcceptConnectedFd(connection).IgnoreError(); };
}

#else

// Gives connections to the server that `builder` builds. Call the result only while that server runs: it would leak
// connections otherwise.
inline Listener::Handover HandoverTo(grpc::ServerBuilder& builder,
                                     const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  using Experimental = grpc::ServerBuilder::experimental_type;
  using Acceptor = grpc::experimental::ExternalConnectionAcceptor;
  const std::shared_ptr<Acceptor> acceptor =
      builder.experimental().AddExternalConnectionAcceptor(Experimental::ExternalConnectionType::FROM_FD, credentials);
  return [acceptor](int listening, int connection, const std::string&) {
    Acceptor::NewConnectionParameters parameters;
    parameters.listener_fd = listening;
    parameters.fd = connection;
    acceptor->HandleNewConnection(&parameters);
  };
}

#endif

}  // namespace identity

#endif  // IDENTITY_RPC_HANDOVER_H_
