#ifndef IDENTITY_RPC_LIBRARY_LOG_H_
#define IDENTITY_RPC_LIBRARY_LOG_H_

namespace identity {

// Sends what gRPC and Protobuf log through our log, as lines with the event "library", so that all of standard error is
// JSON. What gRPC calls an error becomes a warning: it is nearly always the fault of one peer. Each process calls this
// at most once, before it uses gRPC.
void RouteLibraryLogs();

}  // namespace identity

#endif  // IDENTITY_RPC_LIBRARY_LOG_H_
